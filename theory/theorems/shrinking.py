r"""Means over a normal vector whose covariance shrinks from a matrix to zero, eigenvalue by eigenvalue.

Let `K >= 0` be a symmetric matrix with the eigenvalues `l_1, ..., l_q` and otherwise zero. At time `t` each eigenvalue
is lowered by $2\log(1 + t)$, but not below zero; `Y[t, i]` are the entries of a normal vector with mean zero and the
covariance that is left. Where no eigenvalue equals $2\log(1 + t)$, the covariance has the derivative
$-2 P_t/(1 + t)$, where $P_t$ projects onto the eigenvectors with eigenvalues above $2\log(1 + t)$; its entries are
`P[t, i, k]`. (The scale of time is chosen so that $e^{-s/2} = 1/(1 + t)$ for the amount `s` by which the eigenvalues
are lowered, which makes the chains rational in `t`.) Since `t` is an index, no theorem that differentiates in a
parameter mistakes the law of `Y` for one that does not move.
"""

from sympy import (
    Derivative,
    Expr,
    IndexedBase,
    Integer,
    Integral,
    Product,
    Rational,
    Sum,
    Symbol,
    cos,
    exp,
    oo,
    sqrt,
)

from theory.algebra import Box, is_nonnegative, is_positive, reduces_to_zero
from theory.derivation import Conclusion, Derivation, Step, StepError, theorem
from theory.laws import constant, law_of, random
from theory.theorems.calculus import require_smooth
from theory.theorems.indicators import Mean
from theory.theorems.khinchine import kept

Y = random(IndexedBase("y", real=True))
P = constant(IndexedBase("P", real=True))

_PACE = 2
"""The eigenvalues are lowered by `_PACE log(1 + t)`."""

FORM = random(Symbol(r"x^{\top} K x", nonnegative=True))
"""The quadratic form of `K` in independent lazy signs."""

_EIGENVALUES: dict[Symbol, Expr] = {}


def quadratic_form(name: Symbol, eigenvalue: Expr) -> Symbol:
    """`name`, declared to be the quadratic form in lazy signs of a matrix with those eigenvalues.

    Raises
    ------
    ValueError
        If it is declared to be the form of a matrix with other eigenvalues.
    """
    if _EIGENVALUES.setdefault(name, eigenvalue) != eigenvalue:
        raise ValueError(f"{name} is the form of another matrix")
    return random(name)


def is_eigenvalue(form: Symbol, eigenvalue: Expr) -> bool:
    """Whether a form is declared to be that of a matrix with those eigenvalues."""
    return form in _EIGENVALUES and bool(_EIGENVALUES[form] == eigenvalue)


def factors(activity: Expr, t: Expr, limits: tuple[Symbol, Expr, Expr]) -> Product:
    """The product of the characteristic functions of lazy signs at the entries of the normal vector at time `t`."""
    return Product(1 - activity + activity * cos(Y[t, limits[0]]), limits)


def change(activity: Expr, slope: Expr, cosine: Expr, weight: Expr, t: Expr) -> Expr:
    r"""What one factor `f = e^phi` contributes to the bound of `along_shrinking`, over the product.

    It is $\partial_t f/f - (\varphi'^2 + P_{ii}\varphi'')/(1+t)$ for $f = 1 - q + q\cos y$.

    Parameters
    ----------
    activity, slope
        `q` and its derivative in `t`.
    cosine, weight
        $\cos y_i$ and $P_{ii}$.
    """
    factor = 1 - activity + activity * cosine
    squared_slope = activity**2 * (1 - cosine**2) / factor**2
    curvature = -activity * cosine / factor - squared_slope
    # Half of the derivative of the covariance multiplies the second derivatives.
    pace = Rational(_PACE, 2) / (1 + t)
    return slope * (cosine - 1) / factor - pace * squared_slope - pace * weight * curvature


@theorem(cites="Talagrand, Mean Field Models for Spin Glasses, vol. 1, section 1.1")
def linearised(mean: Mean, p: Expr, limits: tuple[Symbol, Expr, Expr]) -> Conclusion:
    r"""The link $E e^{-x^T K x/2} = E \prod_i (1 - p + p \cos y_i)$, where `y` is normal with covariance `K`.

    Given `x`, the characteristic function of the normal vector is $E e^{i x^T y} = e^{-x^T K x/2}$; given `y`, that of
    independent lazy signs of activity `p` is the product.

    Raises
    ------
    StepError
        If `mean` is another expectation, or a lazy sign has another characteristic function.
    """
    if mean != Mean(exp(-FORM / 2)):
        raise StepError("quadratic form: another expectation", mean)
    u = Symbol("u", real=True)
    law = {0: 1 - p, 1: p / 2, -1: p / 2}
    characteristic = sum((weight * cos(u * x) for x, weight in law.items()), Integer(0))
    if not reduces_to_zero(characteristic - (1 - p + p * cos(u))):
        raise StepError("quadratic form: another characteristic function", characteristic)
    product = factors(p, Integer(0), limits)
    hypotheses = ("the characteristic function of a normal vector", "independent lazy signs", "Fubini's theorem")
    return Conclusion(mean, "=", Mean(product), "a normal vector in place of the quadratic form", hypotheses)


