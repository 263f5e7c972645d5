"""Gram matrices: stacks of rows, quadratic forms of isotropic vectors, averages over signed permutations."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet

from sympy import (
    Add,
    Basic,
    BlockMatrix,
    Expr,
    Function,
    Indexed,
    IndexedBase,
    Integer,
    KroneckerDelta,
    MatMul,
    MatrixExpr,
    MatrixSymbol,
    Mul,
    Sum,
    Symbol,
    Trace,
    simplify,
)
from sympy import block_collapse as collapse

from theory.algebra import is_positive, reduces_to_zero
from theory.derivation import Conclusion, Derivation, StepError, theorem
from theory.laws import is_isotropic, is_permutation, law_of
from theory.theorems.expectation import PARAMETERS, Quantities
from theory.theorems.indicators import Mean


@theorem(cites="Horn and Johnson, Matrix Analysis, section 0.7")
def stacked_gram(stack: BlockMatrix) -> Conclusion:
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
    return Conclusion(product, "=", collapsed, "block multiplication", ("the blocks fit",))


@theorem(cites="Billingsley, Probability and Measure, section 20")
def isotropic_form(mean: Mean, form: Symbol, quantities: Quantities, second_moment: Expr) -> Conclusion:
    r"""The link $E (x^T H x')^2 = c^2 \operatorname{tr} H H^T$ for independent `x, x'` with `E x x^T = c I`.

    `E (x^T H x')^2 = tr(H E[x' x'^T] H^T E[x x^T])`; the trace is the sum of the squares of the entries of `H`.

    Raises
    ------
    StepError
        If `mean` is not that of the square of the form, the form has not two different views at its ends, or `c` may
        not be positive.
    """
    if mean.args[0] != form**2 or not is_positive(second_moment):
        raise StepError("isotropy: not the square of the form", mean)
    view, *_, other = quantities[form].args
    if not (is_isotropic(view.T, second_moment) and is_isotropic(other, second_moment)):
        raise StepError("isotropy: not declared", quantities[form])
    if other == view.T or not _is_vector(view.T) or not _is_vector(other):
        raise StepError("isotropy: not two different views", quantities[form])
    norm = Symbol(r"\|H\|_F^2", positive=True)
    hypotheses = ("x and x' are independent", "E x x^T = c I", f"{norm} = tr H H^T > 0 since H is not 0")
    return Conclusion(mean, "=", second_moment**2 * norm, "second moments of isotropic vectors", hypotheses)


def _is_vector(factor: MatrixExpr) -> bool:
    return isinstance(factor, MatrixSymbol) and factor.cols == 1


@theorem(cites="Boyd and Vandenberghe, Convex Optimization, appendix A.1.6")
def norm_above_projection(
    norm: Symbol, lower: Expr, projection: tuple[MatrixExpr, MatrixExpr], forms: Mapping[Symbol, Basic]
) -> Conclusion:
    """The link `norm >= lower`, `norm` the l2 norm of a vector `v` and `lower = e^T v` for `||e|| <= 1`.

    The l2 norm is its own dual: it is the largest projection on a vector of norm 1 at most.

    Parameters
    ----------
    projection
        `e` and `v`.
    forms
        The meanings of the symbols of `lower`: products of matrices, or constants.

    Raises
    ------
    StepError
        If `lower` is not the projection.
    """
    direction, vector = projection
    residue = direction.T * vector
    for term in Add.make_args(lower):
        residue -= MatMul(*(part if part.is_Number else forms[part] for part in Mul.make_args(term)))
    if not reduces_to_zero(residue):
        raise StepError("projection: not the inner product with the direction", residue)
    hypotheses = (f"{direction} is a unit vector or zero",)
    return Conclusion(norm, ">=", lower, "a norm is at least each projection", hypotheses)


@theorem(cites="Billingsley, Probability and Measure, theorem 16.13")
def traceless_form(
    mean: Mean, quantities: Quantities, constants: AbstractSet[Symbol], average: Derivation
) -> Conclusion:
    """The link `E[w x^T H x'] = 0` for `tr H = 0`, where `w` is the same for `P x, P x'`, `P` a signed permutation.

    The law of the views is the same under `P`, so `H` may be replaced by the average of `P^T H P`, `(tr H/d) I`.

    Parameters
    ----------
    mean
        The expectation of a weight, in inner products of the views, times one form.
    quantities
        The random numbers in terms of the views.
    constants
        Symbols that are not random, besides the model's parameters.
    average
        The chain from an entry of the average of all images of a matrix to that of `(tr/d) I`.

    Raises
    ------
    StepError
        If there is not one form, its matrix has a trace, the weight is not invariant or the chain shows something else.
    """
    forms = [symbol for symbol in mean.args[0].free_symbols & set(quantities) if len(quantities[symbol].args) == 3]
    if len(forms) != 1 or mean.args[0].coeff(forms[0]).has(forms[0]):
        raise StepError("average over signed permutations: not linear in one form", mean)
    weight, (_, matrix, _) = mean.args[0].coeff(forms[0]), quantities[forms[0]].args
    if not reduces_to_zero(mean.args[0] - weight * forms[0]) or simplify(Trace(matrix).doit()) != 0:
        raise StepError("average over signed permutations: the matrix has a trace", mean)
    P = MatrixSymbol("P", *matrix.shape)
    for symbol in weight.free_symbols - PARAMETERS - constants:
        product = quantities[symbol]
        moved = product.xreplace({vector: P * vector for vector in product.atoms(MatrixSymbol) if _is_vector(vector)})
        if not reduces_to_zero(moved - product, (P,)):
            raise StepError("average over signed permutations: the weight changes", product)
    _require_isotropic(average)
    hypotheses = ("the law of the views is unchanged by signed permutations", "so is the weight", "tr H = 0")
    reason = "average over signed permutations"
    return Conclusion(mean, "=", Integer(0), reason, hypotheses)


def _require_isotropic(average: Derivation) -> None:
    """The chain ends in `[i = j]` times the mean of the diagonal entries of one matrix."""
    (delta,) = average.end.atoms(KroneckerDelta)
    (total,) = average.end.atoms(Sum)
    ((k, low, size),) = total.limits
    (entry,) = total.function.atoms(Indexed)
    isotropic = delta * Sum(entry.base[k, k], (k, 1, size)) / size
    (moved,) = average.subject.atoms(Indexed) - {x for x in average.subject.atoms(Indexed) if x.rank == 1}
    if average.relation != "=" or low != 1 or moved.base != entry.base or average.end != isotropic:
        raise StepError("average over signed permutations: another average", average.end)


@theorem(cites="Billingsley, Probability and Measure, section 20")
def sign_average(mean: Mean, signs: IndexedBase, i: Symbol, j: Symbol) -> Conclusion:
    """The link `E[e_i e_j g] = [i = j] E g` over independent random signs `e`, `g` free of them.

    Raises
    ------
    StepError
        If the expectation has another form.
    """
    law = law_of(signs)
    if law is None or not law.is_sign:
        raise StepError("average over signs: not declared to be random signs", signs)
    rest = mean.args[0] / (signs[i] * signs[j])
    if rest.has(signs):
        raise StepError("average over signs: another form", mean)
    diagonal = Mean(rest.subs(j, i))
    hypotheses = ("e_i^2 = 1", "different signs are independent with mean zero")
    return Conclusion(mean, "=", KroneckerDelta(i, j) * diagonal, "average over signs", hypotheses)


@theorem(cites="Feller, An Introduction to Probability Theory and Its Applications, vol. 1, section IX.2")
def permutation_average(mean: Mean, place: Function, i: Symbol, k: Symbol, size: Expr) -> Conclusion:
    """The link `E f(place(i)) = (1/size) sum_k f(k)` over a uniformly random permutation `place`.

    Raises
    ------
    StepError
        If the index occurs outside the permutation.
    """
    if not is_permutation(place, size):
        raise StepError("average over permutations: not declared", place(i))
    value = mean.args[0].subs(place(i), k)
    if value.has(i):
        raise StepError("average over permutations: another form", mean)
    total = Sum(value, (k, 1, size)) / size
    hypotheses = (f"{place}({i}) is uniform on 1, ..., {size}",)
    return Conclusion(mean, "=", total, "average over permutations", hypotheses)
