"""Chains for linear encoders through a bottleneck: when they collapse, and which directions survive longest.

`E|t^T X|` decides for one direction `t`: it is what the attack costs, while every direction gains the same.
"""

from functools import cache

from sympy import Abs, Expr, IndexedBase, Integer, MatrixSymbol, Sum, Symbol, exp, log, oo, pi, sqrt

from theory.contrastive.pairs import FLIP_OTHER, x, y
from theory.derivation import Derivation, Step, begin, definition, opening
from theory.laws import constant, isotropic, random
from theory.model import ZERO_TO_ONE, d, eps, p, r
from theory.quantities.bottleneck import LOSS, MODULUS
from theory.theorems.calculus import keeps_order
from theory.theorems.expectation import Quantities, linearity, ordered_means, symmetrised, under_the_mean
from theory.theorems.indicators import Mean
from theory.theorems.inner_products import cauchy_schwarz
from theory.theorems.khinchine import (
    above_root,
    at_most_concentrated,
    every_direction,
    kept,
    largest_apart,
    lazy,
    modulus_as_integral,
    one_entry_less,
    spread_over_entries,
    thinned,
    unit_length,
)
from theory.theorems.logistic import by_exponentials, softplus
from theory.theorems.moments import Measure, in_every_direction, isotropic_form, moment_of_sum

G = MatrixSymbol("G", d, d)
"""Gram matrix `T^T T` of the encoder, symmetric."""
own = random(Symbol("a", nonnegative=True))
"""Score `x^T G x` of a similar pair."""
cross = random(Symbol("c", real=True))
"""Score `x'^T G x` of a dissimilar pair."""
pull = random(Symbol("n", nonnegative=True))
"""Gain of the attack, `||G x||`."""
second = constant(Symbol(r"\mu_2", positive=True))
"""Mean square of a feature, `E X_i^2`."""
isotropic(x, second)
scale = constant(Symbol("s", nonnegative=True))
"""Factor on the encoder's Gram matrix."""

THRESHOLD = 2 - sqrt(2)
"""Probability of activity up to which pure directions win."""

_i = Symbol("i", integer=True)
_u = Symbol("u", positive=True)
_square = Symbol("z", nonnegative=True)
_ENTRIES = (_i, 1, d)
_RANDOM = (own, cross, pull)
_QUANTITIES: Quantities = {own: x.T * G * x, cross: y.T * G * x, pull: x.T * G.T * G * x}
t, k = constant(IndexedBase("t", positive=True)), IndexedBase("k", nonnegative=True)

CONCENTRATION = Sum(t[_i] ** 4, _ENTRIES)
r"""Inverse of the participation ratio of a unit direction, $\sum_i t_i^4$: 1 for a pure one, less otherwise."""


def _kept_energy(probability: Expr) -> Sum:
    """The energy of the entries that are kept, each with that probability."""
    return Sum(kept(probability)[_i] * t[_i] ** 2, _ENTRIES)


def adversarial_loss() -> Expr:
    """The expected worst-case loss of balanced pairs."""
    similar, dissimilar = (softplus(eps * pull + score) for score in (-own, cross))
    return (Mean(similar) + Mean(dissimilar)) / 2


_MODEL = (
    "for the unattacked view x, similar pairs score x^T G x and dissimilar ones x'^T G x; the attack adds eps ||G x||"
)


def _moments(chain: Derivation) -> Derivation:
    """The chain with the moments of the scores put in: an independent view turns round, features are uncorrelated."""
    balanced = chain.within(symmetrised(Mean(cross), {cross: -cross}, FLIP_OTHER, _QUANTITIES))
    balanced = balanced.by(linearity(balanced.end))
    trace = isotropic_form(Mean(own), _QUANTITIES[own], x, second)
    return balanced.within(trace)


def tangent() -> tuple[Derivation, Derivation, Derivation]:
    """The chain from the loss to its tangent at the collapsed encoder, and its two pointwise lemmas."""
    chain = begin(LOSS, adversarial_loss(), _MODEL)
    lemmas = []
    for score in (-own, cross):
        exponent = eps * pull + score
        lemma = begin(Symbol("s"), softplus(exponent), "the loss of a pair").by(
            by_exponentials(softplus(exponent), ">=", log(2) + exponent / 2, (exp(exponent / 2) - 1) ** 2, {})
        )
        chain = chain.within(ordered_means(lemma))
        lemmas.append(lemma)
    return _moments(chain.by(linearity(chain.end))), lemmas[0], lemmas[1]


