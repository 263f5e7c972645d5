"""Tables of R1, R1c and R3 from recorded runs alone: what heads inherit from each arm of pre-training, by attack."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from statistics import fmean

from purecheck.records.arms import (
    EPS,
    by_setting,
    by_training,
    head_description,
    in_pixels,
    other_libraries,
    rung_at,
    runs,
    training_description,
)
from purecheck.records.estimates import FALSE_ALARM, LEAST_SEEDS, Count, accuracy_interval, over_seeds
from purecheck.records.run import RunRecord
from purecheck.reporting.tables.cells import Cell, Estimate
from purecheck.reporting.tables.registry import ClaimTable, Table
from purecheck.runtime.context import Context

_NAMED = ("dataset", "encoder", "profile", "objective", "labels", "head", "attack suite", "pre-training")

NOTE = (
    f"Means over seeds. [low, high] fails to contain the mean at a rate of at most ${FALSE_ALARM:g}$: it is Student's "
    "interval over seeds, which assumes that their law is normal, widened by Clopper and Pearson's intervals for the "
    f"counts over images. With fewer than {LEAST_SEEDS} seeds it gives no bound."
)


@dataclass(frozen=True)
class Arm:
    """The runs of one setting and arm of pre-training, by seed."""

    records: tuple[RunRecord, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Dataset, encoder, profile, objective, labels, head, attack suite and arm, for readers."""
        one = self.records[0]
        setting = (one.dataset, one.encoder, one.profile, one.pretraining.objective, one.labels, head_description(one))
        return (*setting, " and ".join(["own", *other_libraries(one)]), training_description(one.pretraining))

    def accuracy(self, share: Callable[[RunRecord], float]) -> Estimate:
        """Mean over seeds of a share of the images, with the interval that `NOTE` describes."""
        found = [Count(share(record), record.images) for record in self.records]
        ends = accuracy_interval(found)
        return Estimate(fmean(one.share for one in found), ends.low, ends.high)

    def mean(self, value: Callable[[RunRecord], float | None]) -> Estimate | None:
        """Mean over seeds of a number, with Student's interval; None if a run lacks the number."""
        found = [number for record in self.records if (number := value(record)) is not None]
        if len(found) < len(self.records):
            return None
        ends = over_seeds(found)
        return Estimate(fmean(found), ends.low, ends.high)


def arms(records: Iterable[RunRecord]) -> Iterator[Arm]:
    """All arms, setting by setting, the clean arm first."""
    for group in by_setting(records):
        for found in by_training(group).values():
            yield Arm(tuple(found.values()))


def _minutes(record: RunRecord) -> float:
    return record.cost["seconds"] / 60


def _purity(record: RunRecord) -> float | None:
    return None if record.purity is None else record.purity.participation_ratio


def _worst(record: RunRecord) -> float:
    rung = rung_at(record, EPS)
    return record.worst_case if rung is None else rung.worst_case


def _arm_row(arm: Arm) -> tuple[Cell, ...]:
    return (
        *arm.names,
        len(arm.records),
        arm.records[0].images,
        arm.accuracy(lambda record: record.clean_accuracy),
        arm.accuracy(_worst),
        arm.mean(_purity),
        round(fmean(map(_minutes, arm.records)), 2),
    )


def _arms_table(context: Context, title: str, accept: Callable[[RunRecord], bool]) -> Table | None:
    found = [run for run in _attacked(context) if accept(run)]
    if not found:
        return None
    return Table(
        title=title,
        columns=(
            *_NAMED,
            "seeds",
            "test images",
            "accuracy",
            rf"under all attacks at $\epsilon = {in_pixels(EPS)}$",
            "features per filter",
            "minutes per run",
        ),
        rows=tuple(_arm_row(arm) for arm in arms(found)),
        note=f"Pre-training: the attack on training images, its norm and size. {NOTE}",
        headings=len(_NAMED),
    )


def _attacked(context: Context) -> list[RunRecord]:
    """Runs attacked in l_inf at `EPS`."""
    return [run for run in runs(context.records) if run.norm == "linf" and rung_at(run, EPS) is not None]


def same_labels(context: Context) -> Table | None:
    """A table with one row for each arm with the labels of pre-training, including other heads for comparison."""
    title = "Recorded runs with the labels of pre-training"
    return _arms_table(context, title, lambda run: _is_supervised(run) and run.labels == "same")


def other_labels(context: Context) -> Table | None:
    """A table with one row for each arm with other labels than those of pre-training."""
    title = "Recorded runs with other labels"
    return _arms_table(context, title, lambda run: _is_supervised(run) and run.labels != "same")


def on_pairs(context: Context) -> Table | None:
    """A table with one row for each arm of contrastive pre-training, for all labels of the head."""
    return _arms_table(context, "Recorded runs pre-trained on pairs", lambda run: not _is_supervised(run))


def _is_supervised(run: RunRecord) -> bool:
    return run.pretraining.objective == "supervised"


def by_attack(context: Context) -> Table | None:
    """A table with one row for each arm and each attack of its suite."""
    wanted = ("supervised", "clean", "same")
    found = list(arms(run for run in _attacked(context) if (run.pretraining.objective, run.head, run.labels) == wanted))
    if not found:
        return None
    return Table(
        title=rf"Robust accuracy of clean heads under each attack at $\epsilon = {in_pixels(EPS)}$",
        columns=(*_NAMED, "attack", "kind", "library", "steps", "restarts", "robust accuracy"),
        rows=tuple(row for arm in found for row in _attack_rows(arm)),
        note=f"All attacks use the same images. {NOTE}",
        headings=len(_NAMED) + 1,
    )


def _attack_rows(arm: Arm) -> Iterator[tuple[Cell, ...]]:
    for name, attack in arm.records[0].attacks.items():
        details = (attack.kind, attack.library, attack.steps, attack.restarts)
        yield (*arm.names, name, *details, arm.accuracy(_under(name)))


def _under(attack: str) -> Callable[[RunRecord], float]:
    def share(record: RunRecord) -> float:
        rung = rung_at(record, EPS)
        return record.robust_accuracy[attack] if rung is None else rung.robust_accuracy[attack]

    return share


TABLES: Sequence[ClaimTable] = (
    ClaimTable("r1_arms", "R1", same_labels),
    ClaimTable("r1_ladder", "R1", by_attack),
    ClaimTable("r1c_arms", "R1c", on_pairs),
    ClaimTable("r3_labels", "R3", other_labels),
)
