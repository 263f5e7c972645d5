"""C3: the slope of the worst-case loss in the scale, and how it rises with the attack."""

from functools import cache

from sympy import Derivative, Eq, Expr, Ge, Gt, Integer, Rational, Symbol

from theory.claims import Clause, Mutation
from theory.contrastive.c3_losses import (
    MEAN_NORM,
    RANDOM,
    dissimilar_exponent,
    force_mean,
    scale,
    similar_exponent,
    similar_norm,
)
from theory.contrastive.pairs import DISSIMILAR, FLIP, HALF, inner, other_norm
from theory.derivation import Derivation, Proof, begin, prove
from theory.model import ZERO_TO_ONE, eps
from theory.theorems.expectation import linearity, named_moment, ordered_means, symmetrised
from theory.theorems.indicators import Mean
from theory.theorems.logistic import Force, force_above, modulus_above, opposite
from theory.theorems.tilt import (
    FLOOR,
    Tilt,
    above_half,
    any_offset,
    falls_at_most,
    floor_chain,
    instance,
    slope_under_the_mean,
)

rho = Symbol("rho", positive=True)
"""Weight of similar pairs."""

LARGEST_WEIGHT = Rational(1023, 1250)
"""0.8184, below `(1 - FLOOR)/(1 + FLOOR)`."""

MIXED = Symbol(r"\partial_\lambda\partial_\epsilon L")
MIXED_WEIGHTED = Symbol(r"\partial_\lambda\partial_\epsilon L_\rho")


@cache
def far_chain() -> Derivation:
    """Chain from the slope at any scale to a lower bound that is positive at a large scale, whatever the attack."""
    mean, reach = force_mean(), eps * other_norm
    turned = symmetrised(mean, {inner: -inner}, FLIP, DISSIMILAR)
    ends = reach + inner, reach - inner
    pointwise = begin(Symbol("s"), turned.right.args[0], "both signs of the attacked view of a dissimilar pair")
    forces = Force(similar_exponent, scale) / 2 + Force(ends[0], scale) / 4 + Force(ends[1], scale) / 4
    pointwise = pointwise.equals(forces, "collect")
    for t in (similar_exponent, *ends):
        pointwise = pointwise.within(force_above(t, scale))
    pointwise = pointwise.within(opposite(similar_exponent))
    for t in ends:
        pointwise = pointwise.within(modulus_above(t, inner, reach))
    chain = begin(Symbol("L'"), mean, "derivative of the worst-case loss in the scale").by(turned)
    chain = chain.by(ordered_means(pointwise))
    return chain.by(linearity(chain.end, RANDOM))


_t, _w = Symbol("t", real=True), Symbol("w", real=True)
_u = Symbol("u", nonnegative=True)
MIRRORED = Symbol("h(t) + h(-t)")
HEIGHT = Symbol("h(t)")
PAIR = Symbol("h(u+w) + h(u-w)")


def derive_mirror(clause: Clause) -> Proof:
    """Proof of the symmetry of `h`."""
    chain = begin(MIRRORED, Tilt(_t) + Tilt(-_t), "h(t) = sig(t) + t sig'(t)").equals(
        Integer(1), "sig(-t) = 1 - sig(t)"
    )
    return prove(clause.formula, chain)


def derive_floor(clause: Clause) -> Proof:
    """Proof of the lower bound of `h`."""
    chain = floor_chain()
    return prove(clause.formula, begin(HEIGHT, Tilt(_t), "definition").by(instance(chain, {})), lemmas=(chain,))


@cache
def pair_of_images() -> Derivation:
    """Chain from `h(u + w) + h(u - w)` to `1 - FLOOR`, for `u >= 0` and every `w`."""
    c, v = Symbol("c", nonnegative=True), Symbol("v", nonnegative=True)
    both = Tilt(_u + _w) + Tilt(_u - _w)
    inside = begin(Symbol("s"), both.subs(_w, c * _u), "|w| <= u: w = c u", box={c: ZERO_TO_ONE})
    for t in (_u + c * _u, _u - c * _u):
        inside = inside.within(above_half(t, {c: ZERO_TO_ONE}))
    outside = begin(Symbol("s"), both.subs(_w, _u + v), "|w| >= u: w = u + v")
    outside = outside.equals(1 + Tilt(2 * _u + v) - Tilt(v), "h(-v) = 1 - h(v)")
    outside = outside.by(falls_at_most(2 * _u + v, v, floor_chain(), Integer(1)))
    start = begin(PAIR, both, "two mirror images about u")
    return start.by(any_offset(both, _w, _u, inside, outside))