@theorem(cites="Rudin, Principles of Mathematical Analysis, proposition 1.18")
def positive_factors(product: Product, activity: Expr, t: Symbol, box: Box) -> Conclusion:
    r"""The link $\prod_i (1 - q + q\cos y_i) > 0$ for an activity $0 \le q < 1/2$.

    Raises
    ------
    StepError
        If the product is another, or the activity is not shown to be in that range.
    """
    if product != factors(activity, t, product.limits[0]):
        raise StepError("shrinking covariance: another product", product)
    _require_sparse(activity, box)
    return Conclusion(product, ">", Integer(0), "each factor is positive", ("1 - q + q cos y >= 1 - 2q > 0",))


def _require_sparse(activity: Expr, box: Box) -> None:
    if not is_nonnegative(activity, box) or not is_positive(1 - 2 * activity, box):
        raise StepError("shrinking covariance: a factor may vanish", activity)


@theorem(cites="Talagrand, Mean Field Models for Spin Glasses, vol. 1, lemma 1.3.1; Horn and Johnson, theorem 4.2.2")
def along_shrinking(mean: Mean, activity: Expr, slope: Expr, t: Symbol, box: Box) -> Conclusion:
    r"""The link from $\frac{d}{dt} E\prod_i f_t(y_i)$ over the normal vector at time `t` to a bound from below.

    By Gaussian interpolation the derivative is the mean of
    $\partial_t g - \frac{1}{1+t}\sum_{ik} P_{ik}\,\partial_i\partial_k g$ for the product `g`. With $f = e^\varphi$
    the second derivative is `g` times $\varphi'(y_i)\,\varphi'(y_k)$, plus $\varphi''(y_i)$ if `i = k`; and the
    projection shortens the vector of the $\varphi'(y_i)$. It holds wherever no eigenvalue reaches zero.

    Parameters
    ----------
    activity, slope
        $f_t(y) = 1 - q + q\cos y$ with `q` and its derivative in `t`.

    Raises
    ------
    StepError
        If the mean is another, a factor may vanish, or `q` is not shown to be smooth with that derivative.
    """
    (product,) = mean.args
    ((i, low, high),) = product.limits
    positive_factors(product, activity, t, box)
    require_smooth(activity, t, box[t], box)
    if not reduces_to_zero(activity.diff(t) - slope):
        raise StepError("shrinking covariance: the activity changes at another rate", activity.diff(t) - slope)
    hypotheses = (
        "all derivatives of the product are bounded",
        f"the covariance is piecewise smooth in t, with derivative -{_PACE} P/(1 + t)",
        "v^T P v <= v^T v for a projection P",
    )
    each = change(activity, slope, cos(Y[t, i]), P[t, i, i], t)
    reason = "Gaussian interpolation; a projection shortens"
    return Conclusion(Derivative(mean, t), ">=", Mean(product * Sum(each, (i, low, high))), reason, hypotheses)


@theorem(cites="Horn and Johnson, Matrix Analysis, theorem 4.2.2")
def complement_weighs(total: Sum, c: Symbol, pointwise: Step, kept_value: Expr, t: Symbol) -> Conclusion:
    r"""The link $\sum_i ((1 - P_{ii})\,D(\cos y_i) + P_{ii}\,e) \ge e\,\mathrm{tr}\,P$ for $D \ge 0$.

    Parameters
    ----------
    c, pointwise
        A link from `D` to zero, for every value `c` of a cosine.
    kept_value
        `e`, which depends on no index.

    Raises
    ------
    StepError
        If the sum is another, or the link does not show `D >= 0` for every `c` from -1 to 1.
    """
    ((i, *ends),) = total.limits
    weight = P[t, i, i]
    if total.function != ((1 - weight) * pointwise.left.xreplace({c: cos(Y[t, i])}) + weight * kept_value):
        raise StepError("complement of a projection: another sum", total)
    if pointwise.relation not in ("=", ">", ">=") or pointwise.right != 0 or kept_value.has(i):
        raise StepError("complement of a projection: the terms may be negative", pointwise.right)
    if pointwise.box.get(c) != (-1, 1):
        raise StepError("complement of a projection: the link has another range", c)
    hypotheses = ("the diagonal entries of P lie between 0 and 1", "a cosine lies between -1 and 1, by continuity")
    reason = "a projection and its complement"
    right = kept_value * Sum(weight, (i, *ends))
    return Conclusion(total, ">=", right, reason, hypotheses, discharged=(c,))


