"""Products of matrices with given rules: isometries, indicators of firing nodes, means of isotropic vectors."""

from collections.abc import Mapping, Sequence

from sympy import Dummy, Expr, Identity, Integer, MatAdd, MatMul, MatPow, MatrixExpr, Trace

from theory.derivation import Step, StepError
from theory.theorems.indicators import Mean

Rules = Mapping[tuple[MatrixExpr, ...], tuple[MatrixExpr, ...]]
"""Which neighbouring factors of a product may be replaced by which."""


def by_rules(expr: MatrixExpr, rules: Rules, reason: str, hypotheses: tuple[str, ...]) -> Step:
    """The link that replaces neighbouring factors of every product in a sum, as long as a rule applies.

    Every rule must shorten the product, so the end is reached.

    Raises
    ------
    StepError
        If no rule applies, or a rule does not shorten the product or changes its shape.
    """
    for left, right in rules.items():
        if len(right) >= len(left):
            raise StepError("rules: a rule does not shorten the product", expr)
        before, after = MatMul(*left), MatMul(*right) if right else Identity(left[0].rows)
        if before.shape != after.shape:
            raise StepError("rules: a rule changes the shape", expr)
    terms = _products(expr)
    shorter = [_shortest(product, rules) for product in terms]
    if all(after == before.doit() for before, after in zip(terms, shorter, strict=True)):
        raise StepError("rules: none applies", expr)
    return Step(expr, "=", MatAdd(*shorter).doit(), reason, "theorem", hypotheses)


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


def isotropic_mean(mean: Mean, form: MatrixExpr, vector: MatrixExpr, second: Expr) -> Step:
    r"""The link $E[x^T A x] = \mu\,\mathrm{tr} A$ for uncorrelated coordinates of `x`, term by term.

    Parameters
    ----------
    mean
        Of a symbol for the form.
    form
        A sum of quadratic forms in `vector`.
    vector
        The random vector `x`.
    second
        `E x_i^2`.

    Raises
    ------
    StepError
        If a term is no quadratic form in the vector.
    """
    total: Expr = Integer(0)
    for product in _products(form):
        coefficient, factors = product.as_coeff_matrices()
        inner = factors[1:-1]
        if factors[0] != vector.T or factors[-1] != vector or any(factor.has(vector) for factor in inner):
            raise StepError("isotropy: not a quadratic form", form)
        total += coefficient * second * Trace(MatMul(*inner).doit() if inner else Identity(vector.shape[0]))
    hypotheses = ("E x_i x_j = 0 for i != j", f"E x_i^2 = {second}", "x is independent of the matrices")
    return Step(mean, "=", total, "trace of a quadratic form", "theorem", hypotheses)


def cyclic_trace(trace: Trace, orthogonal: MatrixExpr, inner: MatrixExpr) -> Step:
    """The link `tr(O A O^T) = tr A` for an orthogonal `O`.

    Raises
    ------
    StepError
        If the trace is another.
    """
    if MatMul(orthogonal, inner, orthogonal.T).doit() != trace.args[0].doit():
        raise StepError("cyclic trace: another product", trace)
    return Step(trace, "=", Trace(inner), "a trace is cyclic", "theorem", (f"{orthogonal}^T {orthogonal} = I",))


def mean_count(expr: Expr, indicators: MatrixExpr, size: Expr, probability: Expr) -> Step:
    """The link from an expression affine in the number of ones of a diagonal matrix of indicators to its expectation.

    The number is the trace of the matrix.

    Raises
    ------
    StepError
        If the expression does not hold the trace, or is not affine in it.
    """
    count, ones = Dummy("n"), Trace(indicators)
    opened = expr.xreplace({ones: count})
    if not opened.has(count) or opened.diff(count).has(count):
        raise StepError("mean number of indicators: not affine in it", expr)
    hypotheses = (f"each of {size} indicators is 1 with probability {probability}", "affine in the trace")
    value = opened.xreplace({count: size * probability})
    return Step(expr, "=", value, "linearity of the expectation", "theorem", hypotheses)
