"""Checks of C6 on linear encoders: enumerated losses under attacks on pairs of one kind."""

from collections.abc import Callable, Iterable

from sympy import Basic, Expr, Gt, Integer, Lt, Rational, Symbol

from purecheck.check import Control
from purecheck.checks.c2_scale import optimal_scale
from purecheck.enclosures.certify import Values
from purecheck.methods.certified import Certified
from purecheck.models.populations import isotropic_loss
from theory.contrastive import c6_attack_modes as c6
from theory.contrastive.c3_collapse import COLLAPSE_RADIUS

_lam = Symbol("lambda", nonnegative=True)
_size = Symbol("epsilon", nonnegative=True)
_ONE = Integer(1)
_RARE = Rational(1, 20)
_GRID = tuple(Rational(i, 50) for i in range(51))
Attack = tuple[Expr, Expr]
"""Sizes on similar and on dissimilar pairs."""
_SIMILAR: Attack = (_size, Integer(0))
_DISSIMILAR: Attack = (Integer(0), _size)


def slope(d: int, p: Rational, attack: Attack) -> Expr:
    """Derivative in the scale of the enumerated worst-case loss, amplitude 1: half of either kind of pair."""
    similar, dissimilar = attack
    loss = isotropic_loss(d, p, _ONE, _lam, similar, _ONE) + isotropic_loss(d, p, _ONE, _lam, dissimilar, Integer(0))
    return (loss / 2).diff(_lam)


def _collapse(radius: Callable[[int, Rational], Expr]) -> Iterable[tuple[Basic, Values]]:
    """The loss falls at scale zero for 0.9 of the radius and rises for 1.1 of it, whichever pairs are attacked."""
    for attack in (_SIMILAR, _DISSIMILAR):
        for d, p in ((1, _RARE), (2, Rational(1, 3)), (3, Rational(1, 2))):
            start = slope(d, p, attack).subs(_lam, 0)
            yield Lt(start, 0), {_size: radius(d, p) * Rational(9, 10)}
            yield Gt(start, 0), {_size: radius(d, p) * Rational(11, 10)}


def _twice(d: int, p: Rational) -> Expr:
    symbols = COLLAPSE_RADIUS.arguments
    return 2 * COLLAPSE_RADIUS.expression.subs([(symbols["d"], d), (symbols["p"], p), (symbols["r"], 1)]).doit()


def _raised(attack: Attack) -> Iterable[tuple[Basic, Values]]:
    """One rare feature: the optimum is 3.714 without attack, 11.14 under one of .885, and below 11.145 on a grid."""
    found = slope(1, _RARE, attack)
    for scale, eps, half in (("3.714", "0", "0.0005"), ("11.14", "0.885", "0.005")):
        yield Lt(found, 0), {_lam: Rational(scale) - Rational(half), _size: Rational(eps)}
        yield Gt(found, 0), {_lam: Rational(scale) + Rational(half), _size: Rational(eps)}
    for eps in _GRID:
        yield Gt(found, 0), {_lam: Rational("11.145"), _size: eps}


_SIZES = tuple(Rational(i, 5) for i in range(5))


def _lowered(attack: Attack) -> Iterable[tuple[Basic, Values]]:
    """The clean optimum is too large under every attack tried."""
    found = slope(1, _RARE, attack)
    clean_scale = optimal_scale(1, _RARE, _ONE, Integer(0))
    for eps in _SIZES[1:]:
        yield Gt(found, 0), {_lam: clean_scale, _size: eps}


CHECKS = (
    Certified(
        claim="C6",
        clauses=(c6.SLOPE.name, c6.COLLAPSED.name, c6.BEFORE.name),
        name="collapse of enumerated losses, one kind attacked",
        statement=_twice,
        control=Control("the radius under attacks on both", lambda d, p: _twice(d, p) / 2),
        relations=_collapse,
        declared=12,
    ),
    Certified(
        claim="C6",
        clauses=(c6.RAISE.name,),
        name="one rare feature, similar pairs attacked",
        statement=_SIMILAR,
        control=Control("the same with dissimilar pairs attacked", _DISSIMILAR),
        relations=_raised,
        declared=4 + len(_GRID),
    ),
    Certified(
        claim="C6",
        clauses=(c6.LOWERS.name,),
        name="one rare feature, dissimilar pairs attacked",
        statement=_DISSIMILAR,
        control=Control("the same with similar pairs attacked", _SIMILAR),
        relations=_lowered,
        declared=len(_SIZES) - 1,
    ),
)
