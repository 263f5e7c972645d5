"""Evaluators compute quantities of the model from the law, the network and the attack, by no formula of a claim.

An evaluator imports the names of `theory.quantities`, the network and the attacks of `numerics`, and `Scene`; nothing
else, so that what a claim says of a quantity and what the quantity is come from two places.
"""

from purecheck.evaluators.registry import EVALUATORS, Chance, Scene, evaluates

__all__ = ["EVALUATORS", "Chance", "Scene", "evaluates"]
