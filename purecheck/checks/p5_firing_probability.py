"""Checks of P5 beside its derivations: the model itself, every sign pattern, and a simulated mixture network."""

from collections.abc import Iterator
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray
from sympy import Eq, Rational

from numerics.backend import to_numpy
from numerics.exact import ExactArray, fractions
from numerics.features import ConstantAmplitude, FeatureLaw
from numerics.mixtures import mixture_network
from numerics.network import GatedNetwork, effective_map
from purecheck.checks.p4_mixtures_fit import target
from purecheck.evaluators.firing import Group, fired, node_firing, node_pull, node_square
from purecheck.evaluators.model import Model, constant_law
from purecheck.evaluators.points import at_points, points
from purecheck.evaluators.registry import Scene
from purecheck.methods.agrees import agrees
from purecheck.methods.simulated import Simulated
from purecheck.models.exact_networks import hadamard_block, mixture
from purecheck.runtime.context import Context
from purecheck.verdicts.check import near
from theory.assumptions import constant_amplitude, low_threshold, no_noise
from theory.claims import Clause, NearMiss
from theory.model import H, m, p
from theory.purification.p5_firing_probability import (
    BOUNDS,
    EVEN_GROWTH,
    GENERAL_ENERGY,
    GROWTH,
    INTEGRAL,
    MIXTURE,
    ONLY_BELOW,
    PROJECTION,
    SERIES,
    c,
    k,
    norms,
    orthogonal_nodes_only,
    rate,
    s,
)
from theory.purification.p5_firing_probability import theta as theta_vector
from theory.ranges import integers

_SMALL = integers(1, 6)
"""Orders at which every sign pattern is enumerated: 3^6 of them at the most."""
_ORDERS = (1, 2, 4)


def _group(clause: Clause) -> Group:
    """A group as the clause assumes it."""
    return Group(
        b=Fraction(1, 2) if low_threshold in clause.assumes else Fraction(3, 2),
        spread=Fraction(0) if constant_amplitude in clause.assumes else Fraction(1, 2),
        # Noise beyond the threshold: it fires a node whose features are all absent.
        noise=Fraction(0) if no_noise in clause.assumes else Fraction(3, 4),
    )


on_groups = at_points(24, _group, m=_SMALL, n=integers(0, 2))


def layer(clause: Clause, rng: np.random.Generator, nodes: int) -> tuple[GatedNetwork, ExactArray]:
    """Nodes of unequal norms and thresholds with the head of the clause, and a target in their span; rational."""
    scales, thresholds, weights = (
        fractions([Fraction(int(x), 6) for x in rng.integers(low, 13, nodes)]) for low in (1, 0, -12)
    )
    U = fractions(hadamard_block(4)[:, :nodes].tolist()) * scales
    if orthogonal_nodes_only not in clause.assumes:
        U = U + U[:, :1]
    theta = U @ weights
    return GatedNetwork(U, (theta @ U) / np.sum(U * U, axis=0), thresholds), theta


def _inputs(clause: Clause, rng: np.random.Generator) -> Iterator[Scene]:
    """Each node of small layers at drawn inputs."""
    for point in points(clause, rng, 24, H=integers(1, 4)):
        nodes = int(point[H])
        net, theta = layer(clause, rng, nodes)
        x = fractions([Fraction(int(v), 6) for v in rng.integers(-12, 13, 4)])
        model = Model(net=net, theta=theta, x=x, node=int(point[k]) - 1)
        where = f"W = {net.W.tolist()}, theta = {theta.tolist()}, b = {net.b.tolist()}, z = {x.tolist()}, {point}"
        yield Scene(where, {**point, s: fired(model), c: node_pull(model)}, model)


def _laws(clause: Clause, rng: np.random.Generator) -> Iterator[Scene]:
    """Small layers under every input of a law."""
    for point in points(clause, rng, 8, H=integers(1, 4)):
        net, theta = layer(clause, rng, int(point[H]))
        inputs, probabilities = constant_law(4, Fraction(int(rng.integers(1, 10)), 10))
        model = Model(net=net, theta=theta, inputs=inputs, probabilities=probabilities)
        values = {**point, c: node_pull(model), norms: node_square(model), rate: node_firing(model)}
        yield Scene(f"W = {net.W.tolist()}, theta = {theta.tolist()}, b = {net.b.tolist()}", values, model)


def _mixtures(clause: Clause, rng: np.random.Generator) -> Iterator[Scene]:
    """Mixture networks of two orders and one group, at rates from the range of the clause."""
    for point in points(clause, rng, 12, m=integers(1, 4)):
        order = max(x for x in _ORDERS if x <= point[m])
        theta, group = target(order), _group(clause)
        inputs, probabilities = constant_law(order, Fraction(int(point[p].p), int(point[p].q)))
        inputs = inputs * fractions([1 + i * group.spread for i in range(order)])
        net = mixture(hadamard_block(order), order, theta, group.b)
        model = Model(net=net, theta=fractions(theta), inputs=inputs, probabilities=probabilities)
        yield Scene(f"m = {order}, p = {point[p]}", {m: order, p: point[p], theta_vector: fractions(theta)}, model)


def _energy_share(rng: np.random.Generator, n: int, context: Context) -> NDArray[np.float64]:
    """Draws of `||beta||^2/||theta||^2` of two groups of order 4."""
    X = FeatureLaw(8, 0.3, ConstantAmplitude(1.0)).sample(rng, (n,))
    theta = context.backend.asarray(np.ones(8))
    beta = to_numpy(effective_map(mixture_network(theta, 4, 0.5), context.backend.asarray(X)))
    # The projection of theta is no longer than theta; rounding may add to the last digits.
    return np.asarray(np.minimum(np.sum(beta**2, axis=-1) / 8, 1.0), dtype=np.float64)


def _at_simulated_point(clause: Clause) -> float:
    return float(clause.formula.rhs.subs({m: 4, p: Rational(3, 10)}).doit())


def _off(clause: Clause) -> NearMiss:
    """Off by more than the simulation resolves."""
    wrong = Eq(clause.formula.lhs, Rational(11, 10) * clause.formula.rhs)
    return NearMiss("right-hand side off by a factor of 11/10", wrong)


CHECKS = (
    agrees("P5", SERIES, on_groups, 24),
    agrees("P5", INTEGRAL, on_groups, 24),
    agrees("P5", GROWTH, on_groups, 24),
    agrees("P5", ONLY_BELOW, on_groups, 24),
    agrees("P5", EVEN_GROWTH, on_groups, 24),
    agrees("P5", BOUNDS, on_groups, 24),
    agrees("P5", PROJECTION, _inputs, 24),
    agrees("P5", GENERAL_ENERGY, _laws, 8),
    agrees("P5", MIXTURE, _mixtures, 12),
    Simulated(
        claim="P5",
        clauses=(SERIES.name, MIXTURE.name),
        name="simulated mixture network",
        statement=SERIES,
        control=near(SERIES, _off),
        miss=_off,
        draw=_energy_share,
        span=(0.0, 1.0),
        predict=_at_simulated_point,
        smallest_error=0.02,
        where="d = 8, m = 4, p = 0.3, r = 1, b = 0.5, theta = 1",
    ),
)
