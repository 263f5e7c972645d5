"""Checks of R2: recorded statistics of dictionaries and codes, one dictionary a seed."""

import math
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from purecheck.check import Control
from purecheck.comparison import IntervalComparison
from purecheck.methods.measured import Measured, Seen
from purecheck.records.estimates import over_seeds
from purecheck.records.identity import setting
from purecheck.records.reading import Stored
from purecheck.records.sparse_coding import SparseCodingRecord
from theory.claims import Clause
from theory.real_data import AMPLITUDE, FILTERS, INCOHERENCE, SPARSITY, SYMMETRY

Group: TypeAlias = tuple[SparseCodingRecord, ...]
"""Dictionaries of one setting, one a seed."""


@dataclass(frozen=True)
class Says:
    """On which side of `value` a statistic lies in the mean over seeds."""

    relation: Literal["<", ">"]
    value: float


def dictionaries(records: Sequence[Stored]) -> Seen[Group]:
    """The recorded dictionaries by setting."""
    groups: dict[str, list[SparseCodingRecord]] = defaultdict(list)
    for stored in records:
        if isinstance(stored.record, SparseCodingRecord):
            groups[setting(stored.record)].append(stored.record)
    found = tuple(tuple(sorted(group, key=lambda record: record.seed)) for group in groups.values())
    return Seen(found, sum(map(len, found)))


def sparsity(record: SparseCodingRecord) -> float:
    """By how much more of the variance codes explain than they do on Gaussian patches."""
    return record.sparsity.explained_variance - record.sparsity.explained_variance_gaussian


def coherence(record: SparseCodingRecord) -> float:
    """Root mean square of the inner products of atoms, over that of random directions."""
    return record.incoherence.rms * math.sqrt(record.dimension)


def purified(record: SparseCodingRecord) -> float:
    """By how much the participation ratio is smaller after adversarial than after clean pre-training."""
    return record.participation.clean - record.participation.adversarial


def _check(
    clause: Clause, statistic: Callable[[SparseCodingRecord], float], words: str, says: Says, control: Says
) -> Measured[Says, Group]:
    def compare(statement: Says, group: Group) -> list[IntervalComparison]:
        ends = over_seeds([statistic(record) for record in group])
        where = f"{words}, {group[0].dataset}, profile {group[0].profile}, {len(group)} seeds"
        return [IntervalComparison(ends.low, ends.high, statement.relation, statement.value, where)]

    return Measured(
        claim="R2",
        clauses=(clause.name,),
        name=f"dictionaries over seeds: {clause.name}",
        statement=says,
        control=Control(f"the other way round, {control.relation} {control.value:g}", control),
        select=dictionaries,
        wanted="a dictionary fitted to patches",
        compare=compare,
    )


CHECKS = (
    _check(SPARSITY, sparsity, "explained variance, patches less Gaussian patches", Says(">", 0.0), Says("<", 0.0)),
    _check(SYMMETRY, lambda record: record.symmetry.mean, "imbalance of signs", Says("<", 0.1), Says(">", 0.1)),
    _check(AMPLITUDE, lambda record: record.amplitude.variation, "spread of sizes", Says("<", 0.5), Says(">", 0.5)),
    _check(INCOHERENCE, coherence, "coherence over that of random directions", Says("<", 2.0), Says(">", 2.0)),
    _check(FILTERS, purified, "participation ratio, clean less adversarial", Says(">", 0.0), Says("<", 0.0)),
)
