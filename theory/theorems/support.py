"""Expectations over a random support: cases of an indicator, sums of indicators, independence, Markov."""

from sympy import Expr, Indexed, IndexedBase, Integer, Product, Sum

from theory.algebra import is_nonnegative, reduces_to_zero
from theory.derivation import Conclusion, Step, StepError, opening, theorem
from theory.laws import closed_range, is_binary, law_of, random_parts
from theory.theorems.expectation import linearity, require_constant
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
def of_indicator(mean: Mean, indicator: Indexed, probability: Expr) -> Conclusion:
    """The link `E[g(s)] = P(s = 0) g(0) + P(s = 1) g(1)` for an indicator `s`.

    Raises
    ------
    StepError
        If `s` is not declared to be an indicator of this probability, or something else in `g` to be constant.
    """
    law = law_of(indicator)
    declared = law.probability if law is not None else None
    if isinstance(declared, IndexedBase):
        declared = declared[indicator.indices]
    if not is_binary(indicator) or declared is None or declared != probability:
        raise StepError("expectation: not declared to be an indicator of this probability", indicator)
    zero, one = (mean.args[0].subs(indicator, value) for value in (0, 1))
    require_constant(zero)
    require_constant(one)
    value = (1 - probability) * zero + probability * one
    hypotheses = (f"{indicator} is 1 with probability {probability}, else 0",)
    return Conclusion(mean, "=", value, "expectation of an indicator", hypotheses)


def mean_of_indicators(mean: Mean, indicator: IndexedBase, probability: IndexedBase | Expr) -> Step:
    """The link `E[sum_h c_h s_h] = sum_h c_h P(s_h = 1)` for constants `c_h`.

    Derived from linearity and the expectation of one indicator.

    Raises
    ------
    StepError
        If the expectation is not of such a sum, a coefficient is not declared to be constant, or the entries are not
        declared to be indicators of this probability.
    """
    ((h, low, high),) = mean.args[0].limits
    weight = mean.args[0].function.coeff(indicator[h])
    each = probability[h] if isinstance(probability, IndexedBase) else probability
    chain = opening(mean).by(linearity(mean, Sum(weight * Mean(indicator[h]), (h, low, high))))
    return chain.within(of_indicator(Mean(indicator[h]), indicator[h], each)).as_step("mean of a sum of indicators")


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
        If one of the hypotheses is not shown.
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
