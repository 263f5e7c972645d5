r"""Chains for encoders of any rank: a quadratic form of lazy signs is at most as spread out as that of its eigenvalues.

With lazy signs `x` of activity `p <= 1/3` and `K >= 0` with the eigenvalues `l_j`,
$E e^{-x^T K x/2} \le \prod_j (1 - p + p\,e^{-l_j/2})$. The path from one side to the other lowers the eigenvalues of
`K` and the activity at the same time (`theory.theorems.shrinking`).
"""

from functools import cache

from sympy import (
    Expr,
    IndexedBase,
    Integer,
    Integral,
    MatrixSymbol,
    Product,
    Rational,
    Sum,
    Symbol,
    Trace,
    cos,
    exp,
    log,
    oo,
    sqrt,
)

from theory.assumptions import Assumption
from theory.derivation import Derivation, Step, begin, definition, opening
from theory.laws import constant, random
from theory.model import d, p, r
from theory.quantities.bottleneck import COST, AxesCost
from theory.theorems.averages import exponential_of_sum, mean_under_integral, root_as_integral
from theory.theorems.calculus import fundamental_theorem
from theory.theorems.expectation import linearity, ordered_means
from theory.theorems.indicators import Mean
from theory.theorems.khinchine import kept
from theory.theorems.shrinking import (
    FORM,
    P,
    Y,
    along_shrinking,
    change,
    complement_weighs,
    equal_scales,
    factors,
    for_matrix,
    grown,
    linearised,
    positive_factors,
    quadratic_form,
)
from theory.theorems.support import independent_product, of_indicator

LARGEST_ACTIVITY = Rational(1, 3)
"""Above it the inequality fails for nearly every matrix that is not diagonal."""

t = constant(Symbol("t", positive=True))
_i, _j = Symbol("i", integer=True), Symbol("j", integer=True)
q = constant(Symbol("q", integer=True, positive=True))
"""Number of outputs."""
_ENTRIES, OUTPUTS = (_i, 1, d), (_j, 1, q)
eigenvalues = constant(IndexedBase("l", positive=True))
g = constant(IndexedBase("g", positive=True))
"""Eigenvalues of the Gram matrix that are not zero."""
_BOX = {p: (Integer(0), LARGEST_ACTIVITY), t: (Integer(0), oo)}

_ACTIVITY = p / (1 + (1 - p) * t)
"""Of the factors at time `t`: $p e^{-s/2}/(1 - p + p e^{-s/2})$ where the eigenvalues are lowered by `s`."""
_activity, _cosine, _weight = Symbol("q_t", positive=True), Symbol("c", real=True), Symbol("P_ii", real=True)
_product = random(Symbol("F", positive=True))


def _slope(activity: Expr) -> Expr:
    """The derivative of the activity in time."""
    return -activity * (1 - activity) / (1 + t)


def _excess() -> Derivation:
    """The chain that shows how much a direction contributes which the projection does not keep: at least nothing."""
    # The bracket falls with the cosine, to 1 - 3q at one; this is where the bound on the activity comes from.
    bracket = (1 - _activity) ** 2 - _activity - _activity**2 * _cosine
    factor = 1 - _activity + _activity * _cosine
    excess = _activity * (1 - _cosine) * bracket / (factor**2 * (1 + t))
    box = {_cosine: (Integer(-1), Integer(1)), _activity: (Integer(0), LARGEST_ACTIVITY)}
    return opening(excess, box=box).at_least(Integer(0), "1 - 3q is the least value of the bracket", gap=excess)


def _growth(mean: Mean) -> Derivation:
    """The chain from the derivative of the mean over the shrinking vector to a multiple of that mean."""
    excess = _excess()
    split = opening(change(_activity, _slope(_activity), _cosine, _weight, t)).equals(
        (1 - _weight) * excess.subject + _weight * _activity / (1 + t), "collect what P keeps, and the rest"
    )
    named = definition(
        _product, mean.args[0], "the product of the factors", sign=positive_factors(mean.args[0], _ACTIVITY, t, _BOX)
    )
    derivative = along_shrinking(mean, _ACTIVITY, _slope(_ACTIVITY), t, _BOX)
    pointwise = opening(derivative.right.args[0], box=_BOX).within(named.turned())
    each = {_activity: _ACTIVITY, _cosine: cos(Y[t, _i]), _weight: P[t, _i, _i]}
    pointwise = pointwise.within(split.at(each, _BOX))
    (total,) = pointwise.end.atoms(Sum)
    outside = excess.at({_activity: _ACTIVITY}, _BOX)
    pointwise = pointwise.within(complement_weighs(total, _cosine, outside, _ACTIVITY / (1 + t), t))
    chain = opening(derivative.left, box=_BOX).by(derivative).by(ordered_means(pointwise))
    return chain.by(linearity(chain.end)).within(named)


