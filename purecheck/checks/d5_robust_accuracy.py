"""Checks of D5: every input of small models, an attacked network at d = 20, and the quoted numbers."""

from collections.abc import Iterator
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray
from sympy import Abs, Basic, Expr, Integer, Le, Rational

from numerics.backend import to_numpy
from numerics.exact import signed_supports, support_probabilities
from numerics.features import ConstantAmplitude, FeatureLaw
from numerics.mixtures import mixture_network
from numerics.network import GatedNetwork, effective_map, forward, input_gradient
from numerics.norms import steepest
from purecheck.check import Control
from purecheck.comparison import Comparison
from purecheck.context import Context
from purecheck.enclosures.certify import Values, enclose_to
from purecheck.methods.certified import Certified
from purecheck.methods.enumerated import Enumerated
from purecheck.methods.simulated import Simulated
from purecheck.models.exact_heads import exact_value
from theory.inheritance.d5_robust_accuracy import GIVEN_SUPPORT, LEAST_MARGIN, ROBUST_ACCURACY
from theory.model import d, eps, p, r

_MODELS = (
    (1, Fraction(1, 10), Fraction(0)),
    (3, Fraction(1, 2), Fraction(2, 5)),
    (5, Fraction(3, 10), Fraction(9, 20)),
    (7, Fraction(7, 10), Fraction(39, 100)),
    (9, Fraction(9, 10), Fraction(1, 3)),
)
"""Features, their probability, size of the attack over `r`: at 39/100 seven features can be turned, at 1/3 nine tie."""


def _enumerated(accuracy: Expr) -> Iterator[Comparison]:
    """Share of the inputs on which no attack turns the output: `f^2 > eps^2 ||beta||^2`, in integers.

    Amplitude 2 and thresholds 1, so that the network computes with integers; P2 gives the worst case.
    """
    for size, probability, attack in _MODELS:
        patterns = signed_supports(size)
        theta = np.where(np.arange(size) % 2, -1, 1)
        net = GatedNetwork(np.eye(size, dtype=np.int64), theta, np.ones(size, dtype=np.int64))
        output, beta = forward(net, 2 * patterns), effective_map(net, 2 * patterns)
        reach = (2 * attack.numerator) ** 2 * np.sum(beta**2, axis=1)
        robust = (attack.denominator * output) ** 2 > reach
        found = Fraction(np.sum(support_probabilities(patterns, probability)[robust]))
        told = exact_value(accuracy, {d: size, p: probability, eps: attack, r: 1})
        yield Comparison(found, "==", told, f"d = {size}, p = {probability}, eps = {attack} r")


_POINT = {d: Integer(20), p: Rational(1, 10), r: Integer(1), eps: Rational(2, 5)}


def _attacked(rng: np.random.Generator, n: int, context: Context) -> NDArray[np.float64]:
    """Draws of whether the sign survives the attack of full size against it."""
    X = FeatureLaw(20, 0.1, ConstantAmplitude(1.0)).sample(rng, (n,))
    theta = np.sign(rng.standard_normal(20))
    label = np.sign(X @ theta)
    net = mixture_network(context.backend.asarray(theta), 1, 0.5)
    Z, y = context.backend.asarray(X), context.backend.asarray(label)
    delta = -0.4 * y[:, None] * steepest(input_gradient(net, Z), "l2")
    return np.asarray(to_numpy(forward(net, Z + delta)) * label > 0, dtype=np.float64)


def _predicted(accuracy: Expr) -> float:
    return float(enclose_to(accuracy.subs(_POINT), 1e-12))


_Quotes = tuple[tuple[Expr, str], ...]


def _quoted(quotes: _Quotes) -> Iterator[tuple[Basic, Values]]:
    for value, text in quotes:
        yield Le(Abs(value - Rational(text)), Rational(1, 2000), evaluate=False), _POINT


_ACCURACY = ROBUST_ACCURACY.formula.rhs
_EMPTY_RIGHT = _ACCURACY + (1 - p) ** d

CHECKS = (
    Enumerated(
        claim="D5",
        clauses=(LEAST_MARGIN.name, GIVEN_SUPPORT.name, ROBUST_ACCURACY.name),
        name="every input in integers",
        statement=_ACCURACY,
        control=Control("the empty support counted as right", _EMPTY_RIGHT),
        cases=_enumerated,
        declared=len(_MODELS),
    ),
    Simulated(
        claim="D5",
        clauses=(LEAST_MARGIN.name, ROBUST_ACCURACY.name),
        name="attacked network",
        statement=_ACCURACY,
        control=Control("the empty support counted as right", _EMPTY_RIGHT),
        draw=_attacked,
        span=(0.0, 1.0),
        predict=_predicted,
        smallest_error=0.02,
        where="d = 20, p = .1, eps = .4 r, b = r/2",
    ),
    Certified[_Quotes](
        claim="D5",
        clauses=(ROBUST_ACCURACY.name,),
        name="quoted accuracies",
        statement=((_ACCURACY, "0.698"), (_EMPTY_RIGHT, "0.820")),
        control=Control("the empty support counted as right", ((_EMPTY_RIGHT, "0.698"),)),
        relations=_quoted,
        declared=2,
    ),
)
