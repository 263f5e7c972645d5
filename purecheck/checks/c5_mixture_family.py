"""Checks of C5 beside its derivations: gated encoders in fractions, attack gains over all pairs of sign patterns."""

from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import cache
from itertools import product

import numpy as np
from sympy import Expr, Rational

from numerics.contrastive.encoder import ContrastiveNetwork
from numerics.exact import ExactArray, fractions, signed_supports, support_probabilities
from purecheck.check import Control
from purecheck.comparison import Comparison
from purecheck.methods.enumerated import Enumerated
from purecheck.models.exact_fits import cross_talk_fit
from purecheck.models.exact_networks import hadamard_block, mixture
from theory.contrastive.c5_mixture_family import (
    DISSIMILAR_GAIN,
    GENERAL_DISSIMILAR,
    GENERAL_SIMILAR,
    SCORES,
    SIMILAR_GAIN,
)
from theory.model import m, p
from theory.purification.p5_firing_probability import firing_series

_RATES = (Fraction(1, 10), Fraction(1, 3), Fraction(3, 4))
_ORDERS = (1, 2, 4)
_AMPLITUDE = Fraction(3, 5)
_ROOT = Fraction(3, 2)
"""Square root of `lambda`."""
_SCALE = _ROOT**2


def isometry(d: int) -> ExactArray:
    """An isometry of `d` features into `d + 1` outputs, rational: a rotation by the angle of the triple (3, 4, 5)."""
    V = fractions(np.eye(d + 1, d, dtype=int).tolist())
    V[[0, d], 0] = Fraction(3, 5), Fraction(4, 5)
    return V


def mixture_encoder(order: int, d: int) -> ContrastiveNetwork:
    """The gated encoder of the mixture family with `C_h = sqrt(lambda) V u_h/m`."""
    U = mixture(hadamard_block(order), order, [Fraction(1)] * d, _AMPLITUDE / 2).W
    return ContrastiveNetwork(U, U.T @ isometry(d).T * _ROOT / order, fractions([_AMPLITUDE / 2] * d))


def _square(entries: ExactArray) -> Fraction:
    return sum((x * x for x in entries.flat), Fraction(0))


def gains(encoder: ContrastiveNetwork, x: ExactArray, others: ExactArray) -> list[Fraction]:
    """Squared attack gains `||J(x)^T g(x')||^2` at the view `x` (d,) for each other view (n, d)."""
    at = encoder.at(np.broadcast_to(x, others.shape))
    return [_square(row) for row in at.pull(encoder.at(others).g)]


_D = 4
_VIEWS = fractions(signed_supports(_D).tolist()) * _AMPLITUDE


def _scores(scale: Fraction) -> Iterator[Comparison]:
    """Scores of every pair of sign patterns."""
    product_of_views = _VIEWS @ _VIEWS.T
    for order in _ORDERS:
        g = mixture_encoder(order, _D).at(_VIEWS).g
        for found, value in zip((g @ g.T).flat, product_of_views.flat, strict=True):
            yield Comparison(found, "==", scale * value, f"a score at order {order}")


def _similar(scale: Fraction) -> Iterator[Comparison]:
    """Squared gains of similar pairs."""
    for order in _ORDERS:
        encoder = mixture_encoder(order, _D)
        for x in _VIEWS:
            (found,) = gains(encoder, x, x[None])
            yield Comparison(found, "==", scale * _square(x), f"order {order}, x = {list(map(str, x))}")


@cache
def _gain_table(order: int) -> ExactArray:
    """Squared gains of every pair of sign patterns of one group, at least two features: attacked view by other view."""
    views = fractions(signed_supports(max(order, 2)).tolist()) * _AMPLITUDE
    encoder = mixture_encoder(order, max(order, 2))
    return fractions([gains(encoder, x, views) for x in views])


def _dissimilar(share: Expr) -> Iterator[Comparison]:
    """Mean squared gains over every pair of sign patterns against `lambda^2 E||X||^2` times a share."""
    for order, rate in product(_ORDERS, _RATES):
        d = max(order, 2)
        weights = support_probabilities(signed_supports(d), rate)
        exact = share.subs({m: order, p: Rational(rate.numerator, rate.denominator)}).doit()
        predicted = _SCALE**2 * Fraction(int(exact.p), int(exact.q)) * d * rate * _AMPLITUDE**2
        yield Comparison(weights @ _gain_table(order) @ weights, "==", predicted, f"order {order}, p = {rate}")


_SHEARS = (Fraction(0), Fraction(-2, 5))
_TWO_AMPLITUDES = (Fraction(1), Fraction(6, 5))
Predicted = Callable[[ExactArray, ExactArray, ExactArray, Fraction], Fraction]
"""From the view, `J_{A^c}` (q, d), `V` and the activity: the predicted gain."""


def cross_talk_encoder(shear: Fraction) -> ContrastiveNetwork:
    """An encoder that fits `sqrt(lambda) V x` for amplitudes from 1 to 6/5, with cross-talk unless the shear is 0."""
    fits = [cross_talk_fit([_ROOT * v for v in row], shear) for row in isometry(2)]
    return ContrastiveNetwork(fits[0].net.W, np.stack([fit.net.a for fit in fits], axis=-1), fits[0].net.b)


