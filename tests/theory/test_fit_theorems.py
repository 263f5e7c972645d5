"""Theorems on fits, supports, symmetry and moduli give their conclusion, and refuse where a hypothesis fails."""

import pytest
from sympy import IndexedBase, Integer, Product, Sum, Symbol, symbols

from tests.theory.granted import granted
from theory.derivation import Step, StepError, begin
from theory.laws import bounded, constant, zero_or_one
from theory.laws import indicator as independent
from theory.theorems.counting import indicator
from theory.theorems.expectation import linearity, ordered_means
from theory.theorems.fits import (
    AbsoluteNorm,
    coefficients_agree,
    exchange_sums,
    smaller_entries,
    squared,
)
from theory.theorems.indicators import Mean
from theory.theorems.inner_products import cauchy_schwarz
from theory.theorems.modulus import (
    integer_modulus,
    integer_power,
    last_entry,
    last_entry_counts,
    last_term_apart,
    within_declared_range,
)
from theory.theorems.series import bernoulli
from theory.theorems.support import (
    by_cases,
    independent_product,
    markov,
    not_negative,
    of_indicator,
)
from theory.theorems.symmetry import equal_shares, odd_products_vanish
from theory.theorems.windows import own_window, window

i, h, k = symbols("i h k", integer=True)
n = constant(Symbol("n", integer=True, positive=True))
p = Symbol("p", positive=True)
c, theta = (constant(IndexedBase(f"test {name}", real=True)) for name in ("c", "theta"))
x, y = (IndexedBase(name, real=True) for name in ("x", "y"))
B = independent(IndexedBase("test B", real=True), p, independent=True)
dependent = independent(IndexedBase("test D", real=True), p)
switch = zero_or_one(Symbol("test s", positive=True))
z, iota = Symbol("z", real=True), Symbol("iota", nonnegative=True)
OVER_I, K = (i, 1, n), (k, 1, n)
P = {p: (Integer(0), Integer(1))}


def test_linear_forms_must_be_linear_and_share_a_range():
    form, other = Sum(c[i] * y[i], OVER_I), Sum(theta[i] * y[i], OVER_I)
    name = Symbol("f")
    fit = begin(name, other, "a fit")
    link = coefficients_agree(begin(name, form, "the network"), fit, y)
    assert (link.left, link.right, link.kind) == (c[i], theta[i], "theorem")
    for bad in (Sum(c[i] * y[i] ** 2, OVER_I), Sum(c[i] * y[i] + 1, OVER_I), Sum(c[i] * y[i], (i, 2, n))):
        with pytest.raises(StepError, match="linear forms"):
            coefficients_agree(begin(name, bad, "another"), fit, y)
    with pytest.raises(StepError, match="different quantities"):
        coefficients_agree(begin(Symbol("g"), form, "another network"), fit, y)
    bounded = begin(name, other, "a network").by(granted(other, "<=", form))
    with pytest.raises(StepError, match="no equation"):
        coefficients_agree(bounded, fit, y)


def test_sums_exchange_only_over_independent_ranges_and_equal_summands():
    total = Sum(c[i] * theta[h], (i, 1, n), (h, 1, n))
    assert exchange_sums(total, Sum(c[i] * Sum(theta[h], (h, 1, n)), OVER_I)).relation == "="
    with pytest.raises(StepError, match="summands differ"):
        exchange_sums(total, Sum(2 * c[i] * Sum(theta[h], (h, 1, n)), OVER_I))
    with pytest.raises(StepError, match="depend on each other"):
        exchange_sums(Sum(c[i] * theta[h], (i, 1, h), (h, 1, n)), Sum(c[i] * Sum(theta[h], (h, 1, n)), (i, 1, h)))


def test_only_equations_are_squared():
    assert squared(granted(z, "=", p)).right == p**2
    with pytest.raises(StepError, match="not an equation"):
        squared(granted(z, "<=", p))


