"""Ranges of arguments: a grid of points, as a table, CSV and a plot; ranges that make no sense are refused."""

import csv
import io
import json
from pathlib import Path

import pytest

from purecheck.cli import main
from purecheck.cli.grid import expanded
from purecheck.closed_forms import QUANTITIES, evaluate, parse_arguments

FIRING = QUANTITIES["firing_probability"]


def test_a_range_is_equal_steps_with_both_ends() -> None:
    assert expanded(FIRING, ["m=2", "p=0.1..0.5:3"]) == [["m=2", f"p={p}"] for p in ("1/10", "3/10", "1/2")]
    assert expanded(FIRING, ["m=1..3", "p=0"]) == [[f"m={m}", "p=0"] for m in (1, 2, 3)]


@pytest.mark.parametrize("text", ["p=0.1..0.5", "p=0.5..0.1:3", "p=0..1:1", "p=0..1:x", "p=..1:3", "m=1..10001:10001"])
def test_a_range_that_makes_no_sense_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="expected L"):
        expanded(FIRING, [text])


def test_too_many_points_are_refused() -> None:
    with pytest.raises(ValueError, match="the ranges have 20000 points together; expected at most 10000"):
        expanded(FIRING, ["m=1..200", "p=0..1:100"])


def test_the_outputs_hold_the_values_of_the_points(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plot = tmp_path / "plot.svg"
    assert main(["evaluate", "firing_probability", "m=1..2", "p=0..1:3", "--csv", "-", "--plot", str(plot)]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert len(rows) == 6
    for row in rows:
        point = parse_arguments(FIRING, [f"m={row['m']}", f"p={row['p']}"])
        assert float(row["firing_probability"]) == evaluate(FIRING, point).value
    assert plot.read_text().count("<svg") == 1


def test_json_is_a_list_only_for_ranges(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", "firing_probability", "m=1..2", "p=1/2", "--json"]) == 0
    assert [one["exact"] for one in json.loads(capsys.readouterr().out)] == ["1/2", "5/8"]


def test_a_plot_of_one_point_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", "firing_probability", "m=1", "p=1/2", "--plot", str(tmp_path / "plot.svg")]) == 2
    assert "no argument is a range; expected one such as p=0.01..0.5:50" in capsys.readouterr().err
