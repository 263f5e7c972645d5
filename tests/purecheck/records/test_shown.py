"""Tables and figures of recorded runs: from the records alone, with the words of their dataset, none without any."""

import math
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from numerics.rounding import gamma
from numerics.statistics import proportion_interval
from purecheck.cli import main
from purecheck.records.estimates import Count, accuracy_interval, gap_interval, over_seeds
from purecheck.records.reading import Stored, load_records
from purecheck.records.run import Classes, Robustness, RunRecord
from purecheck.records.schemas import Record
from purecheck.records.writing import write_record
from purecheck.reporting.figures import recorded as recorded_figures
from purecheck.reporting.figures import recorded_filters
from purecheck.reporting.tables import r2_sparse_coding, recorded
from purecheck.reporting.tables.cells import Estimate
from purecheck.runs.ledger import bind
from purecheck.runtime.context import Context
from tests.purecheck.records.manufactured import CLASSES, LADDER, contrastive, pairs, run_record, sparse_record
from tests.purecheck.small_ledger import context
from theory.real_data import CLAIMS

WORDS = "CIFAR-10, JPEG q75"
LOW, HIGH = (0.050, 0.052, 0.051), (0.300, 0.301, 0.303)
TABLES = (*recorded.TABLES, r2_sparse_coding.TABLE)
FIGURES = (*recorded_figures.FIGURES, *recorded_filters.FIGURES)
FILTERS = np.linspace(-1, 1, 70 * 3 * 6 * 6).reshape(70, 3, 6, 6)


def more(record: RunRecord) -> RunRecord:
    """The same run with a smaller size of the attack, where more stays right."""
    return replace(record, by_eps=(Robustness(4 / 255, dict.fromkeys(LADDER, 0.5), 0.5),))


def all_records() -> list[Record]:
    """Runs of every kind that the report shows."""
    coarse = Classes(CLASSES, ("animal", "vehicle"))
    return [
        *map(more, pairs(LOW, HIGH)),
        *pairs(LOW, HIGH, labels="coarse", classes=coarse),
        *pairs(LOW[:1], HIGH[:1], encoder="resnet18", purity=None),
        *contrastive(pairs(LOW, HIGH)),
        *contrastive(pairs(LOW, HIGH, labels="coarse", classes=coarse)),
        run_record(0, "none", 0.2, head="finetune"),
        *map(sparse_record, range(3)),
    ]


