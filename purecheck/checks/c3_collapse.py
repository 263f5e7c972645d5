"""Checks of C3 beside its derivations: its constants, and enumerated worst-case losses at, before and past collapse."""

from collections.abc import Callable, Iterable
from itertools import pairwise

from sympy import Basic, Expr, Ge, Gt, Integer, Le, Lt, Rational, Symbol, log

from purecheck.check import Control
from purecheck.checks.c2_scale import brackets_minimum, optimal_scale
from purecheck.checks.isotropic_losses import isotropic_is_best
from purecheck.enclosures.certify import Values
from purecheck.methods.certified import Certified
from purecheck.models.populations import isotropic_loss
from theory.contrastive import c3_collapse, c3_losses, c3_slopes
from theory.contrastive.c3_collapse import COLLAPSE_RADIUS
from theory.contrastive.c3_slopes import LARGEST_WEIGHT
from theory.theorems.tilt import FLOOR

_lam = Symbol("lambda", nonnegative=True)
_size = Symbol("epsilon", nonnegative=True)
_floor = Symbol("c", positive=True)
_ONE = Integer(1)
_ATTACKED = [
    (1, Rational(1, 2), _ONE, Rational(1, 5)),
    (2, Rational(1, 2), _ONE, Rational(3, 10)),
]


def _constants(floor: Expr) -> Iterable[tuple[Basic, Values]]:
    at = {_floor: floor}
    yield Le(log(1 + 1 / _floor), 2 + 4 * _floor), at
    yield Ge((1 - 3 * _floor) / 4, Rational(175, 1000)), at
    yield Lt(LARGEST_WEIGHT * _floor / _floor, (1 - _floor) / (1 + _floor)), at


def _collapse(radius: Callable[[int, Rational], Expr]) -> Iterable[tuple[Basic, Values]]:
    """The enumerated loss falls at scale zero for 0.9 of the radius, and rises for 1.1 of it."""
    for d, p in ((1, _ONE), (2, Rational(1, 3)), (3, Rational(1, 2))):
        slope = isotropic_loss(d, p, _ONE, _lam, _size).diff(_lam).subs(_lam, 0)
        yield Lt(slope, 0), {_size: radius(d, p) * Rational(9, 10)}
        yield Gt(slope, 0), {_size: radius(d, p) * Rational(11, 10)}


def _radius(d: int, p: Rational) -> Expr:
    symbols = COLLAPSE_RADIUS.arguments
    return COLLAPSE_RADIUS.expression.subs([(symbols["d"], d), (symbols["p"], p), (symbols["r"], 1)]).doit()


def _lower_under_attack(rho: Expr) -> Iterable[tuple[Basic, Values]]:
    """`d = p = r = 1`: the clean optimum `log((1 + rho)/(1 - rho))` is too large under an attack of .529."""
    slope = isotropic_loss(1, _ONE, _ONE, _lam, _size, rho).diff(_lam)
    clean = log((1 + rho) / (1 - rho))
    yield Gt(slope, 0), {_lam: clean, _size: Rational(529, 1000)}


def _peak(size: Rational) -> Iterable[tuple[Basic, Values]]:
    """Weight .9, `d = p = r = 1`: the optimum is 2.944 without attack and largest, 3.368, at `size`."""
    slope = isotropic_loss(1, _ONE, _ONE, _lam, _size, Rational(9, 10)).diff(_lam)
    for scale, eps in ((Rational(2944, 1000), Integer(0)), (Rational(3368, 1000), size)):
        yield Lt(slope, 0), {_lam: scale - Rational(1, 2000), _size: eps}
        yield Gt(slope, 0), {_lam: scale + Rational(1, 2000), _size: eps}
    mixed = slope.diff(_size)
    yield Lt(mixed, 0), {_lam: Rational(3368, 1000), _size: size - Rational(1, 1000)}
    yield Gt(mixed, 0), {_lam: Rational(3368, 1000), _size: size + Rational(1, 1000)}


def _decreasing(sizes: tuple[Rational, ...]) -> Iterable[tuple[Basic, Values]]:
    """The optimum of each size of the attack is too large for the next one."""
    slope = isotropic_loss(2, Rational(1, 2), _ONE, _lam, _size).diff(_lam)
    for eps, larger in pairwise(sizes):
        yield Gt(slope, 0), {_lam: optimal_scale(2, Rational(1, 2), _ONE, eps), _size: larger}


_SIZES = tuple(Rational(i, 10) for i in range(5))

CHECKS = (
    Certified(
        claim="C3",
        clauses=(c3_slopes.BELOW.name, c3_slopes.IMAGES.name, c3_slopes.SLOPES.name, c3_slopes.WEIGHTED.name),
        name="constants",
        statement=FLOOR,
        control=Control("a floor of -.0998", Rational(998, 10000)),
        relations=_constants,
        declared=3,
    ),
    Certified(
        claim="C3",
        clauses=(c3_collapse.START.name, c3_collapse.COLLAPSED.name, c3_collapse.BEFORE.name),
        name="collapse of enumerated losses",
        statement=_radius,
        control=Control("twice the radius", lambda d, p: 2 * _radius(d, p)),
        relations=_collapse,
        declared=6,
    ),
    Certified(
        claim="C3",
        clauses=(c3_losses.WORST.name, c3_losses.CURVED.name),
        name="root against enumerated losses",
        statement=optimal_scale,
        control=Control("the clean root", lambda d, p, r, _: optimal_scale(d, p, r, Integer(0))),
        relations=lambda scale: brackets_minimum(scale, _ATTACKED),
        declared=2 * len(_ATTACKED),
    ),
    Certified(
        claim="C3",
        clauses=(c3_collapse.DECREASE.name,),
        name="decreasing optimum of enumerated losses",
        statement=_SIZES,
        control=Control("sizes in falling order", _SIZES[::-1]),
        relations=_decreasing,
        declared=len(_SIZES) - 1,
    ),
    Certified(
        claim="C3",
        clauses=(c3_slopes.WEIGHTED.name,),
        name="weight on similar pairs",
        statement=LARGEST_WEIGHT,
        control=Control("monotone at a weight of .9", Rational(9, 10)),
        relations=_lower_under_attack,
        declared=1,
    ),
    Certified(
        claim="C3",
        clauses=(c3_slopes.WEIGHTED.name,),
        name="optimum at a weight of .9",
        statement=Rational(529, 1000),
        control=Control("largest at .5", Rational(1, 2)),
        relations=_peak,
        declared=6,
    ),
    isotropic_is_best(
        "C3",
        (c3_losses.CONVEX.name, c3_losses.STRICT.name, c3_losses.INVARIANT.name, c3_losses.ISOTROPIC.name),
        d=2,
        count=4,
        eps=Rational(1, 5),
    ),
)