def test_an_absolute_norm_grows_only_with_its_entries():
    assert smaller_entries(p * z, z, P).right == AbsoluteNorm(p * z)
    with pytest.raises(StepError, match="may be larger"):
        smaller_entries(2 * z, z, P)


def test_the_cauchy_schwarz_inequality_needs_real_entries():
    link = cauchy_schwarz(c[k], x[k], K)
    assert (link.left, link.relation) == (Sum(c[k] * x[k], K) ** 2, "<=")
    assert cauchy_schwarz(c[k], x[k], K, quotient=True).right == Sum(c[k] * x[k], K) ** 2 / Sum(x[k] ** 2, K)
    for first, second in ((IndexedBase("w")[k], x[k]), (x[k], IndexedBase("w")[k])):
        with pytest.raises(StepError, match="not real"):
            cauchy_schwarz(first, second, K)


def test_cases_of_an_indicator_are_both_checked():
    assert by_cases(z**2, switch**2 * z**2 + (1 - switch) ** 2 * z**2, switch).kind == "theorem"
    with pytest.raises(StepError, match="= 1"):
        by_cases(z**2, (1 - switch) * z**2, switch)
    with pytest.raises(StepError, match="not declared"):
        by_cases(z**2, p**2 * z**2 + (1 - p) ** 2 * z**2, p)


def test_an_expectation_opens_only_into_constant_multiples():
    mean = Mean(Sum(theta[i] * B[i], OVER_I))
    assert linearity(mean, Sum(theta[i] * Mean(B[i]), OVER_I)).relation == "="
    with pytest.raises(StepError, match="not declared to be constant"):
        linearity(Mean(B[1] * B[2]), B[2] * Mean(B[1]))
    with pytest.raises(StepError, match="not affine"):
        linearity(Mean(B[1] * B[2]), Mean(B[1]) * Mean(B[2]))
    with pytest.raises(StepError, match="integrands differ"):
        linearity(mean, Sum(2 * theta[i] * Mean(B[i]), OVER_I))


def test_an_indicator_has_its_expectation_only_on_its_own():
    assert of_indicator(Mean(B[i] ** 2 * theta[i]), B[i], p).right == p * theta[i]
    with pytest.raises(StepError, match="not declared to be constant"):
        of_indicator(Mean(B[i] * B[k]), B[i], p)
    with pytest.raises(StepError, match="of this probability"):
        of_indicator(Mean(B[i]), B[i], p**2)


def test_independence_takes_each_factor_with_its_own_indicator():
    assert independent_product(Mean(Product(1 - B[k], K)), B).right == Product(Mean(1 - B[k]), K)
    with pytest.raises(StepError, match="another indicator"):
        independent_product(Mean(Product(1 - B[k] * B[k + 1], K)), B)
    with pytest.raises(StepError, match="not declared"):
        independent_product(Mean(Product(1 - dependent[k], K)), dependent)


def test_expectations_of_either_sign_have_none():
    assert markov(Mean(z**2), p, n).right == p * n
    with pytest.raises(StepError, match="may be negative"):
        not_negative(Mean(z))
    with pytest.raises(StepError, match="value may be negative"):
        markov(Mean(z**2), z, p)


def test_a_cited_chain_gives_a_cited_expectation():
    cited = begin(Symbol("q"), z**2, "").by(Step(z**2, ">", p, "somebody said so", "cited"))
    link = ordered_means(cited)
    assert (link.left, link.relation, link.right, link.kind) == (Mean(z**2), ">=", Mean(p), "cited")


def test_odd_products_need_an_even_weight():
    form, length = Sum(theta[k] * x[k], K), Sum(x[k] ** 2, K)
    assert odd_products_vanish(Mean(form**2 / length), form, x, i).right.function.has(theta[i] ** 2)
    with pytest.raises(StepError, match="not even"):
        odd_products_vanish(Mean(form**2 / Sum(x[k], K)), form, x, i)
    with pytest.raises(StepError, match="not a linear form"):
        odd_products_vanish(Mean(length**2), length, x, i)


