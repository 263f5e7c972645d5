"""Checks of R3 and R3p: how far inheritance reaches, over label sets and attacks, and whether purity goes with it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from purecheck.check import Control
from purecheck.checks.real_data import (
    BY_NINE_TENTHS,
    INHERITED,
    Gap,
    arms,
    clean_heads,
    gap,
    inherited,
    obstacles,
)
from purecheck.comparison import IntervalComparison
from purecheck.methods.measured import Measured, Seen
from purecheck.records.arms import EPS, Arms, by_setting, counts, other_libraries, setting_words
from purecheck.records.estimates import over_seeds
from purecheck.records.reading import Stored
from purecheck.records.run import RunRecord
from theory.real_data import COARSE, DISJOINT, OTHER_ATTACKS, PURITY

_LEAST_ARMS = 2


@dataclass(frozen=True)
class Degrees:
    """Arms of pre-training in one setting: for every seed the participation ratios and what was inherited.

    Attributes
    ----------
    setting
        For a reader.
    by_seed
        The runs of each seed, at least two.
    """

    setting: str
    by_seed: tuple[tuple[RunRecord, ...], ...]

    def covariances(self) -> list[float]:
        """Covariance of participation ratio and worst case over the arms, one a seed."""
        return [_covariance(runs) for runs in self.by_seed]


def _covariance(found: Sequence[RunRecord]) -> float:
    ratios = [run.purity.participation_ratio for run in found if run.purity is not None]
    shares = [one.share for one in counts(found, EPS, None)]
    return float(np.cov(ratios, shares)[0, 1])


def degrees(records: Sequence[Stored]) -> Seen[Degrees]:
    """The settings in which purity was measured on at least two arms with the same seed."""
    groups = []
    for group in by_setting(clean_heads(records, lambda run: run.purity is not None)):
        seeds = sorted({run.seed for run in group})
        by_seed = (tuple(run for run in group if run.seed == seed) for seed in seeds)
        complete = tuple(found for found in by_seed if len(found) >= _LEAST_ARMS)
        if complete:
            groups.append(Degrees(setting_words(group[0]), complete))
    used = [run for group in groups for found in group.by_seed for run in found]
    return Seen(tuple(groups), len(used), tuple(obstacles(used)))


def _falls(statement: Gap, group: Degrees) -> list[IntervalComparison]:
    ends = over_seeds(group.covariances())
    where = f"covariance of participation ratio and robust accuracy at 8/255, {group.setting}"
    return [IntervalComparison(ends.low, ends.high, statement.relation, statement.value, where)]


def _under_each(statement: Gap, group: Arms) -> list[IntervalComparison]:
    attacks = group.clean[0].attacks.items()
    return [gap(statement, group, name) for name, one in attacks if one.kind == "white-box" and name[:3] != "pgd"]


def _has_another_white_box(run: RunRecord) -> bool:
    if (run.pretraining.objective, run.labels) != ("supervised", "same"):
        return False
    return any(one.kind == "white-box" and one.library in other_libraries(run) for one in run.attacks.values())


CHECKS = (
    inherited("R3", DISJOINT, "supervised", lambda run: run.labels == "disjoint"),
    inherited("R3", COARSE, "supervised", lambda run: run.labels == "coarse"),
    Measured(
        claim="R3p",
        clauses=(PURITY.name,),
        name="what is inherited against purity",
        statement=Gap("<"),
        control=Control("below -100, which takes ratios 200 apart at least", Gap("<", -100.0)),
        select=degrees,
        wanted="clean heads on two arms whose purity was measured, attacked in l_inf at 8/255",
        compare=_falls,
    ),
    Measured(
        claim="R3",
        clauses=(OTHER_ATTACKS.name,),
        name="each white-box attack but PGD",
        statement=INHERITED,
        control=BY_NINE_TENTHS,
        select=arms(_has_another_white_box),
        wanted="clean heads on both arms under an attack of another library, in l_inf at 8/255",
        compare=_under_each,
    ),
)
