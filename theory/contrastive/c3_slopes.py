"""C3: the slope of the worst-case loss in the scale, and how it rises with the attack."""

from functools import cache

from sympy import Derivative, Eq, Expr, Gt, Integer, Rational, Symbol

from theory.assumptions import (
    attacked_view,
    balanced_pairs,
    isotropic_encoder,
    pairs_of_views,
    signed_permutations,
    views_occur,
)
from theory.claims import Clause
from theory.contrastive.c3_losses import (
    dissimilar_exponent,
    force_mean,
    scale,
    similar_exponent,
    similar_norm,
)
from theory.contrastive.pairs import DISSIMILAR, FLIP, HALF, inner, other_norm
from theory.derivation import Derivation, Proof, begin, opening, prove
from theory.laws import constant
from theory.model import ZERO_TO_ONE, eps
from theory.quantities.pairs import IMAGES as IMAGES_OF_TILT
from theory.quantities.pairs import MEAN_NORM, MIXED, MIXED_WEIGHTED, Tilt
from theory.ranges import NONNEGATIVE, POSITIVE, REAL, between
from theory.theorems.expectation import linearity, named_moment, ordered_means, symmetrised
from theory.theorems.indicators import Mean
from theory.theorems.logistic import Force, force_above, opposite
from theory.theorems.norms import reverse_triangle
from theory.theorems.tilt import (
    FLOOR,
    above_half,
    any_offset,
    falls_at_most,
    floor_chain,
    slope_under_the_mean,
)

rho = constant(Symbol("rho", positive=True))
"""Weight of similar pairs."""

LARGEST_WEIGHT = Rational(1023, 1250)
"""0.8184, the largest share of four digits below `(1 - FLOOR)/(1 + FLOOR)`, up to which the bound is positive."""


@cache
def far_chain() -> Derivation:
    """Chain from the slope at any scale to a lower bound that is positive at a large scale, whatever the attack."""
    mean, reach = force_mean(), eps * other_norm
    turned = symmetrised(mean, {inner: -inner}, FLIP, DISSIMILAR)
    ends = reach + inner, reach - inner
    pointwise = begin(Symbol("s"), turned.right.args[0], "both signs of the attacked view of a dissimilar pair")
    forces = Force(similar_exponent, scale) / 2 + Force(ends[0], scale) / 4 + Force(ends[1], scale) / 4
    pointwise = pointwise.equals(forces, "collect terms")
    for t in (similar_exponent, *ends):
        pointwise = pointwise.within(force_above(t, scale))
    pointwise = pointwise.within(opposite(similar_exponent))
    for sign in (1, -1):
        pointwise = pointwise.within(reverse_triangle(sign * inner, reach))
    chain = begin(Symbol("L'"), mean, "derivative of the worst-case loss in the scale").by(turned)
    chain = chain.by(ordered_means(pointwise))
    return chain.by(linearity(chain.end))


t, w = Symbol("t", real=True), Symbol("w", real=True)
u = Symbol("u", nonnegative=True)


def derive_mirror(clause: Clause) -> Proof:
    """Proof of the symmetry of `h`."""
    chain = opening(Tilt(-t))
    return prove(clause.formula, chain.equals(1 - Tilt(t), "sig(-t) = 1 - sig(t)"))


def derive_floor(clause: Clause) -> Proof:
    """Proof of the lower bound of `h`."""
    chain = floor_chain()
    return prove(clause.formula, opening(Tilt(t)).by(chain.at({})), lemmas=(chain,))


@cache
def pair_of_images() -> Derivation:
    """Chain from `h(u + w) + h(u - w)` to `1 - FLOOR`, for `u >= 0` and every `w`."""
    c, v = Symbol("c", nonnegative=True), Symbol("v", nonnegative=True)
    both = Tilt(u + w) + Tilt(u - w)
    inside = begin(Symbol("s"), both.subs(w, c * u), "|w| <= u: w = c u", box={c: ZERO_TO_ONE})
    for argument in (u + c * u, u - c * u):
        inside = inside.within(above_half(argument, {c: ZERO_TO_ONE}))
    outside = begin(Symbol("s"), both.subs(w, u + v), "|w| >= u: w = u + v")
    outside = outside.equals(1 + Tilt(2 * u + v) - Tilt(v), "h(-v) = 1 - h(v)")
    outside = outside.by(falls_at_most(2 * u + v, v, floor_chain(), Integer(1)))
    start = begin(IMAGES_OF_TILT(u, w), both, "two mirror images about u")
    return start.by(any_offset(both, w, u, inside, outside))


def derive_pair(clause: Clause) -> Proof:
    """Proof of the lower bound for two mirror images."""
    return prove(clause.formula, pair_of_images())


