"""Evaluators compute quantities of the model from the law, the network and the attack, without any formula of a claim.

An evaluator imports only the names of `theory.quantities`, the networks and attacks of `numerics`, and `Scene`. So what
a claim says about a quantity and what the quantity is come from two independent places.
"""

from purecheck.evaluators.registry import EVALUATORS, Chance, Scene, evaluates

__all__ = ["EVALUATORS", "Chance", "Scene", "evaluates"]
