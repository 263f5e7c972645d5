"""Checks of C1q: certified optima of two features, enumerated directions, sampled encoders, and a search."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations_with_replacement
from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from sympy import Expr, Ge, Gt, Integer, Lt, Rational, pi, sqrt
from sympy.core.relational import Relational

from numerics.contrastive.gram import GramLoss
from numerics.exact import signed_supports, support_probabilities
from numerics.rounding import gamma
from purecheck.check import Check, Control
from purecheck.comparison import Comparison
from purecheck.context import Context
from purecheck.enclosures.certify import Values
from purecheck.evidence import Finding, Level, Outcome
from purecheck.methods.certified import Certified
from purecheck.methods.sampled import Sampled
from purecheck.models.bottleneck import TwoFeatures, diagonal_wins, pure_cells, pure_wins
from purecheck.models.bottleneck_search import Encoder, attack_cost, axes_ratio, least_ratio
from purecheck.strategies import reals, seeds
from theory.contrastive.bottleneck import CONCENTRATION, THRESHOLD
from theory.contrastive.c1q_bottleneck import (
    COLLAPSE,
    CONJECTURE,
    CONSTANT,
    DENSE,
    FIRST_ORDER,
    HALF_NORMAL,
    RANK,
    SURVIVAL,
    TANGENT,
    TRANSITION,
    TWO_FEATURES,
    axes_cost,
    pairs_cost,
    purity_bound,
)
from theory.model import p


@dataclass(frozen=True, kw_only=True)
class BranchAndBound(Check[Fraction]):
    """Decides from which attack on every optimum is pure, over all directions and scales, by ball arithmetic.

    Attributes
    ----------
    model
        The loss.
    resolution
        That much below the attack of the statement a mixture must still be better.
    """

    model: TwoFeatures
    resolution: Fraction

    def examine(self, statement: Fraction, context: Context) -> Finding:
        """Refuted where a mixture beats every pure encoder at that attack; upheld when all cells above it are shown."""
        if self.model.diagonal_at_most(statement) < self.model.pure_at_least(statement):
            shown = f"45 degrees beats every pure encoder at eps = {statement} r"
            return Finding(Outcome.REFUTED, Level.CERTIFIED, 1, None, shown)
        before = statement - self.resolution
        cells = [(self.model.diagonal_at_most(before) < self.model.pure_at_least(before), f"a mixture at {before}")]
        cells += [(pure_wins(self.model, *cell), f"pure from {cell[0]} to {cell[1]}") for cell in pure_cells(statement)]
        missing = [words for shown, words in cells if not shown]
        if missing:
            return Finding(Outcome.UNDECIDED, Level.CERTIFIED, len(cells) - len(missing), None, f"open: {missing[0]}")
        return Finding(Outcome.UPHELD, Level.CERTIFIED, len(cells), f"{len(cells)} ranges of attacks, up to r/2")


@dataclass(frozen=True, kw_only=True)
class CleanOptimum(Check[str]):
    """Decides which direction is the clean optimum of two features, over all directions and scales.

    Attributes
    ----------
    model
        The loss.
    """

    model: TwoFeatures

    def examine(self, statement: str, context: Context) -> Finding:
        """Upheld when every optimum is shown to lie along the direction that the statement names."""
        mixed = self.model.diagonal_at_most(Fraction(0)) < self.model.pure_at_least(Fraction(0))
        if statement == "pure" and mixed:
            return Finding(Outcome.REFUTED, Level.CERTIFIED, 1, None, "45 degrees beats every pure encoder")
        if statement == "45 degrees" and diagonal_wins(self.model):
            return Finding(Outcome.UPHELD, Level.CERTIFIED, 1)
        return Finding(Outcome.UNDECIDED, Level.CERTIFIED, 0, None, "not shown")


_RATES = (Rational(1, 20), Rational(1, 3), Rational(1, 2), Rational(29, 50))
_DIRECTIONS = [t for n in range(1, 6) for t in combinations_with_replacement((1, 2, 3), n) if n < 4 or t[-1] < 3]


def mean_modulus(direction: tuple[int, ...], rate: Rational) -> Rational:
    """`E|t^T X|` over all sign patterns, amplitude 1, for a direction that need not have unit norm."""
    patterns = signed_supports(len(direction))
    weights = support_probabilities(patterns, Fraction(int(rate.p), int(rate.q)))
    total = sum(np.abs(patterns @ np.array(direction)) * weights, Fraction(0))
    return Rational(total.numerator, total.denominator)


def mean_length(direction: tuple[int, ...], rate: Rational) -> Expr:
    """`E||t_A||` over all supports, for a direction that need not have unit norm."""
    supports = [x for x in signed_supports(len(direction)).tolist() if min(x) >= 0]
    squares = [sum(t * t * x for t, x in zip(direction, support, strict=True)) for support in supports]
    sizes = [sum(support) for support in supports]
    return sum(
        (rate**n * (1 - rate) ** (len(direction) - n) * sqrt(s) for n, s in zip(sizes, squares, strict=True)),
        Integer(0),
    )


def _bounds(
    cost: Callable[[tuple[int, ...], Rational], Expr],
) -> Callable[[Expr], Iterator[tuple[Ge, Values]]]:
    """What a bound says of every listed direction, with the norm multiplied out."""

    def relations(bound: Expr) -> Iterator[tuple[Ge, Values]]:
        for direction in _DIRECTIONS:
            norm = sum(t * t for t in direction)
            concentration = Rational(sum(t**4 for t in direction), norm**2)
            for rate in _RATES:
                at = bound.subs({CONCENTRATION: concentration, p: rate})
                yield Ge(cost(direction, rate), sqrt(norm) * at, evaluate=False), {}

    return relations


@st.composite
def encoders(draw: st.DrawFn, outputs: SearchStrategy[int]) -> Encoder:
    """Encoders with up to 4 features; `p` up to the threshold of the claim."""
    q = draw(outputs)
    d = draw(st.integers(q + 1, 4))
    T = np.random.default_rng(draw(seeds())).standard_normal((q, d)) * draw(reals(0.05, 3.0))
    return Encoder(T, draw(reals(0.02, 0.58)), draw(reals(0.0, 1.0)))


def _slack(encoder: Encoder, size: float) -> float:
    """Bound on the rounding errors of a mean over all pairs of sign patterns, terms of size at most `size`.

    A term takes part in three products of matrices of size d, a norm, a softplus (a few roundings) and the sums.
    """
    d = encoder.T.shape[1]
    entries = float(np.sum(np.abs(encoder.T)) ** 2) * (d + d * encoder.eps)
    return float(gamma(2 * 3**d + 6 * d + 30, np.float64) * (size + 1 + entries))


def _tangent(share: float, encoder: Encoder, _context: Context) -> Iterator[Comparison]:
    """The loss against `log 2` plus a share of the first-order term."""
    loss = GramLoss(encoder.law, encoder.eps, encoder.eps).value(encoder.gram)
    first = 2 * encoder.eps * attack_cost(encoder) - encoder.p * float(np.trace(encoder.gram))
    yield Comparison(loss, ">=", np.log(2) + share * first, str(encoder), _slack(encoder, abs(loss) + abs(first)))


def _slope(share: float, encoder: Encoder, _context: Context) -> Iterator[Comparison]:
    """Both sides of the first order: `L(sG)` between the tangent and the tangent plus `s^2 E m^2/8`, `m` the margin."""
    G, d = encoder.gram, encoder.T.shape[1]
    first = 2 * encoder.eps * attack_cost(encoder) - encoder.p * float(np.trace(G))
    largest = float(np.linalg.norm(G, 2)) * (d + encoder.eps * np.sqrt(d))
    small = 1e-3 / largest
    loss = GramLoss(encoder.law, encoder.eps, encoder.eps).value(small * G)
    error = (small * largest) ** 2 / 8 + _slack(Encoder(np.sqrt(small) * encoder.T, encoder.p, encoder.eps), 1.0)
    yield Comparison(loss - np.log(2), "==", share * small * first, str(encoder), error)


def _collapsed(radius: float, encoder: Encoder, _context: Context) -> Iterator[Comparison]:
    """At the radius no encoder with one output is below `log 2`; a hundredth below it a pure one is."""
    loss = GramLoss(encoder.law, radius, radius).value(encoder.gram)
    yield Comparison(loss, ">=", np.log(2), f"{encoder} at {radius}", _slack(encoder, 1.0))
    pure = np.zeros_like(encoder.gram)
    pure[0, 0] = 0.01
    below = GramLoss(encoder.law, 0.98 * radius, 0.98 * radius).value(pure)
    yield Comparison(below, "<", np.log(2), f"pure at 0.98 of {radius}, p = {encoder.p}")


def _rank(power: float, encoder: Encoder, _context: Context) -> Iterator[Comparison]:
    """`E||G X||` against `p tr G/q^power`."""
    bound = encoder.p * float(np.trace(encoder.gram)) / encoder.T.shape[0] ** power
    yield Comparison(attack_cost(encoder), ">=", bound, str(encoder), _slack(encoder, bound))


@st.composite
def _starts(draw: st.DrawFn) -> Encoder:
    """Starts of a search: up to 5 features and 3 outputs, `p` from .1 to .5."""
    q = draw(st.integers(2, 3))
    d = draw(st.integers(q + 1, 5))
    T = np.random.default_rng(draw(seeds())).standard_normal((q, d))
    return Encoder(T, draw(st.sampled_from((0.1, 0.2, 0.3, 0.4, 0.5))), 0.0)


def _nothing_lower(claimed: Callable[[int, float], float], encoder: Encoder, _context: Context) -> Iterator[Comparison]:
    q = encoder.T.shape[0]
    found, T = least_ratio(encoder)
    rounding = _slack(Encoder(T, encoder.p, 0.0), 1.0) / float(np.sum(T**2))
    yield Comparison(found, ">=", claimed(q, encoder.p), f"search from {encoder}", rounding + gamma(3**6, np.float64))


_MODEL = TwoFeatures(Fraction(1, 20))
_ONE = st.just(1)
_SOME = st.integers(1, 3)


def _crossings(thresholds: dict[int, Rational]) -> Iterator[tuple[Relational, Values]]:
    """Pairs cost more than axes just below the threshold and less at it."""
    for q, rate in thresholds.items():
        yield Gt(pairs_cost(q, rate - _DIGIT), axes_cost(q, rate - _DIGIT), evaluate=False), {}
        yield Lt(pairs_cost(q, rate), axes_cost(q, rate), evaluate=False), {}


_DIGIT = Rational(1, 10**4)
_THRESHOLDS = {q: rate * _DIGIT for q, rate in ((2, 5593), (3, 5306), (4, 5032), (8, 4260))}

CHECKS: tuple[Check[Any], ...] = (
    BranchAndBound(
        claim="C1q",
        clauses=(TRANSITION.name,),
        name="transition at d = 2, p = 1/20",
        statement=Fraction(2032, 10000),
        control=Control("pure from .2031 r on", Fraction(2031, 10000)),
        model=_MODEL,
        resolution=Fraction(1, 10000),
    ),
    CleanOptimum(
        claim="C1q",
        clauses=(TRANSITION.name,),
        name="clean optimum at d = 2, p = 1/20",
        statement="45 degrees",
        control=Control("the pure direction", "pure"),
        model=_MODEL,
    ),
    Certified(
        claim="C1q",
        clauses=(CONSTANT.name, TWO_FEATURES.name),
        name="directions with integer entries, constant amplitude",
        statement=purity_bound(p, THRESHOLD),
        control=Control("the threshold 1 of half-normal amplitudes", purity_bound(p, Integer(1))),
        relations=_bounds(mean_modulus),
        declared=len(_DIRECTIONS) * len(_RATES),
    ),
    Certified(
        claim="C1q",
        clauses=(HALF_NORMAL.name,),
        name="directions with integer entries, half-normal amplitudes",
        statement=purity_bound(sqrt(2 / pi) * p, Integer(1)),
        control=Control("the threshold 4", purity_bound(sqrt(2 / pi) * p, Integer(4))),
        relations=_bounds(lambda direction, rate: sqrt(2 / pi) * mean_length(direction, rate)),
        declared=len(_DIRECTIONS) * len(_RATES),
    ),
    Certified(
        claim="C1q",
        clauses=(DENSE.name,),
        name="pairs against axes",
        statement=_THRESHOLDS,
        control=Control("the threshold of one output", dict.fromkeys(_THRESHOLDS, Rational(5858, 10**4))),
        relations=_crossings,
        declared=2 * len(_THRESHOLDS),
    ),
    Sampled(
        claim="C1q",
        clauses=(TANGENT.name,),
        name="exact loss above its tangent",
        statement=0.25,
        control=Control("a half instead of a quarter", 0.5),
        examples=encoders(_SOME),
        compare=_tangent,
    ),
    Sampled(
        claim="C1q",
        clauses=(FIRST_ORDER.name,),
        name="exact loss of small encoders",
        statement=0.25,
        control=Control("a fifth instead of a quarter", 0.2),
        examples=encoders(_SOME),
        compare=_slope,
    ),
    Sampled(
        claim="C1q",
        clauses=(COLLAPSE.name, SURVIVAL.name),
        name="collapse radius of one output",
        statement=0.5,
        control=Control("r/4", 0.25),
        examples=encoders(_ONE),
        compare=_collapsed,
    ),
    Sampled(
        claim="C1q",
        clauses=(RANK.name,),
        name="attack cost of random encoders",
        statement=0.5,
        control=Control("without the root", 0.0),
        examples=encoders(_SOME),
        compare=_rank,
    ),
    Sampled(
        claim="C1q",
        clauses=(CONJECTURE.name,),
        name="search for less than q pure features",
        statement=axes_ratio,
        control=Control("two axes cost as much as one", lambda _q, rate: rate),
        examples=_starts(),
        compare=_nothing_lower,
        share=0.5,
    ),
)
