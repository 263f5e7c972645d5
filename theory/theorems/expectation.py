"""Expectations: linearity, order, symmetries of the law, derivatives under the expectation."""

from collections.abc import Callable, Collection, Mapping
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
    Mul,
    Poly,
    Subs,
    Sum,
    Symbol,
    exp,
    expand,
)

from theory import model
from theory.algebra import Box, is_nonnegative, is_positive, reduces_to_zero
from theory.derivation import Conclusion, Derivation, Relation, Step, StepError, definition, opening, theorem
from theory.laws import is_constant, is_invariant, of_same_law, random_parts
from theory.signs import signs
from theory.theorems.indicators import Mean

PARAMETERS = frozenset(value for value in vars(model).values() if isinstance(value, Symbol))
"""Symbols of the model that are not random."""

Quantity = Mapping[Symbol, Expr]
"""A value for each random number."""

Quantities = Mapping[Symbol, MatrixExpr]
"""Random numbers by symbol, each as a product of the random vectors: the inner product itself, or a norm's square."""


@theorem(cites="Billingsley, Probability and Measure, theorem 16.1")
def linearity(expr: Expr, form: Expr | None = None) -> Conclusion:
    """The link between two combinations of expectations, with constant coefficients and finite sums.

    Parameters
    ----------
    expr
        Contains expectations.
    form
        Another combination with the same integrand. By default sums and constant factors are taken out of every
        expectation in `expr`.

    Raises
    ------
    StepError
        If nothing can be taken out, a combination is not affine in its expectations, a coefficient is not declared to
        be constant, or the integrands of the two differ.
    """
    reason = "linearity of the expectation"
    if form is None:
        form = expand(expr.replace(lambda e: isinstance(e, Mean), _opened))
        if form == expr:
            raise StepError("linearity: there is nothing to take out", expr)
        return Conclusion(expr, "=", form, reason, ("the factors taken out are constants",))
    residue = _integrand(form) - _integrand(expr)
    if not reduces_to_zero(residue):
        raise StepError("linearity: the integrands differ", residue)
    return Conclusion(expr, "=", form, reason, ("finite sums", "constant coefficients"))


def _integrand(combination: Expr) -> Expr:
    """The combination with every `E` removed, after checking that it is such a combination."""
    if not _is_affine(combination):
        raise StepError("linearity: not affine in expectations", combination)
    outside = combination.replace(lambda e: isinstance(e, Mean), lambda _: Integer(1))
    require_constant(outside, {index for total in combination.atoms(Sum) for index in total.bound_symbols})
    return combination.replace(lambda e: isinstance(e, Mean), lambda e: e.args[0])


def _is_affine(expr: Expr) -> bool:
    if not expr.has(Mean) or isinstance(expr, Mean):
        return True
    if isinstance(expr, Add):
        return all(_is_affine(term) for term in expr.args)
    if isinstance(expr, Mul):
        parts = [part for part in expr.args if part.has(Mean)]
        return len(parts) == 1 and _is_affine(parts[0])
    return isinstance(expr, Sum) and _is_affine(expr.function)


def _opened(mean: Mean) -> Expr:
    terms = []
    for term in Add.make_args(expand(mean.args[0])):
        constant, varying = term.as_independent(*random_parts(term), as_Add=False)
        require_constant(constant)
        terms.append(constant * Mean(varying) if varying != 1 else term)
    return Add(*terms)


def require_constant(factor: Expr, bound: Collection[Basic] = ()) -> None:
    """Check that everything in a factor is declared to be a constant of the model.

    Raises
    ------
    StepError
        If something in it is random, or not declared at all.
    """
    if not is_constant(factor, bound):
        raise StepError("linearity: a factor is not declared to be constant", factor)


@theorem(cites="Billingsley, Probability and Measure, theorem 16.8")
def under_the_mean(mean: Mean, x: Symbol, bound: Expr, at: Expr | None = None, box: Box | None = None) -> Conclusion:
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
    return Conclusion(left, "=", right, "differentiation under the expectation", hypotheses)


