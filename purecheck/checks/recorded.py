"""The checks of all clauses on recorded runs (group R): how records are selected and statistics computed."""

import math
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np

from purecheck.methods.holds import HoldsMeasured, Seen, Selected
from purecheck.records.arms import Arms, by_setting, counts, other_libraries, paired, rung_at, runs, setting_description
from purecheck.records.identity import setting
from purecheck.records.reading import Stored
from purecheck.records.run import Pretraining, RunRecord
from purecheck.records.sparse_coding import SparseCodingRecord
from theory import real_data as real
from theory.claims import Clause
from theory.statistics import Measurement, Named, words

_ROUNDING = 1e-6
"""Relative difference up to which two sizes count as the same: a few roundings to float32."""
_LEAST_ARMS = 2  # purity is compared between arms of one seed

Accept = Callable[[RunRecord], bool]


def is_trained(pretraining: Pretraining) -> bool:
    """Whether the pre-training is adversarial as the claims require."""
    return pretraining.norm == "linf" and pretraining.eps >= float(real.LEAST_TRAINED) * (1 - _ROUNDING)


def clean_heads(records: Sequence[Stored], eps: float, accept: Accept) -> list[RunRecord]:
    """Runs with clean heads, attacked in l_inf at size `eps`, for which `accept` is true."""
    return [
        run
        for run in runs(records)
        if run.head == "clean" and run.norm == "linf" and rung_at(run, eps) is not None and accept(run)
    ]


def inheritance(clause: Clause, records: Sequence[Stored]) -> Selected:
    """Both arms of pre-training side by side for each setting, and for each attack if the clause names several."""
    said = _measurement(clause)
    arm, under, eps = said.arm, said["under"], float(said["size"])

    def accept(run: RunRecord) -> bool:
        wanted = (arm.objective.name, arm.labels.name)
        return (
            (run.pretraining.objective, run.labels) == wanted
            and (arm.encoder is None or run.encoder == arm.encoder.name)
            and (under != real.WHITE_BOX_BUT_PGD or _has_another_white_box(run))
        )

    groups = tuple(paired(clean_heads(records, eps, accept), is_trained))
    # A clean arm is compared with several adversarial ones, but its records count once.
    used = list({id(run): run for group in groups for run in group.records}.values())
    seen = tuple(
        Seen(partial(_accuracy, group, attack), f"under {attack or 'the whole attack suite'}, {group}")
        for group in groups
        for attack in _attacks(under, group)
    )
    return Selected(seen, len(used), tuple(obstacles(used)))


def _accuracy(group: Arms, attack: str | None, measurement: Measurement) -> Any:
    runs_of_arm = group.adversarial if measurement.arm.adversarial else group.clean
    return tuple(counts(runs_of_arm, float(measurement["size"]), attack))


def _attacks(under: Named, group: Arms) -> list[str | None]:
    """The attacks of the suite to which the clause refers; None denotes the whole suite."""
    suite = group.clean[0].attacks
    if under == real.LADDER:
        return [None]
    if under == real.WHITE_BOX_BUT_PGD:
        return [name for name, one in suite.items() if one.kind == "white-box" and not name.startswith("pgd")]
    return [name for name in suite if name == under.name]


def _has_another_white_box(run: RunRecord) -> bool:
    return any(one.kind == "white-box" and one.library in other_libraries(run) for one in run.attacks.values())


def obstacles(found: Sequence[RunRecord]) -> Iterator[str]:
    """The reasons why the attacks of these runs cannot be trusted, one sentence each, with the number of runs."""
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
    if not any(one.kind == "white-box" and one.steps >= real.LEAST_STEPS for one in run.attacks.values()):
        yield f"the attack suite has no white-box attack of {real.LEAST_STEPS} steps"
    if run.encoder == "gated" and "gate_aware" not in run.attacks:
        yield "the attack suite has no attack 'gate_aware'"


def degrees(records: Sequence[Stored], eps: float) -> list[tuple[tuple[RunRecord, ...], ...]]:
    """Settings in which purity was measured on at least two arms with the same seed: the runs of each such seed."""
    groups = []
    for group in by_setting(clean_heads(records, eps, lambda run: run.purity is not None)):
        seeds = sorted({run.seed for run in group})
        by_seed = (tuple(run for run in group if run.seed == seed) for seed in seeds)
        complete = tuple(found for found in by_seed if len(found) >= _LEAST_ARMS)
        if complete:
            groups.append(complete)
    return groups


def purity(clause: Clause, records: Sequence[Stored]) -> Selected:
    """The arms of pre-training of each setting, grouped by seed."""
    groups = degrees(records, float(_measurement(clause)["size"]))
    used = [run for group in groups for found in group for run in found]
    seen = tuple(Seen(partial(_covariances, group), setting_description(group[0][0])) for group in groups)
    return Selected(seen, len(used), tuple(obstacles(used)))


