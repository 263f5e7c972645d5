"""Expectations over a random support: cases of an indicator, linearity over finite sums, independence, Markov."""

from collections.abc import Collection, Mapping

from sympy import Add, Basic, Expr, Indexed, IndexedBase, Mul, Product, Sum

from theory.algebra import is_nonnegative, reduces_to_zero
from theory.derivation import Derivation, Kind, Relation, Step, StepError
from theory.theorems.indicators import Mean

_WEAK: Mapping[Relation, Relation] = {">": ">=", "<": "<="}


def by_cases(expr: Expr, form: Expr, indicator: Expr) -> Step:
    """The link `expr = form`, which holds in both cases `indicator = 0` and `indicator = 1`.

    Raises
    ------
    StepError
        If it fails in one of them.
    """
    for value in (0, 1):
        residue = (expr - form).subs(indicator, value)
        if not reduces_to_zero(residue):
            raise StepError(f"by cases: fails at {indicator} = {value}", residue)
    return Step(expr, "=", form, f"both cases of {indicator}", "theorem", (f"{indicator} is 0 or 1",))


def termwise_mean(mean: Mean, form: Expr, random: Collection[Basic]) -> Step:
    """The link from `E[x]` to a combination of expectations with constant coefficients and finite sums.

    Parameters
    ----------
    mean
        The expectation.
    form
        Affine in expectations; `x` itself when every `E` is struck out.
    random
        Symbols that are random: none may stand outside an expectation.

    Raises
    ------
    StepError
        If `form` is not affine, something random stands outside, or `form` is another quantity.
    """
    if not _is_affine(form):
        raise StepError("linearity: not affine in expectations", form)
    outside = form.replace(lambda x: isinstance(x, Mean), lambda _: 1)
    if outside.has(*random):
        raise StepError("linearity: a random factor stands outside", outside)
    struck = form.replace(lambda x: isinstance(x, Mean), lambda x: x.args[0])
    if not reduces_to_zero(struck - mean.args[0]):
        raise StepError("linearity: not the same quantity", struck - mean.args[0])
    return Step(mean, "=", form, "linearity of the expectation", "theorem", ("finite sums", "constant coefficients"))


def _is_affine(expr: Expr) -> bool:
    if not expr.has(Mean) or isinstance(expr, Mean):
        return True
    if isinstance(expr, Add):
        return all(_is_affine(term) for term in expr.args)
    if isinstance(expr, Mul):
        parts = [part for part in expr.args if part.has(Mean)]
        return len(parts) == 1 and _is_affine(parts[0])
    return isinstance(expr, Sum) and _is_affine(expr.function)


def of_indicator(mean: Mean, indicator: Indexed, probability: Expr, random: Collection[Basic]) -> Step:
    """The link `E[g(s)] = P(s = 0) g(0) + P(s = 1) g(1)` for an indicator `s`.

    Raises
    ------
    StepError
        If something else in `g` is random.
    """
    zero, one = (mean.args[0].subs(indicator, value) for value in (0, 1))
    if zero.has(*random) or one.has(*random):
        raise StepError("expectation of an indicator: something else is random", mean)
    value = (1 - probability) * zero + probability * one
    hypotheses = (f"{indicator} is 1 with probability {probability}, else 0",)
    return Step(mean, "=", value, "expectation of an indicator", "theorem", hypotheses)


def independent_product(mean: Mean, indicator: IndexedBase) -> Step:
    """The link from the expectation of a product over independent indicators to the product of expectations.

    Raises
    ------
    StepError
        If a factor depends on more than its own indicator.
    """
    (product,) = mean.args
    if not isinstance(product, Product):
        raise StepError("independence: not a product", mean)
    ((k, low, high),) = product.limits
    if any(atom.base == indicator and atom != indicator[k] for atom in product.function.atoms(Indexed)):
        raise StepError("independence: a factor depends on another indicator", product)
    value = Product(Mean(product.function), (k, low, high))
    return Step(mean, "=", value, "independence", "theorem", ("the indicators are independent",))


def not_negative(total: Expr) -> Step:
    """The link `total >= 0` for an expectation, or a finite sum of expectations, of what is not negative.

    Raises
    ------
    StepError
        If that is not shown.
    """
    mean = total.function if isinstance(total, Sum) else total
    if not (isinstance(mean, Mean) and is_nonnegative(mean.args[0])):
        raise StepError("expectation: may be negative", total)
    return Step(total, ">=", total * 0, "expectation of what is not negative", "theorem", ("integrand >= 0",))


def markov(total: Expr, value: Expr, probability: Expr) -> Step:
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
    return Step(total, ">=", value * probability, "Markov's inequality", "theorem", ("Y >= 0", "kappa >= 0"))


def mean_of_chain(pointwise: Derivation) -> Step:
    """The link `E f >= E g` (`<=`, `=`) from a chain that leads from `f` to `g` at every point; cited if that is."""
    relation: Relation = _WEAK.get(pointwise.relation, pointwise.relation)
    kind: Kind = "theorem" if pointwise.is_complete else "cited"
    start = Mean(pointwise.definitions[pointwise.start])
    return Step(start, relation, Mean(pointwise.end), "the expectation keeps order", kind, ("it holds at every point",))
