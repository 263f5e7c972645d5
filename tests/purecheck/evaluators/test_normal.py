"""Means over the normal law: halves add up to the whole, and moments are those of the normal law."""

from math import factorial

import numpy as np
import pytest
from flint import arb
from scipy.integrate import quad
from scipy.stats import norm

from purecheck.evaluators.normal import mean_modulus, normal_part, power_part


@pytest.mark.parametrize("power", range(4))
def test_moments_of_the_whole_law(power: int) -> None:
    moment = factorial(power) / (2 ** (power // 2) * factorial(power // 2)) if power % 2 == 0 else 0
    assert normal_part(power).contains(arb(moment))


@pytest.mark.parametrize("power", range(4))
@pytest.mark.parametrize("ends", [(None, -1.5), (-1.5, 0.25), (0.25, None)])
def test_part_agrees_with_quadrature(power: int, ends: tuple[float | None, float | None]) -> None:
    low, high = (end if end is not None else sign * np.inf for end, sign in zip(ends, (-1, 1), strict=True))
    value, error = quad(lambda x: x**power * norm.pdf(x), low, high)
    ball = normal_part(power, *(None if end is None else arb(end) for end in ends))
    # SciPy's error estimate is no bound; the allowance for its rounding is a thousand units in the last place.
    assert abs(float(ball) - value) <= error + 1000 * np.finfo(float).eps


def test_both_sides_of_a_cut_add_up() -> None:
    scale, shift, cut = arb(2), arb("0.7"), arb("-0.3")
    parts = power_part(shift, scale, 2, high=cut) + power_part(shift, scale, 2, low=cut)
    assert parts.overlaps(power_part(shift, scale, 2))
    assert parts.overlaps(shift * shift + scale * scale)


def test_mean_modulus_at_zero_and_far_away() -> None:
    assert mean_modulus(arb(0), arb(1)).overlaps((2 / arb.pi()).sqrt())
    assert mean_modulus(arb(-100), arb(1)).overlaps(arb(100))
