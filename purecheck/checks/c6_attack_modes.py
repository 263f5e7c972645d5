"""Checks of C6: purity by attack mode, with the answer computed from it, and enumerated losses of linear encoders."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import cycle
from typing import Literal

import numpy as np
from sympy import Rational

import purecheck.evaluators.one_kind  # noqa: F401  (registers them)
from numerics.contrastive.attacks import Targets
from purecheck.check import Control
from purecheck.checks.c1_gram_matrix import fraction
from purecheck.checks.c3_collapse import around
from purecheck.comparison import IntervalComparison
from purecheck.context import Context
from purecheck.evaluators.model import constant_law
from purecheck.evaluators.pairs import Pairs, orbit_law
from purecheck.evaluators.points import points, rational
from purecheck.evaluators.registry import Scene
from purecheck.experiments.contrastive_arms import GATES, PairArm, clean, mode_arms
from purecheck.experiments.contrastive_measured import purity
from purecheck.experiments.measured import Floats
from purecheck.experiments.medians import median_compares
from purecheck.methods.agrees import agrees
from purecheck.methods.trained import Trained
from theory.assumptions import balanced_pairs, no_noise
from theory.claims import Clause
from theory.contrastive import c6_attack_modes as c6
from theory.model import eps, p, r
from theory.ranges import closed

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


def _one_feature(clause: Clause, rng: np.random.Generator) -> Iterator[Scene]:
    """One feature under attacks of every size, those among them that raise the scale if any do."""
    noise = None if no_noise in clause.assumes else orbit_law([Fraction(2)])
    shares = (Fraction(1, 2),) if balanced_pairs in clause.assumes else (Fraction(1, 10), Fraction(9, 10))
    drawn = points(clause, rng, 18, p=rational(clause.over[p]), r=_AMPLITUDES)
    for place, (point, share) in enumerate(zip(drawn, cycle(shares), strict=False)):
        sizes = [point[eps], *(size * point[r] for size in _TELLING if size * point[r] in clause.over[eps])]
        size = sizes[place % len(sizes)]
        law = constant_law(1, fraction(point[p]), fraction(point[r]))
        model = Pairs(features=law, noise=noise, share=share, eps=fraction(size))
        at = {**point, eps: size}
        yield Scene(str(at), at, model)


_AMPLITUDES = closed(Rational(1, 2), 3)
_TELLING = (Rational(177, 200), Rational(1, 200))
"""Shares of the amplitude at which attacks raise the scale of a rare feature most, and of a less rare one at all."""

_EACH = (Purer("similar", "none"), Purer("dissimilar", "none"))

CHECKS = (
    agrees("C6", c6.SLOPE, around, 40),
    agrees("C6", c6.COLLAPSED, around, 40),
    agrees("C6", c6.BEFORE, around, 40),
    agrees("C6", c6.LOWERS, around, 40),
    agrees("C6", c6.RAISE, _one_feature, 18),
    agrees("C6", c6.RAISE_ONLY, _one_feature, 18),
    agrees("C6", c6.THREEFOLD, _one_feature, 18),
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
