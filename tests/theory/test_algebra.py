"""The kernel says True only of what is true, and finds what a derivation needs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sympy import (
    IndexedBase,
    Integer,
    Integral,
    MatrixSymbol,
    Rational,
    Sum,
    Symbol,
    binomial,
    cosh,
    exp,
    log,
    oo,
    sqrt,
    symbols,
)

from theory.algebra import is_nonnegative, is_positive, merge_sums, onto_positive_axis, reduces_to_zero
from theory.model import Phi, Q

x, y = symbols("x y", real=True)
p, t = symbols("p t", positive=True)
n, d = symbols("n d", integer=True, positive=True)
i, j = symbols("i j", integer=True)
theta = IndexedBase("theta", real=True)


@pytest.mark.parametrize(
    "expr",
    [
        (x + y) ** 2 - x**2 - 2 * x * y - y**2,
        1 / (1 + t) + t / (1 + t) - 1,
        2 * cosh(x) - exp(x) - exp(-x),
        log(x**2 * exp(p)) - log(x**2) - p,
        binomial(n, 1) - n,
        Q(x) + Q(-x) - 1,
        Phi(x) + Q(x) - 1,
        sqrt(p**2) - p,
        Sum(theta[i] ** 2, (i, 1, d)) - Sum(theta[j] ** 2, (j, 1, d)),
        p * Sum(theta[i], (i, 1, d)) - Sum(p * theta[i], (i, 1, d)),
    ],
)
def test_identities_reduce_to_zero(expr):
    assert reduces_to_zero(expr)


@pytest.mark.parametrize(
    "expr",
    [
        sqrt(x**2) - x,
        Sum(theta[i], (i, 1, d)) - Sum(theta[i], (i, 0, d)),
        Sum(theta[i] ** 2, (i, 1, d)) - Sum(theta[i], (i, 1, d)) ** 2,
        Sum(p**n * binomial(n, i) * (2 * i - n) / (1 + exp(n - 2 * i)), (i, 0, n), (n, 0, d))
        - 2 * Sum(p**n * binomial(n, i) * (2 * i - n) / (1 + exp(n - 2 * i)), (i, 0, n), (n, 0, d)),
        Q(x) - Rational(1, 2) * exp(-(x**2) / 2),
    ],
)
def test_what_is_no_identity_does_not_reduce(expr):
    assert not reduces_to_zero(expr)


def test_matrix_identities_use_orthogonality_only_where_it_is_assumed():
    M, U, w = MatrixSymbol("M", d, d), MatrixSymbol("U", d, n), MatrixSymbol("w", n, 1)
    gap = (M * U * w).T * M - w.T * U.T
    assert reduces_to_zero(gap, orthogonal=(M,))
    assert not reduces_to_zero(gap)


@given(st.integers(-5, 5), st.integers(-5, 5), st.integers(1, 4))
def test_a_perturbed_identity_never_reduces(a, b, c):
    gap = (a * x + b) ** 2 - (a**2 * x**2 + 2 * a * b * x + b**2)
    assert reduces_to_zero(gap)
    assert not reduces_to_zero(gap + Rational(c, 1000))


def test_merging_does_not_capture_a_free_symbol_named_like_an_index():
    outer = i * Sum(theta[i], (i, 1, d)) - Sum(i * theta[i], (i, 1, d))
    assert merge_sums(outer) != 0
    assert not reduces_to_zero(outer)


@pytest.mark.parametrize(
    ("expr", "box"),
    [
        (1 - p, {p: (Integer(0), Integer(1))}),
        (2 - 3 * p, {p: (Integer(0), Rational(2, 3))}),
        (t - p, {p: (Integer(0), t)}),
        (p - 3, {p: (Integer(3), oo)}),
        (x**2 + 1, {}),
    ],
)
def test_signs_are_read_off_on_the_box(expr, box):
    assert is_positive(expr, box)
    assert not is_positive(-expr, box)
    assert not is_nonnegative(-expr, box)


@given(st.fractions(0, 2, max_denominator=50), st.fractions(0, 2, max_denominator=50))
def test_a_sign_is_never_claimed_against_a_point_of_the_box(root, at):
    gap = (p - Rational(root)) * (p + 1)
    box = {p: (Integer(0), Integer(2))}
    value = gap.subs(p, Rational(at))
    if value < 0 and 0 < at < 2:
        assert not is_nonnegative(gap, box)
    if value <= 0 and 0 < at < 2:
        assert not is_positive(gap, box)


@given(st.fractions(Rational(1, 50), 50, max_denominator=50))
def test_the_positive_axis_covers_the_open_range(at):
    box = {p: (Integer(1), Integer(3))}
    image = onto_positive_axis(p, box)
    (free,) = image.free_symbols
    assert 1 < image.subs(free, Rational(at)) < 3


def test_symbols_without_sign_have_none():
    free = Symbol("free")
    assert not is_nonnegative(free)
    assert not is_positive(free**2)


def test_an_index_is_never_taken_for_a_symbol_of_its_name():
    namesake = Symbol("i_0", integer=True)
    assert not reduces_to_zero(Sum(i - namesake, (i, 1, 3)))


def test_an_end_at_minus_infinity_is_no_value():
    below = {x: (-oo, Integer(0))}
    assert is_positive(-x, below)
    assert is_positive(exp(x), below)
    assert not is_nonnegative(-exp(x), below)
    assert not is_nonnegative(x, {x: (-oo, oo)})


def test_rules_for_binomials_are_kept_from_negative_numbers():
    k = Symbol("k", integer=True)
    whole = Symbol("whole", integer=True)
    assert binomial(-2, 1) != binomial(-2, -3)
    assert not reduces_to_zero(binomial(whole, k) - binomial(whole, whole - k))
    assert reduces_to_zero(binomial(n, k) - binomial(n, n - k))


def test_a_reciprocal_has_no_sign_where_its_denominator_may_vanish():
    b = Symbol("b", nonnegative=True)
    assert not is_nonnegative(1 / b)
    assert not is_nonnegative((1 + b) / (b + b**2))
    assert is_nonnegative(1 / (1 + b))


def test_the_kernel_never_integrates():
    area = Integral(x, (x, 0, 1))
    assert area.doit() == Rational(1, 2)
    assert not reduces_to_zero(area - Rational(1, 2))
