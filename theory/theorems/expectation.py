"""Expectations: linearity, order, symmetries of the law, derivatives under the expectation."""

from collections.abc import Collection, Mapping

from sympy import Add, Derivative, Dummy, Expr, Integer, MatrixExpr, Subs, Symbol, exp, expand

from theory.algebra import Box, is_nonnegative, is_positive, reduces_to_zero
from theory.derivation import Derivation, Relation, Step, StepError
from theory.theorems.indicators import Mean

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
    affine = expr.xreplace({mean: Dummy() for mean in expr.atoms(Mean)})
    if affine.has(Mean) or not affine.is_polynomial() or not reduces_to_zero(combined - integrand):
        raise StepError("linearity: the integrands do not combine so", combined - integrand)
    reason = "linearity of the expectation"
    return Step(expr, "=", Mean(integrand), reason, "theorem", ("one probability space",))


def under_the_mean(mean: Mean, x: Symbol, bound: Expr, at: Expr | None = None, box: Box | None = None) -> Step:
    """The link `d/dx E f = E df/dx`, by dominated convergence: `|df/dx| <= bound`, which does not depend on `x`.

    Both sides are taken at `x = at` where that is given.

    Raises
    ------
    StepError
        If the bound depends on `x`, or `bound^2 - (df/dx)^2 >= 0` is not shown on `box`.
    """
    slope = mean.args[0].diff(x)
    if bound.has(x):
        raise StepError("dominated convergence: the bound depends on the parameter", bound)
    if not is_nonnegative(bound**2 - slope**2, box):
        raise StepError("dominated convergence: not a bound", bound**2 - slope**2)
    left, right = Derivative(mean, x), Mean(slope)
    if at is not None:
        left, right = Subs(left, x, at), Mean(slope.subs(x, at))
    hypotheses = (f"|d/d{x} f| <= {bound}", "whose expectation is finite")
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
        total += share * force.subs(t, value)
    if not reduces_to_zero(mean.args[0] - total):
        raise StepError("dominated convergence: not the sum of these forces", mean.args[0] - total)
    slope = sum((share * force.diff(x).subs(t, value) for share, value in forces), Integer(0))
    hypotheses = ("|d/dx t sig(x t)| <= t^2", "whose expectation is finite")
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
        If a moved quantity is not the image that is given for it.
    """
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


def named_moment(mean: Mean, name: Symbol) -> Step:
    """The link that introduces a positive `name` for the expectation of a random number that is not negative.

    Raises
    ------
    StepError
        If the random number may be negative.
    """
    if not is_nonnegative(mean.args[0]):
        raise StepError("moment: may be negative", mean)
    return Step(mean, "=", name, "a finite moment, positive since the number is not zero almost surely", "definition")


def ordered_means(pointwise: Derivation) -> Step:
    """The link `E f >= E g` (or `<=`) from a chain that leads from `f` to `g` at every point."""
    f = pointwise.steps[0].right
    weakened: dict[Relation, Relation] = {">": ">=", "<": "<="}
    relation = weakened.get(pointwise.relation, pointwise.relation)
    return Step(Mean(f), relation, Mean(pointwise.end), "the expectation keeps order", "theorem", ("at every point",))


def positive_mean(mean: Mean, images: Collection[Mapping[Symbol, Expr]], pointwise: Derivation, at: Quantity) -> Step:
    """The link `E f > 0` for a continuous `f` that is positive on an event of positive probability, nowhere negative.

    Parameters
    ----------
    images
        Replacements of the random numbers that leave `f` as it is; it suffices to look at one point of each orbit.
    pointwise
        A chain from `f` at such a point to zero, strict.
    at
        The point: a value for each random number, in terms of free parameters.

    Raises
    ------
    StepError
        If `f` is not invariant, or the chain is about something else or not strict.
    """
    (f,) = mean.args
    for image in images:
        if not reduces_to_zero(f - f.xreplace(dict(image))):
            raise StepError("positive expectation: not invariant", f - f.xreplace(dict(image)))
    residue = f.xreplace(dict(at)) - pointwise.steps[0].right
    if not reduces_to_zero(residue):
        raise StepError("positive expectation: the chain is about something else", residue)
    if pointwise.relation != ">" or pointwise.end != 0:
        raise StepError("positive expectation: the chain does not end strictly above zero", pointwise.end)
    hypotheses = ("continuous and nowhere negative", "positive on an event of positive probability")
    return Step(mean, ">", Integer(0), "a positive integrand", "theorem", hypotheses)


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
    if moment.steps[0].right != Mean(core) or moment.relation != "=" or not is_positive(moment.end, box):
        raise StepError("positive expectation: the chain does not show that E core > 0", moment.end)
    hypotheses = ("weight > 0", "core >= 0", "E core > 0")
    return Step(mean, ">", Integer(0), "a positive weight keeps an expectation positive", "theorem", hypotheses)