def _covariances(group: Sequence[Sequence[RunRecord]], measurement: Measurement) -> list[float]:
    """The covariance of participation ratio and worst case over the arms, one number for each seed."""
    return [_covariance(found, float(measurement["size"])) for found in group]


def _covariance(found: Sequence[RunRecord], eps: float) -> float:
    ratios = [run.purity.participation_ratio for run in found if run.purity is not None]
    shares = [one.share for one in counts(found, eps, None)]
    return float(np.cov(ratios, shares)[0, 1])


Group = tuple[SparseCodingRecord, ...]
"""Dictionaries of one setting, one for each seed."""


def dictionaries(records: Sequence[Stored]) -> tuple[Group, ...]:
    """The recorded dictionaries by setting."""
    groups: dict[str, list[SparseCodingRecord]] = defaultdict(list)
    for stored in records:
        if isinstance(stored.record, SparseCodingRecord):
            groups[setting(stored.record)].append(stored.record)
    return tuple(tuple(sorted(group, key=lambda record: record.seed)) for group in groups.values())


def patches(clause: Clause, records: Sequence[Stored]) -> Selected:
    """The dictionaries to which the clause applies."""
    free = _measurement(clause).arm.free
    groups = [group for group in dictionaries(records) if not (free and group[0].incoherence.imposed)]
    return Selected(
        tuple(Seen(partial(_of_dictionaries, group), _dictionary_words(group)) for group in groups),
        sum(map(len, groups)),
    )


def _dictionary_words(group: Group) -> str:
    return f"{group[0].dictionary}, {group[0].dataset}, profile {group[0].profile}, {len(group)} seeds"


def _of_dictionaries(group: Group, measurement: Measurement) -> list[float]:
    return [OF_DICTIONARY[measurement.statistic.name](record) for record in group]


def _energy_left(record: SparseCodingRecord) -> float:
    found = record.sparsity
    return (1 - found.explained_variance) / (1 - found.explained_variance_gaussian)


def _dependent_pairs(record: SparseCodingRecord) -> float:
    found = record.dependence
    return math.comb(record.atoms, 2) * (found.dependent_pairs - found.dependent_pairs_gaussian)


def _fall_beyond(record: SparseCodingRecord) -> float:
    clean, adversarial = record.participation.clean, record.participation.adversarial
    return (clean.mean - adversarial.mean - (clean.matched - adversarial.matched)) / clean.mean


OF_DICTIONARY: dict[str, Callable[[SparseCodingRecord], float]] = {
    real.ENERGY_LEFT.name: _energy_left,
    real.COEFFICIENTS.name: lambda one: one.sparsity.coefficients / one.sparsity.coefficients_gaussian,
    real.IMBALANCE.name: lambda one: one.symmetry.mean,
    real.UNFAIRNESS.name: lambda one: one.symmetry.mean / one.symmetry.balanced,
    real.OVER_NOISE.name: lambda one: one.amplitude.variation / one.amplitude.noise_variation,
    real.OVER_GAUSSIAN.name: lambda one: one.amplitude.variation / one.amplitude.variation_gaussian,
    real.DISPERSION.name: lambda one: one.dependence.dispersion / max(1.0, one.dependence.dispersion_gaussian),
    real.DEPENDENT_PAIRS.name: _dependent_pairs,
    real.COHERENCE.name: lambda one: one.incoherence.rms * math.sqrt(one.dimension),
    real.FILTER_RATIO.name: lambda one: one.participation.adversarial.mean / one.participation.clean.mean,
    real.FALL_BEYOND.name: _fall_beyond,
}
"""The definition of each statistic of R2 on a record."""


def _measurement(clause: Clause) -> Measurement:
    """A measurement of the clause; all its measurements use the same records."""
    left = clause.relations[0].left
    if not isinstance(left, Measurement):
        raise TypeError(f"clause {clause.name!r}: its first term was {left}; expected a measurement")
    return left


def _check(claim: str, clause: Clause) -> HoldsMeasured:
    said = _measurement(clause)
    if isinstance(said.arm, real.Dictionaries):
        select, wanted = patches, "a dictionary fitted to patches"
    elif isinstance(said.arm, real.Degrees):
        select, wanted = purity, f"clean heads on two arms whose purity was measured, at size {words(said['size'])}"
    else:
        at = f"attacked in l_inf at {words(said['size'])}"
        select, wanted = inheritance, f"clean heads on both arms of {said.arm.objective} pre-training, {at}"
    return HoldsMeasured(
        claim=claim,
        clauses=(clause.name,),
        name=f"recorded runs: {clause.name}",
        statement=clause,
        select=select,
        wanted=f"{wanted} ({clause.name})",
    )


CHECKS = tuple(_check(claim.id, clause) for claim in real.CLAIMS for clause in claim.clauses)
