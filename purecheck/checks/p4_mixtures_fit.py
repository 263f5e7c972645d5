"""Checks of P4 besides its derivations: mixtures of several orders, compared with the model."""

from collections.abc import Iterator
from fractions import Fraction

import numpy as np

from numerics.exact import ExactArray, fractions, signed_supports
from numerics.network import GatedNetwork
from purecheck.evaluators.firing import fired
from purecheck.evaluators.fits import touched as touched_nodes
from purecheck.evaluators.model import Model
from purecheck.evaluators.numbers import fraction
from purecheck.evaluators.points import points
from purecheck.evaluators.registry import Scene
from purecheck.methods.agrees import agrees
from purecheck.models.exact_networks import CONFERENCE_6, hadamard_block, mixture
from purecheck.models.numbers import sixths
from theory.assumptions import constant_amplitude, one_threshold
from theory.claims import Clause
from theory.model import d, r
from theory.purification.p4_mixtures_fit import (
    ANY_AMPLITUDES,
    FITS,
    PASS,
    TARGET_BY_NODES,
    a,
    count,
    fires,
    signs,
    theta,
    threshold,
    touched,
    x,
)
from theory.ranges import integers

BLOCKS = ((hadamard_block(1), 1), (hadamard_block(2), 2), (hadamard_block(4), 4), (CONFERENCE_6, 5))
"""Matrices of signs `U` with the factor `w` in `U U^T = w I`: orders 1, 2, 4 and the weighing matrix W(6, 5)."""


def target(features: int) -> list[Fraction]:
    """A target without symmetries: 1, -1/2, 1/3, ..."""
    return [Fraction((-1) ** i, i + 1) for i in range(features)]


def _amplitudes(clause: Clause, amplitude: Fraction, features: int) -> ExactArray:
    """The amplitude of each feature: one for all if the clause assumes so."""
    spread = Fraction(0) if constant_amplitude in clause.assumes else Fraction(1, 3)
    return fractions([amplitude * (1 + i * spread) for i in range(features)])


def _networks(clause: Clause, b: Fraction) -> Iterator[tuple[GatedNetwork, ExactArray]]:
    """Mixtures of all blocks, the last one twice, with their targets; one threshold if the clause assumes so."""
    for U, weight in (*BLOCKS, (np.kron(np.eye(2, dtype=int), hadamard_block(2)), 2)):
        aim = target(len(U))
        net = mixture(U, weight, aim, b)
        if one_threshold not in clause.assumes:
            net = GatedNetwork(net.W, net.a, fractions([b, *[b + 2] * (len(U) - 1)]))
        yield net, fractions(aim)


def _shown(net: GatedNetwork, inputs: ExactArray) -> str:
    return f"order {len(net.W)}, b = {[str(b) for b in net.b]}, x = {[str(entry) for entry in inputs]}"


def _gates(clause: Clause, rng: np.random.Generator) -> Iterator[Scene]:
    """One node of order 4 at patterns of each sum."""
    for point in points(clause, rng, 60, n=integers(-4, 4)):
        total, amplitude = int(point[count]), fraction(point[r])
        pattern = [1] * abs(total) + [1, -1] * ((4 - abs(total)) // 2)
        pattern = [(1 if total >= 0 else -1) * sign for sign in pattern] + [0] * (4 - len(pattern))
        node = GatedNetwork(fractions([[1]] * 4), fractions([1]), fractions([fraction(point[threshold])]))
        inputs = fractions(pattern) * _amplitudes(clause, amplitude, 4)
        yield Scene(str(point), point, Model(net=node, x=inputs))


def _patterns(clause: Clause, rng: np.random.Generator) -> Iterator[Scene]:
    """Mixtures at every sign pattern of up to four features, and at some of six."""
    for point in points(clause, rng, 8):
        amplitude = fraction(point[r])
        for net, aim in _networks(clause, fraction(point[threshold])):
            patterns = signed_supports(len(aim))
            for pattern in patterns[rng.permutation(len(patterns))[:20]]:
                inputs = fractions(pattern.tolist()) * _amplitudes(clause, amplitude, len(aim))
                values = {**point, theta: aim, signs: fractions(pattern.tolist())}
                yield Scene(_shown(net, inputs), values, Model(net=net, x=inputs))


def _inputs(clause: Clause, rng: np.random.Generator) -> Iterator[Scene]:
    """Mixtures at inputs of any amplitudes."""
    for net, aim in _networks(clause, Fraction(1)):
        for _ in range(8):
            inputs = fractions(sixths(rng, len(aim)))
            yield Scene(_shown(net, inputs), {theta: aim, x: inputs, d: len(aim)}, Model(net=net, x=inputs))


def _misses(clause: Clause, rng: np.random.Generator) -> Iterator[Scene]:
    """Mixtures at inputs of any amplitudes, with absent features, and with one node just below its threshold."""
    for point in points(clause, rng, 12, d=integers(1, 1)):
        b = fraction(point[threshold])
        for net, aim in _networks(clause, b):
            features = len(aim)
            drawn = b * fractions(sixths(rng, features)) * fractions(rng.integers(0, 2, features).tolist())
            alone = fractions([b * Fraction(999, 1000), *[0] * (features - 1)])
            for inputs in (drawn, alone):
                model = Model(net=net, x=inputs, theta=aim)
                values = {threshold: point[threshold], d: features, a: net.a}
                values |= {fires: fired(model), touched: touched_nodes(model)}
                yield Scene(_shown(net, inputs), values, model)


CHECKS = (
    agrees("P4", PASS, _gates, 60),
    agrees("P4", FITS, _patterns, 576),
    agrees("P4", TARGET_BY_NODES, _inputs, 40),
    agrees("P4", ANY_AMPLITUDES, _misses, 120),
)
