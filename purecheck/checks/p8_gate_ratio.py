"""Checks of P8 beside its derivations: counts of features that fire a node alone, exact and by the numerics."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from sympy import Rational, sqrt

from numerics.backend import to_numpy
from numerics.exact import ExactArray, fractions
from numerics.features import rotation
from numerics.network import GatedNetwork, active, preactivations
from numerics.purity import gate_ratio
from numerics.rounding import gamma
from purecheck.evaluators.forces import Node
from purecheck.evaluators.points import candidates, points
from purecheck.evaluators.registry import Scene
from purecheck.methods.agrees import agrees
from purecheck.methods.sampled import Sampled
from purecheck.models.exact_networks import rational_rotation
from purecheck.runtime.context import Context
from purecheck.strategies.numbers import reals, seeds
from purecheck.verdicts.check import near
from purecheck.verdicts.comparison import Comparison
from theory.assumptions import constant_amplitude, no_noise, orthogonal_dictionary
from theory.claims import Clause
from theory.model import b as _b
from theory.model import r as _r
from theory.purification.p8_gate_ratio import COUNT, SINGLE, TOGETHER, c
from theory.quantities.forces import W_NORM

_WEIGHTS = tuple(u for u in product(range(-2, 3), repeat=3) if any(u))


def _node(clause: Clause, u: ExactArray, r: Fraction, b: Any, *, stretch: int = 1) -> Node:
    """A node that holds the features with weights `u`, behind a dictionary that keeps lengths or stretches them."""
    d, M = len(u), rational_rotation(len(u), Fraction(1, 3))
    W = M @ u[:, None]
    return Node(
        net=GatedNetwork(W, fractions([1]), np.array([b], dtype=object)),
        M=M * stretch,
        amplitudes=r * fractions([1 if constant_amplitude in clause.assumes else 2] + [1] * (d - 1)),
        # Noise along the weights pushes the pre-activation furthest.
        noise=W[:, 0] * (0 if no_noise in clause.assumes else b),
    )


def _alone(clause: Clause, rng: np.random.Generator) -> Iterator[Scene]:
    """Every small node, at drawn thresholds and where a feature just fires it."""
    stretch = 1 if orthogonal_dictionary in clause.assumes else 2
    for u, point in zip(_WEIGHTS, points(clause, rng, len(_WEIGHTS)), strict=True):
        r, length = point[_r], sqrt(Rational(sum(x * x for x in u)))
        allowed = clause.over[_b].at({_r: r, W_NORM: length})
        ties = [b for b in (r * abs(x) for x in set(map(abs, u))) if b in allowed]
        for b in (*candidates(allowed), *ties):
            node = _node(clause, fractions(u), Fraction(int(r.p), int(r.q)), _exact(b), stretch=stretch)
            yield Scene(f"u = {u}, r = {r}, b = {b}", {_r: r, _b: b, W_NORM: length}, node)


def _exact(x: Any) -> Any:
    return Fraction(int(x.p), int(x.q)) if x.is_Rational else x


def _together(clause: Clause, rng: np.random.Generator) -> Iterator[Scene]:
    """Nodes of two features with equal weights."""
    for point in points(clause, rng, 24):
        weight, r = (Fraction(int(point[x].p), int(point[x].q)) for x in (c, _r))
        node = _node(clause, fractions([weight, weight]), r, _exact(point[_b]))
        yield Scene(", ".join(f"{x} = {value}" for x, value in point.items()), point, node)


@dataclass(frozen=True)
class RandomNodes:
    """Random nodes of the numerics, given by what is drawn."""

    d: int
    r: float
    b: float
    seed: int


def layers() -> SearchStrategy[RandomNodes]:
    """Layers of up to twelve features, behind a random dictionary."""
    return st.builds(RandomNodes, d=st.integers(2, 12), r=reals(0.25, 2.0), b=reals(0.1, 2.0), seed=seeds())


_JUST_FIRES = 1.0001
"""Half of the nodes have weights of one modulus, this many times what their features need to fire them."""


def _counts(clause: Clause, layer: RandomNodes, context: Context) -> Iterator[Comparison]:
    """Nodes of the network against the bound of the clause."""
    rng = np.random.default_rng(layer.seed)
    M = rotation(layer.d, rng)
    drawn = rng.standard_normal((layer.d, 4)) * rng.random((layer.d, 4)) ** 3
    equal = rng.choice([-1, 0, 1], (layer.d, 4)) * layer.b / layer.r * _JUST_FIRES
    equal[0] = layer.b / layer.r * _JUST_FIRES
    W = M @ np.hstack([drawn, equal])
    backend = context.backend
    net = GatedNetwork(backend.asarray(W), backend.asarray(np.ones(8)), layer.b)
    alone = backend.asarray(layer.r * M.T)
    counts = to_numpy(active(preactivations(net, alone), net.b)).sum(axis=0)
    # ||M^T M - I|| in the spectral norm is at most d times its largest entry, known up to rounding.
    defect = layer.d * (float(np.abs(M.T @ M - np.eye(layer.d)).max()) + gamma(2 * layer.d, np.float64))
    ratios = to_numpy(gate_ratio(net.W, net.b, layer.r))
    for count, ratio in zip(counts, ratios, strict=True):
        # The bound depends on the gate ratio b/(r ||w||) alone.
        limit = float(clause.formula.rhs.subs({_r: 1, W_NORM: 1, _b: float(ratio)}))
        # A gate fires from b - e on, e <= gamma_d r ||w|| its rounding; ||u||^2 <= (1 + defect) ||w||^2; and the ratio
        # and its square take at most 4 d + 8 roundings.
        lowered = 1 - gamma(2 * layer.d, np.float64) / float(ratio)
        slack = limit * ((1 + defect) * (1 + gamma(4 * layer.d + 8, np.float64)) / lowered**2 - 1)
        yield Comparison(float(count), "<=", limit, f"{layer}, gate ratio {float(ratio):.6g}", slack)


CHECKS = (
    agrees("P8", COUNT, _alone, len(_WEIGHTS)),
    agrees("P8", SINGLE, _alone, len(_WEIGHTS)),
    agrees("P8", TOGETHER, _together, 24),
    Sampled(
        claim="P8",
        clauses=(COUNT.name,),
        name="nodes of a random layer",
        statement=COUNT,
        control=near(COUNT),
        examples=layers(),
        compare=_counts,
    ),
)
