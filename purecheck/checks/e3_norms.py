"""Checks of E3: clean heads on layers attacked in one norm, under attacks in others."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product

from numerics.evaluation import AttackName
from numerics.norms import NormKind
from purecheck.check import Control
from purecheck.comparison import IntervalComparison
from purecheck.context import Context
from purecheck.experiments.measured import Floats, inherited
from purecheck.experiments.medians import median_compares
from purecheck.methods.trained import Trained

CLEAN, ATTACKED = "clean", ("fgm", "fgm l_inf")
LAYERS = (CLEAN, *ATTACKED)
TESTS: tuple[tuple[NormKind, float], ...] = (("l2", 0.4), ("linf", 0.08), ("linf", 0.16), ("l1", 0.8))
"""Norms and sizes, as multiples of the amplitude, of the attacks on the heads."""
ATTACKS: tuple[AttackName, ...] = ("fgm", "pgd", "gate_aware")

Seen = Mapping[tuple[str, NormKind, float], Mapping[AttackName, Floats]]


@dataclass(frozen=True)
class LowerRisk:
    """Heads on each of the layers `better` have lower risk than heads on each of the layers `worse`, in every test."""

    better: tuple[str, ...]
    worse: tuple[str, ...]


def observed(context: Context) -> Seen:
    """Risk of clean heads by layer, norm and size."""
    return {(name, *test): inherited(name, test[1], context, test[0]) for name, test in product(LAYERS, TESTS)}


def _compare(statement: LowerRisk, seen: Seen) -> list[IntervalComparison]:
    pairs = product(statement.better, statement.worse, TESTS, ATTACKS)
    return [
        median_compares(
            seen[worse, kind, size][attack] - seen[better, kind, size][attack],
            ">",
            0.0,
            f"risk under {attack} in {kind} at {size} r, {worse} less {better}",
        )
        for better, worse, (kind, size), attack in pairs
    ]


CHECKS = (
    Trained(
        claim="E3",
        clauses=("other norms",),
        name="clean heads attacked in l2, l_inf and l1",
        statement=LowerRisk(ATTACKED, (CLEAN,)),
        control=Control("the other way round", LowerRisk((CLEAN,), ATTACKED)),
        observe=observed,
        compare=_compare,
    ),
)
