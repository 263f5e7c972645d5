"""Checks of C6: purity by attack mode, with the answer computed from it, and enumerated losses of linear encoders."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from sympy import Basic, Expr, Gt, Integer, Lt, Rational, Symbol

from numerics.contrastive.attacks import Targets
from purecheck.check import Control
from purecheck.checks.c2_scale import optimal_scale
from purecheck.comparison import IntervalComparison
from purecheck.context import Context
from purecheck.enclosures.certify import Values
from purecheck.experiments.contrastive_arms import GATES, PairArm, clean, mode_arms
from purecheck.experiments.contrastive_measured import purity
from purecheck.experiments.measured import Floats
from purecheck.experiments.medians import median_compares
from purecheck.methods.certified import Certified
from purecheck.methods.trained import Trained
from purecheck.models.populations import isotropic_loss
from theory.contrastive import c6_attack_modes as c6
from theory.contrastive.c3_collapse import COLLAPSE_RADIUS

Table = Mapping[PairArm, Floats]
"""Participation ratio by energy of every arm, one number a seed."""


@dataclass(frozen=True)
class Purer:
    """Attacks of the mode `purer` leave a smaller participation ratio than those of the mode `other`."""

    purer: Targets
    other: Targets


def table(context: Context) -> Table:
    """Participation ratio by energy, clean and by attack mode."""
    return {arm: purity(arm, context).energy for arm in (*map(clean, GATES), *mode_arms())}


def settings(seen: Table) -> list[tuple[float, float]]:
    """Gate ratios and attack sizes of the table."""
    return sorted({(arm.gate, arm.size) for arm in seen if arm.size})


def arm_of(gate: float, mode: Targets, size: float) -> PairArm:
    """The arm of that mode; without an attack the clean one."""
    return clean(gate) if mode == "none" else PairArm(gate, mode, size)


def difference(
    statement: Purer, seen: Table, setting: tuple[float, float], relation: Literal["<", ">"] = ">"
) -> IntervalComparison:
    """By how much one mode leaves larger mixtures than the other at one gate ratio and size, on the same seeds."""
    gate, size = setting
    other, purer = (arm_of(gate, mode, size) for mode in (statement.other, statement.purer))
    return median_compares(seen[other] - seen[purer], relation, 0.0, f"participation ratio, {other} less {purer}")


def share(mode: Targets, seen: Table, setting: tuple[float, float]) -> Floats:
    """Part of the fall in participation ratio under attacks on all pairs that one mode attains, one a seed."""
    gate, size = setting
    start = seen[clean(gate)]
    return np.asarray((start - seen[PairArm(gate, mode, size)]) / (start - seen[PairArm(gate, "both", size)]))


def answer(seen: Table) -> str:
    """One sentence that answers the question, computed from the table."""
    every = settings(seen)
    verdicts = [difference(Purer("dissimilar", "similar"), seen, setting).holds for setting in every]
    counts = [verdicts.count(found) for found in (True, False, None)]
    dissimilar, similar = (
        [float(np.median(share(mode, seen, setting))) for setting in every] for mode in ("dissimilar", "similar")
    )
    return (
        f"Of {len(every)} settings attacks on dissimilar pairs alone purify more than attacks on similar pairs alone "
        f"in {counts[0]}, less in {counts[1]}, open in {counts[2]}; of the fall in participation ratio under attacks "
        f"on both they attain {_range(dissimilar)}, those on similar pairs {_range(similar)} (medians)."
    )


def _range(shares: list[float]) -> str:
    return f"{min(shares):.0%} to {max(shares):.0%}"


def _ordered(statement: tuple[Purer, ...], seen: Table) -> list[IntervalComparison]:
    return [difference(one, seen, setting) for one in statement for setting in settings(seen)]


def _suffices(least: float, seen: Table) -> list[IntervalComparison]:
    return [
        median_compares(
            share("dissimilar", seen, setting),
            ">",
            least,
            f"share of dissimilar pairs, gate ratio {setting[0]}, {setting[1]} r",
        )
        for setting in settings(seen)
    ]


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


_EACH = (Purer("similar", "none"), Purer("dissimilar", "none"))

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
    Trained(
        claim="C6",
        clauses=(c6.BOTH_PURIFY.name,),
        name="either kind attacked against clean",
        statement=_EACH,
        control=Control("attacks mix", tuple(Purer(one.other, one.purer) for one in _EACH)),
        observe=table,
        compare=_ordered,
    ),
    Trained(
        claim="C6",
        clauses=(c6.DISSIMILAR_MORE.name,),
        name="dissimilar against similar pairs attacked",
        statement=(Purer("dissimilar", "similar"),),
        control=Control("similar pairs purify more", (Purer("similar", "dissimilar"),)),
        observe=table,
        compare=_ordered,
        answer=answer,
    ),
    Trained(
        claim="C6",
        clauses=(c6.SUFFICES.name,),
        name="dissimilar pairs against both",
        statement=0.85,
        control=Control("they attain twice the fall", 2.0),
        observe=table,
        compare=_suffices,
        answer=answer,
    ),
)