@theorem(cites="Billingsley, Probability and Measure, theorem 16.8")
def force_under_the_mean(mean: Mean, x: Symbol, forces: Collection[tuple[Expr, Expr]]) -> Conclusion:
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
    return Conclusion(Derivative(mean, x), "=", Mean(slope), reason, hypotheses)


@theorem(cites="Billingsley, Probability and Measure, theorem 16.13")
def symmetrised(
    mean: Mean, image: Mapping[Symbol, Expr], motion: Mapping[MatrixExpr, MatrixExpr], quantities: Quantities
) -> Conclusion:
    """The link `E f = E (f + f(moved))/2`, for a motion of the random vectors that leaves their joint law unchanged.

    Parameters
    ----------
    mean
        The expectation of an expression in the symbols of `quantities`.
    image
        The image of each symbol: a symbol of `quantities` or its negative; by default the symbol itself.
    motion
        The image of each random vector; the model declares the law to be invariant.
    quantities
        The symbols in terms of the vectors.

    Raises
    ------
    StepError
        If the motion is not a permutation of the vectors up to signs, or a moved quantity is not the image that is
        given for it.
    """
    if not is_invariant(motion):
        raise StepError("symmetry of the law: not declared", mean)
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
    return Conclusion(mean, "=", right, "symmetry of the law", (f"the law is unchanged by {shown}",))


def _unsigned(vector: MatrixExpr) -> MatrixExpr:
    return MatMul(-1, vector).doit() if vector.could_extract_minus_sign() else vector


def _numbers(expr: Expr) -> list[Basic]:
    """The random numbers in `expr`: all its symbols except the parameters of the model; indexed symbols as a whole."""
    indexed = expr.atoms(Indexed)
    inside = {symbol for number in indexed for symbol in number.free_symbols}
    return sorted([*indexed, *(expr.atoms(Symbol) - PARAMETERS - inside)], key=str)


def require_moment(expr: Expr) -> None:
    """Check that `expr` is a polynomial of degree 2 at most in its random numbers, norms and inner products of views.

    Its expectation is then finite where the features have finite fourth moments.

    Raises
    ------
    StepError
        If it is not.
    """
    numbers = _numbers(expr)
    if not expr.is_polynomial(*numbers) or (numbers and Poly(expr, *numbers).total_degree() > 2):
        raise StepError("moment: not a polynomial of degree 2 in norms and inner products", expr)


@theorem(cites="Billingsley, Probability and Measure, theorem 15.2")
def positive_moment(mean: Mean) -> Conclusion:
    """The link `E f > 0` for a nonnegative random number.

    The number is positive wherever all the norms and inner products that it is made of are, which has positive
    probability as long as features occur.

    Raises
    ------
    StepError
        If the random number may be negative, may vanish although what it is made of is positive, or is not a polynomial
        of degree 2 in norms and inner products.
    """
    (f,) = mean.args
    if not is_nonnegative(f):
        raise StepError("moment: may be negative", mean)
    require_moment(f)
    if not is_positive(f.xreplace({number: Dummy("t", positive=True) for number in _numbers(f)})):
        raise StepError("moment: may vanish almost surely", mean)
    hypotheses = ("a finite moment of the views", "positive where the numbers that it is made of are positive")
    return Conclusion(mean, ">", Integer(0), "a finite moment, positive as features occur", hypotheses)


@theorem(cites="Billingsley, Probability and Measure, section 20")
def identically_distributed(mean: Mean) -> Conclusion:
    """The link `E f(x') = E f(x)` for numbers to which the model gives the same law, `x` the first of them.

    Raises
    ------
    StepError
        If the model does not give them the same law.
    """
    image = of_same_law(random_parts(mean.args[0]))
    first = mean.xreplace(image)
    if first == mean:
        raise StepError("identical laws: the model does not give one law to other numbers", mean)
    hypotheses = (f"{', '.join(f'{x} -> {y}' for x, y in image.items())}: one law",)
    return Conclusion(mean, "=", first, "identically distributed", hypotheses)


def named_moment(mean: Mean, name: Symbol) -> Step:
    """The link that introduces a positive `name` for an expectation, the same for all numbers with that law.

    See `positive_moment` and `identically_distributed`.
    """
    return _naming(mean, name, positive_moment)


