"""Checks of D3: layers that are pure in part, their heads and energy in fractions, their risk under attack."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from hypothesis import strategies as st
from sympy import Integer, Rational

from numerics.attacks.fgm import fgm
from numerics.attacks.losses import attacked_loss
from numerics.certificate import certified
from numerics.exact import fractions
from numerics.network import GatedNetwork
from numerics.rounding import gamma
from purecheck.check import Control
from purecheck.comparison import Comparison
from purecheck.context import Context
from purecheck.enclosures.certify import enclose_to
from purecheck.methods.enumerated import Enumerated
from purecheck.methods.sampled import Sampled
from purecheck.models.exact_heads import exact_value, partly_pure_layer
from purecheck.strategies import rationals, reals
from theory.inheritance.d3_inheritance_curve import ENERGY, HEADS, MIXED, PURE, RISK_OF_LAYER, UNIT, UNIT_GAIN
from theory.model import m as _m
from theory.model import p as _p
from theory.purification.p5_firing_probability import FIRING

_THETA = ("1", "0.5", "-0.3", "0.2", "-0.7")
_SIZES = ((1, 2, 2), (3, 2, 2), (1, 4, 4), (1, 4, 2))
_PROBABILITIES = (Fraction(1, 5), Fraction(7, 10))
_VALUE_ERROR = 1e-13

Shares = Callable[[Fraction, Fraction], tuple[Fraction, Fraction]]
"""What share of the target's energy pure and mixed features pass to `||beta||^2`, from `p` and `pi_m`."""


def _layers(shares: Shares) -> Iterator[Comparison]:
    """Least-squares heads and their mean energy."""
    for pure, mixed, m in _SIZES:
        for p in _PROBABILITIES:
            layer = partly_pure_layer(pure, mixed, m, p, Fraction(3, 5))
            theta = fractions(_THETA[: pure + mixed])
            found = layer.minimisers(theta)
            where = f"{pure} pure, {mixed} in groups of {m}, p = {p}"
            told = np.concatenate([theta[:pure], theta @ layer.W[:, pure:] / m])
            for h, head in enumerate(found.shortest):
                yield Comparison(head, "==", told[h], f"{where}, a_{h + 1}")
            on_pure, on_mixed = shares(p, exact_value(FIRING, {_m: m, _p: p}))
            energy = on_pure * (theta[:pure] @ theta[:pure]) + on_mixed * (theta[pure:] @ theta[pure:])
            yield Comparison(layer.mean_energy(found.shortest), "==", energy, f"{where}, energy")


@dataclass(frozen=True)
class _Attacked:
    """A layer that is pure in part, for a target of ones, with label noise of one size and an attack."""

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
    return _Attacked(pure, mixed, m, p, draw(reals(0.1, 2)), draw(reals(0.1, 0.9)) * 0.5 / m**0.5)


def _risk(shares: Shares, example: _Attacked, _: Context) -> Iterator[Comparison]:
    """Mean loss under FGM over every input and both signs of the noise, against gains from the closed forms.

    At noise `h` the risk is `h^2 + 2 eps h E||beta|| + eps^2 E||beta||^2`. `S` bounds the numbers that a loss is made
    of; each takes part in fewer roundings than counted.
    """
    layer = partly_pure_layer(example.pure, example.mixed, example.m, example.p, Fraction(1))
    theta = fractions([1] * (example.pure + example.mixed))
    head = layer.minimisers(theta).shortest
    net = GatedNetwork(layer.W.astype(float), head.astype(float), layer.b.astype(float))
    X, P = layer.inputs.astype(float), layer.probabilities.astype(float)
    loss, allowance = 0.0, 0.0
    roundings = gamma(8 * sum(net.W.shape) + len(P) + 100, np.float64)
    for sign in (1, -1):
        y = X @ theta.astype(float) + sign * example.noise
        loss += float(P @ attacked_loss(net, X, y, fgm(net, X, y, example.eps, "l2"))) / 2
        sizes = np.abs(y) + (np.abs(X) + example.eps) @ np.abs(net.W) @ np.abs(net.a)
        allowance += roundings * float(P @ sizes**2) / 2
    yield Comparison(
        int(np.sum(~certified(net, X, example.eps, "l2"))), "==", 0, f"{example}: inputs outside the region"
    )
    places = {PURE: Integer(example.pure), MIXED: Integer(example.mixed), _m: Integer(example.m)}
    places[_p] = Rational(example.p.numerator, example.p.denominator)
    gain = float(enclose_to(UNIT_GAIN.subs(places), _VALUE_ERROR))
    on_pure, on_mixed = shares(example.p, exact_value(FIRING, {_m: example.m, _p: example.p}))
    energy = float(on_pure * example.pure + on_mixed * example.mixed)
    predicted = example.noise**2 + 2 * example.eps * example.noise * gain + example.eps**2 * energy
    allowance += 2 * example.eps * example.noise * 2 * _VALUE_ERROR + gamma(12, np.float64) * predicted
    yield Comparison(loss, "==", predicted, str(example), allowance)


CHECKS = (
    Enumerated[Shares](
        claim="D3",
        clauses=(HEADS.name, ENERGY.name),
        name="layers that are pure in part, in fractions",
        statement=lambda p, firing: (p, firing),
        control=Control("p on all features", lambda p, _: (p, p)),
        cases=_layers,
        declared=len(_PROBABILITIES) * sum(pure + mixed + 1 for pure, mixed, _ in _SIZES),
    ),
    Sampled[Shares](
        claim="D3",
        clauses=(RISK_OF_LAYER.name, UNIT.name),
        name="attacked layers that are pure in part",
        statement=lambda p, firing: (p, firing),
        control=Control("p on all features", lambda p, _: (p, p)),
        examples=_attacked(),
        compare=_risk,
        share=0.2,
    ),
)
