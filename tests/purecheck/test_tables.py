"""Tables say what was computed: cells as a reader sees them, medians with the intervals that their notes define."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from numerics.statistics import median_interval
from purecheck.reporting.tables.cells import Estimate, Known, cell_to_json, shown
from purecheck.reporting.tables.registry import Table
from purecheck.reporting.tables.seeds import median
from purecheck.verdicts.error_rates import FALSE_ALARM

NUMBERS = st.floats(-1e9, 1e9, allow_subnormal=False)


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (Estimate(1.0834, 1.031, 1.149), "1.08 [1.03, 1.15]"),
        (Estimate(0.0123, 0.0101, 0.015), "0.0123 [0.0101, 0.0150]"),
        (Estimate(0.5, -0.25, 120.0), "0 [0, 120]"),
        (Estimate(3e-40, 1e-40, 4e-40), "3.00e−40 [1.00e−40, 4.00e−40]"),
        (Estimate(0.0, 0.0, 0.0), "0.00 [0.00, 0.00]"),
        (Estimate(2.0, -math.inf, math.inf), "2.00 [−∞, ∞]"),
        (Known(0.5, "1/2", 0.0), "1/2"),
        (Known(0.50006, None, 1e-17), "0.500"),
        (0.3, "0.3"),
        (60, "60"),
        (None, "–"),
        ("$x$", "$x$"),
    ],
)
def test_a_cell_reads_as_it_should(cell, text):
    assert shown(cell).replace("\N{NO-BREAK SPACE}", " ") == text


def test_a_line_breaks_before_an_interval_alone():
    assert shown(Estimate(1.0834, 1.031, 1.149)).split(" ")[1].startswith("[1.03,")


@given(st.tuples(NUMBERS, NUMBERS, NUMBERS).map(sorted))
def test_what_is_shown_of_an_estimate_is_near_it_and_the_facts_are_exact(ends):
    low, value, high = ends
    cell = Estimate(value, low, high)
    numbers = [float(text.strip("[,]").replace("−", "-")) for text in shown(cell).split()]
    for number, exact in zip(numbers, (value, low, high), strict=True):
        assert abs(number - exact) <= 0.005 * max(map(abs, ends))  # half a unit of the third digit
    assert cell_to_json(cell) == {"value": value, "low": low, "high": high}


def test_a_row_of_another_length_is_refused():
    with pytest.raises(ValueError, match="a row had 1 cells; expected 2"):
        Table("title", ("one", "other"), ((1,),), "note")


def test_a_median_has_the_interval_of_its_note():
    seeds = np.random.default_rng(0).normal(size=20)
    ends = median_interval(seeds, false_alarm=FALSE_ALARM)
    assert median(seeds) == Estimate(np.median(seeds), ends.low, ends.high)
