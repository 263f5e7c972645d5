"""Expectations: linearity, order, symmetries of the law, derivatives under the expectation."""

from collections.abc import Collection, Mapping
from typing import NamedTuple

from sympy import (
    Abs,
    Add,
    Basic,
    Derivative,
    Dummy,
    Expr,
    Indexed,
    Integer,
    MatMul,
    MatrixExpr,
    Poly,
    Subs,
    Symbol,
    exp,
    expand,
)

from theory import model
from theory.algebra import Box, is_nonnegative, is_positive, reduces_to_zero
from theory.derivation import Derivation, Kind, Relation, Step, StepError
from theory.theorems.indicators import Mean

PARAMETERS = frozenset(value for value in vars(model).values() if isinstance(value, Symbol))
"""Symbols of the model that are not random."""

Quantity = Mapping[Symbol, Expr]
"""A value for each random number."""

Quantities = Mapping[Symbol, MatrixExpr]
"""Random numbers by symbol, each as a product of the random vectors: the inner product itself, or a norm's square."""


def linearity(expr: Expr, random: Collection[Symbol]) -> Step:
    """The link that takes sums and constant factors out of every expectation in `expr`.

    Raises
    ------
    StepError
        If nothing can be taken out.
    """
    opened = expand(expr.replace(lambda e: isinstance(e, Mean), lambda e: _opened(e, frozenset(random))))
    if opened == expr:
        raise StepError("linearity: there is nothing to take out", expr)
    return Step(expr, "=", opened, "linearity of the expectation", "theorem", ("the factors taken out are constants",))


def _opened(mean: Mean, random: frozenset[Symbol]) -> Expr:
    terms = []
    for term in Add.make_args(expand(mean.args[0])):
        constant, varying = term.as_independent(*random, as_Add=False)
        terms.append(constant * Mean(varying) if varying.has(*random) else term)
    return Add(*terms)


def one_mean(expr: Expr, integrand: Expr) -> Step:
    """The link that writes a linear combination of expectations as the expectation of `integrand`.

    Raises
    ------
    StepError
        If the combination of the integrands is another.
    """
    combined = expr.replace(lambda e: isinstance(e, Mean), lambda e: e.args[0])
    names = {mean: Dummy() for mean in expr.atoms(Mean)}
    opened = expr.xreplace(names)
    affine = opened.is_polynomial(*names.values()) and Poly(opened, *names.values()).total_degree() <= 1
    if opened.has(Mean) or not affine or not reduces_to_zero(combined - integrand):
        raise StepError("linearity: the integrands do not combine so", combined - integrand)
    reason = "linearity of the expectation"
    return Step(expr, "=", Mean(integrand), reason, "theorem", ("one probability space",))


def under_the_mean(mean: Mean, x: Symbol, bound: Expr, at: Expr | None = None, box: Box | None = None) -> Step:
    """The link `d/dx E f = E df/dx`, by dominated convergence: `|df/dx| <= bound`, which does not depend on `x`.

    Both sides are taken at `x = at` where that is given.

    Raises
    ------
    StepError
        If the bound depends on `x`, grows faster than a square, or `bound^2 - (df/dx)^2 >= 0` is not shown on `box`.
    """
    slope = mean.args[0].diff(x)
    if bound.has(x):
        raise StepError("dominated convergence: the bound depends on the parameter", bound)
    require_moment(bound.replace(Abs, lambda t: t))
    if not is_nonnegative(bound**2 - slope**2, box):
        raise StepError("dominated convergence: not a bound", bound**2 - slope**2)
    left, right = Derivative(mean, x), Mean(slope)
    if at is not None:
        left, right = Subs(left, x, at), Mean(slope.subs(x, at))
    hypotheses = (f"|d/d{x} f| <= {bound}", "a finite moment of the views")
    return Step(left, "=", right, "differentiation under the expectation", "theorem", hypotheses)