@theorem(cites="Teschl, Ordinary Differential Equations and Dynamical Systems, lemma 2.7")
def grown(growth: Derivation, rate: Expr, t: Symbol, spectrum: tuple[Expr, tuple[Symbol, Expr, Expr]]) -> Conclusion:
    r"""The link $M(0) \le \prod_j \exp(-\int_0^{t_j} c(t)\,dt)$ from a chain $M' \ge c(t)\,\mathrm{tr}\,P_t\,M$.

    The eigenvalue `l_j` reaches zero at the time $t_j = e^{l_j/2} - 1$. The trace of $P_t$ is the number of those that
    have not, so that the integral of $c\,\mathrm{tr}\,P_t$ is a sum over the eigenvalues. Once all are zero, the normal
    vector is zero and `M` is 1. `M` is continuous, and Groenwall's inequality applies between the eigenvalues.

    Parameters
    ----------
    growth
        A chain from the derivative of `M`, the mean of a product of factors, for all `t > 0`.
    rate
        `c`, smooth for `t >= 0`.
    spectrum
        `l_j` and the index `j` with its range.

    Raises
    ------
    StepError
        If the chain is about something else or has another range, or the factors are not 1 where the vector vanishes.
    """
    mean = growth.subject.args[0]
    (product,) = mean.args
    ((i, low, high),) = product.limits
    trace = Sum(P[t, i, i], (i, low, high))
    if growth.subject != Derivative(mean, t) or growth.relation not in ("=", ">", ">="):
        raise StepError("growth: the chain does not bound a derivative from below", growth.subject)
    found = growth.end / (trace * mean)
    if found.has(Mean, Sum) or not reduces_to_zero(found - rate):
        raise StepError("growth: another rate", found - rate)
    if growth.box.get(t) != (0, oo):
        raise StepError("growth: the chain has another range", t)
    if product.function.subs(Y[t, i], 0) != 1 or not product.function.has(Y[t, i]):
        raise StepError("growth: a factor is not 1 where the vector vanishes", product)
    require_smooth(rate, t, (Integer(0), oo), growth.box)
    eigenvalue, index = spectrum
    if not is_nonnegative(eigenvalue):
        raise StepError("growth: an eigenvalue may be negative", eigenvalue)
    end = Product(exp(-Integral(rate, (t, 0, exp(eigenvalue / _PACE) - 1))), index)
    hypotheses = ("tr P is the number of eigenvalues that are not yet zero", "M is continuous, and 1 once all are")
    return Conclusion(mean.subs(t, 0), "<=", end, "Groenwall's inequality", hypotheses, discharged=(t,))


@theorem(cites="Horn and Johnson, Matrix Analysis, theorem 2.5.6")
def for_matrix(general: Derivation, form: Symbol, factor: Expr, eigenvalue: Expr, replaced: Expr) -> Conclusion:
    r"""The link from $E e^{-c S}$ for the form `S` of one matrix, as an instance of a chain for all matrices.

    Parameters
    ----------
    general
        Bounds $E e^{-x^T K x/2}$ for every `K >= 0` with the eigenvalues `replaced`.
    form, factor
        `S`, declared to be the quadratic form of a matrix in lazy signs, and `c`; `K` is `2c` times that matrix.
    eigenvalue
        Of the matrix.

    Raises
    ------
    StepError
        If the chain is about something else, or the matrix `K` may not be positive semidefinite.
    """
    if general.subject != Mean(exp(-FORM / 2)) or not is_eigenvalue(form, eigenvalue):
        raise StepError("quadratic form: another matrix", form)
    if not is_nonnegative(factor) or not is_nonnegative(eigenvalue):
        raise StepError("quadratic form: the matrix may not be positive semidefinite", factor)
    right = general.end.xreplace({replaced: 2 * factor * eigenvalue})
    relation = general.relation
    return Conclusion(Mean(exp(-factor * form)), relation, right, "K = 2c times the matrix", ("spectral theorem",))


@theorem(cites="Marshall, Olkin and Arnold, Inequalities: Theory of Majorization, proposition 3.C.2")
def equal_scales(mean: Mean, scale: Expr, probability: Expr) -> Conclusion:
    r"""The link $E\sqrt{\sum_j g_j^2 B_j} \ge \frac{1}{q}\sum_j g_j \cdot E\sqrt{\sum_j B_j}$, indicators `B`.

    The left-hand side is convex in the scales and does not change when they are permuted, so that it is least where
    all are equal to their mean.

    Raises
    ------
    StepError
        If the mean is another, or the indicators are not declared to be independent with one probability.
    """
    (root,) = mean.args
    total = root**2
    ((j, low, high),) = total.limits
    held = kept(probability)[j]
    law = law_of(held)
    if not reduces_to_zero(total.function - scale**2 * held) or scale.has(held.base) or root != sqrt(total):
        raise StepError("equal scales: another mean", mean)
    if law is None or not law.independent or law.probability != probability or low != 1:
        raise StepError("equal scales: not indicators of one probability", held)
    if not is_nonnegative(scale):
        raise StepError("equal scales: a scale may be negative", scale)
    right = Sum(scale, (j, low, high)) / high * Mean(sqrt(Sum(held, (j, low, high))))
    hypotheses = ("the norm is convex", "the indicators are exchangeable")
    return Conclusion(mean, ">=", right, "least where all scales are equal", hypotheses)
