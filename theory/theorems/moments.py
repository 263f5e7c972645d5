"""Moments of sums of independent terms, and of vectors whose coordinates are uncorrelated."""

from collections.abc import Sequence
from dataclasses import dataclass

from sympy import Abs, Expr, Indexed, Integer, MatMul, MatrixExpr, Sum, Symbol, Trace, binomial

from theory.algebra import reduces_to_zero
from theory.derivation import Conclusion, Derivation, StepError, theorem
from theory.laws import is_binary, is_isotropic, law_of
from theory.theorems.indicators import Mean


@dataclass(frozen=True)
class Measure:
    """A sum over the weights of independent terms, such as the sum of their squares.

    Attributes
    ----------
    name
        A symbol for it.
    added
        The increase by one more term. The sum over no terms is zero.
    """

    name: Symbol
    added: Expr


@theorem(cites="Feller, An Introduction to Probability Theory and Its Applications, vol. 1, chapter IX")
def moment_of_sum(mean: Mean, closed: Sequence[Expr], weight: Symbol, measures: Sequence[Measure]) -> Conclusion:
    r"""The link from $E(\sum_i B_i w_i)^k$ to its closed form, by induction on the number of terms.

    Parameters
    ----------
    mean
        The moment of order `k`, of a sum over independent indicators `B_i` of one probability.
    closed
        For every order up to `k` the moment of the sum, in the names of the measures.
    weight
        Symbol for the weight of one term.
    measures
        The sums over the weights on which the closed forms depend.

    Raises
    ------
    StepError
        If `mean` is another expectation, the indicators are not declared so, a moment of no terms is wrong, or adding a
        term breaks a closed form.
    """
    base, order = mean.args[0].as_base_exp()
    keeps = [x for x in base.atoms(Indexed) if is_binary(x)] if isinstance(base, Sum) else []
    law = law_of(keeps[0]) if len(keeps) == 1 else None
    if order != len(closed) - 1 or law is None or law.probability is None or not law.independent:
        raise StepError("moments of a sum: not of a sum over independent indicators", mean)
    of_one, q = base.function / keeps[0], law.probability
    if of_one.has(keeps[0].base):
        raise StepError("moments of a sum: not linear in the indicators", base)
    of_term = [q * weight**j + (1 - q) * int(j == 0) for j in range(len(closed))]
    empty = {one.name: 0 for one in measures}
    longer = {one.name: one.name + one.added for one in measures}
    for k, moment in enumerate(closed):
        expanded = sum((binomial(k, j) * closed[k - j] * of_term[j] for j in range(k + 1)), Integer(0))
        for residue in (moment.subs(empty) - int(k == 0), moment.subs(longer) - expanded):
            if not reduces_to_zero(residue):
                raise StepError(f"moments of a sum: the moment of order {k} is another", residue)
    value = closed[-1].subs({one.name: Sum(one.added.subs(weight, of_one), *base.limits) for one in measures})
    hypotheses = ("the terms are independent", "true for no term", "one more term keeps it true")
    return Conclusion(mean, "=", value, "moments of a sum, by induction on its terms", hypotheses)


@theorem(cites="Billingsley, Probability and Measure, theorem 16.1")
def isotropic_form(mean: Mean, form: MatrixExpr, vector: MatrixExpr, second: Expr) -> Conclusion:
    r"""The link $E[x^T A x] = \mu\, \mathrm{tr} A$ for uncorrelated coordinates of mean square `second`.

    Parameters
    ----------
    mean
        The expectation of a symbol for the quadratic form.
    form
        The quadratic form `x^T A x` itself.
    vector
        The random vector `x`.
    second
        `E x_i^2`.

    Raises
    ------
    StepError
        If `form` is not a quadratic form in the vector.
    """
    if form.args[0] != vector.T or form.args[-1] != vector or not mean.args[0].is_Symbol:
        raise StepError("isotropy: not a quadratic form", form)
    if not is_isotropic(vector, second):
        raise StepError("isotropy: not declared", vector)
    matrix = MatMul(*form.args[1:-1]).doit()
    if matrix.has(vector):
        raise StepError("isotropy: the matrix depends on the vector", matrix)
    hypotheses = ("E x_i x_j = 0 for i != j", f"E x_i^2 = {second}")
    return Conclusion(mean, "=", second * Trace(matrix), "trace of a quadratic form", hypotheses)


@theorem(cites="Rudin, Principles of Mathematical Analysis, definition 1.36")
def in_every_direction(mean: Mean, unit: Derivation) -> Conclusion:
    """The link to the bound of a chain about a unit direction, from the expectation along another one.

    Raises
    ------
    StepError
        If `mean` is another expectation, or the chain is not a complete lower bound.
    """
    (modulus,) = mean.args
    if not (isinstance(modulus, Abs) and isinstance(modulus.args[0], Indexed)):
        raise StepError("every direction: not the modulus along one direction", mean)
    if unit.relation not in ("=", ">", ">=") or not unit.is_complete:
        raise StepError("every direction: no lower bound", unit.end)
    hypotheses = ("the chain holds for every unit direction",)
    return Conclusion(mean, ">=", unit.end, "the bound along a unit direction", hypotheses)
