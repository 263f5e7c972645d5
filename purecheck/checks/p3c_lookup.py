"""Checks of P3c: look-up networks in fractions on every input, compared with the model, and in floating point."""

from collections.abc import Iterator
from fractions import Fraction
from functools import cache
from itertools import product

import numpy as np
from numpy.typing import NDArray
from sympy import Rational

from numerics.backend import to_numpy
from numerics.exact import ExactArray, fractions, signed_supports
from numerics.features import ConstantAmplitude, FeatureLaw
from numerics.lookup import exact_lookup_network, lookup_network
from numerics.network import GatedNetwork, effective_map
from purecheck.checks.p3_purification_bound import law_of
from purecheck.evaluators.fits import LookupDirection
from purecheck.evaluators.model import Model
from purecheck.evaluators.numbers import fraction, rational
from purecheck.evaluators.points import points
from purecheck.evaluators.registry import Chance, Scene
from purecheck.methods.agrees import agrees
from purecheck.methods.simulated import Simulated
from purecheck.models.exact_fits import constant_amplitude_fit, cross_talk_fit, four_node_fit, halved
from purecheck.models.exact_networks import hadamard_block, mixture
from purecheck.models.numbers import sixths
from purecheck.runtime.context import Context
from purecheck.verdicts.check import near, off_by
from theory.assumptions import constant_amplitude, exact_fit, symmetric_features
from theory.claims import Clause
from theory.model import d, p
from theory.purification.p3c_lookup import (
    ATTAINED,
    BOUND,
    CHEAPER,
    SEPARATION,
    VALUE,
    more,
    nonempty,
    same_amplitudes,
    theta,
    x,
)
from theory.ranges import integers

_AMPLITUDE = Fraction(7, 10)  # not 1, of which every power is the same
_OTHER = Fraction(11, 10)  # a second amplitude, for clauses that do not assume a single one
_SIZES = (1, 2, 3)


def _target(features: int) -> list[Fraction]:
    """A target with entries of different moduli and signs."""
    return [Fraction((-1) ** i * (i + 1), 3) for i in range(features)]


@cache
def _lookup(target: tuple[Fraction, ...]) -> GatedNetwork:
    return exact_lookup_network(target, _AMPLITUDE)


def _amplitudes(clause: Clause, features: int) -> list[tuple[tuple[Fraction, ...], Fraction]]:
    """The amplitudes of all features that the clause allows, with their probabilities."""
    if constant_amplitude in clause.assumes:
        return [((_AMPLITUDE,) * features, Fraction(1))]
    if same_amplitudes in clause.assumes:
        return [(chosen, Fraction(1, 2**features)) for chosen in product((_AMPLITUDE, _OTHER), repeat=features)]
    return [((_OTHER, *[_AMPLITUDE] * (features - 1)), Fraction(1))]


def _laws(clause: Clause, features: int, rate: Fraction) -> Iterator[tuple[str, ExactArray, ExactArray]]:
    """The laws of the input that the clause allows: a name, the inputs and their probabilities."""
    patterns = signed_supports(features)
    for name, weights in law_of(clause, patterns, rate):
        signed = patterns if symmetric_features in clause.assumes else np.abs(patterns)
        cases = [
            (pattern * np.array(amplitudes), weight * share)
            for pattern, weight in zip(signed, weights, strict=True)
            for amplitudes, share in _amplitudes(clause, features)
            if weight
        ]
        yield name, fractions([entry for entry, _ in cases]), fractions([weight for _, weight in cases])


def _fits(clause: Clause, rng: np.random.Generator) -> Iterator[tuple[str, GatedNetwork, ExactArray, ExactArray]]:
    """Exact fits on finitely many inputs: a name, the network, its target and the inputs.

    If the clause does not assume exact fits, the heads are halved.
    """
    fits = [constant_amplitude_fit(), four_node_fit(), *(cross_talk_fit(sixths(rng, 2), Fraction(1, 4)) for _ in "ab")]
    for fit in fits if exact_fit in clause.assumes else map(halved, fits):
        yield fit.name, fit.net, fit.theta, np.concatenate([cell.X for cell in fit.cells])
    for features in _SIZES:
        nets = {"look-up nodes": _lookup(tuple(_target(features))), "pure nodes": _mixture(features, 1)}
        if features == 2:
            nets["mixture"] = _mixture(2, 2)
        for name, net in nets.items():
            exact = net if exact_fit in clause.assumes else GatedNetwork(net.W, net.a / 2, net.b)
            yield name, exact, fractions(_target(features)), fractions(signed_supports(features).tolist()) * _AMPLITUDE


def _mixture(features: int, order: int) -> GatedNetwork:
    return mixture(hadamard_block(order), order, _target(features), _AMPLITUDE / 2)


