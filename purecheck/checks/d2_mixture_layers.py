"""Checks of D2: heads on exact mixture layers, and the price of mixtures of larger orders by ball arithmetic."""

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

import numpy as np
from sympy import And, Basic, Gt, Integer, Rational

from numerics.exact import fractions
from purecheck.checks.p5_firing_probability import on_groups
from purecheck.enclosures.certify import Values
from purecheck.evaluators.heads import LayerWithHead, least_squares
from purecheck.evaluators.numbers import fraction
from purecheck.evaluators.points import candidates, points
from purecheck.evaluators.registry import Scene
from purecheck.methods.agrees import agrees
from purecheck.methods.certified import Certified
from purecheck.models.layers import frozen_layer, orthogonal_part, partly_pure
from purecheck.verdicts.check import near
from theory.claims import Clause
from theory.inheritance.d2_mixture_layers import (
    INHERITED_ENERGY,
    ORTHOGONAL,
    PRICE,
    RISK_OF_HEAD,
    UNIQUE,
    head,
    theta,
)
from theory.model import d as _d
from theory.model import eps as _eps
from theory.model import m as _m
from theory.model import p as _p
from theory.model import r as _r
from theory.ranges import integers

SIZES = {1: (1, 1), 2: (2, 2), 3: (4, 2), 4: (4, 4)}
"""Features and order of small mixture layers, by the number that represents them in the points of a clause."""
_LARGE_ORDERS = tuple(Integer(m) for m in (3, 7, 11))


def drawn(rng: np.random.Generator, size: int) -> list[Fraction]:
    """Targets or heads: random fractions from 1/6 to 2."""
    return [Fraction(int(x), 6) for x in rng.integers(1, 13, size)]


def layers(clause: Clause, rng: np.random.Generator) -> Iterator[Scene]:
    """Mixture layers with random heads."""
    for point in points(clause, rng, 12, m=integers(1, 4)):
        d, m = SIZES[int(point[_m])]
        target, weights = drawn(rng, d), fractions(drawn(rng, d))
        p, r, eps = (fraction(point.get(x, Rational(1))) for x in (_p, _r, _eps))
        layer = frozen_layer(clause, partly_pure(0, d, m), target, p, r, eps=eps, head=weights)
        values = {**point, _m: m, _d: d, theta: fractions(target), head: weights, ORTHOGONAL: orthogonal_part(d, m)}
        yield Scene(f"d = {d}, theta' = {target}, a = {weights.tolist()}, {point}", values, layer)


def _fitted(clause: Clause, rng: np.random.Generator) -> Iterator[Scene]:
    """The same layers with the least-squares head."""
    for scene in layers(clause, rng):
        model: LayerWithHead = scene.model
        yield replace(scene, model=model.with_head(least_squares(model)))


def _above(clause: Clause) -> Iterator[tuple[Basic, Values]]:
    """The first relation of the formula at large orders, at probabilities from its whole range."""
    (price,) = (part for part in And.make_args(clause.formula) if isinstance(part, Gt))
    for order in _LARGE_ORDERS:
        for p in candidates(clause.over[_p]):
            left, right = (side.subs({_m: order, _p: p}) for side in price.args)
            yield Gt(left, right, evaluate=False), {_m: order, _p: p}


CHECKS = (
    agrees("D2", RISK_OF_HEAD, layers, 12),
    agrees("D2", UNIQUE, layers, 12),
    agrees("D2", INHERITED_ENERGY, _fitted, 12),
    agrees("D2", PRICE, on_groups, 24),
    Certified(
        claim="D2",
        clauses=(PRICE.name,),
        name="large orders",
        statement=PRICE,
        control=near(PRICE),
        relations=_above,
        declared=len(_LARGE_ORDERS) * len(candidates(PRICE.over[_p])),
    ),
)
