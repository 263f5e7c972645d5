"""Random and extreme arguments of every quantity agree with an independent computation, and wrong values do not."""

import math
from random import Random

import pytest

from purecheck.closed_forms import QUANTITIES, evaluate, parse_arguments
from tests.purecheck.independent import within
from tests.purecheck.sweep import cases, drawn, examined

SLOW = {"mean_gain": 3, "purified_risk": 3, "collapse_radius": 3, "noise_energy": 4}
"""Cases of quantities whose independent computation takes a tenth of a second; others have 25."""


@pytest.mark.parametrize("name", QUANTITIES)
def test_values_are_within_their_bounds_of_an_independent_computation(name: str) -> None:
    drawings = Random(f"sweep of {name}")  # noqa: S311
    fates = {str(a): examined(name, a) for a in (drawn(name, drawings, small=True) for _ in range(SLOW.get(name, 25)))}
    assert set(fates.values()) <= {"within"}, fates


@pytest.mark.parametrize("name", [name for name in QUANTITIES if name != "leak"])
def test_the_comparison_notices_a_value_that_is_off_by_its_last_digit(name: str) -> None:
    """A value twenty units of the last place away, with the bound of the true one, is seen to be outside."""
    form, drawings = QUANTITIES[name], Random(f"last digit of {name}")  # noqa: S311
    decided = 0
    while decided < 1:
        arguments = drawn(name, drawings, small=True)
        value = evaluate(form, parse_arguments(form, [f"{key}={text}" for key, text in arguments.items()]))
        if value.value > 1e-250 and value.exact is None:
            assert not within(name, arguments, value.value + 20 * math.ulp(value.value), value.error_bound)
            decided += 1


@pytest.mark.slow
def test_extreme_arguments_are_within_their_bounds() -> None:
    fates = [examined(name, arguments) for name, arguments in cases(150, 1, small=False)]
    assert set(fates) <= {"within", "refused"}
    assert fates.count("refused") <= 1
