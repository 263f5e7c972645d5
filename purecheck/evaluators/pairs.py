"""Expected losses of pairs under linear encoders: every pair of a small law, with derivatives by Taylor series.

Probabilities and scores are exact fractions. Losses and their Taylor coefficients are balls.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache, wraps
from itertools import permutations, product
from math import isqrt
from typing import Any, TypeAlias, TypeVar, cast

import numpy as np
from flint import arb, arb_series, ctx, fmpq
from scipy.optimize import brentq
from scipy.special import expit

from numerics.exact import ExactArray, fractions
from purecheck.evaluators.registry import evaluates
from theory.quantities import pairs

BITS = 256
"""Working precision of balls, in bits."""
_ZERO = Fraction(0)
_TERMS = 3  # coefficients of a series: value, slope, and half of the curvature
F = TypeVar("F", bound=Callable[..., Any])

Law = tuple[ExactArray, ExactArray]
"""Values, shape (n, d), and their probabilities, shape (n,)."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Pairs:
    """Pairs of views with a linear encoder and an attack; all exact.

    Attributes
    ----------
    features
        Law of the features.
    noise
        Law of the noise in feature coordinates; None for no noise.
    share
        Probability that a pair is similar.
    G
        Gram matrix of the encoder in feature coordinates; None for the identity.
    H
        A direction in which the Gram matrix is moved.
    scale
        Factor on the Gram matrix.
    eps
        Size of the l2 attack on one view.
    attacked
        Whether similar pairs and whether dissimilar pairs are attacked.
    """

    features: Law
    noise: Law | None = None
    share: Fraction = Fraction(1, 2)
    G: ExactArray | None = None
    H: ExactArray | None = None
    scale: Fraction = Fraction(1)
    eps: Fraction = _ZERO
    attacked: tuple[bool, bool] = (True, True)

    @property
    def d(self) -> int:
        """Number of features."""
        return int(self.features[0].shape[1])

    def at(self, G: ExactArray) -> "Pairs":
        """The same pairs with another encoder."""
        return replace(self, G=G)


def orbit_law(vector: list[Fraction], rate: Fraction = Fraction(1)) -> Law:
    """A uniformly random signed permutation of `vector` with probability `rate`, else zero."""
    moved = sorted(
        {
            tuple(s * v for s, v in zip(signs, place, strict=True))
            for place in permutations(vector)
            for signs in product((1, -1), repeat=len(vector))
        }
    )
    silent = [] if rate == 1 else [tuple([_ZERO] * len(vector))]
    values = ([*moved] if rate else []) + silent
    shares = [rate / len(moved)] * (len(values) - len(silent)) + [1 - rate] * len(silent)
    return fractions(values), fractions(shares)


def _noise(model: Pairs) -> Law:
    return (fractions([[0] * model.d]), fractions([1])) if model.noise is None else model.noise


def _views(model: Pairs, shift: Law) -> Law:
    """Every sum of a value of the features and one of the noise."""
    (X, p), (N, q) = model.features, shift
    return (X[:, None] + N[None]).reshape(-1, model.d), np.outer(p, q).reshape(-1)


@dataclass(frozen=True)
class Exponents:
    """Exponents of the losses of pairs, `t + eps n`, with their probabilities.

    Attributes
    ----------
    similar, dissimilar
        Each maps `t`, its derivative along `H`, and the square of the norm `n` of the gradient in the attacked view to
        a probability. The probabilities of each sum to one.
    """

    similar: Mapping[tuple[Fraction, Fraction, Fraction], Fraction]
    dissimilar: Mapping[tuple[Fraction, Fraction, Fraction], Fraction]


@lru_cache(maxsize=256)
def exponents(model: Pairs) -> Exponents:
    """The exponents of all pairs of a model; pairs with the same exponent are counted together.

    The score of the views `x` and `x'` is `x^T G x'`, so its gradient in the attacked view `x` is `G x'`.
    """
    d = model.d
    G = fractions(np.eye(d, dtype=int).tolist()) if model.G is None else model.G
    H = fractions(np.zeros((d, d), dtype=int).tolist()) if model.H is None else model.H
    noise = _noise(model)
    laws: list[dict[tuple[Fraction, Fraction, Fraction], Fraction]] = []
    X, weights = _views(model, noise)
    same: list[tuple[ExactArray, ExactArray, int]] = []
    for i, probability in enumerate(model.features[1]):
        shown = model.features[0][i] + noise[0]
        same.append((shown, probability * np.outer(noise[1], noise[1]), -1))
    for kind in (same, [(X, np.outer(weights, weights), 1)]):
        law: dict[tuple[Fraction, Fraction, Fraction], Fraction] = defaultdict(Fraction)
        for views, joint, sign in kind:
            images = views @ G.T
            scores, slopes, squares = views @ images.T, views @ (views @ H.T).T, np.sum(images**2, axis=1)
            for i, j in product(range(len(views)), repeat=2):
                law[sign * scores[i, j], sign * slopes[i, j], squares[j]] += joint[i, j]
        laws.append(law)
    return Exponents(*laws)


