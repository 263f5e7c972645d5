"""Checks of E2: participation ratios after adversarial training, beside clean training on the same seeds."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from purecheck.check import Control
from purecheck.comparison import IntervalComparison
from purecheck.context import Context
from purecheck.experiments.measured import clean_risk, purity
from purecheck.experiments.medians import median_compares
from purecheck.methods.trained import Trained

Measure = Callable[[str, Context], NDArray[np.float64]]


@dataclass(frozen=True)
class Purified:
    """What is said of one attacked arm: its participation ratio against a value, and that another arm exceeds it.

    Attributes
    ----------
    attacked, other
        Names of the arms.
    mean_below, energy_below, mean_above
        Values for the participation ratio, plain and weighted by energy; None where nothing is said.
    """

    attacked: str
    other: str
    mean_below: float | None = None
    energy_below: float | None = None
    mean_above: float | None = None


@dataclass(frozen=True)
class Seen:
    """What was measured on the arms, one array over seeds an arm."""

    mean: dict[str, NDArray[np.float64]] = field(default_factory=dict)
    energy: dict[str, NDArray[np.float64]] = field(default_factory=dict)
    clean_risk: dict[str, NDArray[np.float64]] = field(default_factory=dict)


def _observe(*names: str) -> Callable[[Context], Seen]:
    def observe(context: Context) -> Seen:
        found = {name: purity(name, context) for name in names}
        return Seen(
            {name: one.mean for name, one in found.items()},
            {name: one.energy for name, one in found.items()},
            {name: clean_risk(name, context) for name in names},
        )

    return observe


def _compare(statement: Purified, seen: Seen) -> list[IntervalComparison]:
    mean, energy = seen.mean[statement.attacked], seen.energy[statement.attacked]
    found = [
        median_compares(seen.mean[statement.other] - mean, ">", 0.0, f"{statement.other} less {statement.attacked}")
    ]
    if statement.mean_below is not None:
        found.append(median_compares(mean, "<", statement.mean_below, "participation ratio"))
    if statement.mean_above is not None:
        found.append(median_compares(mean, ">", statement.mean_above, "participation ratio"))
    if statement.energy_below is not None:
        found.append(median_compares(energy, "<", statement.energy_below, "participation ratio by energy"))
    return found


def _dense(statement: tuple[str, str], seen: Seen) -> list[IntervalComparison]:
    worse, better = statement
    return [
        median_compares(seen.mean[worse] - seen.mean[better], ">", 0.0, f"participation ratio, {worse} less {better}"),
        median_compares(
            seen.clean_risk[worse] - seen.clean_risk[better], ">", 0.0, f"clean risk, {worse} less {better}"
        ),
    ]


CHECKS = (
    Trained(
        claim="E2",
        clauses=("FGM in l2",),
        name="FGM in l2, free weights",
        statement=Purified("fgm", "clean", energy_below=1.5),
        control=Control("clean training purifies more", Purified("clean", "fgm", energy_below=1.5)),
        observe=_observe("clean", "fgm"),
        compare=_compare,
    ),
    Trained(
        claim="E2",
        clauses=("small gate",),
        name="FGM in l2, gate ratio 0.13",
        statement=Purified("fgm, small gate", "clean, small gate", mean_above=2),
        control=Control("it purifies", Purified("fgm, small gate", "clean, small gate", mean_below=2)),
        observe=_observe("clean, small gate", "fgm, small gate"),
        compare=_compare,
    ),
    Trained(
        claim="E2",
        clauses=("FGM in l_inf",),
        name="FGM in l_inf, identity",
        statement=Purified("fgm l_inf", "clean", energy_below=1.5),
        control=Control("clean training does it too", Purified("clean", "fgm l_inf", energy_below=1.5)),
        observe=_observe("clean", "fgm l_inf"),
        compare=_compare,
    ),
    Trained(
        claim="E2",
        clauses=("dense dictionary",),
        name="FGM in l_inf, rotated dictionary",
        statement=("fgm l_inf, dense", "fgm l_inf"),
        control=Control("the rotation helps", ("fgm l_inf", "fgm l_inf, dense")),
        observe=_observe("fgm l_inf", "fgm l_inf, dense"),
        compare=_dense,
    ),
)
