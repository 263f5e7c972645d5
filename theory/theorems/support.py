"""Expectations over a random support: cases of an indicator, linearity over finite sums, independence, Markov."""

from sympy import Add, Expr, Indexed, IndexedBase, Integer, Mul, Product, Sum

from theory.algebra import is_nonnegative, reduces_to_zero
from theory.derivation import Conclusion, StepError, theorem
from theory.laws import closed_range, is_binary, law_of, random_parts
from theory.theorems.expectation import require_constant
from theory.theorems.indicators import Mean


@theorem(cites="Billingsley, Probability and Measure, section 5")
def by_cases(expr: Expr, form: Expr, indicator: Expr) -> Conclusion:
    """The link `expr = form`, which holds in both cases `indicator = 0` and `indicator = 1`.

    Raises
    ------
    StepError
        If it fails in one of them, or the number is not declared to be 0 or 1.
    """
    if not is_binary(indicator):
        raise StepError("by cases: not declared to be 0 or 1", indicator)
    for value in (0, 1):
        residue = (expr - form).subs(indicator, value)
        if not reduces_to_zero(residue):
            raise StepError(f"by cases: fails at {indicator} = {value}", residue)
    return Conclusion(expr, "=", form, f"both cases of {indicator}", (f"{indicator} is 0 or 1",))


@theorem(cites="Billingsley, Probability and Measure, theorem 16.1")
def termwise_mean(mean: Mean, form: Expr) -> Conclusion:
    """The link from `E[x]` to a combination of expectations with constant coefficients and finite sums.

    Parameters
    ----------
    mean
        The expectation.
    form
        Affine in expectations; `x` itself when every `E` is struck out.

    Raises
    ------
    StepError
        If `form` is not affine, something that is not declared to be constant stands outside, or `form` is another
        quantity.
    """
    if not _is_affine(form):
        raise StepError("linearity: not affine in expectations", form)
    outside = form.replace(lambda x: isinstance(x, Mean), lambda _: 1)
    require_constant(outside, {index for total in form.atoms(Sum) for index in total.bound_symbols})
    struck = form.replace(lambda x: isinstance(x, Mean), lambda x: x.args[0])
    if not reduces_to_zero(struck - mean.args[0]):
        raise StepError("linearity: not the same quantity", struck - mean.args[0])
    return Conclusion(mean, "=", form, "linearity of the expectation", ("finite sums", "constant coefficients"))


def _is_affine(expr: Expr) -> bool:
    if not expr.has(Mean) or isinstance(expr, Mean):
        return True
    if isinstance(expr, Add):
        return all(_is_affine(term) for term in expr.args)
    if isinstance(expr, Mul):
        parts = [part for part in expr.args if part.has(Mean)]
        return len(parts) == 1 and _is_affine(parts[0])
    return isinstance(expr, Sum) and _is_affine(expr.function)


@theorem(cites="Billingsley, Probability and Measure, theorem 16.1")
def of_indicator(mean: Mean, indicator: Indexed, probability: Expr) -> Conclusion:
    """The link `E[g(s)] = P(s = 0) g(0) + P(s = 1) g(1)` for an indicator `s`.

    Raises
    ------
    StepError
        If `s` is not declared to be an indicator of this probability, or something else in `g` to be constant.
    """
    law = law_of(indicator)
    if law is None or not is_binary(indicator) or law.probability != probability:
        raise StepError("expectation: not declared to be an indicator of this probability", indicator)
    zero, one = (mean.args[0].subs(indicator, value) for value in (0, 1))
    require_constant(zero)
    require_constant(one)
    value = (1 - probability) * zero + probability * one
    hypotheses = (f"{indicator} is 1 with probability {probability}, else 0",)
    return Conclusion(mean, "=", value, "expectation of an indicator", hypotheses)


@theorem(cites="Rudin, Principles of Mathematical Analysis, proposition 1.18")
def complement_of_product(product: Product) -> Conclusion:
    """The link `1 - prod_k f_k >= 0` for factors between 0 and 1.

    Raises
    ------
    StepError
        If the factors are not shown to be, from the ranges that the model gives to the numbers in them.
    """
    ranges = {x: ends for x in random_parts(product.function) if (ends := closed_range(x)) is not None}
    for gap in (product.function, 1 - product.function):
        if not is_nonnegative(gap, ranges):
            raise StepError("product: a factor may leave [0, 1]", gap)
    return Conclusion(1 - product, ">=", Integer(0), "a product of numbers from 0 to 1", ("0 <= f_k <= 1",))


@theorem(cites="Billingsley, Probability and Measure, section 20")
def independent_product(mean: Mean, indicator: IndexedBase) -> Conclusion:
    """The link from the expectation of a product over independent indicators to the product of expectations.

    Raises
    ------
    StepError
        If a factor depends on more than its own indicator, or the indicators are not declared to be independent.
    """
    law = law_of(indicator)
    if law is None or not law.independent:
        raise StepError("independence: not declared", indicator)
    (product,) = mean.args
    if not isinstance(product, Product):
        raise StepError("independence: not a product", mean)
    ((k, low, high),) = product.limits
    if any(atom.base == indicator and atom != indicator[k] for atom in product.function.atoms(Indexed)):
        raise StepError("independence: a factor depends on another indicator", product)
    require_constant(product.function.xreplace({indicator[k]: Integer(1)}), (k,))
    value = Product(Mean(product.function), (k, low, high))
    return Conclusion(mean, "=", value, "independence", ("the indicators are independent",))


@theorem(cites="Billingsley, Probability and Measure, theorem 16.1")
def not_negative(total: Expr) -> Conclusion:
    """The link `total >= 0` for an expectation, or a finite sum of expectations, of what is not negative.

    Raises
    ------
    StepError
        If that is not shown.
    """
    mean = total.function if isinstance(total, Sum) else total
    if not (isinstance(mean, Mean) and is_nonnegative(mean.args[0])):
        raise StepError("expectation: may be negative", total)
    return Conclusion(total, ">=", total * 0, "expectation of what is not negative", ("integrand >= 0",))


@theorem(cites="Billingsley, Probability and Measure, section 5")
def markov(total: Expr, value: Expr, probability: Expr) -> Conclusion:
    r"""Markov's inequality $E[Y] \ge \kappa P(Y \ge \kappa)$, for `Y` given by its expectation.

    Parameters
    ----------
    total
        `E[Y]`: an expectation, or a finite sum of expectations, of what is not negative.
    value, probability
        `kappa` and `P(Y >= kappa)`.

    Raises
    ------
    StepError
        If `Y` or `kappa` may be negative.
    """
    not_negative(total)
    if not is_nonnegative(value):
        raise StepError("Markov's inequality: the value may be negative", value)
    return Conclusion(total, ">=", value * probability, "Markov's inequality", ("Y >= 0", "kappa >= 0"))
