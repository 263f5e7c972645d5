"""The instructive fits are what they are said to be, and a gate that splits a cell is seen."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from purecheck.models.exact_fits import (
    UNIT_AMPLITUDE,
    ExactFit,
    constant_amplitude_fit,
    converse_fit,
    cross_talk_fit,
    four_node_fit,
    halved,
    lookup_fit,
    pure_fit,
    stacked,
)
from purecheck.strategies.numbers import rationals

ONES = (Fraction(1), Fraction(1))
HALF = Fraction(1, 2)


def is_pure(fit):
    """Whether every node has one nonzero weight."""
    return bool(np.all(np.sum(fit.net.W != 0, axis=-2) == 1))


def has_cross_talk(fit):
    """Whether the effective map leaves the support on some cell."""
    return any(np.any(cell.beta[..., cell.pattern == 0] != 0) for cell in fit.cells)


@pytest.mark.parametrize(
    ("fit", "pure", "cross_talk"),
    [
        (pure_fit(ONES), True, False),
        (converse_fit(ONES), False, False),
        (cross_talk_fit(ONES, Fraction(2, 5)), False, True),
        (constant_amplitude_fit(), False, False),
        (four_node_fit(), False, False),
        (lookup_fit(ONES), False, False),
        (four_node_fit(HALF), False, True),
    ],
    ids=lambda x: getattr(x, "name", None),
)
def test_each_fit_is_exact_and_of_its_kind(fit, pure, cross_talk):
    assert fit.is_exact
    assert (is_pure(fit), has_cross_talk(fit)) == (pure, cross_talk)


def test_the_control_undercuts_the_bound_by_the_quoted_amount():
    assert constant_amplitude_fit().mean_energy(HALF) == Fraction("0.765625") < HALF * 2


def test_four_nodes_and_look_up_nodes_undercut_the_bound():
    assert four_node_fit().mean_energy(HALF) == Fraction(3, 4) < HALF * 2
    assert lookup_fit(ONES).mean_energy(HALF) == Fraction(3, 4) < HALF * 2


def test_heads_half_as_large_are_no_fit():
    assert not halved(pure_fit(ONES)).is_exact


coordinates = rationals(Fraction(-3), Fraction(3), denominator=20)
FIFTHS = Fraction(2, 5)


@given(theta=st.tuples(coordinates, coordinates), k=rationals(-FIFTHS, FIFTHS, denominator=20))
def test_cross_talk_costs_what_its_docstring_says(theta, k):
    fit, p = cross_talk_fit(theta, k), Fraction(1, 3)
    assert fit.is_exact
    assert fit.mean_energy(p) == p * (1 + (1 - p) * k**2) * np.sum(fit.theta**2)


def test_the_middle_of_a_cell_lies_in_it():
    fit = converse_fit(ONES)
    assert fit.inner_points.shape == (9, 2)
    for cell, x in zip(fit.cells, fit.inner_points, strict=True):
        np.testing.assert_array_equal(x, cell.pattern * Fraction(5, 4))


def test_a_gate_inside_the_amplitude_range_splits_its_cell():
    assert sum(cell.split_gates for cell in pure_fit(ONES, b=Fraction(5, 4)).cells) > 0


def test_a_gate_that_changes_sign_within_a_cell_counts_as_split():
    impure = constant_amplitude_fit()
    thin = ExactFit("zero threshold", impure.net, impure.theta, (Fraction(1), Fraction(3)))
    assert sum(cell.split_gates for cell in thin.cells) > 0
    assert impure.amplitudes == UNIT_AMPLITUDE


def test_outputs_add_their_squares():
    one, two = converse_fit(ONES), converse_fit((Fraction(2), Fraction(0)))
    both = stacked("both", [one, two])
    assert both.mean_energy(HALF) == one.mean_energy(HALF) + two.mean_energy(HALF)
    assert np.sum(both.theta**2) == 6
