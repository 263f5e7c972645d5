"""Orders of Hadamard matrices: small ones are found, open ones are not, and constructions go beyond the tables."""

import pytest
from sympy import Integer, Symbol, false, true

from theory.hadamard import HasHadamardMatrix, is_known


def test_up_to_the_first_open_order_all_multiples_of_four_are_known() -> None:
    assert [m for m in range(1, 668) if is_known(m)] == [1, 2, *range(4, 668, 4)]
    assert not is_known(668)


@pytest.mark.parametrize("m", [2**20, 10**6, 2004, 4096, 3 * 2**15])
def test_orders_beyond_the_tables_come_from_constructions(m: int) -> None:
    assert is_known(m)


@pytest.mark.parametrize("m", [0, -4, 3, 6, 10**6 + 2, 4 * 1979])
def test_other_orders_are_not_known(m: int) -> None:
    assert not is_known(m)


def test_the_condition_waits_for_a_number() -> None:
    m = Symbol("m", integer=True)
    assert HasHadamardMatrix(m).subs(m, 12) == true
    assert HasHadamardMatrix(Integer(6)) == false
    assert HasHadamardMatrix(m).free_symbols == {m}