@cache
def quadratic_forms() -> Derivation:
    r"""The chain from $E e^{-x^T K x/2}$ to the product over the eigenvalues, for every `K >= 0`."""
    mean = Mean(factors(_ACTIVITY, t, _ENTRIES))
    eigenvalue = eigenvalues[_j]
    grows = grown(_growth(mean), _ACTIVITY / (1 + t), t, (eigenvalue, OUTPUTS))
    start = Mean(exp(-FORM / 2))
    chain = opening(start, box={p: _BOX[p]}).by(linearised(start, p, _ENTRIES)).by(grows)
    (integral,) = chain.end.atoms(Integral)
    lost = log(1 + t) - log(1 + (1 - p) * t)
    chain = chain.within(fundamental_theorem(integral, lost, {p: _BOX[p]}))
    factor = 1 - p + p * exp(-eigenvalue / 2)
    return chain.equals(Product(factor, OUTPUTS), "the exponential of a logarithm")


_form = quadratic_form(Symbol(r"x^{\top} G^2 x", nonnegative=True), g[_j] ** 2)
"""`||G x||^2` for lazy signs, the form of a matrix with the eigenvalues `g_j^2`."""
_axes = kept(p)


def _axes_energy(scale: Expr) -> Sum:
    """`||G x||^2` for coordinate axes with those scales."""
    return Sum(scale**2 * _axes[_j], OUTPUTS)


def _root_of(energy: Expr) -> Derivation:
    """The chain from the mean root of an energy to the integral over its Laplace transform."""
    power = exp(-t * energy)
    chain = opening(Mean(sqrt(energy)), box={p: _BOX[p]}).within(root_as_integral(energy, t))
    return chain.by(mean_under_integral(chain.end, t, power))


@cache
def least_root() -> tuple[Derivation, tuple[Derivation, ...]]:
    """The chain from `E||G x||` to that of as many axes with equal scales and the same trace, with its lemmas."""
    bound = for_matrix(quadratic_forms(), _form, t, g[_j] ** 2, eigenvalues[_j])
    mixed = _root_of(_form).within(bound)
    power = exponential_of_sum(exp(-t * _axes_energy(g[_j])))
    axes = _root_of(_axes_energy(g[_j])).within(power).within(independent_product(Mean(power.right), _axes))
    (product,) = axes.end.atoms(Product)
    axes = axes.within(of_indicator(product.function, _axes[_j], p))
    chain = mixed.by(axes.as_step("coordinate axes with those scales").turned())
    chain = chain.by(equal_scales(chain.end, g[_j], p))
    cost = definition(AxesCost(q, p), Mean(sqrt(_axes_energy(Integer(1)))), "as many axes as are active add one each")
    return chain.within(cost.turned()), (axes,)


def rank() -> tuple[Derivation, tuple[Derivation, ...]]:
    """The chain from `E||G X||` to that of such axes, with its lemmas."""
    least, lemmas = least_root()
    chain = begin(COST, r * Mean(sqrt(_form)), "||G X|| = r ||G x||, x the lazy signs of the features", box=least.box)
    return chain.within(least.as_step("the least root")), (least, *lemmas)


lam = constant(Symbol("lambda", positive=True))
"""Scale of the encoder on each of its axes."""


def of_scaled_axes(given: tuple[Assumption, ...], pull: Symbol, G: MatrixSymbol, square: Symbol) -> tuple[Step, ...]:
    """The mean gain, the trace and the mean square of a feature for coordinate axes of equal scale."""
    reason = "G is lambda on q axes, so that ||G X|| is lambda r times the root of the number of active ones"
    return (
        Step(Mean(pull), "=", lam * r * AxesCost(q, p), reason, "assumption", given=given),
        Step(Trace(G), "=", q * lam, "the trace is the sum of the eigenvalues", "assumption", given=given),
        Step(square, "=", p * r**2, "an active feature has the square r^2", "assumption", given=given),
    )
