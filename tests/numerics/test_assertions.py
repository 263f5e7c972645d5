"""The assertions of the tests reject wrong arrays, and the strategies draw the cases that they promise."""

import array_api_strict
import numpy as np
import pytest
from array_api_compat import array_namespace
from hypothesis import given

from tests.numerics.assertions import assert_array_equals
from tests.numerics.strategies import GRID, cases

NUMPY = array_namespace(np.empty(0))


@pytest.mark.parametrize(
    ("actual", "message"),
    [
        (array_api_strict.asarray([1.0, np.nan]), "namespace"),
        (np.array([1.0, np.nan], dtype=np.float32), "dtype"),
        (np.array([[1.0, np.nan]]), "shape"),
        (np.array([1.0, 2.0]), "NaN at"),
        (np.array([1.25, np.nan]), r"at \(.*0.*\): .* is 0\.25 from .*; allowed 0\.125"),
        (np.array([np.inf, np.nan]), "is inf from"),
    ],
)
def test_what_differs_is_rejected(actual, message):
    with pytest.raises(AssertionError, match=message):
        assert_array_equals(actual, [1.0, np.nan], bound=0.125, xp=NUMPY)


def test_what_is_within_the_bound_is_accepted():
    assert_array_equals(np.array([1.125, np.nan]), [1.0, np.nan], bound=0.125, xp=NUMPY)
    assert_array_equals(np.array([1.5, 2.0]), [1.0, 2.0], bound=np.array([0.5, 0.0]), xp=NUMPY)
    assert_array_equals(np.empty((0, 2)), np.empty((0, 2)), bound=0, xp=NUMPY)


@given(case=cases(min_margin=2.0**-6))
def test_cases_are_networks_on_the_grid_with_their_margin(case):
    assert case.margin >= 2.0**-6
    for x in (case.W, case.a, case.b, case.Z, case.y):
        assert np.array_equal(x * GRID, np.round(x * GRID))
        assert np.all(np.abs(x) <= 2)
    assert np.all(case.b >= 0)
    assert case.Z.shape[:-1] == case.y.shape
