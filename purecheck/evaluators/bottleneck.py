"""What linear encoders of few outputs make of features, and what attacks on them cost.

Every sign pattern is enumerated in exact fractions; only the losses are enclosed in balls.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import reduce
from math import comb
from typing import Any, Literal

import numpy as np
from flint import arb
from sympy import Expr, Integer, Rational, Symbol, exp, integrate, log, oo, sqrt

from numerics.exact import ExactArray, signed_supports
from purecheck.evaluators.model import constant_law
from purecheck.evaluators.pairs import Law, Pairs, expansion, exponents, in_balls
from purecheck.evaluators.registry import evaluates
from theory.model import phi
from theory.quantities import bottleneck

_ZERO = Fraction(0)
_x = Symbol("x", positive=True)
_MODULUS_OF_NORMAL = 2 * integrate(_x * phi(_x), (_x, 0, oo))
"""The mean modulus of a standard normal variable."""

Squares = Mapping[Fraction, Fraction]
"""The probability of each value of a squared norm."""


@evaluates(bottleneck.LOSS)
@in_balls
def loss(model: Pairs) -> Expr | arb:
    """The expected loss over all pairs; exact if every exponent is zero."""
    found = exponents(model)
    silent = not any(t or square for law in (found.similar, found.dissimilar) for t, _, square in law)
    return log(2) if silent else expansion(model)[0]


@evaluates(bottleneck.LOSS_SLOPE)
@in_balls
def loss_slope(model: Pairs) -> arb:
    """The derivative of the expected loss in the scale of the encoder, at scale zero."""
    return expansion(replace(model, scale=_ZERO), scale=1)[1]


@dataclass(frozen=True, kw_only=True)
class FeatureDirection:
    """A direction in feature space, with the law of the features that are projected on it; all exact.

    Attributes
    ----------
    entries
        The entries of the direction, before it is normalised.
    p
        Probability that a feature is active.
    amplitude
        The constant amplitude of an active feature, or its standard deviation if the law is normal.
    law
        The law of an active feature: constant amplitude with a random sign, or normal.
    together
        Whether all features are active together; otherwise they are independent.
    spread
        The amplitude of feature `i`, counted from 0, is multiplied by `1 + i * spread`.
    """

    entries: tuple[Fraction, ...]
    p: Rational
    amplitude: Rational
    law: Literal["constant", "normal"] = "constant"
    together: bool = False
    spread: Fraction = _ZERO


@evaluates(bottleneck.MODULUS)
def modulus(model: FeatureDirection) -> Expr:
    """The mean modulus of the projection on the normalised direction.

    Given the support, it is averaged over all signs; for the normal law it follows from the variance of the sum.
    """
    d = len(model.entries)
    stretched = [t * (1 + i * model.spread) for i, t in enumerate(model.entries)]
    total: Expr = Integer(0)
    for size, (exact, roots) in _by_size(stretched, model.law).items():
        if model.together:
            share = (model.p if size == d else Integer(0)) + ((1 - model.p) if size == 0 else 0)
        else:
            share = model.p**size * (1 - model.p) ** (d - size)
        total += share * (_rational(exact) + sum((n * sqrt(_rational(x)) for x, n in roots.items()), Integer(0)))
    unit = _MODULUS_OF_NORMAL if model.law == "normal" else Integer(1)
    return total * unit * model.amplitude / sqrt(_rational(sum((t * t for t in model.entries), _ZERO)))


def _by_size(t: list[Fraction], law: str) -> dict[int, tuple[Fraction, dict[Fraction, int]]]:
    """For each number of active features, the mean modulus over the signs, and how often each variance occurs."""
    found: dict[int, tuple[Fraction, dict[Fraction, int]]] = {}
    for size in range(len(t) + 1):
        patterns = [x for x in signed_supports(len(t)).tolist() if sum(map(abs, x)) == size]
        roots: dict[Fraction, int] = defaultdict(int)
        exact = _ZERO
        for x in patterns:
            if law == "constant":
                exact += abs(sum((a * b for a, b in zip(t, x, strict=True)), _ZERO)) / 2**size
            elif min(x, default=0) >= 0:
                roots[sum((a * a * b for a, b in zip(t, x, strict=True)), _ZERO)] += 1
        found[size] = exact, dict(roots)
    return found


@evaluates(bottleneck.DIAGONAL)
def diagonal(model: FeatureDirection) -> Expr:
    """By how much the mean modulus along the diagonal of two features exceeds that along one feature.

    The direction of `model` must lie along one feature.
    """
    along, d = modulus(model), len(model.entries)
    return modulus(replace(model, entries=(Fraction(1), Fraction(1), *[_ZERO] * (d - 2)))) - along


@dataclass(frozen=True, kw_only=True)
class Tiled:
    """Copies of one projection on disjoint sets of features, with the law of what each contributes to `||GX||^2`."""

    block: tuple[tuple[Fraction, Fraction], ...]
    copies: int


@evaluates(bottleneck.COST)
def cost(model: Pairs | Tiled) -> Expr:
    """The mean of `||GX||` over all values of the features."""
    if isinstance(model, Tiled):
        return _mean_root(_repeated(dict(model.block), model.copies))
    X, probabilities = model.features
    squares: dict[Fraction, Fraction] = defaultdict(Fraction)
    for image, probability in zip(X @ np.asarray(model.G).T, probabilities, strict=True):
        squares[Fraction(np.sum(image**2))] += probability
    return _mean_root(squares)


@evaluates(bottleneck.LAPLACE)
def laplace(model: Pairs) -> Expr:
    """Over every value of the features, with the Gram matrix of the model for `K`."""
    X, probabilities = model.features
    forms: dict[Fraction, Fraction] = defaultdict(Fraction)
    for x, probability in zip(X, probabilities, strict=True):
        forms[Fraction(x @ np.asarray(model.G) @ x)] += probability
    return sum((_rational(weight) * exp(-_rational(form) / 2) for form, weight in forms.items()), Integer(0))


def contribution(directions: ExactArray, rate: Fraction) -> dict[Fraction, Fraction]:
    """The law of `||GX||^2` for the projection `G` on one integer direction, shape (d,), at amplitude 1."""
    X, probabilities = constant_law(len(directions), rate)
    law: dict[Fraction, Fraction] = defaultdict(Fraction)
    for x, probability in zip(X, probabilities, strict=True):
        law[Fraction(np.sum(x * directions)) ** 2 / Fraction(np.sum(directions**2))] += probability
    return dict(law)


def _repeated(law: Squares, copies: int) -> Squares:
    """The law of a sum of `copies` independent variables with that law."""

    def added(one: Squares, other: Squares) -> Squares:
        total: dict[Fraction, Fraction] = defaultdict(Fraction)
        for x, v in one.items():
            for y, w in other.items():
                total[x + y] += v * w
        return total

    return reduce(added, [law] * copies, {_ZERO: Fraction(1)})


def _mean_root(law: Squares) -> Expr:
    return sum((_rational(weight) * sqrt(_rational(square)) for square, weight in law.items()), Integer(0))


def _rational(x: Fraction) -> Rational:
    return Rational(x.numerator, x.denominator)


_AXIS, _PAIR = np.array([Fraction(1)], dtype=object), np.array([Fraction(1), Fraction(1)], dtype=object)


@evaluates(bottleneck.AxesCost)
def axes_cost(_model: Any, copies: int, rate: Fraction) -> Expr:
    """The mean of `||GX||` for the projection on axes, by the binomial law of the number of active axes."""
    shares = contribution(_AXIS, Fraction(rate))
    active, silent = (shares.get(Fraction(square), _ZERO) for square in (1, 0))
    law = {Fraction(n): comb(copies, n) * active**n * silent ** (copies - n) for n in range(copies + 1)}
    return _mean_root(law)


@evaluates(bottleneck.PairsCost)
def pairs_cost(_model: Any, copies: int, rate: Fraction) -> Expr:
    """The mean of `||GX||` for the projection on diagonals of disjoint pairs, by convolving the laws of the pairs."""
    return _mean_root(_repeated(contribution(_PAIR, Fraction(rate)), copies))


@evaluates(bottleneck.SPREAD)
def spread(model: Law) -> Fraction:
    """By how much the mean square along the diagonal of two features exceeds that along the first feature."""
    X, probabilities = model
    pair, axis = ((X[:, 0] + X[:, 1]) ** 2 / 2, X[:, 0] ** 2)
    return Fraction(np.sum(probabilities * (pair**2 - axis**2)))