def derive_pair(clause: Clause) -> Proof:
    """Proof of the lower bound for two mirror images."""
    return prove(clause.formula, pair_of_images())


@cache
def mixed_chain(name: Symbol, weight: Expr) -> Derivation:
    """Chain from the mixed derivative, with `weight` on similar pairs, to a multiple of the mean norm."""
    mean, box = force_mean(weight), {rho: (Integer(0), LARGEST_WEIGHT)}
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
        .equals(split, "collect")
        .within(instance(floor_chain(), {_t: scale * similar_exponent}))
        .within(instance(pair_of_images(), {_u: centre, _w: scale * inner}))
    )
    chain = chain.by(ordered_means(pointwise))
    chain = chain.by(linearity(chain.end, RANDOM))
    chain = chain.within(named_moment(Mean(similar_norm), MEAN_NORM))
    return chain.within(named_moment(Mean(other_norm), MEAN_NORM))


def derive_mixed(clause: Clause) -> Proof:
    """Proof of the lower bound of the mixed derivative."""
    chain = mixed_chain(MIXED, HALF)
    bound = Rational(7, 40) * MEAN_NORM
    return prove(clause.formula, chain.at_least(bound, "(1 - 3 c)/4 >= .175"), lemmas=(floor_chain(), pair_of_images()))


def derive_weighted(clause: Clause) -> Proof:
    """Proof that the mixed derivative stays positive up to the largest weight."""
    chain = mixed_chain(MIXED_WEIGHTED, rho)
    return prove(
        clause.formula, chain.at_least(Integer(0), "rho < .8184", strict=True), lemmas=(floor_chain(), pair_of_images())
    )


MIRROR = Clause(
    name="mirror images of h",
    says=r"With $h(t) = \mathrm{sig}(t) + t\,\mathrm{sig}'(t)$: $h(t) + h(-t) = 1$.",
    formula=Eq(MIRRORED, 1),
    derive=derive_mirror,
    mutation=Mutation("two instead of one", Eq(MIRRORED, 2), {_t: Integer(1)}),
)

BELOW = Clause(
    name="floor of h",
    says=r"$h \ge -c$ with $c = .09984$; the best constant solves $\log(1 + 1/c) = 2 + 4c$.",
    formula=Ge(HEIGHT, -FLOOR),
    derive=derive_floor,
    mutation=Mutation("a floor of -.0998", Ge(HEIGHT, -Rational(998, 10000)), {_t: Rational(-2399, 1000)}),
)

IMAGES = Clause(
    name="two images about a point",
    says=r"$h(u + w) + h(u - w) \ge 1 - c$ for $u \ge 0$.",
    formula=Ge(PAIR, 1 - FLOOR),
    derive=derive_pair,
    mutation=Mutation("at least one", Ge(PAIR, 1), {_u: Rational(3), _w: Rational(27, 5)}),
)

SLOPES = Clause(
    name="mixed derivative",
    says=r"The mixed derivative of the loss in $\lambda$ and $\epsilon$ is at least $.175\,\mathbb{E}\|X + \xi\|$.",
    formula=Ge(MIXED, Rational(7, 40) * MEAN_NORM),
    derive=derive_mixed,
    mutation=Mutation(
        "at least .6 ($d = p = r = 1$, $\\lambda = 5$, $\\epsilon = 1/2$)",
        Ge(MIXED, Rational(3, 5) * MEAN_NORM),
        {scale: Integer(5), eps: HALF, MEAN_NORM: Integer(1)},
        Ge(
            Tilt(scale * (eps - 1)) * Rational(3, 4) + Tilt(scale * (eps + 1)) / 4,
            Rational(3, 5) * MEAN_NORM,
        ),
    ),
)

WEIGHTED = Clause(
    name="weight on similar pairs",
    says=r"The mixed derivative stays positive for a weight $\rho < .8184$ on similar pairs.",
    formula=Gt(MIXED_WEIGHTED, 0),
    box={rho: (Integer(0), LARGEST_WEIGHT)},
    derive=derive_weighted,
    mutation=Mutation(
        r"above .1 for each such $\rho$ ($d = p = r = 1$, $\epsilon = 0$, $\lambda = 2.4$)",
        Gt(MIXED_WEIGHTED, Rational(1, 10)),
        {rho: Rational(4, 5), scale: Rational(12, 5)},
        Gt(
            rho * Tilt(-scale) + (1 - rho) * (Tilt(scale) + Tilt(-scale)) / 2,
            Rational(1, 10),
        ),
    ),
)
