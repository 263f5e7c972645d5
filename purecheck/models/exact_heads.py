"""Heads on frozen layers in fractions: minimisers of quadratic population risks, shortest ones and all others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from sympy import Expr, Symbol

from numerics.exact import ExactArray, fractions, signed_supports, support_probabilities
from numerics.mixtures import hadamard
from numerics.network import GatedNetwork, active, effective_map, gated_outputs, preactivations
from purecheck.evaluators.numbers import fraction, rational
from purecheck.evaluators.quadratics import Minimisers, minimisers


@dataclass(frozen=True)
class FrozenLayer:
    """A layer whose head is still to be chosen, on every input of constant amplitude `r`, in fractions.

    Attributes
    ----------
    W
        Weights in feature coordinates, shape (d, H).
    b
        Thresholds, shape (H,).
    p, r
        Probability and amplitude of a feature.
    """

    W: ExactArray
    b: ExactArray
    p: Fraction
    r: Fraction

    @property
    def inputs(self) -> ExactArray:
        """Every input, shape (3^d, d)."""
        return np.asarray(fractions(signed_supports(len(self.W)).tolist()) * self.r)

    @property
    def probabilities(self) -> ExactArray:
        """Their probabilities, shape (3^d,)."""
        return support_probabilities(signed_supports(len(self.W)), self.p)

    def with_head(self, a: ExactArray) -> GatedNetwork:
        """The network with that head."""
        return GatedNetwork(self.W, a, self.b)

    def minimisers(self, theta: ExactArray, eps: Fraction = Fraction(0)) -> Minimisers:
        """The heads that minimise `E (theta^T X - f)^2 + eps^2 E ||beta||^2` over the population."""
        net, X, P = self.with_head(self.b * 0), self.inputs, self.probabilities
        outputs = gated_outputs(net, X)
        fires = fractions(active(preactivations(net, X), net.b).astype(int).tolist())
        quadratic = outputs.T @ (P[:, None] * outputs)
        quadratic = quadratic + eps**2 * (fires.T @ (P[:, None] * fires)) * (self.W.T @ self.W)
        return minimisers(quadratic, outputs.T @ (P * (X @ theta)))

    def mean_energy(self, a: ExactArray) -> Fraction:
        """`E ||beta||^2` of the network with head `a`."""
        beta = effective_map(self.with_head(a), self.inputs)
        return Fraction(np.sum(self.probabilities * np.sum(beta**2, axis=1)))


def partly_pure_layer(pure: int, mixed: int, m: int, p: Fraction, r: Fraction) -> FrozenLayer:
    """Pure nodes on the first features, mixtures of order `m` on the others, thresholds `r/2`."""
    d = pure + mixed
    W = np.eye(d, dtype=int)
    W[pure:, pure:] = np.kron(np.eye(mixed // m), hadamard(m).T).astype(int)
    return FrozenLayer(fractions(W.tolist()), fractions([r / 2] * d), p, r)


def exact_value(formula: Expr, values: Mapping[Symbol, int | Fraction]) -> Fraction:
    """The value of a formula that is rational at `values`.

    Raises
    ------
    ValueError
        If it is not rational there.
    """
    value = formula.subs([(name, rational(Fraction(x))) for name, x in values.items()]).doit()
    if not value.is_Rational:
        raise ValueError(f"formula is {value} at {values}; expected a rational number")
    return fraction(value)