Number: TypeAlias = fmpq | arb
"""An exact fraction, or a ball."""


def exact(x: Fraction | int) -> fmpq:
    """The same fraction as a FLINT rational, which can be combined with balls."""
    return fmpq(Fraction(x).numerator, Fraction(x).denominator)


def root(square: Fraction) -> Number:
    """The square root, exact where it is rational."""
    top, bottom = isqrt(square.numerator), isqrt(square.denominator)
    rational = top**2 == square.numerator and bottom**2 == square.denominator
    return fmpq(top, bottom) if rational else arb(exact(square)).sqrt()


def settled(x: Number) -> Fraction | arb:
    """An exact number as a Python fraction; a ball is returned unchanged."""
    return x if isinstance(x, arb) else Fraction(int(x.p), int(x.q))


def expansion(model: Pairs, scale: int = 0, size: int = 0, at: Fraction | arb | None = None) -> list[arb]:
    """Taylor coefficients of order 0, 1 and 2 in `t` of the expected loss along a line.

    At `t` the Gram matrix is `G + t H`, the factor on it has grown by `scale t`, and the attack by `size t`. The factor
    starts from that of the model, or from `at` if it is given. The worst attack moves the view by its whole size along
    the gradient of the exponent.

    Raises
    ------
    ValueError
        If both `H` and an attack are given: the norm of the gradient is expanded only in the factor.
    """
    if model.H is not None and model.eps:
        raise ValueError("H was given with an attack; expected one of them")
    found = exponents(model)
    factor, zero = _line(model.scale if at is None else at, scale), _line(0)
    total = zero
    laws = zip((found.similar, found.dissimilar), (model.share, 1 - model.share), model.attacked, strict=True)
    for law, share, attacked in laws:
        growth = _line(model.eps, size) if attacked else zero
        for (t, slope, square), probability in law.items():
            exponent = factor * (_line(t, slope) + growth * root(square))
            total += _softplus(exponent) * exact(share * probability)
    return [total[power] for power in range(_TERMS)]


def _softplus(t: arb_series) -> arb_series:
    """The series of `log(1 + e^t)`, with small relative errors for every constant term of `t`."""
    # Of a constant, series have small balls around zero for the derivatives, which are exactly zero.
    if all(t[power] == 0 for power in range(1, _TERMS)):
        return _line((1 + t[0].exp()).log())
    return t + (1 + (-t).exp()).log() if t[0] > 0 else (1 + t.exp()).log()


def _line(value: Fraction | int | arb, slope: Fraction | int = 0) -> arb_series:
    """`value + slope t`, expanded up to the second power."""
    return arb_series([value if isinstance(value, arb) else exact(value), exact(slope)], _TERMS)


def in_balls(evaluator: F) -> F:
    """The evaluator, run at the working precision of this module."""

    @wraps(evaluator)
    def working(*arguments: Any) -> Any:
        with ctx.workprec(BITS):
            return evaluator(*arguments)

    return cast(F, working)


@evaluates(pairs.CURVATURE_ALONG)
@in_balls
def curvature_along(model: Pairs) -> arb:
    """The second derivative of the expected loss along `H`."""
    return 2 * expansion(model)[2]


@evaluates(pairs.GAP)
@in_balls
def gap(model: Pairs) -> arb:
    """The expected loss at `G` less that at the isotropic matrix of the same trace.

    It is exactly zero if all exponents of the two agree.
    """
    G = np.asarray(model.G)
    centre = model.at(fractions(np.eye(model.d, dtype=int).tolist()) * (np.trace(G) / model.d))
    same = exponents(model) == exponents(centre)
    return arb(0) if same else expansion(model)[0] - expansion(centre)[0]


@evaluates(pairs.SLOPE)
@in_balls
def slope(model: Pairs, at: Fraction | arb | None = None) -> arb:
    """The derivative of the expected loss in the scale, at the scale of the model or at `at`."""
    return expansion(model, scale=1, at=at)[1]


@evaluates(pairs.CURVATURE)
@in_balls
def curvature(model: Pairs, at: Fraction | arb | None = None) -> arb:
    """The second derivative of the expected loss in the scale, at the scale of the model or at `at`."""
    return 2 * expansion(model, scale=1, at=at)[2]


@evaluates(pairs.SLOPE_AT_ZERO)
@in_balls
def slope_at_zero(model: Pairs) -> Fraction | arb:
    """The derivative of the expected loss in the scale, at scale zero; exact if all norms are rational.

    The loss `log(1 + e^(scale t))` has the derivative `t/2` there, for every `t`.
    """
    return settled(sum((weight * exponent for exponent, weight in _units(model)), start=fmpq(0)) / 2)


