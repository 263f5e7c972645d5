"""Checks of P6 beside its derivations: attacked models in exact fractions, and drawn mixtures in floating point."""

from collections.abc import Iterator
from fractions import Fraction
from math import sqrt

import numpy as np
import sympy
from sympy import Integer, Matrix

from numerics.arrays import Floats
from numerics.attacks.fgm import fgm
from numerics.attacks.losses import attacked_loss
from numerics.exact import fractions, signed_supports, support_probabilities
from numerics.mixtures import mixture_network
from numerics.network import GatedNetwork, effective_map
from numerics.rounding import gamma
from purecheck.checks.p5_firing_probability import layer
from purecheck.enclosures.certify import enclose_to
from purecheck.evaluators.firing import fired
from purecheck.evaluators.model import Model, constant_law
from purecheck.evaluators.numbers import fraction, rational
from purecheck.evaluators.points import at_points, points, shuffled
from purecheck.evaluators.registry import Chance, Scene
from purecheck.evaluators.risk import Grouped, Ones
from purecheck.methods.agrees import agrees
from purecheck.methods.sampled import Sampled
from purecheck.models.attacked import attacked_mixture, feature_law
from purecheck.models.exact_networks import hadamard_block
from purecheck.models.exact_networks import mixture as mixture_of
from purecheck.runtime.context import Context
from purecheck.strategies.risk import NoisyFit, noisy_fits
from purecheck.verdicts.check import near
from purecheck.verdicts.comparison import Comparison
from theory.assumptions import constant_amplitude, independent_features, low_threshold, no_noise
from theory.claims import Clause
from theory.model import d as _d
from theory.model import eps as _eps
from theory.model import m as _m
from theory.model import p as _p
from theory.model import tau as _tau
from theory.purification.p6_adversarial_risk import (
    BOUNDS,
    GROUP_OF_NODES,
    INTEGRAL,
    MIXTURE,
    NOT_MONOTONE,
    PURE,
    RISK_AT_FIT,
    UNIT,
    fires,
    group_target,
    groups,
    hadamard,
    ones_target,
    row_of_ones,
    unit_target,
)
from theory.purification.p6_adversarial_risk import theta as theta_entries
from theory.quantities.firing import ENERGY
from theory.quantities.risk import ENERGIES, MEAN_GAIN
from theory.ranges import integers

_VALUE_ERROR = 1e-13
"""Error to which closed forms are enclosed before they are compared with floating-point sums."""
_THETA = tuple(Fraction(x) for x in ("1", "3/10", "-1/2", "2/5"))
_SIZES = ((1, 1), (2, 1), (2, 2), (4, 4))
_NOISE = Fraction(3, 4)
"""Observation noise beyond the threshold: it fires nodes whose features are absent."""


def _risks(clause: Clause, rng: np.random.Generator) -> Iterator[Scene]:
    """Fits of several orders under attack."""
    for (size,), point in zip(shuffled(rng, 12, _SIZES), points(clause, rng, 12), strict=True):
        d, m = size
        law = constant_law(d, Fraction(int(rng.integers(1, 10)), 10))
        eps, tau = fraction(point[_eps]), fraction(point[_tau])
        model = attacked_mixture(clause, _THETA[:d], m, law, eps=eps, tau=tau)
        where = f"d = {d}, m = {m}, tau = {tau}, epsilon = {model.eps}"
        yield Scene(where, {_tau: tau, _eps: model.eps}, model)


def _energies(clause: Clause, rng: np.random.Generator) -> Iterator[Scene]:
    """The law of the energies of up to three groups."""
    for number, point in enumerate(points(clause, rng, 6, G=integers(1, 3))):
        size, count = 1 + number % 2, int(point[groups])
        count = min(count, 2) if size == 2 else count
        theta = [Fraction(int(x), 6) for x in rng.integers(1, 13, size * count)]
        inputs, probabilities = feature_law(clause, size * count, Fraction(int(rng.integers(1, 10)), 10))
        net = mixture_of(hadamard_block(size), size, theta, Fraction(1, 2))
        model = Grouped(net=net, inputs=inputs, probabilities=probabilities, size=size)
        shares: dict[tuple[Fraction, ...], Fraction] = {}
        for energies, probability in zip(model.energies(inputs).tolist(), probabilities, strict=True):
            shares[tuple(energies)] = shares.get(tuple(energies), Fraction(0)) + probability
        outcomes = tuple(Chance(share, {ENERGIES: np.array(energies)}) for energies, share in shares.items())
        yield Scene(f"{count} groups of {size}, theta = {theta}", {groups: count}, model, outcomes)


