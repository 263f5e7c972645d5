"""Recorded runs side by side: one setting, the same seeds, and pre-training with an attack against one without."""

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from purecheck.records.estimates import Count
from purecheck.records.identity import setting
from purecheck.records.reading import Stored
from purecheck.records.run import Pretraining, Robustness, RunRecord
from theory import real_data

EPS = float(real_data.EPS)
"""Size of the attacks that the claims speak of, pixels in [0, 1]."""

_SAME_SIZE = 1e-6
"""Sizes are the same up to this share: a few roundings to float32."""


@dataclass(frozen=True)
class Arms:
    """Runs in one setting with the same seeds, in their order.

    Attributes
    ----------
    clean, adversarial
        One run a seed each: pre-trained without an attack, and with one and the same.
    """

    clean: tuple[RunRecord, ...]
    adversarial: tuple[RunRecord, ...]

    @property
    def records(self) -> tuple[RunRecord, ...]:
        """The runs of both arms."""
        return (*self.clean, *self.adversarial)

    def __str__(self) -> str:
        first, seeds = self.adversarial[0], len(self.adversarial)
        return f"{setting_description(first)}, {training_description(first.pretraining)} less clean, {seeds} seeds"


def setting_description(record: RunRecord) -> str:
    """The setting of a run for a reader."""
    objective = record.pretraining.objective
    labels = f"{record.labels} labels"
    ridge = _ridge_words(record)
    named = f"{record.dataset}, {record.encoder}, {objective}, {labels}, profile {record.profile}{ridge}"
    others = other_libraries(record)
    return f"{named}, with {' and '.join(others)}" if others else named


def head_description(record: RunRecord) -> str:
    """The head of a run for a reader, with the penalty that it was fitted under where there was one."""
    return f"{record.head}{_ridge_words(record)}"


def _ridge_words(record: RunRecord) -> str:
    ridge = record.architecture.get("head_ridge")
    return "" if ridge is None or record.head == "pretrained" else f", ridge {ridge}"


def other_libraries(record: RunRecord) -> list[str]:
    """The libraries of the ladder's attacks beside this one, with their versions."""
    return sorted({attack.library for attack in record.attacks.values() if not attack.library.startswith("purecheck ")})


def training_description(pretraining: Pretraining) -> str:
    """The arm of pre-training for a reader."""
    if pretraining.attack == "none":
        return "clean"
    return f"{pretraining.attack.upper()} {pretraining.norm} {in_pixels(pretraining.eps)}"


def in_pixels(eps: float) -> str:
    """A size of attacks in steps of eight-bit pixels, `8/255`."""
    return f"{eps * 255:.3g}/255"


def rung_at(record: RunRecord, eps: float) -> Robustness | None:
    """Accuracy under attacks of size `eps`; None where the record has none."""
    return next((rung for rung in record.rungs if math.isclose(rung.eps, eps, rel_tol=_SAME_SIZE)), None)


def runs(records: Iterable[Stored]) -> list[RunRecord]:
    """The runs among the records."""
    return [stored.record for stored in records if isinstance(stored.record, RunRecord)]


def by_setting(records: Iterable[RunRecord]) -> list[list[RunRecord]]:
    """The runs of each setting, in the order in which settings come first."""
    groups: dict[str, list[RunRecord]] = defaultdict(list)
    for record in records:
        groups[setting(record)].append(record)
    return list(groups.values())


def by_training(records: Iterable[RunRecord]) -> dict[Pretraining, dict[int, RunRecord]]:
    """The runs of one setting by arm and seed, the clean arm first."""
    arms: dict[Pretraining, dict[int, RunRecord]] = defaultdict(dict)
    for record in sorted(records, key=lambda one: (one.pretraining.eps, one.pretraining.attack, one.seed)):
        arms[record.pretraining][record.seed] = record
    return dict(arms)


def paired(records: Iterable[RunRecord], accept: Callable[[Pretraining], bool]) -> list[Arms]:
    """Every adversarial arm that `accept` takes beside the clean arm of its setting, on the seeds that both have."""
    found = []
    for group in by_setting(records):
        arms = by_training(group)
        clean = {
            seed: run for training, runs in arms.items() if training.attack == "none" for seed, run in runs.items()
        }
        for training, attacked in arms.items():
            seeds = sorted(clean.keys() & attacked.keys())
            if training.attack != "none" and accept(training) and seeds:
                found.append(Arms(tuple(clean[seed] for seed in seeds), tuple(attacked[seed] for seed in seeds)))
    return found


def counts(arm: Sequence[RunRecord], eps: float, attack: str | None) -> list[Count]:
    """Robust accuracy of every run at size `eps` under one attack, or under the worst of the ladder where None."""
    rungs = [(rung_at(record, eps), record.images) for record in arm]
    return [
        Count(rung.worst_case if attack is None else rung.robust_accuracy[attack], images)
        for rung, images in rungs
        if rung is not None
    ]