def force_under_the_mean(mean: Mean, x: Symbol, forces: Collection[tuple[Expr, Expr]]) -> Step:
    """The link `d/dx E f = E df/dx` for a sum `f` of forces `share t sig(x t)`, dominated by the sum of `share t^2`.

    Parameters
    ----------
    forces
        Share and `t`, free of `x`, of every term.

    Raises
    ------
    StepError
        If `f` is not the sum of the forces, or one of them is not dominated.
    """
    t, total = Symbol("t", real=True), Integer(0)
    force = t / (1 + exp(-x * t))
    if not is_nonnegative(t**4 - force.diff(x) ** 2):
        raise StepError("dominated convergence: not a bound", t**4 - force.diff(x) ** 2)
    for share, value in forces:
        if value.has(x) or share.has(x):
            raise StepError("dominated convergence: the bound depends on the parameter", value)
        require_moment(value**2)
        total += share * force.subs(t, value)
    if not reduces_to_zero(mean.args[0] - total):
        raise StepError("dominated convergence: not the sum of these forces", mean.args[0] - total)
    slope = sum((share * force.diff(x).subs(t, value) for share, value in forces), Integer(0))
    hypotheses = ("|d/dx t sig(x t)| <= t^2", "a finite moment of the views")
    reason = "differentiation under the expectation"
    return Step(Derivative(mean, x), "=", Mean(slope), reason, "theorem", hypotheses)


def symmetrised(
    mean: Mean, image: Mapping[Symbol, Expr], motion: Mapping[MatrixExpr, MatrixExpr], quantities: Quantities
) -> Step:
    """The link `E f = E (f + f(moved))/2`, for a motion of the random vectors that leaves their joint law as it is.

    Parameters
    ----------
    mean
        Of an expression in the symbols of `quantities`.
    image
        What each symbol becomes: a symbol of `quantities`, or its negative; the symbol itself unless given.
    motion
        What each random vector becomes; that the law is invariant is part of the model.
    quantities
        The symbols in terms of the vectors.

    Raises
    ------
    StepError
        If the motion is no permutation of the vectors up to signs, or a moved quantity is not the image that is given
        for it.
    """
    if {_unsigned(moved) for moved in motion.values()} != set(motion):
        raise StepError("symmetry of the law: not a permutation up to signs", mean)
    for symbol, expression in quantities.items():
        moved = expression.xreplace(dict(motion)).doit()
        target = image.get(symbol, symbol)
        sign = -1 if target.could_extract_minus_sign() else 1
        expected = (sign * quantities[sign * target]).doit()
        if moved not in (expected, expected.T.doit()):
            raise StepError(f"symmetry of the law: {symbol} does not become {target}", moved - expected)
    (f,) = mean.args
    shown = ", ".join(f"{a} -> {b}" for a, b in motion.items())
    right = Mean((f + f.xreplace(dict(image))) / 2)
    return Step(mean, "=", right, "symmetry of the law", "theorem", (f"the law is unchanged by {shown}",))


def _unsigned(vector: MatrixExpr) -> MatrixExpr:
    return MatMul(-1, vector).doit() if vector.could_extract_minus_sign() else vector


def _numbers(expr: Expr) -> list[Basic]:
    """The random numbers in `expr`: all its symbols but the model's parameters, indexed ones whole."""
    indexed = expr.atoms(Indexed)
    inside = {symbol for number in indexed for symbol in number.free_symbols}
    return sorted([*indexed, *(expr.atoms(Symbol) - PARAMETERS - inside)], key=str)


def require_moment(expr: Expr) -> None:
    """Checks that `expr` is a polynomial of degree 2 at most in its random numbers, norms and inner products of views.

    Its expectation is then finite where the features have finite fourth moments.

    Raises
    ------
    StepError
        If it is not.
    """
    numbers = _numbers(expr)
    if not expr.is_polynomial(*numbers) or (numbers and Poly(expr, *numbers).total_degree() > 2):
        raise StepError("moment: not a polynomial of degree 2 in norms and inner products", expr)


def named_moment(mean: Mean, name: Symbol) -> Step:
    """The link that introduces a positive `name` for the expectation of a random number that is not negative.

    The number is positive wherever all the norms and inner products that it is made of are, which has positive
    probability as long as features occur.

    Raises
    ------
    StepError
        If the random number may be negative, may vanish although what it is made of is positive, or is no polynomial
        of degree 2 in norms and inner products.
    """
    (f,) = mean.args
    if not is_nonnegative(f):
        raise StepError("moment: may be negative", mean)
    require_moment(f)
    if not is_positive(f.xreplace({number: Dummy("t", positive=True) for number in _numbers(f)})):
        raise StepError("moment: may vanish almost surely", mean)
    hypotheses = ("a finite moment of the views", "positive where the numbers that it is made of are positive")
    return Step(mean, "=", name, "a finite moment, positive as features occur", "definition", hypotheses)


