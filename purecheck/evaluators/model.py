"""The instances that evaluators of networks read: a gated network, a finite law of its input, a target, an attack."""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from numerics.exact import ExactArray, fractions, signed_supports, support_probabilities
from numerics.network import GatedNetwork


@dataclass(frozen=True, kw_only=True)
class Model:
    """A small instance of the model; all numbers are exact.

    Attributes
    ----------
    net
        The network, in feature coordinates unless `M` is given: `W` of shape (d, H).
    theta
        Target, shape (d,).
    inputs, probabilities
        The law of the input of the network: its values, shape (n, d), and their probabilities, shape (n,).
    node
        Index (from 0) of the node that a formula is about.
    x
        One input, shape (d,).
    M
        Dictionary, shape (d, d); None for the identity.
    """

    net: GatedNetwork
    theta: ExactArray | None = None
    inputs: ExactArray | None = None
    probabilities: ExactArray | None = None
    node: int = 0
    x: ExactArray | None = None
    M: ExactArray | None = None

    @property
    def law(self) -> tuple[ExactArray, ExactArray]:
        """The values of the input with their probabilities.

        Raises
        ------
        ValueError
            If the instance has no law.
        """
        if self.inputs is None or self.probabilities is None:
            raise ValueError("the model has no law of its input")
        return self.inputs, self.probabilities

    @property
    def target(self) -> ExactArray:
        """The target, shape (d,).

        Raises
        ------
        ValueError
            If the instance has none.
        """
        if self.theta is None:
            raise ValueError("the model has no target")
        return self.theta

    @property
    def input(self) -> ExactArray:
        """The one input, shape (1, d).

        Raises
        ------
        ValueError
            If the instance has none.
        """
        if self.x is None:
            raise ValueError("the model has no input")
        return self.x[None]


def constant_law(d: int, p: Fraction, r: Fraction = Fraction(1)) -> tuple[ExactArray, ExactArray]:
    """All `3^d` values of features of constant amplitude `r`, with their probabilities, without impossible values."""
    patterns = signed_supports(d)
    probabilities = support_probabilities(patterns, p)
    possible = np.asarray(probabilities != 0, dtype=bool)
    return fractions(patterns[possible].tolist()) * r, probabilities[possible]


def inner(x: ExactArray, y: ExactArray) -> Fraction:
    """The inner product of two vectors of fractions."""
    return sum((a * b for a, b in zip(x, y, strict=True)), Fraction(0))
