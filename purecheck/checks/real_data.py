"""What checks of R1, R1c and R3 share: which runs speak of inheritance, and the gap between two arms."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from purecheck.check import Control
from purecheck.comparison import IntervalComparison
from purecheck.methods.measured import Measured, Seen
from purecheck.records.arms import EPS, Arms, counts, paired, rung_at, runs
from purecheck.records.estimates import gap_interval
from purecheck.records.reading import Stored
from purecheck.records.run import Objective, Pretraining, RunRecord
from theory.claims import Clause

LEAST_TRAINED = 4 / 255 * (1 - 1e-6)
"""Least size of attacks in pre-training, with room for a rounding to float32; smaller ones are degrees of purity."""

_LEAST_STEPS = 20

Accept = Callable[[RunRecord], bool]


@dataclass(frozen=True)
class Gap:
    """Robust accuracy after adversarial less that after clean pre-training is above `value`, or below."""

    relation: Literal[">", "<"]
    value: float = 0.0


INHERITED = Gap(">")
BY_NINE_TENTHS = Control("by nine tenths of the images", replace(INHERITED, value=0.9))
"""The control: false whichever way the arms compare."""


def is_trained(pretraining: Pretraining) -> bool:
    """Whether the pre-training is an adversarial one that the claims speak of."""
    return pretraining.norm == "linf" and pretraining.eps >= LEAST_TRAINED


def clean_heads(records: Sequence[Stored], accept: Accept) -> list[RunRecord]:
    """Runs with clean heads, attacked in l_inf at `EPS`, that `accept` takes."""
    return [
        run
        for run in runs(records)
        if run.head == "clean" and run.norm == "linf" and rung_at(run, EPS) is not None and accept(run)
    ]


def arms(accept: Accept) -> Callable[[Sequence[Stored]], Seen[Arms]]:
    """The selection of all pairs of arms with clean heads that `accept` takes."""

    def select(records: Sequence[Stored]) -> Seen[Arms]:
        groups = tuple(paired(clean_heads(records, accept), is_trained))
        # A clean arm stands beside several adversarial ones, and is one record all the same.
        used = {id(run): run for group in groups for run in group.records}
        return Seen(groups, len(used), tuple(obstacles(list(used.values()))))

    return select


def inherited(claim: str, clause: Clause, objective: Objective, accept: Accept) -> Measured[Gap, Arms]:
    """The check that clean heads inherit, on the runs of one objective of pre-training that `accept` takes."""
    return Measured(
        claim=claim,
        clauses=(clause.name,),
        name=f"clean heads on adversarial and clean features: {clause.name}",
        statement=INHERITED,
        control=BY_NINE_TENTHS,
        select=arms(lambda run: run.pretraining.objective == objective and accept(run)),
        wanted=f"clean heads on both arms of {objective} pre-training, {clause.name}, attacked in l_inf at 8/255",
        compare=worst_case_gap,
    )


def obstacles(found: Sequence[RunRecord]) -> Iterator[str]:
    """Why the ladder of these runs cannot be trusted, one sentence for each reason, with how many runs it holds for."""
    reasons: dict[str, int] = {}
    for run in found:
        for reason in _doubts(run):
            reasons[reason] = reasons.get(reason, 0) + 1
    for reason, times in reasons.items():
        yield f"{reason} ({times} of {len(found)} records)"


def _doubts(run: RunRecord) -> Iterator[str]:
    for flag, is_sane in run.sanity.items():
        if not is_sane:
            yield f"the runs failed their own test {flag!r}"
    if not any(one.kind == "white-box" and one.steps >= _LEAST_STEPS for one in run.attacks.values()):
        yield f"the ladder has no white-box attack of {_LEAST_STEPS} steps"
    if run.encoder == "gated" and "gate_aware" not in run.attacks:
        yield "the ladder has no attack 'gate_aware'"


def worst_case_gap(statement: Gap, group: Arms) -> list[IntervalComparison]:
    """The gap under the whole ladder, in the mean over seeds."""
    return [gap(statement, group, None)]


def gap(statement: Gap, group: Arms, attack: str | None) -> IntervalComparison:
    """The gap under one attack, or under the worst of the ladder where None."""
    ends = gap_interval(counts(group.clean, EPS, attack), counts(group.adversarial, EPS, attack))
    under = "the whole ladder" if attack is None else attack
    return IntervalComparison(
        ends.low, ends.high, statement.relation, statement.value, f"robust accuracy at 8/255 under {under}, {group}"
    )