def slope(name: Symbol) -> Derivation:
    """The chain from the derivative of the loss at the collapsed encoder, in the direction of `G`."""
    exponents = (eps * pull - own, eps * pull + cross)
    means = [under_the_mean(Mean(softplus(scale * e)), scale, Abs(e), Integer(0)) for e in exponents]
    chain = begin(name, (means[0].left + means[1].left) / 2, "derivative of the loss along s G at s = 0; " + _MODEL)
    for mean in means:
        chain = chain.within(mean)
    return _moments(chain.by(linearity(chain.end)))


def _above_energy(mean_of_root: Mean, keep: Expr, chain: Derivation) -> Derivation:
    """The chain on from `E[c sqrt(S)]`, `S` the energy of the kept entries, each kept with that probability."""
    h = Symbol("h", nonnegative=True)
    # 2h - 3h^2 + h^4 has the double root 1 and the roots 0 and -2, which shows its sign for h >= 0.
    lemma = opening(h).at_least(h**2 + (h**2 - h**4) / 2, "expand", gap=h * (1 - h) ** 2 * (2 + h) / 2)
    energy = _kept_energy(keep)
    at = lemma.at({h: sqrt(energy)})
    pointwise = begin(Symbol("s"), mean_of_root.args[0], "given the kept entries").within(at)
    chain = chain.within(ordered_means(pointwise))
    chain = chain.by(linearity(chain.end))
    total, fourth, weight = (Symbol(name, nonnegative=True) for name in ("sigma", "phi", "w"))
    measures = (Measure(total, weight), Measure(fourth, weight**2))
    closed = (Integer(1), keep * total, keep**2 * total**2 + keep * (1 - keep) * fourth)
    for order in (2, 1):
        chain = chain.within(moment_of_sum(Mean(energy**order), closed[: order + 1], weight, measures))
    return chain.within(unit_length(Sum(t[_i] ** 2, _ENTRIES), t[_i]))


def half_normal(deviation: Expr) -> Derivation:
    """The chain from `E|t^T X|` for half-normal amplitudes down to its bound by the concentration of `t`."""
    start = Mean(sqrt(2 / pi) * deviation * sqrt(_kept_energy(p)))
    reason = "given the support, t^T X is normal with standard deviation s ||t_A||"
    chain = begin(MODULUS, start, reason, box={p: ZERO_TO_ONE})
    return _above_energy(start, p, chain)


_LARGEST = (1 - _u**2) / (1 + _u**2), 2 * _u / (1 + _u**2)
"""The largest entry `cos f`, and the norm `sin f` of the others, `u = tan(f/2)`."""
_DENSE = lazy(THRESHOLD)


def _dominated(fewer: Step) -> Derivation:
    """At the threshold, the largest entry `cos f`, `f <= pi/4`: at least that of a pure direction."""
    entry, length = _LARGEST
    rest = Sum(t[_i] * _DENSE[_i], (_i, 2, d))
    mean = Mean(Abs(entry * _DENSE[1] + rest))
    box = {_u: (Integer(0), sqrt(2) - 1)}
    chain = begin(
        Symbol("E"), mean, "the largest entry is cos f and the others have length sin f; u = tan(f/2)", box=box
    )
    chain = chain.by(largest_apart(mean, entry, rest, THRESHOLD, box)).within(fewer)
    # The last factor vanishes at f = pi/4, where the largest entry equals the length of the others.
    return chain.at_least(THRESHOLD, "expand", gap=THRESHOLD * length * (sqrt(2) - 1 - _u))


@cache
def _spread() -> Derivation:
    """At the threshold, entries `1/sqrt(2 + k_i)`: none has more than half of the energy."""
    weight = 1 / sqrt(2 + k[_i])
    total = Sum(weight * _DENSE[_i], _ENTRIES)
    mean = Mean(Abs(total))
    chain = begin(Symbol("E"), mean, "no entry has more than half of the energy: c_i^2 = 1/(2 + k_i) with k_i >= 0")
    chain = chain.by(modulus_as_integral(mean, total, THRESHOLD, _u))
    chain = chain.by(spread_over_entries(chain.end, THRESHOLD, weight))
    chain = chain.within(above_root(THRESHOLD, 2 + k[_i], k[_i], {}))
    chain = chain.equals(THRESHOLD * Sum(1 / (2 + k[_i]), _ENTRIES), "collect powers")
    return chain.within(unit_length(Sum(1 / (2 + k[_i]), _ENTRIES), weight))


