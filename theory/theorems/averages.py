"""Averages over label noise and over binomial counts, and the mean of a square root."""

from sympy import (
    Dummy,
    Expr,
    Integral,
    Product,
    Rational,
    Sum,
    Symbol,
    binomial,
    erf,
    exp,
    limit,
    oo,
    pi,
    sqrt,
)

from theory.algebra import is_nonnegative, reduces_to_zero
from theory.derivation import Conclusion, StepError, theorem
from theory.laws import is_constant, law_of
from theory.model import phi
from theory.theorems.calculus import require_smooth
from theory.theorems.indicators import Mean

_POWER = Rational(-3, 2)


@theorem(cites="Billingsley, Probability and Measure, theorem 18.3")
def over_label_noise(mean: Mean, n: Symbol) -> Conclusion:
    """The link that averages over a standard normal `n`, independent of the rest, before the rest.

    The inner mean is written as twice the integral over the positive half line.

    Raises
    ------
    StepError
        If the function may be negative, or is not even in `n`.
    """
    (f,) = mean.args
    law = law_of(n)
    if law is None or not law.is_normal:
        raise StepError("label noise: not declared to be standard normal", n)
    if not is_nonnegative(f):
        raise StepError("Tonelli's theorem: the function may be negative", f)
    if not reduces_to_zero(f.subs(n, -n) - f):
        raise StepError("symmetry: the function is not even", f.subs(n, -n) - f)
    half = Symbol(n.name, positive=True)
    integral = Integral(f.subs(n, half) * phi(half), (half, 0, oo))
    hypotheses = (f"{n} is standard normal and independent of the rest", f"not negative, even in {n}")
    return Conclusion(mean, "=", Mean(2 * integral), "Tonelli's theorem; symmetry of the normal law", hypotheses)


@theorem(cites="Rudin, Principles of Mathematical Analysis, theorem 6.21")
def half_line(integral: Integral, antiderivative: Expr) -> Conclusion:
    """The link from an integral over the positive half line to the limits of `antiderivative` at its ends.

    Raises
    ------
    StepError
        If its derivative is not the integrand, or it is not shown to be smooth on the half line.
    """
    ((x, low, high),) = integral.limits
    residue = antiderivative.diff(x) - integral.function
    if (low, high) != (0, oo) or not reduces_to_zero(residue):
        raise StepError("fundamental theorem of calculus: not an antiderivative", residue)
    require_smooth(antiderivative, x, (low, high))
    closed = antiderivative.doit()
    value = limit(closed, x, oo) - limit(closed, x, 0, "+")
    hypotheses = (f"d/d{x} of the antiderivative is the integrand", "its limits at 0 and at infinity")
    return Conclusion(integral, "=", value, "fundamental theorem of calculus", hypotheses)


@theorem(cites="Rudin, Principles of Mathematical Analysis, theorem 6.21")
def root_as_integral(value: Expr, t: Symbol) -> Conclusion:
    r"""The link $\sqrt v = \frac{1}{2\sqrt\pi}\int_0^\infty (1 - e^{-tv})\, t^{-3/2}\, dt$ for `v >= 0`.

    For `v > 0` an antiderivative is differentiated here and taken to its limits; at 0 both sides vanish.

    Raises
    ------
    StepError
        If `value` may be negative, or the antiderivative fails.
    """
    if not is_nonnegative(value):
        raise StepError("integral of a root: the value may be negative", value)
    v = Dummy("v", positive=True)
    antiderivative = 2 * sqrt(pi * v) * erf(sqrt(t * v)) - 2 * (1 - exp(-t * v)) / sqrt(t)
    area = half_line(Integral((1 - exp(-t * v)) * t**_POWER, (t, 0, oo)), antiderivative).right
    if not reduces_to_zero(area - 2 * sqrt(pi) * sqrt(v)):
        raise StepError("integral of a root: another value", area)
    integral = Integral((1 - exp(-t * value)) * t**_POWER, (t, 0, oo))
    hypotheses = (
        "v >= 0; both sides vanish at v = 0",
        "antiderivative 2 sqrt(pi v) erf(sqrt(t v)) - 2 (1 - e^(-t v))/sqrt(t)",
    )
    reason = "a root as an integral, by the fundamental theorem of calculus"
    return Conclusion(sqrt(value), "=", integral / (2 * sqrt(pi)), reason, hypotheses)


