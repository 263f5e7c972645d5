"""Checks of D4: the surrogate's heads in fractions, the true worst case along the target, and the quoted example."""

from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import cache

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray
from sympy import Abs, Basic, Expr, Le, Lt, Rational, sqrt

from numerics.attacks.fgm import fgm
from numerics.attacks.losses import attacked_loss
from numerics.exact import fractions
from numerics.mixtures import mixture_network
from numerics.network import GatedNetwork, effective_map
from numerics.rounding import gamma
from purecheck.check import Control
from purecheck.comparison import Comparison
from purecheck.context import Context
from purecheck.enclosures.certify import Values
from purecheck.methods.certified import Certified
from purecheck.methods.enumerated import Enumerated
from purecheck.methods.sampled import Sampled
from purecheck.models.exact_heads import FrozenLayer, exact_value, partly_pure_layer
from purecheck.strategies.risk import NoisyFit, noisy_fits
from theory.inheritance.d4_heads_alone import ALONG, CROSS_TALK, MIDDLE, MOMENTS, ORDER, OUTSIDE, WEAK
from theory.inheritance.d4_surrogate import FIRES, LEAST_SHARE, SHRINKAGE, SIGNAL, SURROGATE_HEAD, SURROGATE_RISK
from theory.model import eps as _eps
from theory.model import m as _m
from theory.model import p as _p
from theory.model import r as _r
from theory.purification.p5_firing_probability import FIRING

Floats = NDArray[np.float64]

_THETA = ("1", "0.5", "-0.3", "0.2")
_R = Fraction(3, 5)
_SIZES = ((1, 1), (2, 2), (4, 2), (4, 4))
_ATTACKS = (Fraction(1, 10), Fraction(1))
_P = Fraction(3, 10)


def _surrogate(kept: Expr) -> Iterator[Comparison]:
    """Exact minimisers of the surrogate: `U a` is `kept` times the target; and its least value."""
    for d, m in _SIZES:
        layer, theta = partly_pure_layer(0, d, m, _P, _R), fractions(_THETA[:d])
        X, P = layer.inputs, layer.probabilities
        for eps in _ATTACKS:
            at = {_p: _P, _r: _R, _eps: eps, FIRES: exact_value(FIRING, {_m: m, _p: _P})}
            head = layer.minimisers(theta, eps).shortest
            where = f"d = {d}, m = {m}, eps = {eps}"
            for i, found in enumerate(layer.W @ head):
                yield Comparison(found, "==", exact_value(kept, at) * theta[i], f"{where}, (U a)_{i + 1}")
            error = Fraction(np.sum(P * (X @ (theta - layer.W @ head)) ** 2))
            least = exact_value(LEAST_SHARE, at) * (theta @ theta)
            yield Comparison(error + eps**2 * layer.mean_energy(head), "==", least, f"{where}, least value")
            yield Comparison(
                Fraction(np.sum(P * (X @ theta) ** 2)), "==", exact_value(SIGNAL, at) * (theta @ theta), f"{where}, A_0"
            )


_MULTIPLES = (-0.5, -0.1, 0.0, 0.25, 0.5, 0.75, 0.9, 0.99, 1.0, 1.01, 1.5)

Choose = Callable[[float, float, float, float], float]
"""The best multiple, from `A_0, B_0, C_0` and the size of the attack."""


def _best(A: float, B: float, C: float, eps: float) -> float:
    if eps * C <= B:
        return 1.0
    return 0.0 if eps * B >= A else (A - eps * B) / (A - 2 * eps * B + eps**2 * C)


def _of_surrogate(A: float, _: float, C: float, eps: float) -> float:
    return A / (A + eps**2 * C)


def _losses(fit: NoisyFit, c: float, amplitude: float) -> tuple[float, float]:
    """Mean loss under FGM of `c` times the least-squares head at `tau = 0`, and a bound on its rounding error.

    `S` bounds the numbers that a loss is made of; each takes part in fewer roundings than counted.
    """
    net, X, P = _population(fit, amplitude)
    net = GatedNetwork(net.W, c * net.a, net.b)
    y, eps = X @ np.array(fit.theta), fit.eps * amplitude
    loss = attacked_loss(net, X, y, fgm(net, X, y, eps, "l2"))
    sizes = np.abs(y) + (np.abs(X) + eps) @ np.abs(net.W) @ np.abs(net.a)
    return float(P @ loss), gamma(8 * sum(net.W.shape) + len(P) + 100, np.float64) * float(P @ sizes**2)


@cache
def _population(fit: NoisyFit, amplitude: float) -> tuple[GatedNetwork, Floats, Floats]:
    """The mixture network, every input, and their probabilities."""
    d = len(fit.theta)
    layer = FrozenLayer(fractions(np.eye(d, dtype=int).tolist()), fractions([1] * d), fit.p, Fraction(1))
    net = mixture_network(np.array(fit.theta), fit.m, amplitude / 2)
    return net, amplitude * layer.inputs.astype(float), layer.probabilities.astype(float)