def _off_support(encoder: ContrastiveNetwork, x: ExactArray) -> ExactArray:
    """The Jacobian at `x`, its columns on the support put to zero, shape (q, d)."""
    q = encoder.C.shape[-1]
    rows = encoder.at(np.broadcast_to(x, (q, len(x)))).pull(fractions(np.eye(q, dtype=int).tolist()))
    return np.asarray(rows * fractions((x == 0).astype(int).tolist()))


def _interior(amplitude: Fraction) -> ExactArray:
    return np.asarray(fractions(signed_supports(2).tolist()) * amplitude)


def _general_similar(predicted: Predicted) -> Iterator[Comparison]:
    for shear, amplitude in product(_SHEARS, _TWO_AMPLITUDES):
        encoder = cross_talk_encoder(shear)
        for x in _interior(amplitude):
            (found,) = gains(encoder, x, x[None])
            value = predicted(x, _off_support(encoder, x), isometry(2), Fraction(1))
            yield Comparison(found, "==", value, f"shear {shear}, x = {list(map(str, x))}")


def _general_dissimilar(predicted: Predicted) -> Iterator[Comparison]:
    """The other view has amplitudes 1 and 6/5 with probability 1/2 each, independently."""
    for shear, rate in product(_SHEARS, _RATES):
        encoder = cross_talk_encoder(shear)
        law = _two_amplitudes(rate)
        others, weights = fractions([view for view, _ in law]), fractions([weight for _, weight in law])
        found = value = Fraction(0)
        for x, weight in law:
            view = fractions(x)
            found += weight * (fractions(gains(encoder, view, others)) @ weights)
            value += weight * predicted(view, _off_support(encoder, view), isometry(2), rate)
        yield Comparison(found, "==", value, f"shear {shear}, p = {rate}")


def _two_amplitudes(rate: Fraction) -> list[tuple[tuple[Fraction, ...], Fraction]]:
    """Two features that are silent or of either sign and either amplitude, with their probabilities."""
    law = {Fraction(0): 1 - rate}
    law |= {sign * amplitude: rate / 4 for sign in (1, -1) for amplitude in _TWO_AMPLITUDES}
    return [(pair, law[pair[0]] * law[pair[1]]) for pair in product(law, repeat=2)]


def _moment(rate: Fraction) -> Fraction:
    return rate * sum((a * a for a in _TWO_AMPLITUDES), Fraction(0)) / 2


def _similar_gain(x: ExactArray, off: ExactArray, V: ExactArray, _rate: Fraction) -> Fraction:
    return _SCALE**2 * _square(x) + _square(off.T @ (_ROOT * (V @ x)))


def _without_cross_talk(x: ExactArray, _off: ExactArray, _V: ExactArray, _rate: Fraction) -> Fraction:
    return _SCALE**2 * _square(x)


def _dissimilar_gain(x: ExactArray, off: ExactArray, V: ExactArray, rate: Fraction) -> Fraction:
    """`lambda^2 p E||X||^2 + lambda E X_i^2 ||V^T J_{A^c}||_F^2`, to be averaged over the attacked view."""
    return _SCALE**2 * rate * len(x) * _moment(rate) + _SCALE * _moment(rate) * _square(V.T @ off)


def _linear_gain(x: ExactArray, off: ExactArray, V: ExactArray, rate: Fraction) -> Fraction:
    return _SCALE**2 * len(x) * _moment(rate) + _SCALE * _moment(rate) * _square(V.T @ off)


CHECKS = (
    Enumerated(
        claim="C5",
        clauses=(SCORES.name,),
        name="scores of gated encoders on all pairs",
        statement=_SCALE,
        control=Control("the root of lambda", _ROOT),
        cases=_scores,
        declared=len(_ORDERS) * len(_VIEWS) ** 2,
    ),
    Enumerated(
        claim="C5",
        clauses=(SIMILAR_GAIN.name,),
        name="gains of gated encoders on similar pairs",
        statement=_SCALE**2,
        control=Control("lambda for its square", _SCALE),
        cases=_similar,
        declared=len(_ORDERS) * len(_VIEWS),
    ),
    Enumerated(
        claim="C5",
        clauses=(DISSIMILAR_GAIN.name,),
        name="gains of gated encoders on all pairs",
        statement=firing_series(m, p),
        control=Control("a gain free of m", p),
        cases=_dissimilar,
        declared=len(_ORDERS) * len(_RATES),
    ),
    Enumerated[Predicted](
        claim="C5",
        clauses=(GENERAL_SIMILAR.name,),
        name="gains of similar pairs under cross-talk",
        statement=_similar_gain,
        control=Control("cross-talk forgotten", _without_cross_talk),
        cases=_general_similar,
        declared=len(_SHEARS) * len(_TWO_AMPLITUDES) * 9,
    ),
    Enumerated[Predicted](
        claim="C5",
        clauses=(GENERAL_DISSIMILAR.name,),
        name="gains of dissimilar pairs under cross-talk",
        statement=_dissimilar_gain,
        control=Control("the gain of a linear network", _linear_gain),
        cases=_general_dissimilar,
        declared=len(_SHEARS) * len(_RATES),
    ),
)