def with_records(records: Iterable[Record]) -> Context:
    """A run that finds these records."""
    return replace(context(), records=[Stored(one, Path("x.json")) for one in records])


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with runs of every kind, filters beside some."""
    folder = tmp_path_factory.mktemp("records")
    for record in all_records():
        if record.seed > 0 or getattr(record, "labels", "same") != "same" or record.encoder != "gated":
            write_record(record, folder)
        elif isinstance(record, RunRecord):
            pretraining = record.pretraining
            name = f"filters-{pretraining.objective}-{pretraining.attack}-{record.head}-{record.labels}.npz"
            write_record(replace(record, filters=name), folder, {"filters": FILTERS})
        else:
            arrays = dict.fromkeys(("dictionary", "clean", "adversarial"), FILTERS)
            write_record(replace(record, filters="dictionary.npz"), folder, arrays)
    return folder


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_a_table_without_records_is_left_out_and_one_with_them_names_the_dataset(table: Any) -> None:
    assert table.tabulate(context()) is None
    made = table.tabulate(with_records(all_records()))
    assert made.rows
    assert all(row[0] == WORDS for row in made.rows)


@pytest.mark.parametrize("figure", FIGURES, ids=lambda figure: figure.name)
def test_a_figure_without_records_is_left_out_and_one_with_them_names_the_dataset(figure: Any, filled: Path) -> None:
    assert figure.draw(context()) is None
    made = figure.draw(replace(context(), records=load_records(filled)))
    assert all(WORDS in axes.get_title() for axes in made.axes)


def test_a_row_holds_the_mean_over_the_seeds_of_its_arm() -> None:
    made = recorded.same_labels(with_records(pairs(LOW, HIGH)))
    assert made is not None
    (clean, adversarial) = made.rows
    assert clean[7] == "clean"
    assert str(adversarial[6]).startswith("own and adversarial-robustness-toolbox ")
    assert adversarial[7] == "FGM linf 8/255"
    (worst,) = (cell for cell in adversarial if isinstance(cell, Estimate) and cell.value < 0.6)
    assert worst.value == np.mean(HIGH)
    assert worst.low < min(HIGH)
    assert worst.high > max(HIGH)


def test_every_head_has_its_row_beside_the_clean_ones() -> None:
    made = recorded.same_labels(with_records(all_records()))
    assert made is not None
    assert {row[5] for row in made.rows} == {"clean", "finetune"}


def test_heads_under_another_penalty_are_told_apart() -> None:
    def under(ridge: float) -> list[RunRecord]:
        return [replace(one, architecture={**one.architecture, "head_ridge": ridge}) for one in pairs(LOW, HIGH)]

    found = with_records([*under(0.3), *under(3.0)])
    made = recorded.same_labels(found)
    assert made is not None
    assert {row[5] for row in made.rows} == {"clean, ridge 0.3", "clean, ridge 3.0"}
    drawn = recorded_figures.over_eps("supervised", found)
    assert drawn is not None
    assert len({axes.get_title() for axes in drawn.axes}) == 2


def test_runs_on_pairs_have_a_table_of_their_own() -> None:
    found = with_records(all_records())
    tables = {table.name: table.tabulate(found) for table in recorded.TABLES}
    objectives = {name: {row[3] for row in table.rows} for name, table in tables.items() if table is not None}
    assert objectives.pop("r1c_arms") == {"contrastive"}
    assert all(found == {"supervised"} for found in objectives.values())


def test_runs_on_pairs_have_figures_of_their_own(filled: Path) -> None:
    found = replace(context(), records=load_records(filled))
    for draw in (recorded_figures.over_eps, recorded_filters.of_networks):
        for objective in ("supervised", "contrastive"):
            made = draw(objective, found)
            assert made is not None
            assert all(f", {objective}, " in axes.get_title() for axes in made.axes)
    figure = recorded_figures.by_attack(found)
    assert figure is not None
    assert all(", supervised, " in axes.get_title() for axes in figure.axes)


def test_an_interval_of_equal_seeds_is_what_the_images_leave_open() -> None:
    counts = [Count(0.2, 1000)] * 3
    ends = proportion_interval(200, 1000, false_alarm=0.05 / 2)
    found = accuracy_interval(counts)
    # 0.2 less a width, and the width 0.2 less an end: roundings of numbers below 1, and a mean of three
    assert (found.low, found.high) == pytest.approx((ends.low, ends.high), rel=0, abs=gamma(8, "float64"))
    gap = gap_interval(counts, [Count(0.5, 1000)] * 3)
    assert gap.low < 0.3 < gap.high


def test_with_endless_images_an_interval_is_that_of_the_seeds() -> None:
    lower, higher = [0.1, 0.2, 0.3], [0.4, 0.6, 0.5]
    many = 10**9
    seeds = over_seeds([0.3, 0.4, 0.2], 0.05 / 2)
    found = gap_interval([Count(x, many) for x in lower], [Count(x, many) for x in higher])
    # An exact interval lies within Hoeffding's, here at half of the rate 0.05; those of two arms are added as squares.
    images = math.sqrt(2 * math.log(2 / (0.05 / 2)) / (2 * many))
    assert (found.low, found.high) == pytest.approx((seeds.low, seeds.high), rel=0, abs=images)


def test_intervals_hold_the_gap_as_often_as_they_say() -> None:
    rng = np.random.default_rng(0)
    missed, trials, images = 0, 400, 500
    for _ in range(trials):
        p = rng.normal((0.2, 0.4), 0.01, (3, 2))
        hardness = rng.random((images, 1, 1))  # the same images for every network
        shares = np.count_nonzero(hardness < p, axis=0) / images
        found = gap_interval([Count(x, images) for x in shares[:, 0]], [Count(x, images) for x in shares[:, 1]])
        missed += 0.2 not in found
    assert missed <= 0.05 * trials


def test_images_that_arms_get_right_independently_do_not_break_the_interval() -> None:
    rng = np.random.default_rng(1)
    missed, trials, images = 0, 400, 500
    for _ in range(trials):
        hardness = rng.random((images, 1, 2))  # of its own for each arm
        shares = np.count_nonzero(hardness < rng.normal((0.2, 0.4), 0.01, (3, 2)), axis=0) / images
        found = gap_interval([Count(x, images) for x in shares[:, 0]], [Count(x, images) for x in shares[:, 1]])
        missed += 0.2 not in found
    assert missed <= 0.05 * trials


def test_a_mosaic_shows_sixty_four_filters_and_keeps_zero_grey() -> None:
    shown = recorded_filters.mosaic(FILTERS)
    assert shown.shape == (8 * 7, 8 * 7, 3)
    assert (shown.min(), shown.max()) == (0.0, 1.0)
    np.testing.assert_array_equal(recorded_filters.mosaic(np.zeros((3, 1, 2, 2))), np.full((3, 9, 3), 0.5))


def test_the_report_shows_claims_on_real_data_with_tables_and_figures(filled: Path, tmp_path: Path) -> None:
    book = bind(CLAIMS, [])
    assert main(["report", "--records", str(filled), "--out", str(tmp_path)], obj=book) == 1  # no check, no evidence
    page = (tmp_path / "report.html").read_text("utf-8")
    assert page.count(WORDS) > 10
    for one in FIGURES:
        assert (tmp_path / "figures" / f"{one.name}.svg").is_file()
    for table in TABLES:
        assert f'id="table-{table.name}"' in page


@pytest.mark.parametrize(
    "arrays",
    [
        {"other": FILTERS},
        {"filters": FILTERS[0]},
        {"filters": FILTERS[:, :2]},
        {"filters": np.asarray(["a"])},
        {"filters": FILTERS + np.inf},
    ],
)
def test_arrays_that_are_no_filters_are_refused_with_the_record_that_names_them(
    arrays: dict[str, Any], tmp_path: Path
) -> None:
    record = run_record(filters="filters.npz")
    with pytest.raises(ValueError, match="expected"):
        write_record(record, tmp_path, arrays)
    path = write_record(record, tmp_path, {"filters": FILTERS})
    np.savez(tmp_path / "filters.npz", **arrays)
    with pytest.raises(ValueError, match="expected") as refused:
        load_records(tmp_path)
    assert str(refused.value).startswith(f"{path}: ")
