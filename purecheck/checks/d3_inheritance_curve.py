"""Checks of D3: layers that are partly pure, their heads, energy and risk, exactly and in floating point."""

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from fractions import Fraction

import numpy as np
from hypothesis import strategies as st
from sympy import Expr, Float, Integer, Sum, sqrt

from numerics.attacks.fgm import fgm
from numerics.attacks.losses import attacked_loss
from numerics.certificate import certified
from numerics.exact import fractions
from numerics.network import GatedNetwork
from numerics.rounding import gamma
from purecheck.checks.d2_mixture_layers import drawn
from purecheck.checks.p6_adversarial_risk import half_normal_rule
from purecheck.enclosures.certify import enclose_to
from purecheck.evaluators.heads import PartlyPure, least_squares
from purecheck.evaluators.numbers import fraction, rational
from purecheck.evaluators.points import points
from purecheck.evaluators.registry import Scene
from purecheck.methods.agrees import agrees
from purecheck.methods.sampled import Sampled
from purecheck.models.attacked import size_of_attack
from purecheck.models.exact_heads import partly_pure_layer
from purecheck.models.layers import frozen_layer, orthogonal_part, partly_pure
from purecheck.runtime.context import Context
from purecheck.strategies.numbers import rationals, reals
from purecheck.verdicts.check import near
from purecheck.verdicts.comparison import Comparison
from theory.assumptions import normal_labels
from theory.claims import Clause
from theory.inheritance.d3_inheritance_curve import (
    HEADS,
    INHERITED_ENERGY,
    RISK_OF_LAYER,
    UNIT,
    on_mixed_target,
    on_pure_target,
    orthogonal,
    theta,
)
from theory.model import eps as _eps
from theory.model import m as _m
from theory.model import p as _p
from theory.model import r as _r
from theory.model import tau as _tau
from theory.purification.p6_adversarial_risk import groups, ones_target, row_of_ones
from theory.quantities.heads import MIXED, MIXED_NORM, PURE
from theory.quantities.risk import MEAN_GAIN
from theory.ranges import integers

_SIZES = ((1, 2, 2), (3, 2, 2), (1, 4, 4), (1, 4, 2))  # pure, mixed, order: at most 3^5 inputs
_VALUE_ERROR = 1e-13
"""Error to which closed forms are enclosed before they are compared with floating-point sums."""


def _layers(clause: Clause, rng: np.random.Generator) -> Iterator[Scene]:
    """Layers of up to two pure features and one group, or two groups of one, with the least-squares head."""
    small = integers(1, 2)
    for number, point in enumerate(points(clause, rng, 8, d_1=small, d_2=small, m=small, G=small)):
        pure, m = int(point[PURE]), int(point[_m])
        mixed = m if m == 2 else int(point.get(MIXED, point.get(groups, 1)))
        if groups in clause.over and number == 0:
            pure, m, mixed = 1, 4, 4
        W, target = partly_pure(pure, mixed, m), [Fraction(1)] * (pure + mixed)
        if groups not in clause.over:
            target = drawn(rng, pure + mixed)
        elif ones_target not in clause.assumes:
            target[-1] = Fraction(2)
        if groups in clause.over and row_of_ones not in clause.assumes:
            W[pure] = -W[pure]
        layer = frozen_layer(clause, W, target, fraction(point[_p]), fraction(point.get(_r, Integer(1))))
        model = PartlyPure(
            **{field.name: getattr(layer, field.name) for field in fields(layer)},
            pure=pure,
            normal=normal_labels in clause.assumes,
        )
        model = replace(
            model,
            net=GatedNetwork(W, least_squares(model), layer.net.b),
            tau=fraction(point.get(_tau, Integer(0))),
            eps=size_of_attack(clause, layer.net, layer.law[0], fraction(point.get(_eps, Integer(0)))),
        )
        values = {
            **point,
            PURE: pure,
            MIXED: mixed,
            groups: mixed // m,
            _m: m,
            _eps: model.eps,
            theta: np.array(target),
            on_pure_target: fractions(target[:pure]),
            on_mixed_target: fractions(target[pure:]),
            orthogonal: orthogonal_part(mixed, m),
        }
        yield Scene(f"{pure} pure, {mixed} in groups of {m}, theta' = {target}, {point}", values, model)


