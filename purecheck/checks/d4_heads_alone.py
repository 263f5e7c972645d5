"""Checks of D4: heads on exact mixture layers under attack, and multiples of a head in floating point."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from functools import cache

import numpy as np
from hypothesis import strategies as st
from sympy import And, Eq, Expr, Float, Rational, Symbol

from numerics.arrays import Floats
from numerics.attacks.fgm import fgm
from numerics.attacks.losses import attacked_loss
from numerics.exact import fractions, signed_supports, support_probabilities
from numerics.mixtures import mixture_network
from numerics.network import GatedNetwork, effective_map
from numerics.rounding import gamma
from purecheck.checks.d2_mixture_layers import SIZES, drawn, layers
from purecheck.evaluators.firing import fired
from purecheck.evaluators.heads import LayerWithHead, Multiple, gain_energy, mean_product, signal_energy
from purecheck.evaluators.numbers import fraction
from purecheck.evaluators.points import candidates, points
from purecheck.evaluators.registry import Scene
from purecheck.methods.agrees import agrees
from purecheck.methods.sampled import Sampled
from purecheck.models.layers import frozen_layer, orthogonal_part, partly_pure
from purecheck.runtime.context import Context
from purecheck.strategies.risk import NoisyFit, noisy_fits
from purecheck.verdicts.check import near
from purecheck.verdicts.comparison import Comparison
from theory.claims import Clause
from theory.inheritance.d2_mixture_layers import ORTHOGONAL, head
from theory.inheritance.d4_heads_alone import (
    ALONG,
    CROSS_TALK,
    MIDDLE,
    MOMENTS,
    ORDER,
    OUTSIDE,
    STRONG,
    UNREACHED,
    WEAK,
    gates,
    share,
)
from theory.inheritance.d4_surrogate import SURROGATE_HEAD, SURROGATE_RISK
from theory.model import d as _d
from theory.model import eps as _eps
from theory.model import m as _m
from theory.model import p as _p
from theory.model import r as _r
from theory.quantities.heads import A0, B0, C0
from theory.ranges import ACTIVE, POSITIVE, Range, integers


def _fitted(clause: Clause, rng: np.random.Generator, count: int) -> Iterator[tuple[dict[Symbol, Expr], LayerWithHead]]:
    """Layers with the least-squares head, at points of the clause without the size of the attack."""
    over = {**_OF_LAYER, **{x: r for x, r in clause.over.items() if x != _eps}}
    for point in points(replace(clause, over=over, box={}), rng, count, m=_OF_LAYER[_m]):
        d, m = SIZES[int(point[_m])]
        # A single feature of target one makes attacks exact, so that ties are seen.
        target = [Fraction(1)] if d == 1 else drawn(rng, d)
        p, r = fraction(point[_p]), fraction(point[_r])
        yield {**point, _m: m}, frozen_layer(clause, partly_pure(0, d, m), target, p, r)


_OF_LAYER: Mapping[Symbol, Range] = {_m: integers(1, 2), _p: ACTIVE, _r: POSITIVE}


def _attacked(clause: Clause, rng: np.random.Generator) -> Iterator[Scene]:
    """Fitted layers under attacks from the whole range, whose ends depend on the moments of the layer."""
    for point, layer in _fitted(clause, rng, 6):
        moments = {A0: signal_energy(layer), B0: mean_product(layer), C0: gain_energy(layer)}
        if 0 in moments.values():
            continue
        allowed = clause.over[_eps].at(moments)
        if not allowed.low <= allowed.high:
            continue
        for eps in candidates(allowed):
            size = eps if eps.is_Rational else Rational(int(eps * 10**9), 10**9)
            if size in allowed:
                model = replace(layer, eps=fraction(size))
                yield Scene(
                    f"theta' = {layer.target.tolist()}, epsilon = {size}, {point}", {**point, _eps: size}, model
                )


def _plain(clause: Clause, rng: np.random.Generator) -> Iterator[Scene]:
    """Fitted layers without an attack."""
    for point, layer in _fitted(clause, rng, 16):
        yield Scene(f"theta' = {layer.target.tolist()}, {point}", point, layer)


def _multiples(clause: Clause, rng: np.random.Generator) -> Iterator[Scene]:
    """Layers with random heads and inputs."""
    for point in points(clause, rng, 12, m=integers(1, 4)):
        d, m = SIZES[int(point[_m])]
        W, weights = partly_pure(0, d, m), fractions(drawn(rng, d))
        x = fractions(rng.integers(-6, 7, d).tolist()) / 6
        model = Multiple(
            net=GatedNetwork(W, weights, fractions(["1/2"] * d)), x=x, features=x[None], multiple=fraction(point[share])
        )
        values = {**point, _m: m, _d: d, gates: fired(model), head: weights, ORTHOGONAL: orthogonal_part(d, m)}
        yield Scene(f"a = {weights.tolist()}, x = {x.tolist()}, {point}", values, model)


_MULTIPLES = (-0.5, -0.1, 0.0, 0.25, 0.5, 0.75, 0.9, 0.99, 1.0, 1.01, 1.5)
"""Inside `[0, 1]`, which holds every best multiple, close to its upper end, and beyond both."""


def _losses(fit: NoisyFit, c: float, amplitude: float) -> tuple[float, float]:
    """The mean loss under FGM of `c` times the least-squares head at `tau = 0`, and a bound on its rounding error.

    `S` bounds the moduli of the terms of a loss; each takes part in fewer roundings than are counted.
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
    patterns = signed_supports(len(fit.theta))
    P = support_probabilities(patterns, fit.p).astype(float)
    return mixture_network(np.array(fit.theta), fit.m, amplitude / 2), amplitude * patterns.astype(float), P


