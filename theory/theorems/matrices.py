"""Gram matrices: stacks of rows, quadratic forms of isotropic vectors, averages over signed permutations."""

from sympy import BlockMatrix, Expr, Function, Identity, IndexedBase, Integer, KroneckerDelta, MatrixExpr, Sum, Symbol
from sympy import block_collapse as collapse

from theory.algebra import is_positive, reduces_to_zero
from theory.derivation import Derivation, Step, StepError
from theory.theorems.indicators import Mean


def stacked_gram(stack: BlockMatrix) -> Step:
    """The link from `T^T T` of a stack of blocks to the sum of the blocks' Gram matrices.

    Raises
    ------
    StepError
        If the product of the blocks does not collapse.
    """
    product = stack.T * stack
    collapsed = collapse(product)
    if collapsed.has(BlockMatrix):
        raise StepError("block product: does not collapse", collapsed)
    return Step(product, "=", collapsed, "block multiplication", "theorem", ("the blocks fit",))


def isotropic_form(mean: Mean, form: Symbol, H: MatrixExpr, second_moment: Expr) -> Step:
    r"""The link $E (x^T H x')^2 = c^2 \operatorname{tr} H H^T$ for independent `x, x'` with `E x x^T = c I`.

    `E (x^T H x')^2 = tr(H E[x' x'^T] H^T E[x x^T])`; the trace is the sum of the squares of the entries of `H`.

    Raises
    ------
    StepError
        If `mean` is not that of the square of the form, or `c` may not be positive.
    """
    if mean.args[0] != form**2 or not is_positive(second_moment):
        raise StepError("isotropy: not the square of the form", mean)
    norm = Symbol(rf"\|{H.name}\|_F^2", positive=True)
    hypotheses = ("x and x' are independent", "E x x^T = c I", f"{norm} = tr {H.name} {H.name}^T > 0 since H is not 0")
    return Step(mean, "=", second_moment**2 * norm, "second moments of isotropic vectors", "theorem", hypotheses)


def sign_average(mean: Mean, signs: IndexedBase, i: Symbol, j: Symbol) -> Step:
    """The link `E[e_i e_j g] = [i = j] E g` over independent random signs `e`, `g` free of them.

    Raises
    ------
    StepError
        If the expectation has another form.
    """
    rest = mean.args[0] / (signs[i] * signs[j])
    if rest.has(signs):
        raise StepError("average over signs: another form", mean)
    diagonal = Mean(rest.subs(j, i))
    hypotheses = ("e_i^2 = 1", "different signs are independent with mean zero")
    return Step(mean, "=", KroneckerDelta(i, j) * diagonal, "average over signs", "theorem", hypotheses)


def permutation_average(mean: Mean, place: Function, i: Symbol, k: Symbol, size: Expr) -> Step:
    """The link `E f(place(i)) = (1/size) sum_k f(k)` over a uniformly random permutation `place`.

    Raises
    ------
    StepError
        If the index occurs outside the permutation.
    """
    value = mean.args[0].subs(place(i), k)
    if value.has(i):
        raise StepError("average over permutations: another form", mean)
    total = Sum(value, (k, 1, size)) / size
    hypotheses = (f"{place}({i}) is uniform on 1, ..., {size}",)
    return Step(mean, "=", total, "average over permutations", "theorem", hypotheses)


def strict_jensen(
    loss: Function,
    gram: MatrixExpr,
    average: MatrixExpr,
    curvature: Derivation,
    invariance: Derivation,
    averaging: Derivation,
) -> Step:
    """The link `L(average) < L(gram)` for a strictly convex `L` that is the same at every image of `gram`.

    Parameters
    ----------
    curvature
        A chain that shows that the second derivative along every direction is positive.
    invariance
        A chain that shows that moved views, which have the same law, score at an image of `gram` as before.
    averaging
        A chain from an entry of the average of the images to an entry of a multiple of the identity, `average`.

    Raises
    ------
    StepError
        If one of them shows something else.
    """
    if curvature.relation != ">" or not reduces_to_zero(curvature.end - Integer(0)):
        raise StepError("Jensen's inequality: not strictly convex", curvature.end)
    if invariance.relation != "=" or not invariance.end.has(gram):
        raise StepError("Jensen's inequality: not invariant", invariance.end)
    off_diagonal = averaging.end.replace(KroneckerDelta, lambda *_: Integer(0))
    if averaging.relation != "=" or off_diagonal != 0 or not average.has(Identity):
        raise StepError("Jensen's inequality: the average is no multiple of the identity", averaging.end)
    hypotheses = ("strictly convex", "invariant", "the images of G are not all equal, as G is not their average")
    return Step(loss(average), "<", loss(gram), "Jensen's inequality, strict", "theorem", hypotheses)
