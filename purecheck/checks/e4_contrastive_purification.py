"""Checks of E4: purity after contrastive training, clean and attacked, and the risk of clean heads on its layers."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product

from sympy import Integer, Rational

from numerics.evaluation import AttackName
from purecheck.check import Control
from purecheck.comparison import IntervalComparison
from purecheck.context import Context
from purecheck.experiments.contrastive_arms import GATES, PairArm, clean
from purecheck.experiments.contrastive_measured import inherited, purity
from purecheck.experiments.linear_arms import isometric, row_participation
from purecheck.experiments.measured import Floats, Purity
from purecheck.experiments.medians import median_compares
from purecheck.methods.trained import Trained

HEAD_SIZES = (0.2, 0.4)
ATTACKS: tuple[AttackName, ...] = ("fgm", "pgd", "gate_aware")
LINEAR_SIZES = (Integer(0), Rational(3, 10))

Purities = Mapping[PairArm, Purity]
Risks = Mapping[tuple[PairArm, float], Mapping[AttackName, Floats]]


def attacked(gate: float) -> PairArm:
    """The arm with attacks of size 0.3 r on all pairs."""
    return PairArm(gate, "both", 0.3)


def _arms() -> list[PairArm]:
    return [arm for gate in GATES for arm in (clean(gate), attacked(gate))]


@dataclass(frozen=True)
class Purified:
    """What is said of attacked and clean arms.

    Attributes
    ----------
    energy_below
        Gate ratio to a value for the participation ratio by energy after attacks.
    share
        The attacked participation ratio is less than this share of the clean one.
    turned
        Whether clean and attacked change places.
    """

    energy_below: Mapping[float, float]
    share: float = 0.5
    turned: bool = False


def _purities(context: Context) -> Purities:
    return {arm: purity(arm, context) for arm in _arms()}


def _mixtures(features: float, seen: Purities) -> list[IntervalComparison]:
    return [
        median_compares(seen[clean(gate)].mean, ">", features, f"participation ratio, {clean(gate)}") for gate in GATES
    ]


def _purified(statement: Purified, seen: Purities) -> list[IntervalComparison]:
    found = []
    for gate, below in statement.energy_below.items():
        pure, mixed = (attacked(gate), clean(gate))[:: -1 if statement.turned else 1]
        share = seen[pure].energy / seen[mixed].energy
        found += [
            median_compares(seen[pure].energy, "<", below, f"participation ratio by energy, {pure}"),
            median_compares(share, "<", statement.share, f"the same over that of {mixed}"),
        ]
    return found


def _risks(context: Context) -> Risks:
    return {(arm, size): inherited(arm, size, context) for arm, size in product(_arms(), HEAD_SIZES)}


def _inheritance(lowered: bool, seen: Risks) -> list[IntervalComparison]:
    return [
        median_compares(
            seen[clean(gate), size][attack] - seen[attacked(gate), size][attack],
            ">" if lowered else "<",
            0.0,
            f"risk under {attack} at {size} r, gate ratio {gate}, clean less attacked",
        )
        for gate, size, attack in product(GATES, HEAD_SIZES, ATTACKS)
    ]


def _linear(context: Context) -> Mapping[str, Floats]:
    return {str(arm): row_participation(arm, context) for arm in map(isometric, LINEAR_SIZES)}


def _impure(features: float, seen: Mapping[str, Floats]) -> list[IntervalComparison]:
    return [median_compares(ratio, ">", features, f"participation ratio, {name}") for name, ratio in seen.items()]


CHECKS = (
    Trained(
        claim="E4",
        clauses=("mixtures",),
        name="clean contrastive training",
        statement=3.0,
        control=Control("more than ten features a node", 10.0),
        observe=_purities,
        compare=_mixtures,
    ),
    Trained(
        claim="E4",
        clauses=("purification",),
        name="attacks on all pairs against clean",
        statement=Purified({0.1: 2.0, 0.2: 1.25}),
        control=Control("clean training purifies", Purified({0.1: 2.0, 0.2: 1.25}, turned=True)),
        observe=_purities,
        compare=_purified,
    ),
    Trained(
        claim="E4",
        clauses=("inheritance",),
        name="clean heads on frozen layers",
        statement=True,
        control=Control("the other way round", False),
        observe=_risks,
        compare=_inheritance,
    ),
    Trained(
        claim="E4",
        clauses=("not linear encoders",),
        name="rows of linear encoders",
        statement=1.5,
        control=Control("more than all five features", 5.0),
        observe=_linear,
        compare=_impure,
    ),
)
