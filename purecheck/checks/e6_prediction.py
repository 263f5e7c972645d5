"""Checks of E6: the risk that P2 predicts from the measured effective map, against attacked risk, point by point."""

from collections.abc import Mapping
from math import nan

import numpy as np
from numpy.typing import NDArray

from purecheck.check import Control
from purecheck.comparison import Comparison, IntervalComparison
from purecheck.context import Context
from purecheck.experiments.measured import Pointwise, pointwise
from purecheck.experiments.medians import median_compares
from purecheck.methods.trained import Trained

ARM_NAMES = ("clean", "fgm", "clean, large gate", "fgm, large gate")
SMALL, LARGE = 0.01, 0.4

Seen = Mapping[str, Pointwise]


def _small(context: Context) -> Seen:
    return {name: pointwise(name, SMALL, context) for name in ARM_NAMES}


def _large(context: Context) -> Seen:
    return {name: pointwise(name, LARGE, context) for name in ARM_NAMES}


def on_certified(scale: float, seen: Seen) -> list[Comparison]:
    """Gaps in units of their rounding bound, against 1; the prediction is multiplied by `scale`."""
    found = []
    for name, one in seen.items():
        gap = {attack: (loss - scale * one.predicted) / one.slack for attack, loss in one.losses.items()}
        attained = np.abs(gap["fgm"][one.certified])
        beyond = np.maximum.reduce(list(gap.values()))[one.certified]
        where = f"{name}, {attained.size} certified observations, in units of the rounding bound"
        found += [
            _at_most(attained, f"distance of FGM from the prediction, {where}"),
            _at_most(beyond, f"excess of any attack over the prediction, {where}"),
        ]
    return found


def _coverage(share: float, seen: Seen) -> list[IntervalComparison]:
    covered = {name: one.certified.mean(axis=-1) for name, one in seen.items()}
    shares = [median_compares(c, ">", share, f"certified share at {SMALL} r, {name}") for name, c in covered.items()]
    more = median_compares(covered["fgm"] - covered["clean"], ">", 0.0, "certified share, fgm less clean")
    return [*shares, more]


def _universal(scale: float, seen: Seen) -> list[Comparison]:
    found = []
    for name, one in seen.items():
        worst = np.maximum.reduce(list(one.losses.values()))
        excess = (worst - scale * one.universal) / one.slack
        found.append(_at_most(excess, f"excess over the upper bound in units of the rounding bound, {name}"))
    return found


def _at_most(values: NDArray[np.float64], where: str) -> Comparison:
    """The largest of the values against 1; nothing is decided where there are none."""
    return Comparison(float(values.max()) if values.size else nan, "<=", 1.0, where)


CHECKS = (
    Trained(
        claim="E6",
        clauses=("certified",),
        name=f"attacks of size {SMALL} r on certified observations",
        statement=1.0,
        control=Control("the prediction two per cent larger", 1.02),
        observe=_small,
        compare=on_certified,
    ),
    Trained(
        claim="E6",
        clauses=("coverage",),
        name=f"certified share at {SMALL} r",
        statement=0.5,
        control=Control("all observations are certified", 1.0),
        observe=_small,
        compare=_coverage,
    ),
    Trained(
        claim="E6",
        clauses=("universal bound",),
        name=f"attacks of size {LARGE} r on all observations",
        statement=1.0,
        control=Control("a hundredth of the bound", 0.01),
        observe=_large,
        compare=_universal,
    ),
)
