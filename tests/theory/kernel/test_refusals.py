"""False instances of theorems are refused, although each is close to a true instance, which is accepted."""

import pytest
from sympy import (
    Abs,
    BlockMatrix,
    Derivative,
    Function,
    IndexedBase,
    Integer,
    Integral,
    MatrixSymbol,
    Max,
    Piecewise,
    Product,
    Rational,
    Sum,
    Symbol,
    Trace,
    exp,
    oo,
)

from tests.theory.granted import granted
from theory.derivation import StepError, opening
from theory.laws import constant, indicator, products, random
from theory.model import d, p
from theory.theorems.attack_ball import largest_modulus
from theory.theorems.averages import exponential_of_sum, mean_under_integral
from theory.theorems.balls import WorstCase, over_ball
from theory.theorems.calculus import (
    ArgMin,
    decreases,
    fundamental_theorem,
    keeps_order,
    minimum_at_start,
    unique_minimum,
)
from theory.theorems.concavity import above_chord, below_tangent
from theory.theorems.duality import Maximum, convex_maximum, larger
from theory.theorems.expectation import (
    force_under_the_mean,
    identically_distributed,
    linearity,
    ordered_means,
    positive_moment,
)
from theory.theorems.gaussian import (
    above_core,
    arcsine_as_arctangent,
    below_core_and_tails,
    normal_mean,
)
from theory.theorems.hyperbolic import arccosh_as_log
from theory.theorems.indicators import Mean
from theory.theorems.infimum import Infimum, at_least_infimum
from theory.theorems.isometry import cyclic_trace, trace_of_gram, trace_of_sum
from theory.theorems.khinchine import at_most_concentrated, every_direction, largest_apart, lazy, modulus_as_integral
from theory.theorems.linear_programs import (
    LargestPairing,
    LeastL1,
    VectorNorm,
    at_least_along_target,
    at_most_feasible,
    by_sign,
    length_kept,
    norm_of_multiple,
    one_column,
    strong_duality,
)
from theory.theorems.logistic import Growth, increments_grow, of_modulus, peak_of_decay
from theory.theorems.matrices import permutation_average, sign_average, stacked_gram
from theory.theorems.modulus import last_entry_counts, last_term_apart, within_declared_range
from theory.theorems.near_zero import Largest, at_least_anywhere, largest_of_odd, of_a_constant, still_within
from theory.theorems.normal_tail import rises_then_falls
from theory.theorems.norms import Norm, homogeneous, triangle_inequality
from theory.theorems.overlaps import binomial_theorem
from theory.theorems.powers import power_on_support, quotient_at_most, reciprocal, root_exceeds
from theory.theorems.roots import (
    least_value,
    minimum_at_zero,
    minimum_inside,
    root_above_zero,
    root_at_most,
    root_decreases,
)
from theory.theorems.series import positive_integral
from theory.theorems.support import complement_of_product, independent_product
from theory.theorems.tilt import above_half
from theory.theorems.union_bound import union_bound

x, t = Symbol("x", real=True), Symbol("t", real=True)
y, b = Symbol("y", nonnegative=True), Symbol("b", nonnegative=True)
q, r, s = (Symbol(name, positive=True) for name in "qrs")
i, k = Symbol("i", integer=True), Symbol("k", integer=True, nonnegative=True)
n = constant(Symbol("n", integer=True, positive=True))
ONE, ZERO = Integer(1), Integer(0)
UNIT = (ZERO, ONE)
JUMP = Piecewise((0, x < 1), (5, True))
"""A function with slope 0 that jumps up at 1."""
LATE = Piecewise((0, x < Rational(1, 2)), (1, x < Rational(3, 4)), (0, True))
"""A bump inside of the unit interval."""


def on(range_):
    """The box of `x`."""
    return {x: range_}