@cache
def constant_amplitude() -> tuple[Derivation, tuple[Derivation, ...]]:
    """The chain from `E|t^T X|` for constant amplitudes down to its bound for `p <= 2 - sqrt(2)`, with its lemmas."""
    spread = _spread()
    mean, dense_mean = (Mean(Abs(Sum(t[_i] * signs[_i], _ENTRIES))) for signs in (lazy(p), _DENSE))
    dominated = _dominated(one_entry_less(dense_mean, THRESHOLD, _LARGEST[1]))
    step = every_direction(dense_mean, THRESHOLD, _LARGEST, dominated, spread)
    densest = begin(Symbol("E_0"), dense_mean, "lazy signs at the threshold, any unit direction").by(step)
    box = {p: (Integer(0), THRESHOLD)}
    chain = begin(MODULUS, r * mean, "t^T X = r sum t_i x_i; signs of the entries do not matter", box=box)
    root = thinned(mean, p, THRESHOLD, densest, _kept_energy(p / THRESHOLD))
    chain = chain.within(root)
    return _above_energy(root.right, p / THRESHOLD, chain), (dominated, spread, densest)


def two_features(half_angle: Expr) -> Derivation:
    """The chain to the closed form of `E|t^T X|`, `t = (cos f, sin f)`, in `u = tan(f/2)` minus that of a pure one."""
    first = (1 - half_angle**2) / (1 + half_angle**2)
    other = 2 * half_angle / (1 + half_angle**2)
    box = {half_angle: (Integer(0), sqrt(2) - 1)} if isinstance(half_angle, Symbol) else {}
    small, excess = Symbol("t_2", nonnegative=True), Symbol("e", nonnegative=True)
    signs = (-1, 0, 1)
    weight = {0: 1 - p, 1: p / 2, -1: p / 2}
    total = sum(
        (weight[i] * weight[j] * r * Abs(i * (small + excess) + j * small) for i in signs for j in signs), Integer(0)
    )
    lemma = begin(Symbol("E"), total, "all sign patterns of two features, t_1 = t_2 + e").equals(
        p * r * (small + excess + (1 - p) * small), "add the terms"
    )
    at = lemma.at({small: other, excess: first - other}, box)
    two = definition(MODULUS, at.left, "all sign patterns of two features")
    chain = opening(MODULUS - p * r, box=box).within(two).within(at)
    return chain.equals(2 * p * r * half_angle * (1 - p - half_angle) / (1 + half_angle**2), "collect terms")


def diagonal(name: Symbol) -> Derivation:
    """The chain that shows the 45-degree direction of two features to undercut a pure one beyond the threshold."""
    at = two_features(sqrt(2) - 1).as_step("two features at 45 degrees, minus a pure direction")
    box = {p: (sqrt(2) * (sqrt(2) - 1), oo)}
    chain = begin(name, at.left, "two features at 45 degrees, minus a pure direction", box=box).by(at)
    slope_there = 2 * r * (sqrt(2) - 1) / (1 + (sqrt(2) - 1) ** 2)
    return chain.at_most(Integer(0), "negative", gap=slope_there * p * (p - THRESHOLD), strict=True)


def rank_bound(name: Symbol, trace: Sum, g: IndexedBase, q: Symbol) -> Derivation:
    """The chain from `E||G X||` for eigenvalues `g_j`, at most `q` of them, to its bound by the trace."""
    directions = random(IndexedBase("y'", real=True))
    ((j, *_),) = trace.limits
    root = sqrt(Sum((g[j] * directions[j]) ** 2, *trace.limits))
    chain = begin(name, Mean(root), "y_j = v_j^T X along the eigenvectors of G", box={p: (Integer(0), THRESHOLD)})
    total = Sum(g[j] * Abs(directions[j]), *trace.limits)
    squares = cauchy_schwarz(g[j] * Abs(directions[j]), Integer(1), trace.limits[0], quotient=True)
    pointwise = (
        begin(Symbol("s"), root, "norm in the eigenbasis")
        .by(keeps_order(sqrt(_square), _square, squares))
        .equals(total / sqrt(q), "q equal terms")
    )
    chain = chain.by(ordered_means(pointwise))
    weighted = Sum(g[j] * Mean(Abs(directions[j])), *trace.limits) / sqrt(q)
    chain = chain.by(linearity(chain.end, weighted))
    return chain.within(in_every_direction(Mean(Abs(directions[j])), _least_modulus()))


def _least_modulus() -> Derivation:
    """The chain from `E|t^T X|` for constant amplitudes down to its value at a pure direction."""
    chain, _ = constant_amplitude()
    gathered = p * r * (1 + (1 - p / THRESHOLD) * (1 - CONCENTRATION) / 2)
    chain = chain.equals(gathered, "collect terms").within(at_most_concentrated(CONCENTRATION))
    return chain.equals(p * r, "add the terms") if chain.end != p * r else chain
