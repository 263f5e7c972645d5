"""Chains that show an isotropic Gram matrix to be the best of its trace, with and without attack.

`G = c I + H` with `c = tr G/d`, so `tr H = 0`. The loss at `G` lies above its tangent at `c I`, whose slope along `H`
vanishes since the law of the views is the same in every direction of the axes.
"""

from functools import cache

from sympy import Expr, Function, Identity, IndexedBase, MatrixSymbol, S, Symbol, Trace

from theory.assumptions import Assumption
from theory.contrastive.pairs import FLIP, HALF, inner, other_norm, x, y
from theory.derivation import Derivation, begin
from theory.laws import constant, isotropic, permutation, random, random_sign
from theory.model import d, eps
from theory.quantities.encoders import AVERAGE
from theory.quantities.pairs import GAP
from theory.theorems.calculus import keeps_order
from theory.theorems.expectation import Quantities, linearity, ordered_means, symmetrised
from theory.theorems.indicators import Mean
from theory.theorems.logistic import softplus
from theory.theorems.matrices import (
    isotropic_form,
    norm_above_projection,
    permutation_average,
    sign_average,
    traceless_form,
)
from theory.theorems.tangents import Excess, Weight, above_tangent, positive_excess

anisotropic = Assumption("anisotropic", "The Gram matrix $G$ is not a multiple of the identity.")
orthogonal_motion = Assumption("orthogonal motion", "The matrix $P$ is orthogonal.")

G = MatrixSymbol("G", d, d)
CENTRE = Trace(G) / d
H = G - CENTRE * Identity(d)
"""The anisotropic part of `G`, which is not zero."""

view, image = MatrixSymbol("x_s", d, 1), MatrixSymbol("x'_s", d, 1)
_along, _image_along = MatrixSymbol("e", d, 1), MatrixSymbol("e_s", d, 1)
"""Directions of the views that are not attacked, `x' = ||x'|| e`; zero where the view is."""

scale = constant(Symbol("c", nonnegative=True))
"""`tr G/d`."""
score = random(Symbol("s", real=True))
"""Inner product of the views of a similar pair."""
similar_norm = random(Symbol("x'_s", nonnegative=True))
"""Norm of the other view of a similar pair."""
pull, similar_pull = Symbol(r"\|G x'\|", nonnegative=True), Symbol(r"\|G x'_s\|", nonnegative=True)
bent, similar_bent = Symbol("x^T H x'", real=True), Symbol("x_s^T H x'_s", real=True)
turned, similar_turned = Symbol("e^T H x'", real=True), Symbol("e_s^T H x'_s", real=True)
for _number in (pull, similar_pull, bent, similar_bent, turned, similar_turned):
    random(_number)

PAIRS: Quantities = {
    score: view.T * image,
    inner: x.T * y,
    similar_norm: _image_along.T * image,
    other_norm: _along.T * y,
    similar_bent: view.T * H * image,
    bent: x.T * H * y,
    similar_turned: _image_along.T * H * image,
    turned: _along.T * H * y,
}
_any = Symbol("t", real=True)
_IMAGES = {pull: (_along, G * y), similar_pull: (_image_along, G * image)}
_FORMS = {**PAIRS, scale: CENTRE}
_RANDOM = (*PAIRS, pull, similar_pull)

radius = Symbol("c_x", positive=True)
"""Mean square of a coordinate of a view, noise included."""
for _vector in (x, y, view, image):
    isotropic(_vector, radius)

i, j, k = (Symbol(name, integer=True, positive=True) for name in "ijk")
entry = IndexedBase("G")
_sign, _place = random_sign(IndexedBase("e")), permutation(Function("pi"), d)


@cache
def average_of_images() -> Derivation:
    """The chain from an entry of `P G P^T`, averaged over all signed permutations `P`, to that of `(tr G/d) I`."""
    moved = _sign[i] * _sign[j] * entry[_place(i), _place(j)]
    chain = begin(AVERAGE, Mean(moved), "entry of P G P^T, averaged over signs e and permutations pi")
    chain = chain.by(sign_average(chain.end, _sign, i, j))
    return chain.within(permutation_average(Mean(entry[_place(i), _place(i)]), _place, i, k, d))


def _similar(size: Expr, norm: Expr, form: Expr = S.Zero) -> Expr:
    """Exponent of the worst-case loss of a similar pair, `norm` that of `G x'`."""
    return -scale * score - form + size * norm


def _dissimilar(size: Expr, norm: Expr, form: Expr = S.Zero) -> Expr:
    return scale * inner + form + size * norm


def _pointwise(start: Expr, size: Expr) -> Derivation:
    """The chain from the loss of a pair of each kind at `G` minus that at `c I`, to its tangent and an excess."""
    chain = begin(Symbol("l"), start, "a similar and a dissimilar pair")
    if size != 0:
        for exponent, norm, lower in (
            (_similar(size, similar_pull, similar_bent), similar_pull, scale * similar_norm + similar_turned),
            (_dissimilar(size, pull, bent), pull, scale * other_norm + turned),
        ):
            below = norm_above_projection(norm, lower, _IMAGES[norm], _FORMS)
            chain = chain.within(keeps_order(softplus(exponent).xreplace({norm: _any}), _any, below))
    near, far = _similar(size, scale * similar_norm), _dissimilar(size, scale * other_norm)
    step, further = -similar_bent + size * similar_turned, bent + size * turned
    tangent = HALF * Weight(near) * step + HALF * Weight(far) * further
    chain = chain.equals(HALF * Excess(near, step) + HALF * Excess(far, further) + tangent, "split off the tangent")
    return chain.within(above_tangent(near, step))


def _spread(size: Expr) -> Derivation:
    """The chain from the mean square of a dissimilar pair's step to a positive lower bound."""
    chain = begin(
        Symbol("m"),
        Mean((bent + size * turned) ** 2),
        "squared difference of the exponents at G and at the centre of the tangent",
    )
    if size != 0:
        chain = chain.by(symmetrised(chain.end, {inner: -inner, bent: -bent}, FLIP, PAIRS))
        both = begin(Symbol("b"), chain.end.args[0], "both signs of the attacked view")
        chain = chain.by(ordered_means(both.at_least(bent**2, "leave out the attack", gap=size**2 * turned**2)))
    return chain.by(isotropic_form(Mean(bent**2), bent, PAIRS, radius))


def gap(size: Expr = eps) -> tuple[Derivation, tuple[Derivation, ...]]:
    """The chain from the worst-case loss at `G` minus that at `c I`, to zero, strict; and its lemmas."""
    at_G = HALF * softplus(_similar(size, similar_pull, similar_bent)) + HALF * softplus(_dissimilar(size, pull, bent))
    centre = HALF * softplus(_similar(size, scale * similar_norm))
    centre += HALF * softplus(_dissimilar(size, scale * other_norm))
    pointwise, spread, average = _pointwise(at_G - centre, size), _spread(size), average_of_images()
    chain = begin(GAP, Mean(at_G) - Mean(centre), "loss of balanced pairs at G = cI + H minus that at cI, c = tr G/d")
    chain = chain.by(linearity(chain.end, Mean(at_G - centre))).by(ordered_means(pointwise))
    chain = chain.by(linearity(chain.end))
    for mean in sorted(chain.end.atoms(Mean), key=str):
        if not mean.has(Excess):
            chain = chain.within(traceless_form(mean, PAIRS, {scale}, average))
    (excess,) = chain.end.atoms(Mean)
    return chain.within(positive_excess(excess, spread)), (pointwise, spread, average)
