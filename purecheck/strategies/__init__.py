"""Hypothesis strategies for the objects of the theory, for properties of your own.

All arrays are NumPy arrays in float64, small enough to be shrunk to examples that a person can read.
"""

from purecheck.strategies.attacks import Attack, attacks
from purecheck.strategies.laws import dictionaries, laws
from purecheck.strategies.layers import mixed_layers, pure_layers, targets
from purecheck.strategies.near_gates import NearGate, near_gates
from purecheck.strategies.numbers import probabilities, rationals, reals, seeds

__all__ = [
    "Attack",
    "NearGate",
    "attacks",
    "dictionaries",
    "laws",
    "mixed_layers",
    "near_gates",
    "probabilities",
    "pure_layers",
    "rationals",
    "reals",
    "seeds",
    "targets",
]
