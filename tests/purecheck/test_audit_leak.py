"""What nodes at rest let through, held against A2's closed forms."""

from fractions import Fraction

import numpy as np
import pytest

from numerics.activations import ACTIVATIONS, THRESHOLDED
from numerics.rounding import gamma
from purecheck.auditing.leak import noise_passed, slopes_at_rest
from purecheck.closed_forms import evaluate, parse_arguments
from theory.activations.a2_noise_energy import NOISE_ENERGY


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_the_noise_that_passes_is_that_of_the_closed_form(name):
    """At thresholds and noises that floats hold exactly."""
    b, s = Fraction(3, 8), Fraction(1, 4)
    if name == "leaky_relu":
        # two half-lines of slopes 1 and 1/100
        expected, error = (1 + 0.01**2) / 2, gamma(4, "float64")
    else:
        point = [f"activation={name}", f"b={b if name in THRESHOLDED else 0}", f"s={s}"]
        value = evaluate(NOISE_ENERGY, parse_arguments(NOISE_ENERGY, point))
        expected, error = value.value / float(s) ** 2, value.error_bound / float(s) ** 2
    found = noise_passed(name, np.array([float(b)]), np.array([float(s)]))
    # The integrand is analytic in the ellipse of parameter 2 about each piece, as poles lie at pi/s, and below 2^10
    # there: 96 points err by less than 2^-170. What is left is rounding: 4 sums of 96 products, fewer than 600 each.
    assert abs(found[0] - expected) <= error + gamma(4 * 96 + 600, "float64") * (1 if name == "gate" else expected)


def test_noise_far_below_the_threshold_does_not_pass_and_far_above_all_does():
    found = noise_passed("gate", np.array([10.0, 0.0]), np.array([0.1, 0.1]))
    assert found[0] == 0
    assert abs(found[1] - 1) <= gamma(1000, "float64")


def test_without_noise_there_is_no_share():
    assert np.isnan(noise_passed("tanh", np.zeros(1), np.zeros(1))[0])


@pytest.mark.parametrize(
    ("name", "closed", "open_"),
    [("gate", 0, 1), ("soft_threshold", 0, 1), ("biased_relu", 0, 0.5), ("relu", 0.5, 0.5), ("silu", 0.5, 0.5)],
)
def test_the_slope_at_rest_depends_on_a_threshold_where_there_is_one(name, closed, open_):
    assert slopes_at_rest(name, np.array([0.1, 0.0])).tolist() == [closed, open_]