JUMPS = {
    "decreases": lambda: decreases(JUMP - x, x, ZERO, Integer(2)),
    "unique_minimum": lambda: unique_minimum(x**2 - JUMP, x, Integer(2), x, ZERO, on((-oo, oo))),
    "minimum_at_start": lambda: minimum_at_start(x - JUMP, x, ONE, ONE, on((ZERO, oo))),
    "least_value": lambda: least_value(x**2 - JUMP, x, Integer(2), x, ZERO),
    "above_chord": lambda: above_chord(LATE - x**2, x, -Integer(2), Rational(1, 8)),
    "below_tangent": lambda: below_tangent(LATE - x**2, x, -Integer(2), Rational(1, 2)),
    "fundamental_theorem": lambda: fundamental_theorem(Integral(0, (x, 0, 2)), JUMP),
    "fundamental_theorem, pole": lambda: fundamental_theorem(Integral(-1 / x**2, (x, -1, 1)), 1 / x),
    "rises_then_falls": lambda: rises_then_falls(
        q * exp(-q) - 5 * Piecewise((0, q < 2), (1, q < 3), (0, True)), q, exp(-q), 1 - q
    ),
    "convex_maximum": lambda: convex_maximum(Maximum(x**2 + 9 * LATE, x, ZERO, ONE)),
    "over_ball": lambda: over_ball(WorstCase(x - 9 * LATE, x, ONE, ONE)),
    "keeps_order": lambda: keeps_order(y - Piecewise((0, y < 1), (5, True)), y, granted(q, "<=", r)),
    "largest_of_odd": lambda: largest_of_odd(x - Piecewise((-9, x < -1), (0, x < 1), (9, True)), x, Integer(2)),
    "positive_integral": lambda: positive_integral(
        Integral(Piecewise((1, x < 0), (0, x < 1), (1, x <= 1), (0, True)), (x, 0, 2)), ONE, {}, {}
    ),
}


@pytest.mark.parametrize("name", JUMPS)
def test_a_derivative_says_nothing_of_a_function_that_jumps(name):
    with pytest.raises(StepError):
        JUMPS[name]()


def test_smooth_instances_of_the_same_theorems_are_taken():
    assert decreases(-x, x, ZERO, Integer(2)).right == 0
    assert unique_minimum(x**2, x, Integer(2), x, ZERO, on((-oo, oo))).left == ArgMin(x**2, x)
    assert least_value(x**2, x, Integer(2), x, ZERO).right == 0
    assert above_chord(-(x**2), x, -Integer(2), Rational(1, 8)).relation == ">="
    assert convex_maximum(Maximum(x**2, x, ZERO, ONE)).relation == "="


V, W = MatrixSymbol("test V", 3, 2), MatrixSymbol("test W", 3, 2)
column, number = MatrixSymbol("test c", 3, 1), MatrixSymbol("test n", 1, 1)
target = MatrixSymbol("test t", 2, 1)
products({(V.T, V): ()})
A, D = MatrixSymbol("A", 2, 2), indicator(MatrixSymbol("test D", 2, 2), p)
B = indicator(IndexedBase("test B", nonnegative=True), p, independent=True)
common, fixed = random(Symbol("test z", real=True)), constant(Symbol("test a", real=True))
unknown = Symbol("test u", real=True)
entry = IndexedBase("v", real=True)[1]
walk_mean = Mean(Abs(Sum(IndexedBase("t", positive=True)[i] * lazy(p)[i], (i, 1, d))))
count = Sum(B[i], (i, 1, n))
signs, place = IndexedBase("test S"), Function("test pi")
f = y**2 - 1
increasing = opening(Derivative(f, y)).by(granted(Derivative(f, y), ">=", ONE))
flat = opening(Derivative(f, y)).by(granted(Derivative(f, y), ">=", ZERO))
negative = opening(f.subs(y, 0)).equals(Integer(-1), "at zero") if f.subs(y, 0) != -1 else opening(f.subs(y, 0))
normal = normal_mean(x**2, x, x**2, ZERO)