def _one_group(clause: Clause, rng: np.random.Generator) -> Iterator[Scene]:
    """One group of a mixture at drawn inputs."""
    for point in points(clause, rng, 12, m=integers(1, 4)):
        order = max(x for x in (1, 2, 4) if x <= point[_m])
        theta, entries = ([Fraction(int(v), 6) for v in rng.integers(-12, 13, order)] for _ in range(2))
        x = fractions(entries)
        model = Model(net=mixture_of(hadamard_block(order), order, theta, Fraction(1, 2)), x=x)
        values = {
            _m: order,
            hadamard: Matrix(hadamard_block(order).T.tolist()) / sympy.sqrt(order),
            fires: np.diag(fired(model)),
            group_target: fractions(theta),
        }
        yield Scene(f"m = {order}, theta_g = {theta}, x = {x.tolist()}", values, model)


def _pure(clause: Clause, rng: np.random.Generator) -> Iterator[Scene]:
    """The law of the energies of a purified network."""
    for point in points(clause, rng, 12, G=integers(1, 2)):
        theta = [Fraction(int(x), 6) for x in rng.integers(1, 13, int(point[groups]))]
        law = constant_law(len(theta), fraction(point[_p]))
        model = attacked_mixture(clause, theta, 1, law, noise=_NOISE)
        energies = Grouped(net=model.net, M=model.M, size=1).energies(model.law[0])
        rows = zip(model.law[1], energies, strict=True)
        outcomes = tuple(Chance(probability, {ENERGIES: row}) for probability, row in rows)
        yield Scene(f"theta = {theta}, {point}", {**point, theta_entries: np.array(theta)}, model, outcomes)


def _purified(clause: Clause, rng: np.random.Generator) -> Iterator[Scene]:
    """Purified networks of up to three features."""
    for point in points(clause, rng, 12, d=integers(1, 3)):
        d = int(point[_d])
        theta = [Fraction(int(sign)) for sign in rng.choice([-1, 1], d)]
        theta[0] *= 1 if unit_target in clause.assumes else 2
        law = feature_law(clause, d, fraction(point[_p]))
        yield Scene(f"theta = {theta}, {point}", point, attacked_mixture(clause, theta, 1, law, noise=_NOISE))


def _ones(clause: Clause) -> Ones:
    """A mixture for the target of ones, as the clause assumes it."""
    return Ones(
        b=Fraction(1, 2) if low_threshold in clause.assumes else Fraction(5, 2),
        spread=Fraction(0) if constant_amplitude in clause.assumes else Fraction(1, 2),
        noise=Fraction(0) if no_noise in clause.assumes else _NOISE,
        last=1 if ones_target in clause.assumes else 2,
        turned=row_of_ones not in clause.assumes,
        together=independent_features not in clause.assumes,
    )


