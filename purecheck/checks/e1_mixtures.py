"""Checks of E1: participation ratios after clean training, over seeds."""

from dataclasses import dataclass

from purecheck.check import Control
from purecheck.comparison import IntervalComparison
from purecheck.context import Context
from purecheck.experiments.measured import Purity, purity
from purecheck.experiments.medians import median_compares
from purecheck.methods.trained import Trained


@dataclass(frozen=True)
class MoreThan:
    """The mean participation ratio exceeds `features`."""

    features: float


@dataclass(frozen=True)
class EnergyBelow:
    """The participation ratio weighted by energy is below `features`."""

    features: float


def _clean(context: Context) -> dict[str, Purity]:
    return {name: purity(name, context) for name in ("clean", "clean, small gate", "clean, large gate")}


def _mixtures(statement: MoreThan, seen: dict[str, Purity]) -> list[IntervalComparison]:
    return [median_compares(seen["clean"].mean, ">", statement.features, "participation ratio")]


def _small_gate(statement: MoreThan, seen: dict[str, Purity]) -> list[IntervalComparison]:
    small, free = seen["clean, small gate"].mean, seen["clean"].mean
    return [
        median_compares(small, ">", statement.features, "participation ratio at gate ratio 0.13"),
        median_compares(small - free, ">", 0.0, "participation ratio at gate ratio 0.13 less that of free weights"),
    ]


def _large_gate(statement: EnergyBelow, seen: dict[str, Purity]) -> list[IntervalComparison]:
    energy = seen["clean, large gate"].energy
    return [median_compares(energy, "<", statement.features, "participation ratio by energy at gate ratio 0.5")]


CHECKS = (
    Trained(
        claim="E1",
        clauses=("mixtures",),
        name="clean training, free weights",
        statement=MoreThan(2),
        control=Control("more than ten features a node", MoreThan(10)),
        observe=_clean,
        compare=_mixtures,
    ),
    Trained(
        claim="E1",
        clauses=("small gate",),
        name="clean training, gate ratio 0.13",
        statement=MoreThan(2),
        control=Control("more than twenty features a node", MoreThan(20)),
        observe=_clean,
        compare=_small_gate,
    ),
    Trained(
        claim="E1",
        clauses=("the gate purifies too",),
        name="clean training, gate ratio 0.5",
        statement=EnergyBelow(1.5),
        control=Control("exactly pure: below 1 + 1e-6", EnergyBelow(1 + 1e-6)),
        observe=_clean,
        compare=_large_gate,
    ),
)