def _along(choose: Choose, example: tuple[NoisyFit, float], _: Context) -> Iterator[Comparison]:
    """No multiple of the least-squares head does better under attack than the chosen one."""
    fit, amplitude = example
    net, X, P = _population(fit, amplitude)
    signal, gain = np.abs(X @ np.array(fit.theta)), np.linalg.norm(effective_map(net, X), axis=1)
    A, B, C = (float(P @ f) for f in (signal**2, signal * gain, gain**2))
    eps = fit.eps * amplitude
    c = choose(A, B, C, eps)
    least, error = _losses(fit, c, amplitude)
    for other in _MULTIPLES:
        loss, allowance = _losses(fit, other, amplitude)
        yield Comparison(loss, ">=", least, f"{fit}, r = {amplitude}: c = {other} against {c}", error + allowance)
    for inside in (x for x in _MULTIPLES if 0 <= x <= 1):
        told = (1 - inside) ** 2 * A + 2 * eps * inside * (1 - inside) * B + eps**2 * inside**2 * C
        loss, allowance = _losses(fit, inside, amplitude)
        yield Comparison(loss, "==", told, f"{fit}, r = {amplitude}: loss at c = {inside}", 2 * allowance)


def _concentrated() -> st.SearchStrategy[tuple[NoisyFit, float]]:
    """Rare features mixed by eight with nearly all of the target on one: the best multiple lies strictly between."""
    theta = (1.0, 0.05, *(0.0,) * 6)
    fits = (NoisyFit(theta, 8, Fraction(1, 50), 0.0, share * 0.5 / 8**0.5) for share in (0.8, 0.9, 0.95))
    return st.tuples(st.sampled_from(tuple(fits)), st.just(1.0))


_EXAMPLE = partly_pure_layer(0, 4, 4, _P, _R)


def _mean_product() -> Expr:
    """`B_0` of the quoted example, exactly."""
    theta = fractions(_THETA)
    net = _EXAMPLE.with_head(_EXAMPLE.minimisers(theta).shortest)
    X, P = _EXAMPLE.inputs, _EXAMPLE.probabilities
    squares = np.sum(effective_map(net, X) ** 2, axis=1)
    weights = P * abs(X @ theta)
    return sum(_rational(w) * sqrt(_rational(square)) for w, square in zip(weights, squares, strict=True))


def _rational(x: Fraction) -> Rational:
    return Rational(x.numerator, x.denominator)


def _quoted(best: Rational) -> Iterator[tuple[Basic, Values]]:
    """The surrogate keeps .945 of the target; the true worst case keeps all: the slope at `c = 1` is not positive."""
    theta = fractions(_THETA)
    firing = exact_value(FIRING, {_m: 4, _p: _P})
    kept = SHRINKAGE.subs({_p: _rational(_P), _r: _rational(_R), _eps: Rational(1, 10), FIRES: _rational(firing)})
    yield Le(Abs(kept - Rational("0.945")), Rational(1, 2000), evaluate=False), {}
    eps, B = Rational(1, 10), _mean_product()
    C = _rational(firing * (theta @ theta))
    A = _rational(_P * _R**2 * (theta @ theta))
    one = eps**2 * C
    other = Rational(99, 100)
    yield Lt(eps * C, B, evaluate=False), {}
    chosen = (1 - best) ** 2 * A + 2 * eps * best * (1 - best) * B + eps**2 * best**2 * C
    yield Le(chosen, one, evaluate=False), {}
    yield Lt(chosen, (1 - other) ** 2 * A + 2 * eps * other * (1 - other) * B + eps**2 * other**2 * C), {}


CHECKS = (
    Enumerated(
        claim="D4",
        clauses=(SURROGATE_RISK.name, SURROGATE_HEAD.name, MOMENTS.name),
        name="the surrogate's heads in fractions",
        statement=SHRINKAGE,
        control=Control("the target kept", SHRINKAGE**0),
        cases=_surrogate,
        declared=len(_ATTACKS) * sum(d + 2 for d, _ in _SIZES),
    ),
    Sampled[Choose](
        claim="D4",
        clauses=(ALONG.name, OUTSIDE.name, ORDER.name, WEAK.name, CROSS_TALK.name),
        name="attacked multiples of the head",
        statement=_best,
        control=Control("the surrogate taken for the true risk", _of_surrogate),
        examples=st.tuples(noisy_fits(), st.sampled_from((0.25, 1.0, 2.0))),
        compare=_along,
        share=0.3,
    ),
    Sampled[Choose](
        claim="D4",
        clauses=(ALONG.name, MIDDLE.name),
        name="attacked multiples of a mixture of order 8",
        statement=_best,
        control=Control("the least-squares head kept", lambda *_: 1.0),
        examples=_concentrated(),
        compare=_along,
        share=0.03,
    ),
    Certified(
        claim="D4",
        clauses=(SURROGATE_HEAD.name, WEAK.name),
        name="the quoted example",
        statement=Rational(1),
        control=Control("the surrogate taken for the true risk", Rational(945, 1000)),
        relations=_quoted,
        declared=4,
    ),
)
