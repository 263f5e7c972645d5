"""The instructive fits are what they are said to be, and a gate that splits a cell is seen."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given

from purecheck.models.exact_fits import (
    UNIT_AMPLITUDE,
    ExactFit,
    constant_amplitude_fit,
    converse_fit,
    cross_talk_fit,
    pure_fit,
    stacked,
)
from purecheck.strategies import cross_talk_fits, pure_layers

ONES = (Fraction(1), Fraction(1))
HALF = Fraction(1, 2)


def is_exact(fit):
    return all(not cell.split_gates and np.array_equal(cell.outputs, cell.targets) for cell in fit.cells)


@pytest.mark.parametrize(
    ("fit", "pure", "cross_talk"),
    [
        (pure_fit(ONES), True, False),
        (converse_fit(ONES), False, False),
        (cross_talk_fit(ONES, Fraction(2, 5)), False, True),
        (constant_amplitude_fit(), False, False),
    ],
    ids=lambda x: getattr(x, "name", None),
)
def test_each_fit_is_exact_and_of_its_kind(fit, pure, cross_talk):
    assert is_exact(fit)
    assert (fit.is_pure, fit.has_cross_talk) == (pure, cross_talk)


def test_the_control_undercuts_the_bound_by_the_quoted_amount():
    assert constant_amplitude_fit().mean_energy(HALF) == Fraction("0.765625") < HALF * 2


@given(cross_talk_fits())
def test_cross_talk_costs_what_its_docstring_says(example):
    fit, x = example
    assert is_exact(fit)
    assert np.any(x != 0)
    k, p = Fraction(fit.name.removeprefix("cross-talk with k = ")), Fraction(1, 3)
    assert fit.mean_energy(p) == p * (1 + (1 - p) * k**2) * fit.target_energy


@given(pure_layers())
def test_pure_layers_are_pure_and_miss_a_feature(example):
    net, x = example
    assert np.all(np.sum(net.W != 0, axis=0) <= 1)
    assert np.all(net.b > 0)
    assert np.any(x == 0)


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
    assert both.target_energy == 6
