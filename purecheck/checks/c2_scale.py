"""Checks of C2 beside its derivations: the root of the finite sums against losses summed over every pair."""

from collections.abc import Callable, Iterable
from fractions import Fraction

from sympy import Basic, Expr, Gt, Integer, Lt, Rational, Symbol, log

from purecheck.check import Control
from purecheck.enclosures.certify import Values
from purecheck.enclosures.roots import enclose_root
from purecheck.methods.certified import Certified
from purecheck.models.populations import isotropic_loss
from theory.contrastive.c2_scale import BRACKET, FINITE, LAW, MINIMISER, ONE_FEATURE, STATIONARY
from theory.contrastive.c3_collapse import CONTRASTIVE_SCALE

Scale = Callable[[int, Rational, Rational, Rational], Expr]
"""`scale(d, p, r, eps)`."""

_lam = Symbol("lambda", positive=True)
_NEAR = Rational(1, 10**6)


def optimal_scale(d: int, p: Rational, r: Rational, eps: Rational) -> Expr:
    """The certified root, as an exact number within a share of 1e-12 of it."""
    values = {"d": Integer(d), "p": p, "r": r, "eps": eps}
    middle = enclose_root(CONTRASTIVE_SCALE, values, 1e-12)
    mantissa, exponent = (int(part) for part in middle.mid().man_exp())
    exact = Fraction(mantissa) * Fraction(2) ** exponent
    return Rational(exact.numerator, exact.denominator)


def brackets_minimum(
    scale: Scale, cases: Iterable[tuple[int, Rational, Rational, Rational]]
) -> Iterable[tuple[Basic, Values]]:
    """Relations: the enumerated loss falls just before `scale` and rises just behind it."""
    for d, p, r, eps in cases:
        slope = isotropic_loss(d, p, r, _lam, eps).diff(_lam)
        root = scale(d, p, r, eps)
        yield Lt(slope, 0), {_lam: root * (1 - _NEAR)}
        yield Gt(slope, 0), {_lam: root * (1 + _NEAR)}


_CLEAN = [
    (1, Rational(3, 10), Rational(7, 10), Integer(0)),
    (2, Rational(1, 2), Integer(1), Integer(0)),
    (3, Rational(1, 10), Rational(1, 2), Integer(0)),
]


def _one_feature(_d: int, p: Rational, r: Rational, _eps: Rational) -> Expr:
    return log((2 + p) / p) / r**2


def _wrong_overlap(_d: int, _p: Rational, r: Rational, _eps: Rational) -> Expr:
    return log(3) / r**2


def _too_large(d: int, p: Rational, r: Rational, eps: Rational) -> Expr:
    return optimal_scale(d, p, r, eps) * Rational(1001, 1000)


def _clean(scale: Scale) -> Iterable[tuple[Basic, Values]]:
    return brackets_minimum(scale, _CLEAN)


def _clean_one_feature(scale: Scale) -> Iterable[tuple[Basic, Values]]:
    return brackets_minimum(scale, _CLEAN[:1])


CHECKS: tuple[Certified[Scale], ...] = (
    Certified(
        claim="C2",
        clauses=(STATIONARY.name, MINIMISER.name, LAW.name, FINITE.name, BRACKET.name),
        name="root against enumerated losses",
        statement=optimal_scale,
        control=Control("1.001 times the root", _too_large),
        relations=_clean,
        declared=2 * len(_CLEAN),
    ),
    Certified(
        claim="C2",
        clauses=(ONE_FEATURE.name,),
        name="one feature against enumerated losses",
        statement=_one_feature,
        control=Control("a common feature with probability p: 2.24 for 4.16", _wrong_overlap),
        relations=_clean_one_feature,
        declared=2,
    ),
)