def _bounds(clause: Clause, rng: np.random.Generator) -> Iterator[Scene]:
    """Fits under random laws of their inputs."""
    for name, net, target, inputs in _fits(clause, rng):
        for _ in range(2):
            weights = fractions(rng.integers(0, 7, len(inputs)).tolist())
            probabilities = weights / max(sum(weights), 1)
            some = [Fraction(int(any(entry != 0))) for entry in inputs]
            # Where the indicator is 0 the input does not count; one that is not zero keeps the quotient defined.
            shown = [entry if on else entry + 1 for entry, on in zip(inputs, some, strict=True)]
            cases = zip(probabilities, some, shown, strict=True)
            outcomes = tuple(Chance(weight, {nonempty: on, x: entry}) for weight, on, entry in cases)
            model = Model(net=net, theta=target, inputs=inputs, probabilities=probabilities)
            yield Scene(f"{name}, theta = {target.tolist()}", {theta: target, d: len(target)}, model, outcomes)


def _values(clause: Clause, rng: np.random.Generator) -> Iterator[Scene]:
    """Look-up networks under laws that the clause allows, at rates from its range, each at one input."""
    sizes = [features for features in _SIZES if features > 1 or more not in clause.over]
    for features, target in ((n, aim) for n in sizes for aim in (_target(n), [Fraction(1)] * n)):
        net = _lookup(tuple(target))
        for point in points(clause, rng, 4, d=integers(1, 1), n=integers(1, 1)):
            for name, inputs, weights in _laws(clause, features, fraction(point[p])):
                one = inputs[int(rng.integers(len(inputs)))]
                model = Model(net=net, theta=fractions(target), inputs=inputs, probabilities=weights, x=one)
                values = {p: point[p], d: features, more: features - 1, theta: target, x: one}
                where = f"theta = {list(map(str, target))}, p = {point[p]}, features {name}, x = {list(map(str, one))}"
                yield Scene(where, values, model)


def _directions(_clause: Clause, _rng: np.random.Generator) -> Iterator[Scene]:
    """All differences and sums of two supports of up to three features, with the nearest directions."""
    for features in _SIZES:
        patterns = signed_supports(features)
        for w in np.unique(np.concatenate([patterns - other for other in patterns]), axis=0):
            overlaps = patterns @ w
            if not np.any(w):
                continue
            nearest = patterns[overlaps == np.min(overlaps[overlaps > 0])]
            for pattern, sign in product(nearest[:2], (1, -1)):
                model = LookupDirection(pattern=fractions(pattern.tolist()), sign=sign, w=fractions(w.tolist()))
                yield Scene(f"s = {pattern.tolist()}, w = {w.tolist()}, sign {sign}", {d: features}, model)


_LARGE, _LARGE_RATE = 6, Fraction(3, 10)


def _large_energies(rng: np.random.Generator, n: int, context: Context) -> NDArray[np.float64]:
    """Draws of `||beta||^2` of the floating-point network with d = 6 features and a target of norm 1.

    There are few different inputs, so the network is evaluated once for each of them.
    """
    on_device = context.backend.asarray
    law = FeatureLaw(_LARGE, float(_LARGE_RATE), ConstantAmplitude(float(_AMPLITUDE)))
    net = lookup_network(on_device(np.full(_LARGE, 1 / np.sqrt(_LARGE))), float(_AMPLITUDE))
    inputs, which = np.unique(law.sample(rng, (n,)), axis=0, return_inverse=True)
    beta = to_numpy(effective_map(net, on_device(inputs)))
    return np.asarray(np.sum(beta * beta, axis=-1)[which])


def _predicted(clause: Clause) -> float:
    """The value for a target of six equal entries and norm 1."""
    value = clause.formula.rhs.subs({d: _LARGE, p: rational(_LARGE_RATE)}).doit()
    return float(value.subs({theta[k]: 1 / np.sqrt(_LARGE) for k in range(1, _LARGE + 1)}))


_THREE_TENTHS_MORE = off_by(Rational(3, 10))


CHECKS = (
    agrees("P3c", BOUND, _bounds, 22),
    agrees("P3c", VALUE, _values, 24),
    agrees("P3c", SEPARATION, _directions, 400),
    agrees("P3c", ATTAINED, _values, 24),
    agrees("P3c", CHEAPER, _values, 16),
    Simulated(
        claim="P3c",
        clauses=(VALUE.name, ATTAINED.name),
        name="sampled look-up network",
        statement=VALUE,
        control=near(VALUE, _THREE_TENTHS_MORE),
        miss=_THREE_TENTHS_MORE,
        draw=_large_energies,
        span=(0.0, 1.25),
        predict=_predicted,
        smallest_error=0.05,
        where="d = 6, p = 3/10, theta = (1, ..., 1)/sqrt(6)",
    ),
)