@theorem(cites="Billingsley, Probability and Measure, theorem 18.3")
def mean_under_integral(mean: Mean, t: Symbol, power: Expr) -> Conclusion:
    r"""The link $E \int c (1 - e^{-tV}) w\, dt = \int c (1 - E e^{-tV}) w\, dt$, for the exponential `power`.

    Raises
    ------
    StepError
        If the integrand is not a constant multiple of `(1 - power) w(t)`, or may be negative.
    """
    constant, integral = mean.args[0].as_independent(Integral, as_Add=False)
    weight = integral.function / (1 - power)
    if (constant * weight).free_symbols - {t}:
        raise StepError("Tonelli's theorem: not of the form (1 - e^(-tV)) w(t)", weight)
    exponent = power.args[0]
    if not (is_nonnegative(-exponent) and is_nonnegative(constant * weight)):
        raise StepError("Tonelli's theorem: the integrand may be negative", integral.function)
    inside = Integral((1 - Mean(power)) * weight, *integral.limits)
    hypotheses = ("the integrand is not negative", "the exponential is bounded")
    return Conclusion(mean, "=", constant * inside, "Tonelli's theorem", hypotheses)


@theorem(cites="Rudin, Principles of Mathematical Analysis, theorem 8.6")
def exponential_of_sum(power: Expr) -> Conclusion:
    """The link `e^(c sum_g v_g) = prod_g e^(c v_g)`.

    Raises
    ------
    StepError
        If the exponent is not a constant times one finite sum.
    """
    constant, total = power.args[0].as_independent(Sum, as_Add=False)
    if not (isinstance(total, Sum) and len(total.limits) == 1) or constant.has(total.limits[0][0]):
        raise StepError("exponential: the exponent is not a constant times a sum", power)
    product = Product(exp(constant * total.function), *total.limits)
    return Conclusion(power, "=", product, "functional equation of the exponential", ("a finite sum",))


@theorem(cites="Feller, An Introduction to Probability Theory and Its Applications, vol. 1, section VI.2")
def mean_of_binomial(mean: Mean, count: Symbol, n: Expr, probability: Expr, k: Symbol) -> Conclusion:
    """The link `E f(N) = sum_k f(k) C(n, k) q^k (1-q)^(n-k)` for `N ~ Bin(n, q)`; `k` is the index to sum over.

    Raises
    ------
    StepError
        If `mean` is not a function of the count, or `n` cannot be a number of events.
    """
    (f,) = mean.args
    if not f.has(count) or not n.is_nonnegative or n.is_integer is False:
        raise StepError("binomial law: not a function of a count", f)
    law = law_of(count)
    if law is None or law.trials != n or law.probability != probability:
        raise StepError("binomial law: not declared to be the law of this count", count)
    if not is_constant(f.subs(count, k), (k,)):
        raise StepError("binomial law: something else may be random", f)
    weight = binomial(n, k) * probability**k * (1 - probability) ** (n - k)
    hypotheses = (f"{count} counts which of {n} independent events of probability {probability} happen",)
    return Conclusion(mean, "=", Sum(f.subs(count, k) * weight, (k, 0, n)), "binomial law", hypotheses)


@theorem(cites="Billingsley, Probability and Measure, section 21")
def root_mean_square(mean: Mean) -> Conclusion:
    """The link `E f <= sqrt(E f^2)` for `f >= 0` (Jensen's inequality for the square).

    Raises
    ------
    StepError
        If `f` may be negative.
    """
    (f,) = mean.args
    if not is_nonnegative(f):
        raise StepError("Jensen's inequality: the function may be negative", f)
    hypotheses = ("the square is convex", "f >= 0")
    return Conclusion(mean, "<=", sqrt(Mean(f**2)), "Jensen's inequality", hypotheses)
