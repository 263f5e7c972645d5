"""Checks of P1 besides its derivations: random networks in exact fractions, compared with the model."""

from collections.abc import Iterator
from fractions import Fraction

import numpy as np

from numerics.exact import ExactArray, fractions
from numerics.network import GatedNetwork, active, preactivations
from purecheck.evaluators.firing import fired
from purecheck.evaluators.network import AttackedInput
from purecheck.evaluators.registry import Scene
from purecheck.methods.agrees import agrees
from purecheck.models.exact_networks import rational_rotation
from purecheck.models.numbers import sixths
from theory.assumptions import orthogonal_dictionary
from theory.claims import Clause
from theory.model import H
from theory.model import d as features
from theory.purification.p1_effective_map import GRADIENT, MAP, M, W, a, delta, gates, still_gates, z

_NETWORKS = 60
"""A fault that one network in ten shows is missed by as many with probability `0.9^60`, below 0.2 %."""


def _margin(net: GatedNetwork, x: ExactArray) -> Fraction:
    """The least distance of a pre-activation from a positive threshold; 1 if there is no such threshold."""
    V = preactivations(net, x[None])[0]
    gaps = [abs(abs(v) - b) for v, b in zip(V, net.b, strict=True) if b > 0]
    return min(gaps, default=Fraction(1))


def _moving_step(net: GatedNetwork, x: ExactArray, step: ExactArray) -> ExactArray:
    """A multiple of the step that changes a gate, or the step itself if none does."""
    before = active(preactivations(net, x[None]), net.b)
    multiples = [step * 2**k for k in range(6)]
    return next((s for s in multiples if np.any(active(preactivations(net, (x + s)[None]), net.b) != before)), step)


def _networks(clause: Clause, rng: np.random.Generator) -> Iterator[Scene]:
    """Networks of up to three inputs and four nodes, with thresholds from 0, behind a dictionary; each with a step."""
    for _ in range(_NETWORKS):
        d, nodes = (int(n) for n in rng.integers(1, (4, 5)))
        weights = fractions(sixths(rng, d * nodes)).reshape(d, nodes)
        thresholds = fractions(sixths(rng, nodes, 0))
        net = GatedNetwork(weights, fractions(sixths(rng, nodes)), thresholds)
        x, step = fractions(sixths(rng, d)), fractions(sixths(rng, d))
        largest = max(abs(w) for w in weights.ravel()) + 1
        still = still_gates in clause.assumes
        # Entries of the step are at most 2 in modulus, so a pre-activation moves by at most half of the margin.
        moved = step * _margin(net, x) / (4 * d * largest) if still else _moving_step(net, x, step)
        dictionary = rational_rotation(d, sixths(rng, 1)[0])
        if orthogonal_dictionary not in clause.assumes:
            dictionary = 2 * dictionary
        model = AttackedInput(net=net, x=x, delta=moved)
        values = {features: d, H: nodes, M: dictionary, W: weights, a: net.a, z: x, delta: moved, gates: fired(model)}
        where = f"W = {weights.tolist()}, a = {net.a.tolist()}, b = {thresholds.tolist()}, z = {x.tolist()}"
        yield Scene(f"{where}, step {moved.tolist()}", values, model)


CHECKS = (agrees("P1", MAP, _networks, _NETWORKS), agrees("P1", GRADIENT, _networks, _NETWORKS))