def _mixtures(clause: Clause, rng: np.random.Generator) -> Iterator[Scene]:
    """Mixtures of up to two groups."""
    instance = _ones(clause)
    for point in points(clause, rng, 15, m=integers(1, 4), G=integers(1, 4)):
        order = max(x for x in (1, 2, 4) if x <= point[_m])
        count = min(int(point[groups]), 4 // order)
        where = f"G = {count}, m = {order}, p = {point[_p]}"
        yield Scene(where, {**point, _m: order, groups: count}, instance)


def _bounds(clause: Clause, rng: np.random.Generator) -> Iterator[Scene]:
    """Layers under every input of a law; first one whose only feature never rests, where both bounds are attained."""
    one = fractions([[1]])
    always = Model(net=GatedNetwork(one, one[0], one[0]), theta=one[0], inputs=one, probabilities=one[0])
    yield Scene("d = 1, p = 1, theta = 1", {}, always)
    for _ in range(7):
        net, theta = layer(clause, rng, int(rng.integers(1, 5)))
        inputs, probabilities = constant_law(4, Fraction(int(rng.integers(1, 10)), 10))
        model = Model(net=net, theta=theta, inputs=inputs, probabilities=probabilities)
        if np.any(theta):
            yield Scene(f"W = {net.W.tolist()}, theta = {theta.tolist()}, b = {net.b.tolist()}", {}, model)


def _population(fit: NoisyFit) -> tuple[GatedNetwork, Floats, Floats]:
    """The network, every input, and their probabilities."""
    patterns = signed_supports(len(fit.theta))
    P = support_probabilities(patterns, fit.p).astype(float)
    return mixture_network(np.array(fit.theta), fit.m, 0.5), patterns.astype(float), P


def _gains(fit: NoisyFit) -> tuple[Floats, Floats, float]:
    """`||beta||` on every input, the probabilities, and a bound on the rounding error of the mean."""
    net, X, P = _population(fit)
    largest = float(np.linalg.norm(np.abs(net.W) @ np.abs(net.a)))
    roundings = gamma(2 * sum(net.W.shape) + len(P) + 20, np.float64)
    return np.linalg.norm(effective_map(net, X), axis=1), P, roundings * largest


def half_normal_rule() -> tuple[Floats, Floats]:
    """Nodes and weights of the two-point Gauss rule for `|n|`, `n` standard normal: exact up to the third power."""
    mean = sqrt(2 / np.pi)  # moments 1, mean, 1, 2 mean
    product_of_nodes = (2 * mean**2 - 1) / (1 - mean**2)
    half_sum = (2 + product_of_nodes) * mean / 2
    nodes = half_sum + np.array([1.0, -1.0]) * sqrt(half_sum**2 - product_of_nodes)
    upper = (mean - nodes[1]) / (nodes[0] - nodes[1])
    return nodes, np.array([upper, 1 - upper])


def _attacked(clause: Clause, fit: NoisyFit, _: Context) -> Iterator[Comparison]:
    """Mean loss under FGM over every input and the label noise, against the risk that the formula gives.

    Inside P2's region the loss is a quadratic in `|n|`, so the Gauss rule is exact. `S` bounds the numbers that the
    loss is made of; each takes part in fewer roundings than counted, those of the nodes (30) included.
    """
    net, X, P = _population(fit)
    gains, P, gain_error = _gains(fit)
    nodes, weights = half_normal_rule()
    risk, allowance = 0.0, 0.0
    roundings = gamma(8 * sum(net.W.shape) + len(P) + 100, np.float64)
    for node, weight in zip(nodes, weights, strict=True):
        for sign in (1, -1):
            y = X @ np.array(fit.theta) + sign * fit.tau * node
            loss = attacked_loss(net, X, y, fgm(net, X, y, fit.eps, "l2"))
            S = np.abs(y) + (np.abs(X) + fit.eps) @ np.abs(net.W) @ np.abs(net.a)
            risk += weight / 2 * float(P @ loss)
            allowance += weight / 2 * roundings * float(P @ S**2)
    first, second = float(P @ gains), float(P @ gains**2)
    symbols = {MEAN_GAIN: first, ENERGY: second, _eps: fit.eps, _tau: fit.tau}
    predicted = float(clause.formula.rhs.xreplace({k: sympy.Float(v, 30) for k, v in symbols.items()}))
    allowance += (2 * fit.eps * fit.tau + 2 * fit.eps**2 * float(gains.max())) * gain_error
    yield Comparison(risk, "==", predicted, str(fit), allowance)


def _mean_gain(clause: Clause, fit: NoisyFit, _: Context) -> Iterator[Comparison]:
    """Mean gain of the network over every input, for the target of ones, against the closed form."""
    gains, P, error = _gains(fit)
    place = {groups: Integer(len(fit.theta) // fit.m), _m: Integer(fit.m), _p: rational(fit.p)}
    predicted = float(enclose_to(clause.formula.rhs.subs(place), _VALUE_ERROR))
    yield Comparison(float(P @ gains), "==", predicted, str(fit), error + 2 * _VALUE_ERROR)


CHECKS = (
    agrees("P6", RISK_AT_FIT, _risks, 12),
    agrees("P6", INTEGRAL, _energies, 6),
    agrees("P6", GROUP_OF_NODES, _one_group, 12),
    agrees("P6", PURE, _pure, 12),
    agrees("P6", UNIT, _purified, 12),
    agrees("P6", MIXTURE, _mixtures, 15),
    agrees("P6", BOUNDS, _bounds, 6),
    agrees("P6", NOT_MONOTONE, at_points(1, _ones), 1),
    Sampled(
        claim="P6",
        clauses=(RISK_AT_FIT.name,),
        name="attacked networks on every input",
        statement=RISK_AT_FIT,
        control=near(RISK_AT_FIT),
        examples=noisy_fits(),
        compare=_attacked,
    ),
    Sampled(
        claim="P6",
        clauses=(MIXTURE.name,),
        name="mean gain over every input",
        statement=MIXTURE,
        control=near(MIXTURE),
        examples=noisy_fits(unit_target=True),
        compare=_mean_gain,
    ),
)