def _units(model: Pairs) -> list[tuple[Number, fmpq]]:
    """The exponents at scale one, with their probabilities."""
    found, eps = exponents(model), exact(model.eps)
    laws = zip((found.similar, found.dissimilar), (model.share, 1 - model.share), model.attacked, strict=True)
    return [
        (exact(t) + (root(square) * eps if attacked else 0), exact(share * probability))
        for law, share, attacked in laws
        for (t, _, square), probability in law.items()
    ]


_SIGNIFICANT = 40
"""Number of significant bits to which a scale of least loss is enclosed."""


@evaluates(pairs.OPTIMUM)
@in_balls
def least_scale(model: Pairs) -> Fraction | arb:
    """The scale at which the expected loss, which is convex in the scale, is least.

    It is exactly zero, or a ball at whose two ends the derivative is shown to have opposite signs.

    Raises
    ------
    ArithmeticError
        If no such ball is found.
    """
    start = slope_at_zero(model)
    if start >= 0:
        return _ZERO
    units = _units(model)
    exponent, weight = (np.array([float(pair[k]) for pair in units]) for k in (0, 1))

    # The root is found in floating point; the signs of the enclosed derivative on both sides of it then prove it.
    def falling(scale: float) -> float:
        return float(np.sum(weight * exponent * expit(scale * exponent)))

    high = 1.0
    while falling(high) < 0:
        high *= 2
    # Scales near collapse are tiny, so only the relative tolerance may stop the search.
    middle = arb(brentq(falling, 0.0, high, xtol=1e-300, rtol=1e-15))
    margin = middle / 2**_SIGNIFICANT
    if not (slope(model, middle - margin) < 0 < slope(model, middle + margin)):
        raise ArithmeticError(f"the slope was not seen to change its sign at {middle}")
    return arb(middle.mid(), margin.upper())


@evaluates(pairs.CLEAN_OPTIMUM)
def clean_scale(model: Pairs) -> Fraction | arb:
    """The scale at which the expected loss without an attack is least."""
    return least_scale(replace(model, eps=_ZERO) if model.eps else model)


@dataclass(frozen=True, kw_only=True)
class Powers:
    """The arguments of the generating function of overlaps: its base, and the unit in which overlaps are counted."""

    pairs: Pairs
    base: Fraction
    unit: Fraction


@evaluates(pairs.OVERLAP)
@in_balls
def overlap(model: Powers) -> Fraction | arb:
    """The mean of `base` to the power of the overlap over all dissimilar pairs, with overlaps in units of `unit`.

    It is exact if all overlaps are multiples of the unit.
    """
    total: Number = fmpq(0)
    base = exact(model.base)
    for (inner, _, _), probability in exponents(model.pairs).dissimilar.items():
        power = inner / model.unit
        value = base**power.numerator if power.denominator == 1 else arb(base) ** arb(exact(power))
        total += value * exact(probability)
    return settled(total)


@evaluates(pairs.MIXED, pairs.MIXED_WEIGHTED)
@in_balls
def mixed(model: Pairs, at: Fraction | arb | None = None) -> arb:
    """The mixed derivative of the expected loss in the scale and in the size of the attack, by polarisation."""
    together, against = (expansion(model, scale=1, size=sign, at=at)[2] for sign in (1, -1))
    return (together - against) / 2


@evaluates(pairs.RATE)
@in_balls
def rate(model: Pairs) -> Fraction | arb:
    """The derivative of the scale of least loss in the size of the attack; zero if that scale is zero.

    It follows from the equation `slope(scale, size) = 0` by implicit differentiation.
    """
    scale = least_scale(model)
    return _ZERO if scale == 0 else -mixed(model, scale) / curvature(model, scale)


@evaluates(pairs.MEAN_ENERGY)
def mean_energy(model: Pairs) -> Fraction:
    """The mean squared norm of the features."""
    X, probabilities = model.features
    return Fraction(probabilities @ np.sum(X**2, axis=1))


@evaluates(pairs.MEAN_NORM)
@in_balls
def mean_norm(model: Pairs) -> Fraction | arb:
    """The mean norm of a view with its noise; exact if all norms are rational."""
    views, probabilities = _views(model, _noise(model))
    norms = (
        root(square) * exact(weight) for square, weight in zip(np.sum(views**2, axis=1), probabilities, strict=True)
    )
    return settled(sum(norms, start=fmpq(0)))


@evaluates(pairs.Tilt)
@in_balls
def tilt(_model: Any, t: Fraction | int) -> arb:
    """`l'(t) + t l''(t)`, from the expansion of `l(t) = log(1 + e^t)`."""
    loss = _softplus(_line(t, 1))
    return loss[1] + 2 * exact(t) * loss[2]


@evaluates(pairs.IMAGES)
@in_balls
def images(model: Any, u: Fraction | int, w: Fraction | int) -> arb:
    """The sum `h(u + w) + h(u - w)` of `tilt` at two points."""
    return tilt(model, u + w) + tilt(model, u - w)