def common_moment(mean: Mean, name: Symbol) -> Step:
    """The link that introduces a real `name` for an expectation of any sign, the same for all numbers with that law.

    Raises
    ------
    StepError
        If the random number may not be real.
    """
    if signs(mean.args[0]) is None:
        raise StepError("moment: not real", mean)
    return _naming(mean, name, None)


def _naming(mean: Mean, name: Symbol, positive: Callable[[Mean], Step] | None) -> Step:
    first = mean.xreplace(of_same_law(random_parts(mean.args[0])))
    named = definition(name, first, "a finite moment", sign=positive(first) if positive is not None else None).turned()
    if first == mean:
        return named
    return opening(mean).by(identically_distributed(mean)).by(named).as_step("a finite moment, one law")


@theorem(cites="Billingsley, Probability and Measure, theorem 16.1")
def ordered_means(pointwise: Derivation) -> Conclusion:
    """The link `E f >= E g` (or `<=`) from a chain that leads from `f` to `g` at every point; cited if the chain is."""
    f = pointwise.subject
    weakened: dict[Relation, Relation] = {">": ">=", "<": "<="}
    relation = weakened.get(pointwise.relation, pointwise.relation)
    reason = "the expectation keeps order"
    return Conclusion(Mean(f), relation, Mean(pointwise.end), reason, ("at every point",))


class Pair(NamedTuple):
    """Inner product and norms of two vectors, by symbol."""

    inner: Symbol
    norm: Symbol
    other_norm: Symbol


COSINE = Symbol("c", nonnegative=True)
"""A number between 0 and 1."""
SHORTER = Symbol("x'", positive=True)
EXCESS = Symbol("k", nonnegative=True)


def longer_first(pair: Pair) -> Quantity:
    """Values of inner product and norms of two vectors that are not zero, up to exchange and to the sign of one.

    `COSINE`, `SHORTER` and `EXCESS` are free; the Cauchy-Schwarz inequality leaves no other values.
    """
    longer = SHORTER + EXCESS
    return {pair.inner: COSINE * longer * SHORTER, pair.norm: longer, pair.other_norm: SHORTER}


@theorem(cites="Billingsley, Probability and Measure, theorem 15.2")
def positive_mean(mean: Mean, pair: Pair, pointwise: Derivation) -> Conclusion:
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
    residue = f.xreplace(dict(longer_first(pair))) - pointwise.subject
    if not reduces_to_zero(residue):
        raise StepError("positive expectation: the chain is about something else", residue)
    if dict(pointwise.box) != {COSINE: model.ZERO_TO_ONE}:
        raise StepError("positive expectation: the chain has another range", mean)
    if pointwise.relation != ">" or pointwise.end != 0:
        raise StepError("positive expectation: the chain does not end strictly above zero", pointwise.end)
    hypotheses = ("0 <= |x^T x'| <= ||x|| ||x'||", "invariant under exchange and sign", "positive unless x or x' is 0")
    return Conclusion(mean, ">", Integer(0), "a positive integrand", hypotheses, (COSINE,))


@theorem(cites="Billingsley, Probability and Measure, theorem 15.2")
def positive_product(mean: Mean, weight: Expr, core: Expr, moment: Derivation, box: Box | None = None) -> Conclusion:
    """The link `E[weight * core] > 0` for `weight > 0`, `core >= 0`, and a chain that shows `E core > 0`.

    If the product vanished almost surely, so would `core`.

    Raises
    ------
    StepError
        If `mean` has other factors, a sign is not shown, or the chain is about another expectation.
    """
    if not reduces_to_zero(mean.args[0] - weight * core):
        raise StepError("positive expectation: not the product", mean.args[0] - weight * core)
    if not is_positive(weight, box) or not is_nonnegative(core, box):
        raise StepError("positive expectation: a factor has no plain sign", weight * core)
    about = moment.subject == Mean(core) and moment.relation in ("=", ">=", ">")
    if not about or not is_positive(moment.end, box) or not moment.is_complete:
        raise StepError("positive expectation: the chain does not show that E core > 0", moment.end)
    hypotheses = ("weight > 0", "core >= 0", "E core > 0")
    return Conclusion(mean, ">", Integer(0), "a positive weight keeps an expectation positive", hypotheses)
