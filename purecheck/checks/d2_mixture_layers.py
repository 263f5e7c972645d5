"""Checks of D2: exact least-squares heads on mixture layers, and the price of a mixture by ball arithmetic."""

from collections.abc import Iterator
from fractions import Fraction

from sympy import Basic, Expr, Gt, Integer, Rational

from numerics.exact import fractions
from purecheck.check import Control
from purecheck.comparison import Comparison
from purecheck.enclosures.certify import Values
from purecheck.methods.certified import Certified
from purecheck.methods.enumerated import Enumerated
from purecheck.models.exact_heads import exact_value, partly_pure_layer
from theory.inheritance.d2_mixture_layers import INHERITED_ENERGY, PRICE, RISK_OF_HEAD, UNIQUE
from theory.model import m as _m
from theory.model import p as _p
from theory.purification.p5_firing_probability import FIRING
from theory.quantities.firing import FiringProbability

_THETA = ("1", "0.5", "-0.3", "0.2")
_SIZES = ((2, 2), (4, 2), (4, 4))
_PROBABILITIES = (Fraction(3, 10), Fraction(1, 2), Fraction(1))


def _heads(energy: Expr) -> Iterator[Comparison]:
    """The least-squares head, its freedom, and its mean energy, which is `energy` times the target's."""
    for d, m in _SIZES:
        for p in _PROBABILITIES:
            layer = partly_pure_layer(0, d, m, p, Fraction(3, 5))
            theta = fractions(_THETA[:d])
            found = layer.minimisers(theta)
            where = f"d = {d}, m = {m}, p = {p}"
            yield Comparison(len(found.freedom), "==", 0, f"{where}, directions of equal risk")
            for h, told in enumerate(theta @ layer.W / m):
                yield Comparison(found.shortest[h], "==", told, f"{where}, a_{h + 1}")
            share = exact_value(energy, {_m: m, _p: p})
            yield Comparison(layer.mean_energy(found.shortest), "==", share * (theta @ theta), f"{where}, energy")


_Points = tuple[tuple[Integer, Rational], ...]


def _above(points: _Points) -> Iterator[tuple[Basic, Values]]:
    for order, p in points:
        yield Gt(FiringProbability(order, p), p), {}


_BELOW_TWO_THIRDS = tuple(
    (Integer(m), p) for m in (2, 4, 8, 12) for p in (Rational(1, 20), Rational(3, 10), Rational(33, 50))
)

CHECKS = (
    Enumerated(
        claim="D2",
        clauses=(RISK_OF_HEAD.name, UNIQUE.name, INHERITED_ENERGY.name),
        name="least-squares heads in fractions",
        statement=FIRING,
        control=Control("the activity of one feature for the firing probability", _p),
        cases=_heads,
        declared=len(_PROBABILITIES) * sum(d + 2 for d, _ in _SIZES),
    ),
    Certified[_Points](
        claim="D2",
        clauses=(PRICE.name,),
        name="orders above 1",
        statement=_BELOW_TWO_THIRDS,
        control=Control("p = .8, m = 4", ((Integer(4), Rational(4, 5)),)),
        relations=_above,
        declared=len(_BELOW_TWO_THIRDS),
    ),
)
