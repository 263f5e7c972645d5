"""Checks of R2: recorded statistics of dictionaries and codes beside what they would be for no reason, over seeds.

All statements are of the kind "below, or above, `value` times what comes about for no reason". Each control asks for
far more of the same, so that it is false of the images whichever way the question comes out.
"""

import math
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from purecheck.check import Control
from purecheck.comparison import IntervalComparison
from purecheck.methods.measured import Measured, Seen
from purecheck.records.estimates import over_seeds
from purecheck.records.identity import setting
from purecheck.records.reading import Stored
from purecheck.records.sparse_coding import SparseCodingRecord
from theory.claims import Clause
from theory.real_data import (
    AMPLITUDE,
    BEYOND,
    FILTERS,
    INCOHERENCE,
    INDEPENDENCE,
    SPARSITY,
    SYMMETRY,
    UNFAIR,
)

Group: TypeAlias = tuple[SparseCodingRecord, ...]
"""Dictionaries of one setting, one a seed."""

Statistic: TypeAlias = Callable[[SparseCodingRecord], float]


@dataclass(frozen=True)
class Says:
    """On which side of `value` every one of the statistics, by their words, lies in the mean over seeds."""

    statistics: tuple[tuple[str, Statistic], ...]
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


def coherent_dictionaries(records: Sequence[Stored]) -> Seen[Group]:
    """Those of them that the method left free to be coherent."""
    found = tuple(group for group in dictionaries(records).groups if not group[0].incoherence.imposed)
    return Seen(found, sum(map(len, found)))


def energy_left(record: SparseCodingRecord) -> float:
    """What codes leave of the energy of patches, over what they leave of Gaussian patches."""
    found = record.sparsity
    return (1 - found.explained_variance) / (1 - found.explained_variance_gaussian)


def coefficients(record: SparseCodingRecord) -> float:
    """Coefficients that leave the stated share of a patch, over those of Gaussian patches."""
    return record.sparsity.coefficients / record.sparsity.coefficients_gaussian


def imbalance(record: SparseCodingRecord) -> float:
    """Mean imbalance of signs, over that of fair signs counted as often."""
    return record.symmetry.mean / record.symmetry.balanced


def variation_over_noise(record: SparseCodingRecord) -> float:
    """Variation of sizes over what noise explains."""
    return record.amplitude.variation / record.amplitude.noise_variation


def variation_over_gaussian(record: SparseCodingRecord) -> float:
    """Variation of sizes over that of Gaussian patches."""
    return record.amplitude.variation / record.amplitude.variation_gaussian


def dispersion(record: SparseCodingRecord) -> float:
    """Dispersion of the number of active atoms, over that of Gaussian patches and over 1, whichever is larger."""
    return record.dependence.dispersion / max(1.0, record.dependence.dispersion_gaussian)


def dependent_pairs(record: SparseCodingRecord) -> float:
    """Number of pairs of atoms that refute independence, less those of Gaussian patches."""
    pairs = math.comb(record.atoms, 2)
    return pairs * (record.dependence.dependent_pairs - record.dependence.dependent_pairs_gaussian)


def coherence(record: SparseCodingRecord) -> float:
    """Root mean square of the inner products of atoms, over that of random directions."""
    return record.incoherence.rms * math.sqrt(record.dimension)


def purified(record: SparseCodingRecord) -> float:
    """Participation ratio of filters after adversarial over that after clean pre-training."""
    return record.participation.adversarial.mean / record.participation.clean.mean


def purified_beyond(record: SparseCodingRecord) -> float:
    """By how much more it falls than that of Gaussian filters with the same second moments, over the clean one."""
    clean, adversarial = record.participation.clean, record.participation.adversarial
    return (clean.mean - adversarial.mean - (clean.matched - adversarial.matched)) / clean.mean


def compare(statement: Says, group: Group) -> list[IntervalComparison]:
    """Every statistic of the statement in the mean over the seeds of one setting."""
    where = f"{group[0].dictionary}, {group[0].dataset}, profile {group[0].profile}, {len(group)} seeds"
    found = []
    for words, statistic in statement.statistics:
        ends = over_seeds([statistic(record) for record in group])
        found.append(IntervalComparison(ends.low, ends.high, statement.relation, statement.value, f"{words}, {where}"))
    return found


_SPARSITY = Says(
    (
        ("energy left over that of Gaussian patches", energy_left),
        ("coefficients needed over those of Gaussian patches", coefficients),
    ),
    "<",
    1.0,
)
_SYMMETRY = Says((("imbalance of signs", lambda record: record.symmetry.mean),), "<", 0.1)
_UNFAIR = Says((("imbalance of signs over that of fair ones", imbalance),), ">", 1.0)
_AMPLITUDE = Says(
    (
        ("variation of sizes over that of noise", variation_over_noise),
        ("variation of sizes over that of Gaussian patches", variation_over_gaussian),
    ),
    ">",
    1.0,
)
_INDEPENDENCE = Says(
    (
        ("dispersion of active atoms over that of independent ones", dispersion),
        ("dependent pairs beyond those of Gaussian patches", dependent_pairs),
    ),
    ">",
    1.0,
)
_INCOHERENCE = Says((("coherence over that of random directions", coherence),), "<", 2.0)
_FILTERS = Says((("participation ratio, adversarial over clean", purified),), "<", 1.0)
_BEYOND = Says((("fall of the participation ratio beyond second moments", purified_beyond),), ">", 0)

_TENTH, _TENFOLD = 0.1, 10.0


def _check(clause: Clause, statement: Says, mutation: str, mutated: Says) -> Measured[Says, Group]:
    return Measured(
        claim="R2",
        clauses=(clause.name,),
        name=f"dictionaries over seeds: {clause.name}",
        statement=statement,
        control=Control(mutation, mutated),
        select=coherent_dictionaries if clause is INCOHERENCE else dictionaries,
        wanted="a dictionary fitted to patches",
        compare=compare,
    )


CHECKS = (
    _check(SPARSITY, _SPARSITY, "below a tenth of those of Gaussian patches", replace(_SPARSITY, value=_TENTH)),
    _check(SYMMETRY, _SYMMETRY, "below a tenth of the imbalance of fair signs", Says(_UNFAIR.statistics, "<", _TENTH)),
    _check(UNFAIR, _UNFAIR, "tenfold the imbalance of fair signs", replace(_UNFAIR, value=_TENFOLD)),
    _check(AMPLITUDE, _AMPLITUDE, "tenfold the variation of both", replace(_AMPLITUDE, value=_TENFOLD)),
    _check(INDEPENDENCE, _INDEPENDENCE, "tenfold, and ten pairs", replace(_INDEPENDENCE, value=_TENFOLD)),
    _check(
        INCOHERENCE, _INCOHERENCE, "below a tenth of that of random directions", replace(_INCOHERENCE, value=_TENTH)
    ),
    _check(FILTERS, _FILTERS, "below a tenth of the clean one", replace(_FILTERS, value=_TENTH)),
    _check(BEYOND, _BEYOND, "by nine tenths of the clean one", replace(_BEYOND, value=1 - _TENTH)),
)
