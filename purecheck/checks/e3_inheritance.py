"""Checks of E3: risk of clean heads on frozen layers, after clean and after adversarial pre-training."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import product

from numerics.evaluation import AttackName
from purecheck.check import Control
from purecheck.comparison import IntervalComparison
from purecheck.context import Context
from purecheck.experiments.measured import Floats, inherited
from purecheck.experiments.medians import median_compares
from purecheck.methods.trained import Trained

SIZES = (0.2, 0.4)
ATTACKS: tuple[AttackName, ...] = ("fgm", "pgd", "gate_aware")

Seen = Mapping[str, Mapping[float, Mapping[AttackName, Floats]]]


@dataclass(frozen=True)
class LowerRisk:
    """Heads on the arm `better` have lower risk than heads on the arm `worse`, under every attack and size."""

    better: str
    worse: str


def _observe(*names: str) -> Callable[[Context], Seen]:
    return lambda context: {name: {size: inherited(name, size, context) for size in SIZES} for name in names}


def _compare(statement: LowerRisk, seen: Seen) -> list[IntervalComparison]:
    better, worse = seen[statement.better], seen[statement.worse]
    return [
        median_compares(
            worse[size][attack] - better[size][attack],
            ">",
            0.0,
            f"risk under {attack} at {size} r, {statement.worse} less {statement.better}",
        )
        for size, attack in product(SIZES, ATTACKS)
    ]


def _check(clause: str, better: str, worse: str) -> Trained[LowerRisk]:
    return Trained(
        claim="E3",
        clauses=(clause,),
        name=f"clean heads: {better} against {worse}",
        statement=LowerRisk(better, worse),
        control=Control("the other way round", LowerRisk(worse, better)),
        observe=_observe(better, worse),
        compare=_compare,
    )


CHECKS = (
    _check("inheritance", "fgm", "clean"),
    _check("small gate", "fgm, small gate", "clean, small gate"),
    _check("the gate alone", "clean, large gate", "clean"),
)