def test_shares_must_add_up_to_one():
    length = Sum(x[k] ** 2, K)
    assert equal_shares(Mean(iota * x[i] ** 2 / length), iota, x[i] ** 2 / length, x[i], OVER_I).right == Mean(iota) / n
    share = x[i] ** 2 / length
    assert equal_shares(Mean(length * share), length, share, x[i], OVER_I).right == Mean(length) / n
    for lopsided in (x[1] ** 2, Sum(theta[k] * x[k] ** 2, K), Sum(k * x[k] ** 2, K), Sum(x[k], (k, 2, n))):
        with pytest.raises(StepError, match="not symmetric"):
            equal_shares(Mean(lopsided * share), lopsided, share, x[i], OVER_I)
    double = 2 * x[i] ** 2 / length
    with pytest.raises(StepError, match="do not add up"):
        equal_shares(Mean(iota * double), iota, double, x[i], OVER_I)


small = bounded(IndexedBase("test w", integer=True), Integer(-2), Integer(2))


def test_the_size_of_a_number_is_taken_from_the_model():
    assert within_declared_range(small[k], Integer(2)).right == 2
    for number, bound in ((small[k], Integer(1)), (c[k], Integer(2))):
        with pytest.raises(StepError, match="not declared"):
            within_declared_range(number, bound)


def test_the_last_term_of_a_sum_stands_apart():
    total = Sum(small[k] * 8**k, (k, 0, n))
    assert last_term_apart(total).right == small[n] * 8**n + Sum(small[k] * 8**k, (k, 0, n - 1))
    with pytest.raises(StepError, match="may have none"):
        last_term_apart(Sum(small[k], (k, 1, n - 1)))


def test_the_last_entry_of_integers_counts():
    assert last_entry_counts(small, k).right == 1
    with pytest.raises(StepError, match="not declared to be an integer"):
        last_entry_counts(c, k)


def test_integers_and_powers_need_their_hypotheses():
    assert integer_modulus(n).right == 1
    assert integer_power(Integer(8), n).right == 1
    assert bernoulli(1 - p, n + 1, P, strict=True).right == 1 - p * (n + 1)
    assert bernoulli(1 - p, n + 1, {p: (Integer(0), Integer(2))}, strict=True).right == 1 - p * (n + 1)
    with pytest.raises(StepError, match="may be zero"):
        integer_modulus(i)
    with pytest.raises(StepError, match="negative exponent"):
        integer_power(Integer(8), -n)
    with pytest.raises(StepError, match="below 2"):
        bernoulli(1 - p, n, P, strict=True)
    with pytest.raises(StepError, match="outside its range"):
        bernoulli(1 + p, n + 1, P, strict=True)
    with pytest.raises(StepError, match="outside its range"):
        bernoulli(1 - p, n + 1, {p: (Integer(0), Integer(3))}, strict=True)


def test_only_the_own_window_is_left():
    j, place = symbols("j l", integer=True, positive=True)
    v, low, high = (IndexedBase(name, real=True) for name in ("v", "lo", "hi"))
    gates = window(v[j], low[j], high[j])
    link = own_window(Sum(gates * c[j], (j, 1, n)), c[j], v, (low, high), place)
    assert (link.right, link.kind) == (c[place], "theorem")
    for other in (gates * c[j] ** 2, indicator(v[j], low[j]) * c[j], window(v[j], high[j], low[j]) * c[j]):
        with pytest.raises(StepError, match="another sum"):
            own_window(Sum(other, (j, 1, n)), c[j], v, (low, high), place)


def test_zeros_at_the_end_may_be_left_out_of_a_linear_sum_alone():
    top = Symbol("t", integer=True, nonnegative=True)
    whole = Sum(c[k] * 8**k, (k, 0, n))
    assert last_entry(whole, c, top).right == Sum(c[k] * 8**k, (k, 0, top))
    with pytest.raises(StepError, match="not linear"):
        last_entry(Sum((c[k] + 1) * 8**k, (k, 0, n)), c, top)