FALSE = {
    "largest_modulus": lambda: largest_modulus(x, ONE),
    "exponential_of_sum": lambda: exponential_of_sum(exp(i * count)),
    "mean_under_integral": lambda: mean_under_integral(Mean(Integral((1 - exp(q)) * q**-2, (q, 0, oo))), q, exp(q)),
    "larger": lambda: larger(Max(x, y, t)),
    "triangle_inequality": lambda: triangle_inequality((x, t), exp),
    "triangle_inequality, one term": lambda: triangle_inequality((x,)),
    "homogeneous": lambda: homogeneous(x, t),
    "homogeneous, beyond the box": lambda: homogeneous(1 - x, t, Norm, on((ZERO, Integer(2)))),
    "homogeneous, no norm": lambda: homogeneous(q, t, exp),
    "keeps_order, may decrease": lambda: keeps_order(-(x**3), x, granted(q, "<=", r)),
    "keeps_order, decreases below zero": lambda: keeps_order(y**2, y, granted(x, "<=", r)),
    "keeps_order, an equation": lambda: keeps_order(x, x, granted(q, "=", r)),
    "force_under_the_mean": lambda: force_under_the_mean(Mean(common), q, ((ONE, fixed),)),
    "identically_distributed": lambda: identically_distributed(Mean(common)),
    "linearity": lambda: linearity(Mean(unknown * common)),
    "ordered_means": lambda: opening(Mean(q)).by(ordered_means(opening(q, box={q: UNIT}).at_most(ONE, "below one"))),
    "positive_moment": lambda: positive_moment(Mean(common)),
    "arcsine_as_arctangent": lambda: arcsine_as_arctangent(Rational(3, 5), -Rational(4, 5)),
    "above_core": lambda: above_core(normal, x),
    "below_core_and_tails": lambda: below_core_and_tails(normal, x, Integer(0)),
    "arccosh_as_log": lambda: arccosh_as_log(q),
    "at_least_infimum": lambda: at_least_infimum(Infimum(x / y, y), x, y, granted(y, ">=", ZERO)),
    "cyclic_trace": lambda: cyclic_trace(Trace(A * D * A.T), A, D),
    "trace_of_gram": lambda: trace_of_gram(Mean(Trace(A * D)), A),
    "trace_of_sum": lambda: trace_of_sum(Trace(A * D)),
    "every_direction": lambda: every_direction(walk_mean, ONE, (q, q), opening(ONE, box={q: UNIT}), opening(ONE)),
    "at_most_concentrated": lambda: at_most_concentrated(Sum(y**3, (i, 1, n))),
    "largest_apart": lambda: largest_apart(Mean(Abs(-y * lazy(p)[1])), -y, ZERO, p, {}),
    "modulus_as_integral": lambda: modulus_as_integral(Mean(count), count, p, q),
    "at_least_along_target": lambda: at_least_along_target(LeastL1(V, target)),
    "at_most_feasible": lambda: at_most_feasible(LeastL1(V, target), 2 * V * target),
    "strong_duality": lambda: strong_duality(LeastL1(W, target)),
    "one_column": lambda: one_column(LargestPairing(V, target)),
    "length_kept": lambda: length_kept(VectorNorm(target, ONE), V),
    "length_kept, no isometry": lambda: length_kept(VectorNorm(target, Integer(2)), W),
    "norm_of_multiple": lambda: norm_of_multiple(VectorNorm(V * target, ONE)),
    "by_sign": lambda: by_sign(Abs(entry), entry, entry),
    "increments_grow": lambda: increments_grow(Growth(-ONE, t, y, b).value, (Growth(-ONE, t, y, b),)),
    "of_modulus": lambda: of_modulus(x**3, x),
    "peak_of_decay": lambda: peak_of_decay(x, q, ONE),
    "permutation_average": lambda: permutation_average(Mean(IndexedBase("g")[place(i)]), place, i, k, n),
    "sign_average": lambda: sign_average(Mean(signs[i] * signs[k]), signs, i, k),
    "stacked_gram": lambda: stacked_gram(BlockMatrix([[A, A * A.inverse()], [A.T, A]])),
    "last_entry_counts": lambda: last_entry_counts(IndexedBase("v", real=True), k),
    "last_term_apart": lambda: last_term_apart(Sum(k, (k, 0, n - 2))),
    "within_declared_range": lambda: within_declared_range(p, Rational(1, 2)),
    "binomial_theorem": lambda: binomial_theorem((q + r) ** n, q, 2 * r, k),
    "power_on_support": lambda: power_on_support(granted(y * x, "<=", y * t), y, q),
    "quotient_at_most": lambda: quotient_at_most(q / r, r, ONE, granted(r - q, ">=", -ONE), ONE),
    "reciprocal": lambda: reciprocal(granted(q, "<=", r)),
    "root_exceeds": lambda: root_exceeds(q, r, granted(q - r, ">=", ZERO), Integer(2)),
    "at_least_anywhere": lambda: at_least_anywhere(Largest(x**2, x, ONE), q, {}),
    "of_a_constant": lambda: of_a_constant(Largest(x**2 + t, x, ONE), t, ZERO),
    "still_within": lambda: still_within(Piecewise((x, Abs(x) >= b), (0, True)), x, Integer(2), ONE, {}),
    "root_above_zero": lambda: root_above_zero(f, y, flat, negative),
    "root_at_most": lambda: root_at_most(f, y, increasing, opening(f), Rational(1, 2)),
    "root_decreases": lambda: root_decreases(y, f, y, q, flat, flat),
    "minimum_at_zero": lambda: minimum_at_zero(ArgMin(y**3 / 3 - y, y), f, increasing, negative),
    "minimum_inside": lambda: minimum_inside(ArgMin(y**3 / 3 + y, y), f + 2, increasing, opening((f + 2).subs(y, 0))),
    "complement_of_product": lambda: complement_of_product(Product(1 + B[k], (k, 1, n))),
    "independent_product": lambda: independent_product(Mean(Product(common * B[k], (k, 1, n))), B),
    "above_half": lambda: above_half(x),
    "union_bound": lambda: union_bound(p + q),
}


@pytest.mark.parametrize("name", FALSE)
def test_a_false_instance_is_refused(name):
    with pytest.raises(StepError):
        FALSE[name]()
