"""Checks of E5: what FGM does to the loss of similar and of dissimilar pairs, after training and along it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from purecheck.check import Control
from purecheck.comparison import IntervalComparison
from purecheck.context import Context
from purecheck.experiments.contrastive_arms import GATES, PROBE, SIZES, STRONG, PairArm, clean
from purecheck.experiments.contrastive_measured import Increase, along_training, increase
from purecheck.experiments.medians import median_compares
from purecheck.methods.trained import Trained

Seen = Mapping[PairArm, Increase]
Relation = Literal["<", ">"]

LARGER: Relation = ">"
SMALLER: Relation = "<"

CLEAN = tuple(clean(gate) for gate in GATES)
SIMILAR_ATTACKED = tuple(PairArm(gate, "similar", size) for gate in GATES for size in SIZES)
PURIFIED = tuple(PairArm(gate, mode, SIZES[0]) for gate in GATES for mode in ("dissimilar", "both"))
STRONGLY_ATTACKED = (PairArm(GATES[0], "both", STRONG),)
ALONG = (*CLEAN, *(PairArm(gate, "similar", SIZES[0]) for gate in GATES))


@dataclass(frozen=True)
class Times:
    """Dissimilar pairs lose more (or less) than `factor` times what similar pairs lose."""

    factor: float
    relation: Relation = ">"


def _after(*arms: PairArm) -> Callable[[Context], Seen]:
    return lambda context: {arm: increase(arm, PROBE, context) for arm in arms}


def _times(statement: Times, seen: Seen) -> list[IntervalComparison]:
    return [
        median_compares(
            one.dissimilar / one.similar,
            statement.relation,
            statement.factor,
            f"increase on dissimilar over similar pairs, {arm}",
        )
        for arm, one in seen.items()
    ]


def _along(context: Context) -> Seen:
    """The increases from the second measurement on; the first is that of random weights."""
    found = {arm: along_training(arm, context)[1] for arm in ALONG}
    return {arm: Increase(one.similar[1:], one.dissimilar[1:]) for arm, one in found.items()}


def _always(relation: Relation, seen: Seen) -> list[IntervalComparison]:
    """The measurement of each arm whose interval reaches lowest: where that one lies above 0, all do."""
    return [min(_measurements(relation, arm, one), key=lambda found: found.low) for arm, one in seen.items()]


def _measurements(relation: Relation, arm: PairArm, one: Increase) -> list[IntervalComparison]:
    what = f"increase, dissimilar less similar pairs, lowest of {len(one.gap)} measurements, {arm}"
    return [median_compares(gap, relation, 0.0, what, among=len(one.gap)) for gap in one.gap]


def _half(share: float, seen: Seen) -> list[IntervalComparison]:
    return [
        median_compares(
            seen[arm].gap / seen[clean(arm.gate)].gap, "<", share, f"dissimilar less similar over that of clean, {arm}"
        )
        for arm in PURIFIED
    ]


CHECKS = (
    Trained(
        claim="E5",
        clauses=("clean training",),
        name="increase on fresh pairs, clean",
        statement=Times(3),
        control=Control("no more on dissimilar pairs", Times(1, "<")),
        observe=_after(*CLEAN),
        compare=_times,
    ),
    Trained(
        claim="E5",
        clauses=("along training",),
        name="increase along training",
        statement=LARGER,
        control=Control("similar pairs lose more", SMALLER),
        observe=_along,
        compare=_always,
    ),
    Trained(
        claim="E5",
        clauses=("similar pairs attacked",),
        name="increase on fresh pairs, similar pairs attacked",
        statement=Times(3),
        control=Control("no more on dissimilar pairs", Times(1, "<")),
        observe=_after(*SIMILAR_ATTACKED),
        compare=_times,
    ),
    Trained(
        claim="E5",
        clauses=("purified",),
        name="difference left by attacks",
        statement=0.5,
        control=Control("a hundredth of it is left", 0.01),
        observe=_after(*CLEAN, *PURIFIED),
        compare=_half,
    ),
    Trained(
        claim="E5",
        clauses=("turned round",),
        name=f"increase on fresh pairs, attacks of {STRONG} r",
        statement=Times(1, "<"),
        control=Control("dissimilar pairs lose more", Times(1, ">")),
        observe=_after(*STRONGLY_ATTACKED),
        compare=_times,
    ),
)