@cache
def mixed_chain(name: Symbol, weight: Expr) -> Derivation:
    """Chain from the mixed derivative, with `weight` on similar pairs, to a multiple of the mean norm."""
    mean, box = force_mean(weight), {rho: (Integer(0), LARGEST_WEIGHT)} if weight.has(rho) else {}
    similar, dissimilar = Tilt(scale * similar_exponent), Tilt(scale * dissimilar_exponent)
    slope = weight * similar_norm * similar + (1 - weight) * other_norm * dissimilar
    bound = (1 + FLOOR) * (weight * similar_norm + (1 - weight) * other_norm)
    step = slope_under_the_mean(mean, eps, slope, bound, floor_chain(), box)
    chain = begin(name, Derivative(mean, eps), "mixed derivative of the worst-case loss", box=box).by(step)
    chain = chain.by(symmetrised(chain.end, {inner: -inner}, FLIP, DISSIMILAR))
    centre = scale * eps * other_norm
    mirrored = Tilt(centre + scale * inner) + Tilt(centre - scale * inner)
    split = weight * similar_norm * similar + (1 - weight) * other_norm / 2 * mirrored
    pointwise = (
        begin(Symbol("s"), chain.end.args[0], "both signs of the attacked view of a dissimilar pair", box=box)
        .equals(split, "collect terms")
        .within(floor_chain().at({t: scale * similar_exponent}))
        .within(pair_of_images().at({u: centre, w: scale * inner}))
    )
    chain = chain.by(ordered_means(pointwise))
    chain = chain.by(linearity(chain.end))
    chain = chain.within(named_moment(Mean(similar_norm), MEAN_NORM))
    return chain.within(named_moment(Mean(other_norm), MEAN_NORM))


def derive_mixed(clause: Clause) -> Proof:
    """Proof of the lower bound of the mixed derivative."""
    chain = mixed_chain(MIXED, HALF).at_least(clause.formula.rhs, "(1 - 3 c)/4 is larger", strict=True)
    return prove(clause.formula, chain, lemmas=(floor_chain(), pair_of_images()))


def derive_weighted(clause: Clause) -> Proof:
    """Proof that the mixed derivative stays positive up to the largest weight."""
    chain = mixed_chain(MIXED_WEIGHTED, rho)
    return prove(
        clause.formula,
        chain.at_least(Integer(0), "rho < (1 - c)/(1 + c)", strict=True),
        lemmas=(floor_chain(), pair_of_images()),
    )


_BALANCED = (isotropic_encoder, pairs_of_views, attacked_view, signed_permutations, views_occur)

MIRROR = Clause(
    name="mirror images of h",
    says=r"The derivative $h$ of the force $t\,\mathrm{sig}(t)$ takes values at $t$ and $-t$ that add up to one: "
    "$[[formula]]$.",
    formula=Eq(Tilt(-t), 1 - Tilt(t)),
    over={t: REAL},
    derive=derive_mirror,
)

BELOW = Clause(
    name="floor of h",
    says=r"The derivative $h$ of the force $t\,\mathrm{sig}(t)$ is bounded from below by a small negative number: "
    "$[[formula]]$ for every real $t$.",
    formula=Gt(Tilt(t), -FLOOR),
    over={t: REAL},
    derive=derive_floor,
    resolution=Rational(1, 1000),
)

IMAGES = Clause(
    name="two images about a point",
    says="The sum of the values of $h$ at two points that are mirror images about $[[range u]]$ is at least almost "
    "one, whatever their distance $w$ from it: $[[formula]]$.",
    formula=Gt(IMAGES_OF_TILT(u, w), 1 - FLOOR),
    over={u: NONNEGATIVE, w: REAL},
    derive=derive_pair,
    resolution=Rational(1, 1000),
)

SLOPES = Clause(
    name="mixed derivative",
    says="A larger attack makes the loss increase faster with the scale, by at least a multiple of the mean norm of "
    "a view: $[[formula]]$.",
    formula=Gt(MIXED, Rational(7, 40) * MEAN_NORM),
    over={scale: POSITIVE, eps: NONNEGATIVE},
    assumes=(*_BALANCED, balanced_pairs),
    derive=derive_mixed,
)

WEIGHTED = Clause(
    name="weight on similar pairs",
    says="If the share of similar pairs is $[[range rho]]$, a larger attack still makes the loss increase faster "
    "with the scale: $[[formula]]$.",
    formula=Gt(MIXED_WEIGHTED, 0),
    over={rho: between(0, LARGEST_WEIGHT), scale: POSITIVE, eps: NONNEGATIVE},
    assumes=_BALANCED,
    derive=derive_weighted,
)