@dataclass(frozen=True)
class _Attacked:
    """A partly pure layer for a target of ones, with label noise of one size and an attack."""

    pure: int
    mixed: int
    m: int
    p: Fraction
    noise: float
    eps: float


@st.composite
def _attacked(draw: st.DrawFn) -> _Attacked:
    """Layers on amplitude 1 with at most 5 features, attacked inside P2's region."""
    pure, mixed, m = draw(st.sampled_from(_SIZES))
    p = draw(rationals(Fraction(1, 20), Fraction(19, 20), denominator=20))
    return _Attacked(pure, mixed, m, p, draw(reals(0.1, 2)), draw(reals(0.1, 0.9)) * 0.5 / m**0.5)  # P2: 1/(2 m^(1/2))


def _risk(clause: Clause, example: _Attacked, _: Context) -> Iterator[Comparison]:
    """The mean loss under FGM over every input and the label noise, compared with the formula.

    Inside the region of P2 the loss is quadratic in the modulus of the noise, so the Gauss rule is exact. `S` bounds
    the moduli of the terms of a loss; each takes part in fewer roundings than are counted.
    """
    layer = partly_pure_layer(example.pure, example.mixed, example.m, example.p, Fraction(1))
    ones = fractions([1] * (example.pure + example.mixed))
    head = layer.minimisers(ones).shortest
    net = GatedNetwork(layer.W.astype(float), head.astype(float), layer.b.astype(float))
    X, P = layer.inputs.astype(float), layer.probabilities.astype(float)
    loss, allowance = 0.0, 0.0
    roundings = gamma(8 * sum(net.W.shape) + len(P) + 100, np.float64)
    for node, weight in zip(*half_normal_rule(), strict=True):
        for sign in (1, -1):
            y = X @ ones.astype(float) + sign * example.noise * node
            loss += weight / 2 * float(P @ attacked_loss(net, X, y, fgm(net, X, y, example.eps, "l2")))
            sizes = np.abs(y) + (np.abs(X) + example.eps) @ np.abs(net.W) @ np.abs(net.a)
            allowance += weight / 2 * roundings * float(P @ sizes**2)
    outside = int(np.sum(~certified(net, X, example.eps, "l2")))
    yield Comparison(outside, "==", 0, f"{example}: inputs outside the region")
    predicted, error = _predicted(clause, example)
    yield Comparison(loss, "==", predicted, str(example), allowance + error)


def _predicted(clause: Clause, example: _Attacked) -> tuple[float, float]:
    """The risk of the clause with the mean gain of D3 for a target of ones, and a bound on its error."""
    counts = {PURE: example.pure, groups: example.mixed // example.m, _m: example.m}
    places: dict[Expr, Expr] = {name: Integer(count) for name, count in counts.items()}
    places[_p] = rational(example.p)
    gain = enclose_to(UNIT.formula.rhs.subs(places), _VALUE_ERROR)
    # For a target of ones both parts of its energy count features.
    (pure_energy,) = (total for total in clause.formula.rhs.atoms(Sum) if total.has(theta))
    risk = clause.formula.rhs.subs({pure_energy: Integer(example.pure), MIXED_NORM: sqrt(Integer(example.mixed))})
    sizes = {MEAN_GAIN: float(gain), _tau: example.noise, _eps: example.eps}
    predicted = float(risk.subs(places).doit().subs({name: Float(value, 30) for name, value in sizes.items()}))
    return predicted, 4 * example.eps * example.noise * _VALUE_ERROR + gamma(12, np.float64) * predicted


CHECKS = (
    agrees("D3", HEADS, _layers, 8),
    agrees("D3", INHERITED_ENERGY, _layers, 8),
    agrees("D3", RISK_OF_LAYER, _layers, 8),
    agrees("D3", UNIT, _layers, 8),
    Sampled(
        claim="D3",
        clauses=(RISK_OF_LAYER.name,),
        name="attacked layers that are pure in part",
        statement=RISK_OF_LAYER,
        control=near(RISK_OF_LAYER),
        examples=_attacked(),
        compare=_risk,
        share=0.2,
    ),
)
