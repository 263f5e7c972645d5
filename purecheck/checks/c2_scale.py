"""Checks of C2 besides its derivations: losses over every pair of small laws, and the certified root of the sums."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import product

import numpy as np
from sympy import Basic, Expr, Gt, Integer, Lt, Rational, Symbol

from purecheck.enclosures.certify import Values
from purecheck.enclosures.roots import enclose_root
from purecheck.evaluators.numbers import fraction
from purecheck.evaluators.pairs import Pairs, Powers
from purecheck.evaluators.points import points
from purecheck.evaluators.registry import Chance, Scene
from purecheck.methods.agrees import agrees
from purecheck.methods.certified import Certified
from purecheck.models.populations import isotropic_loss
from purecheck.models.small_pairs import shown, small_pairs, sparse_pairs
from purecheck.verdicts.check import Control
from theory.claims import Clause
from theory.contrastive.c2_scale import (
    BRACKET,
    CONVEX,
    FINITE,
    LAW,
    MINIMISER,
    ONE_FEATURE,
    STATIONARY,
    energy,
    one_feature,
    scale,
)
from theory.contrastive.c2_scale import power as base
from theory.contrastive.c3_collapse import CONTRASTIVE_SCALE
from theory.contrastive.pairs import inner
from theory.model import d, p, r
from theory.ranges import integers


def views(model: Pairs) -> tuple[Chance, ...]:
    """The law of the energy of one view and of its overlap with an independent one, without noise."""
    X, probabilities = model.features
    found: dict[tuple[Fraction, Fraction], Fraction] = defaultdict(Fraction)
    products = X @ X.T
    for i, j in product(range(len(X)), repeat=2):
        found[products[i, i], products[i, j]] += probabilities[i] * probabilities[j]
    return tuple(Chance(weight, {energy: q, inner: overlap}) for (q, overlap), weight in found.items())


def _small(clause: Clause, rng: np.random.Generator) -> Iterator[Scene]:
    """Every small law, at scales from the range of the clause if it has a range."""
    for model in small_pairs(clause, largest=2):
        for point in points(clause, rng, 3 if clause.over else 1):
            at = replace(model, scale=fraction(point[scale])) if scale in point else model
            yield Scene(f"{shown(model)}, {point}", point, at, views(model))


def _sparse(clause: Clause, rng: np.random.Generator) -> Iterator[Scene]:
    """Sparse features from the ranges of the clause, including one feature that is always active."""
    few = {"d": integers(1, 2)} if d in clause.over else {}
    drawn = list(points(clause, rng, 24, **few))
    certain = {x: Integer(1) for x in drawn[0]}
    for point in (certain, *drawn):
        features = int(point.get(d, 1 if one_feature in clause.assumes else 2))
        model = sparse_pairs(clause, features, fraction(point[p]), fraction(point.get(r, Rational(2, 3))))
        instance: Pairs | Powers = model
        if scale in point:
            instance = replace(model, scale=fraction(point[scale]))
        if base in point:
            instance = Powers(pairs=model, base=fraction(point[base]), unit=Fraction(4, 9))
        yield Scene(f"{shown(model)}, {point}", point, instance)


Scale = Callable[[int, Rational, Rational, Rational], Expr]
"""`scale(d, p, r, eps)`."""

_lam = Symbol("lambda", positive=True)
_NEAR = Rational(1, 10**6)
"""Relative distance from a root at which the sign of the slope is decided; the root is known to 1e-12."""


def optimal_scale(d: int, p: Rational, r: Rational, eps: Rational) -> Expr:
    """The certified root, as an exact number with a relative error of at most 1e-12."""
    values = {"d": Integer(d), "p": p, "r": r, "eps": eps}
    middle = enclose_root(CONTRASTIVE_SCALE, values, 1e-12)
    mantissa, exponent = (int(part) for part in middle.mid().man_exp())
    exact = Fraction(mantissa) * Fraction(2) ** exponent
    return Rational(exact.numerator, exact.denominator)


def brackets_minimum(
    scale: Scale, cases: Iterable[tuple[int, Rational, Rational, Rational]]
) -> Iterable[tuple[Basic, Values]]:
    """Relations that say that the enumerated loss decreases just below `scale` and increases just above it."""
    for features, rate, amplitude, eps in cases:
        slope = isotropic_loss(features, rate, amplitude, _lam, eps).diff(_lam)
        root = scale(features, rate, amplitude, eps)
        yield Lt(slope, 0), {_lam: root * (1 - _NEAR)}
        yield Gt(slope, 0), {_lam: root * (1 + _NEAR)}


_CLEAN = [
    (1, Rational(3, 10), Rational(7, 10), Integer(0)),
    (2, Rational(1, 2), Integer(1), Integer(0)),
    (3, Rational(1, 10), Rational(1, 2), Integer(0)),
]


def _too_large(d: int, p: Rational, r: Rational, eps: Rational) -> Expr:
    return optimal_scale(d, p, r, eps) * Rational(1001, 1000)


CHECKS = (
    agrees("C2", STATIONARY, _small, 12),
    agrees("C2", CONVEX, _small, 12),
    agrees("C2", MINIMISER, _small, 4),
    agrees("C2", LAW, _sparse, 25),
    agrees("C2", FINITE, _sparse, 25),
    agrees("C2", BRACKET, _sparse, 25),
    agrees("C2", ONE_FEATURE, _sparse, 25),
    Certified(
        claim="C2",
        clauses=(MINIMISER.name, FINITE.name),
        name="root against enumerated losses",
        statement=optimal_scale,
        control=Control("1.001 times the root", _too_large),
        relations=lambda root: brackets_minimum(root, _CLEAN),
        declared=2 * len(_CLEAN),
    ),
)