def kind_of(*chains: Derivation) -> Kind:
    """The kind of a link that rests on chains: cited if one of them is not complete."""
    return "theorem" if all(chain.is_complete for chain in chains) else "cited"


def ordered_means(pointwise: Derivation) -> Step:
    """The link `E f >= E g` (or `<=`) from a chain that leads from `f` to `g` at every point; cited if that is."""
    f = pointwise.steps[0].right
    weakened: dict[Relation, Relation] = {">": ">=", "<": "<="}
    relation = weakened.get(pointwise.relation, pointwise.relation)
    reason = "the expectation keeps order"
    return Step(Mean(f), relation, Mean(pointwise.end), reason, kind_of(pointwise), ("at every point",))


class Pair(NamedTuple):
    """Inner product and norms of two vectors, by symbol."""

    inner: Symbol
    norm: Symbol
    other_norm: Symbol


COSINE = Symbol("c", nonnegative=True)
"""Between 0 and 1."""
SHORTER = Symbol("x'", positive=True)
EXCESS = Symbol("k", nonnegative=True)


def longer_first(pair: Pair) -> Quantity:
    """Values of inner product and norms of two vectors that are not zero, up to exchange and to the sign of one.

    `COSINE`, `SHORTER` and `EXCESS` are free; the Cauchy-Schwarz inequality leaves nothing else.
    """
    longer = SHORTER + EXCESS
    return {pair.inner: COSINE * longer * SHORTER, pair.norm: longer, pair.other_norm: SHORTER}


def positive_mean(mean: Mean, pair: Pair, pointwise: Derivation) -> Step:
    """The link `E f > 0` for `f` of the inner product and the norms of two vectors, positive where neither vanishes.

    Where one vanishes, `f` is not negative by continuity. Both are different from zero with positive probability as
    long as features occur.

    Parameters
    ----------
    pointwise
        A chain from `f` at `longer_first(pair)` to zero, strict.

    Raises
    ------
    StepError
        If `f` depends on something else or changes with the sign of the inner product or the order of the vectors, or
        the chain is about something else, has another range or is not strict.
    """
    (f,) = mean.args
    for image in ({pair.inner: -pair.inner}, {pair.norm: pair.other_norm, pair.other_norm: pair.norm}):
        if not reduces_to_zero(f - f.xreplace(image)):
            raise StepError("positive expectation: not invariant", f - f.xreplace(image))
    residue = f.xreplace(dict(longer_first(pair))) - pointwise.steps[0].right
    if not reduces_to_zero(residue):
        raise StepError("positive expectation: the chain is about something else", residue)
    if dict(pointwise.box) != {COSINE: model.ZERO_TO_ONE}:
        raise StepError("positive expectation: the chain has another range", mean)
    if pointwise.relation != ">" or pointwise.end != 0:
        raise StepError("positive expectation: the chain does not end strictly above zero", pointwise.end)
    hypotheses = ("0 <= |x^T x'| <= ||x|| ||x'||", "invariant under exchange and sign", "positive unless x or x' is 0")
    return Step(mean, ">", Integer(0), "a positive integrand", kind_of(pointwise), hypotheses)


def positive_product(mean: Mean, weight: Expr, core: Expr, moment: Derivation, box: Box | None = None) -> Step:
    """The link `E[weight * core] > 0` for `weight > 0`, `core >= 0`, and a chain that shows `E core > 0`.

    If the product vanished almost surely, so would `core`.

    Raises
    ------
    StepError
        If the factors are others, a sign is not shown, or the chain speaks of another expectation.
    """
    if not reduces_to_zero(mean.args[0] - weight * core):
        raise StepError("positive expectation: not the product", mean.args[0] - weight * core)
    if not is_positive(weight, box) or not is_nonnegative(core, box):
        raise StepError("positive expectation: a factor has no plain sign", weight * core)
    about = moment.steps[0].right == Mean(core) and moment.relation in ("=", ">=", ">")
    if not about or not is_positive(moment.end, box) or not moment.is_complete:
        raise StepError("positive expectation: the chain does not show that E core > 0", moment.end)
    hypotheses = ("weight > 0", "core >= 0", "E core > 0")
    return Step(mean, ">", Integer(0), "a positive weight keeps an expectation positive", "theorem", hypotheses)
