"""Checks of E8 on small networks: every attack against the exact worst case, and how much of it each one finds."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from math import nan

import numpy as np

from numerics.evaluation import AttackName
from purecheck.check import Control
from purecheck.comparison import Comparison, IntervalComparison
from purecheck.context import Context
from purecheck.experiments.exact_arms import (
    ATTACKS,
    CLEAN,
    EXACT_ARMS,
    NEAR,
    OTHER_NORM,
    ExactArm,
    Found,
    found,
)
from purecheck.experiments.medians import median_compares
from purecheck.methods.trained import Trained
from theory.training import EXACT, SHORT

Seen = Mapping[ExactArm, Found]


@dataclass(frozen=True)
class FindsLess:
    """Each attack named finds less than that share of the exact excess risk, gate-aware PGD more than `than`."""

    shares: tuple[tuple[AttackName, float], ...]
    than: AttackName
    arms: tuple[ExactArm, ...]


def _observe(*arms: ExactArm) -> Callable[[Context], Seen]:
    return lambda context: {arm: found(arm, context) for arm in arms}


def _never_stronger(factor: float, seen: Seen) -> Iterator[Comparison]:
    """The largest loss that an attack reaches over the bound, at all observations of an arm: at most `factor`."""
    for arm, one in seen.items():
        largest = max(float(np.max(one.losses[attack] / one.bound)) for attack in ATTACKS)
        yield Comparison(largest, "<=", factor, f"largest attacked loss over the exact bound, {arm}")


def _as_predicted(kept: float, seen: Seen) -> Iterator[Comparison]:
    """P2's worst case, its attack gain times `kept`, is what is reached, and not above the bound, where certified.

    Told as the largest share of the bound on rounding errors; not a number where nothing is certified.
    """
    for arm, one in seen.items():
        clean = np.sqrt(one.clean)
        told = (clean + kept * (np.sqrt(one.predicted) - clean)) ** 2
        strays = np.maximum(np.abs(one.worst - told), told - one.bound) / one.slack
        largest = float(np.max(strays[one.certified])) if one.certified.any() else nan
        where = f"largest distance to P2 over its bound, {int(one.certified.sum())} certified observations, {arm}"
        yield Comparison(largest, "<=", 1.0, where)


def _finds_less(statement: FindsLess, seen: Seen) -> Iterator[IntervalComparison]:
    for arm in statement.arms:
        one = seen[arm]
        for attack, share in statement.shares:
            where = f"share of the exact excess risk that {attack} finds, {arm}"
            yield median_compares(one.share(attack), "<", share, where)
        more = one.share("gate_aware") - one.share(statement.than)
        yield median_compares(more, ">", 0.0, f"the same, gate_aware less {statement.than}, {arm}")


def _shares(seen: Seen) -> str:
    """Median share of the exact excess risk by arm and attack."""
    arms = (
        f"{arm}: " + ", ".join(f"{attack} {np.median(one.share(attack)):.0%}" for attack in ATTACKS)
        for arm, one in seen.items()
    )
    return f"Of the exact excess risk attacks find, median over seeds: {'; '.join(arms)}."


CHECKS = (
    Trained(
        claim="E8",
        clauses=(EXACT.name,),
        name="the ladder against the exact worst case",
        statement=1.0,
        control=Control("no attack comes near half of it", 0.5),
        observe=_observe(*EXACT_ARMS),
        compare=_never_stronger,
    ),
    Trained(
        claim="E8",
        clauses=(EXACT.name,),
        name="the exact worst case against P2 on certified observations",
        statement=1.0,
        control=Control("nine tenths of the gain", 0.9),
        observe=_observe(NEAR),
        compare=_as_predicted,
    ),
    Trained(
        claim="E8",
        clauses=(SHORT.name,),
        name="what attacks find of the exact worst case",
        statement=FindsLess((("fgm", 0.9), ("pgd", 1.0)), "fgm", (CLEAN, OTHER_NORM)),
        control=Control("FGM finds less than a tenth", FindsLess((("fgm", 0.1),), "fgm", (CLEAN, OTHER_NORM))),
        observe=_observe(*EXACT_ARMS),
        compare=_finds_less,
        answer=_shares,
    ),
)