def _values(fit: NoisyFit, amplitude: float) -> dict[Symbol, Float]:
    """Moments of the layer and the size of the attack, for the formulas of the clauses."""
    net, X, P = _population(fit, amplitude)
    signal, gain = np.abs(X @ np.array(fit.theta)), np.linalg.norm(effective_map(net, X), axis=1)
    moments = {A0: signal**2, B0: signal * gain, C0: gain**2}
    means = {name: Float(float(P @ moment), 30) for name, moment in moments.items()}
    return {**means, _eps: Float(fit.eps * amplitude, 30)}


def _along(clause: Clause, example: tuple[NoisyFit, float], _: Context) -> Iterator[Comparison]:
    """The loss of multiples of the head under attack."""
    fit, amplitude = example
    values = _values(fit, amplitude)
    for multiple in _MULTIPLES:
        if Rational(multiple) in clause.over[share]:
            expected = float(clause.formula.rhs.subs({**values, share: Float(multiple, 30)}))
            loss, allowance = _losses(fit, multiple, amplitude)
            yield Comparison(loss, "==", expected, f"{fit}, r = {amplitude}: loss at c = {multiple}", 2 * allowance)


def _best(clause: Clause, example: tuple[NoisyFit, float], _: Context) -> Iterator[Comparison]:
    """Losses of other multiples of the head under attack, compared with that of the best multiple in the clause."""
    fit, amplitude = example
    (equation,) = (part for part in And.make_args(clause.formula) if isinstance(part, Eq))
    best = float(equation.rhs.subs(_values(fit, amplitude)))
    least, error = _losses(fit, best, amplitude)
    for other in (*_MULTIPLES, *(best * (1 + step / 200) for step in range(-4, 5))):
        loss, allowance = _losses(fit, other, amplitude)
        yield Comparison(loss, ">=", least, f"{fit}, r = {amplitude}: c = {other} against {best}", error + allowance)


def _concentrated() -> st.SearchStrategy[tuple[NoisyFit, float]]:
    """Rare features mixed by eight with nearly all of the target on one of them.

    Their best multiple lies strictly between the ends of its range.
    """
    theta = (1.0, 0.05, *(0.0,) * 6)
    fits = (NoisyFit(theta, 8, Fraction(1, 50), 0.0, share * 0.5 / 8**0.5) for share in (0.8, 0.9, 0.95))
    return st.tuples(st.sampled_from(tuple(fits)), st.just(1.0))


CHECKS = (
    agrees("D4", SURROGATE_RISK, layers, 12),
    agrees("D4", SURROGATE_HEAD, layers, 12),
    agrees("D4", ALONG, _attacked, 8),
    agrees("D4", OUTSIDE, _attacked, 8),
    agrees("D4", ORDER, _plain, 16),
    agrees("D4", WEAK, _attacked, 8),
    agrees("D4", MIDDLE, _attacked, 8),
    agrees("D4", STRONG, _attacked, 8),
    agrees("D4", UNREACHED, _plain, 16),
    agrees("D4", MOMENTS, _plain, 16),
    agrees("D4", CROSS_TALK, _multiples, 12),
    Sampled(
        claim="D4",
        clauses=(ALONG.name,),
        name="attacked multiples of the head",
        statement=ALONG,
        control=near(ALONG),
        examples=st.tuples(noisy_fits(), st.sampled_from((0.25, 1.0, 2.0))),
        compare=_along,
        share=0.3,
    ),
    Sampled(
        claim="D4",
        clauses=(MIDDLE.name,),
        name="attacked multiples of a mixture of order 8",
        statement=MIDDLE,
        control=near(MIDDLE),
        examples=_concentrated(),
        compare=_best,
        share=0.03,
    ),
)
