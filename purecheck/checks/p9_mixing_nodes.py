"""Checks of P9: nodes with searched, tilted and drawn weights in exact fractions, and the six nodes of the example."""

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import chain

import numpy as np

import purecheck.evaluators.mixing  # noqa: F401  (registers them)
from numerics.exact import fractions
from numerics.network import GatedNetwork
from purecheck.evaluators.mixing import MixingNode
from purecheck.evaluators.model import Model, constant_law
from purecheck.evaluators.numbers import fraction
from purecheck.evaluators.points import corners, points, shuffled
from purecheck.evaluators.registry import Scene
from purecheck.methods.agrees import agrees
from theory.assumptions import constant_amplitude, independent_features, no_noise
from theory.claims import Clause
from theory.model import m, p, r
from theory.purification.p9_mixing_nodes import (
    ABOVE_PURE,
    ATTAINED,
    BOUND,
    CHEAPER,
    GEOMETRIC_BOUND,
    THETA,
    THRESHOLD,
    WITH_OFFSET,
    fair_signs,
    fires_alone,
    heads,
    rows,
    tilted_weights,
)
from theory.ranges import closed, integers

_LARGEST = 6
"""Features of a node at most: 3^6 patterns."""


def tilted(order: int) -> tuple[Fraction, ...]:
    """The weights that attain the bound, at threshold and amplitude one."""
    return tuple(1 + Fraction(2**i, 2 ** (order + 1)) for i in range(1, order + 1))


def _nodes(clause: Clause, rng: np.random.Generator) -> Iterator[Scene]:
    """Nodes with tilted weights, with equal ones, and with drawn weights and amplitudes."""
    orders = integers(int(clause.over[m].low), _LARGEST)
    drawn_points = points(clause, rng, 30, m=orders)
    found = [*corners(clause, m=orders), *drawn_points]
    for (kind, more), point in zip(shuffled(rng, len(found), range(3), (True, *5 * (False,))), found, strict=True):
        order = int(point[m])
        equal = (Fraction(1),) * order
        drawn = tuple(1 + Fraction(int(x), 12) for x in rng.integers(0, 24, order))
        weights = tilted(order) if tilted_weights in clause.assumes else (tilted(order), equal, drawn)[kind]
        several = tilted_weights not in clause.assumes and more and order < _LARGEST - 1
        yield Scene(f"weights {weights}, {point}", point, _as_assumed(clause, weights, fraction(point[p]), several))


def _with_offset(clause: Clause, rng: np.random.Generator) -> Iterator[Scene]:
    """Nodes of nearly equal weights with a weaker further entry and noise; without both the bound is not attained."""
    orders = integers(1, _LARGEST - 1)
    for point in chain(corners(clause, m=orders), points(clause, rng, 24, m=orders)):
        order = int(point[m])
        node = _as_assumed(clause, (Fraction(1),) * order, fraction(point[p]), several=False)
        # Noise of half a flip turns the intervals between which odd sums lie into the silent one.
        node = replace(node, noise=(Fraction(0), Fraction(1, 2))[order % 2], b=Fraction(1))
        yield Scene(str(point), point, replace(node, further=(Fraction(1, 100),)))


def _as_assumed(clause: Clause, weights: tuple[Fraction, ...], rate: Fraction, several: bool) -> MixingNode:
    """The node under the assumptions of the clause; what it does not assume fails."""
    node = MixingNode(weights=weights, p=rate, b=Fraction(1))
    if several:
        node = replace(node, amplitudes=(Fraction(1), Fraction(3, 2)))
    if tilted_weights not in clause.assumes and fires_alone not in clause.assumes:
        node = replace(node, weights=tuple(w / 3 for w in weights))
    if tilted_weights in clause.assumes and constant_amplitude not in clause.assumes:
        node = replace(node, amplitudes=(Fraction(1), Fraction(2)))
    if tilted_weights not in clause.assumes and fair_signs not in clause.assumes:
        alternating = tuple(w * (-1) ** i for i, w in enumerate(weights))
        node = replace(node, weights=alternating, positive=True)
    noise = Fraction(0) if no_noise in clause.assumes else Fraction(3, 2)
    return replace(node, together=independent_features not in clause.assumes, noise=noise)


def _six(clause: Clause, rng: np.random.Generator) -> Iterator[Scene]:
    """The six nodes with several targets."""
    targets = closed(-2, 2)
    for point in points(clause, rng, 12, theta_1=targets, theta_2=targets):
        inputs, probabilities = constant_law(2, fraction(point[p]))
        inputs = inputs * fraction(point[r])
        if constant_amplitude not in clause.assumes:
            inputs = inputs * fractions([1, Fraction(4, 3)])
        if independent_features not in clause.assumes:
            support = np.sum(inputs != 0, axis=1)
            together = fraction(point[p]) / 4
            probabilities = fractions([{0: 1 - 4 * together, 2: together}.get(int(n), Fraction(0)) for n in support])
        if no_noise not in clause.assumes:
            inputs = inputs + fractions([[Fraction(1, 4), Fraction(0)]] * len(inputs)) * fraction(point[r])
        a = fractions([fraction(head.subs({x: point[x] for x in THETA})) for head in heads()])
        net = GatedNetwork(
            fractions(np.array(rows()).T.tolist()), a, fractions([fraction(THRESHOLD * point[r])] * len(a))
        )
        theta = fractions([fraction(point[x]) for x in THETA])
        yield Scene(str(point), point, Model(net=net, theta=theta, inputs=inputs, probabilities=probabilities))


CHECKS = (
    agrees("P9", BOUND, _nodes, 30),
    agrees("P9", ATTAINED, _nodes, 30),
    agrees("P9", GEOMETRIC_BOUND, _nodes, 30),
    agrees("P9", ABOVE_PURE, _nodes, 30),
    agrees("P9", WITH_OFFSET, _with_offset, 24),
    agrees("P9", CHEAPER, _six, 12),
)
