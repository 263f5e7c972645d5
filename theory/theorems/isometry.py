"""Products of matrices with given rules: isometries, indicators of firing nodes, means of isotropic vectors."""

from collections.abc import Mapping, Sequence

from sympy import Add, Expr, Identity, Integer, MatAdd, MatMul, MatPow, MatrixExpr, Trace

from theory.derivation import Conclusion, Derivation, StepError, theorem
from theory.laws import is_isotropic, is_product, law_of, random_parts
from theory.theorems.indicators import Mean

Rules = Mapping[tuple[MatrixExpr, ...], tuple[MatrixExpr, ...]]
"""Neighbouring factors of a product, each with the factors by which they may be replaced."""


@theorem(cites="Horn and Johnson, Matrix Analysis, section 2.1")
def by_rules(expr: MatrixExpr, rules: Rules, reason: str, hypotheses: tuple[str, ...]) -> Conclusion:
    """The link that replaces neighbouring factors of every product in a sum, as long as a rule applies.

    Every rule must shorten the product, so the end is reached.

    Raises
    ------
    StepError
        If no rule applies, or a rule does not shorten the product or changes its shape.
    """
    for left, right in rules.items():
        if not is_product(left, right):
            raise StepError("rules: a rule is not declared", MatMul(*left))
        if len(right) >= len(left):
            raise StepError("rules: a rule does not shorten the product", expr)
        before, after = MatMul(*left), MatMul(*right) if right else Identity(left[0].rows)
        if before.shape != after.shape:
            raise StepError("rules: a rule changes the shape", expr)
    terms = _products(expr)
    shorter = [_shortest(product, rules) for product in terms]
    if all(after == before.doit() for before, after in zip(terms, shorter, strict=True)):
        raise StepError("rules: none applies", expr)
    return Conclusion(expr, "=", MatAdd(*shorter).doit(), reason, hypotheses)


def _products(expr: MatrixExpr) -> list[MatMul]:
    expanded = expr.doit().expand().doit()
    terms = expanded.args if isinstance(expanded, MatAdd) else (expanded,)
    return [term if isinstance(term, MatMul) else MatMul(term) for term in terms]


def _shortest(product: MatMul, rules: Rules) -> MatrixExpr:
    coefficient, powers = product.as_coeff_matrices()
    factors: Sequence[MatrixExpr] = [base for power in powers for base in _repeated(power)]
    while (shorter := _once(factors, rules)) is not None:
        factors = shorter
    return MatMul(coefficient, *factors).doit() if factors else coefficient * Identity(product.shape[0])


def _repeated(power: MatrixExpr) -> list[MatrixExpr]:
    return [power.base] * int(power.exp) if isinstance(power, MatPow) else [power]


def _once(factors: Sequence[MatrixExpr], rules: Rules) -> Sequence[MatrixExpr] | None:
    for left, right in rules.items():
        for start in range(len(factors) - len(left) + 1):
            if tuple(factors[start : start + len(left)]) == left:
                return [*factors[:start], *right, *factors[start + len(left) :]]
    return None


@theorem(cites="Billingsley, Probability and Measure, theorem 16.1")
def isotropic_mean(mean: Mean, form: Derivation, vector: MatrixExpr, second: Expr) -> Conclusion:
    r"""The link $E[x^T A x] = \mu\,\mathrm{tr} A$ for uncorrelated coordinates of `x`, term by term.

    Parameters
    ----------
    mean
        The expectation of the trace of a matrix of one entry.
    form
        A chain from that matrix to a sum of quadratic forms in `vector`.
    vector
        The random vector `x`.
    second
        `E x_i^2`.

    Raises
    ------
    StepError
        If the chain is about something else, or a term is not a quadratic form in the vector.
    """
    if mean.args[0] != Trace(form.start) or form.relation != "=":
        raise StepError("isotropy: the chain is about something else", form.start)
    if not is_isotropic(vector, second):
        raise StepError("isotropy: not declared", vector)
    total: Expr = Integer(0)
    for product in _products(form.end):
        coefficient, factors = product.as_coeff_matrices()
        inner = factors[1:-1]
        if factors[0] != vector.T or factors[-1] != vector or any(factor.has(vector) for factor in inner):
            raise StepError("isotropy: not a quadratic form", form.end)
        trace = Trace(MatMul(*inner).doit() if inner else Identity(vector.shape[0]))
        total += coefficient * second * (Mean(trace) if random_parts(trace) else trace)
    hypotheses = ("E x_i x_j = 0 for i != j", f"E x_i^2 = {second}", "x is independent of the matrices")
    return Conclusion(mean, "=", total, "trace of a quadratic form", hypotheses)


@theorem(cites="Horn and Johnson, Matrix Analysis, trace of a product")
def cyclic_trace(trace: Trace, orthogonal: MatrixExpr, inner: MatrixExpr) -> Conclusion:
    """The link `tr(O A O^T) = tr A` for an orthogonal `O`.

    Raises
    ------
    StepError
        If `trace` is another trace.
    """
    if MatMul(orthogonal, inner, orthogonal.T).doit() != trace.args[0].doit():
        raise StepError("cyclic trace: another product", trace)
    if not is_product((orthogonal.T, orthogonal), ()):
        raise StepError("cyclic trace: not declared to be orthogonal", orthogonal)
    return Conclusion(trace, "=", Trace(inner), "a trace is cyclic", (f"{orthogonal}^T {orthogonal} = I",))


@theorem(cites="Billingsley, Probability and Measure, theorem 16.1")
def mean_count(mean: Mean) -> Conclusion:
    """The link `E tr S = n q` for a diagonal matrix `S` of `n` indicators, each 1 with probability `q`.

    Raises
    ------
    StepError
        If the expectation is not of the trace of a matrix that is declared to be one.
    """
    (trace,) = mean.args
    matrix = trace.args[0]
    law = law_of(matrix)
    if not isinstance(trace, Trace) or law is None or law.probability is None:
        raise StepError("mean number of indicators: not the trace of a matrix of indicators", mean)
    hypotheses = (f"each of {matrix.rows} indicators is 1 with probability {law.probability}",)
    return Conclusion(mean, "=", matrix.rows * law.probability, "mean number of indicators that are 1", hypotheses)


@theorem(cites="Horn and Johnson, Matrix Analysis, linearity of the trace")
def trace_of_sum(trace: Trace) -> Conclusion:
    """The link from the trace of a sum of products to the sum of their traces.

    Raises
    ------
    StepError
        If there is one product only.
    """
    terms = _products(trace.args[0])
    if len(terms) < 2:
        raise StepError("trace: not a sum", trace)
    parts = [product.as_coeff_matrices() for product in terms]
    total = Add(*(coefficient * Trace(MatMul(*factors).doit()) for coefficient, factors in parts))
    return Conclusion(trace, "=", total, "a trace is linear")


@theorem(cites="Horn and Johnson, Matrix Analysis, section 7.1")
def trace_of_gram(mean: Mean, factor: MatrixExpr) -> Conclusion:
    """The link `E tr A A^T >= 0`; a diagonal matrix of indicators in `A` is symmetric.

    Raises
    ------
    StepError
        If `mean` is another expectation.
    """
    indicators = [part for part in random_parts(factor) if (law := law_of(part)) and law.probability is not None]
    transposed = factor.T.doit().xreplace({part.T: part for part in indicators})
    if mean != Mean(Trace(factor * transposed)):
        raise StepError("trace: not of a product with the transpose", mean)
    return Conclusion(mean, ">=", Integer(0), "trace of a Gram matrix", ("diagonal matrices are symmetric",))
