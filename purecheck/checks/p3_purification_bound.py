"""Checks of P3: exact fits on every gate cell, compared with the model, and a sampled network."""

from collections.abc import Iterator, Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray
from sympy import Expr, Integer, Rational, sqrt

from numerics.backend import to_numpy
from numerics.exact import ExactArray, fractions, signed_supports, support_probabilities
from numerics.features import FeatureLaw, UniformAmplitude, observe, rotation
from numerics.network import GatedNetwork, effective_map
from purecheck.evaluators.fits import Observed, support
from purecheck.evaluators.model import Model
from purecheck.evaluators.norms import Norm, Normed
from purecheck.evaluators.numbers import fraction
from purecheck.evaluators.points import corners, points
from purecheck.evaluators.registry import Chance, Scene
from purecheck.methods.agrees import agrees
from purecheck.methods.simulated import Simulated
from purecheck.models.exact_fits import (
    ExactFit,
    constant_amplitude_fit,
    converse_fit,
    cross_talk_fit,
    four_node_fit,
    halved,
    lookup_fit,
    pure_fit,
    stacked,
)
from purecheck.models.numbers import sixths
from purecheck.runtime.context import Context
from purecheck.verdicts.check import near, off_by
from theory.assumptions import density_amplitudes, exact_fit, independent_features, no_noise
from theory.claims import Clause
from theory.model import d, p
from theory.purification.p3_purification_bound import (
    ACTIVE_PART,
    CONVERSE,
    EXCESS,
    JACOBIAN,
    JACOBIAN_EXCESS,
    MEAN,
    POINTWISE,
    PURE,
    B,
    J,
    T,
    absolute_norm,
    beta,
    equal_rates,
    head,
    i,
    positive_thresholds,
    pure_nodes,
    q,
    theta,
    threshold,
    tilt,
    y_1,
    y_2,
)
from theory.ranges import closed
from theory.theorems.indicators import Mean

_ONES = (Fraction(1), Fraction(1))
_TARGETS = (_ONES, (Fraction(2), Fraction(-3, 7)), (Fraction(0), Fraction(5, 3)))


def fits_of(clause: Clause, rng: np.random.Generator) -> list[ExactFit]:
    """Networks that satisfy the assumptions of the clause.

    With a density, amplitudes range over a box that no gate splits.
    """
    if density_amplitudes not in clause.assumes:
        return [lookup_fit(_ONES), four_node_fit(), four_node_fit(Fraction(1, 2)), constant_amplitude_fit()]
    fits = [
        pure_fit(sixths(rng, 3)),
        *(converse_fit(target) for target in _TARGETS),
        *(cross_talk_fit(target, k) for target in _TARGETS for k in (Fraction(-2, 5), Fraction(1, 4))),
        *(cross_talk_fit(sixths(rng, 2), k / 5) for k in sixths(rng, 3)),
    ]
    if not all(fit.is_exact for fit in fits):
        raise ArithmeticError("a fit that is to be exact is not")
    return fits if exact_fit in clause.assumes else [halved(fit) for fit in fits]


def cells_of(clause: Clause, rng: np.random.Generator) -> Iterator[tuple[ExactFit, ExactArray]]:
    """Every fit at the middle of each of its cells."""
    for fit in fits_of(clause, rng):
        for x in fit.inner_points:
            yield fit, x


def on_cell(fit: ExactFit, x: ExactArray) -> str:
    """A description of the fit and its input."""
    return f"{fit.name}, theta = {[str(t) for t in fit.theta.flat]}, x = {[str(entry) for entry in x]}"


def _together(patterns: NDArray[np.int64], p: Fraction) -> ExactArray:
    """Probabilities of the patterns if either all features are active or none."""
    features = patterns.shape[1]
    weights = {0: 1 - p, features: p / 2**features}
    return fractions([weights.get(int(size), 0) for size in np.abs(patterns).sum(axis=1)])


def _one_at_a_time(patterns: NDArray[np.int64], p: Fraction) -> ExactArray:
    """Probabilities of the patterns if no two features are active together; the rates must sum to at most 1."""
    weights = {0: 1 - p * patterns.shape[1], 1: p / 2}
    return fractions([weights.get(int(size), 0) for size in np.abs(patterns).sum(axis=1)])


def _unequal(patterns: NDArray[np.int64], p: Fraction, others: Fraction) -> ExactArray:
    """Probabilities of the patterns for independent features, the first with rate `p`, the rest with another."""
    rates = fractions([p, *[others] * (patterns.shape[1] - 1)])
    return np.asarray(np.prod(np.where(patterns != 0, rates / 2, 1 - rates), axis=1))


def law_of(clause: Clause, patterns: NDArray[np.int64], p: Fraction) -> Iterator[tuple[str, ExactArray]]:
    """The laws of the support that the clause allows, by name: the probability of each signed pattern."""
    if equal_rates not in clause.assumes:
        yield "less often than the first", _unequal(patterns, p, p / 2)
        yield "more often than the first", _unequal(patterns, p, (1 + p) / 2)
        return
    yield "independent", support_probabilities(patterns, p)
    if independent_features not in clause.assumes:
        yield "together", _together(patterns, p)
        if p * patterns.shape[1] <= 1:
            yield "one at a time", _one_at_a_time(patterns, p)


def _laws(
    clause: Clause, rng: np.random.Generator, fits: list[ExactFit]
) -> Iterator[tuple[ExactFit, Model, Expr, str]]:
    """Each fit with laws of its support, at a rate from the range of the clause."""
    for fit, point in zip(fits, points(clause, rng, len(fits)), strict=True):
        for name, probabilities in law_of(clause, signed_supports(fit.theta.shape[-1]), fraction(point[p])):
            model = Model(net=fit.net, inputs=fit.inner_points, probabilities=probabilities)
            where = f"{fit.name}, theta = {fit.theta.tolist()}, p = {point[p]}, features {name}"
            yield fit, model, point[p], where


def _supports(clause: Clause, rng: np.random.Generator) -> Iterator[Scene]:
    """Every entry of the effective map of fits, cell by cell."""
    for fit, x in cells_of(clause, rng):
        model = Model(net=fit.net, x=x)
        for k in range(1, len(x) + 1):
            yield Scene(on_cell(fit, x), {i: k, d: len(x), B: support(model), theta: fit.theta}, model)


def _one_output(clause: Clause, rng: np.random.Generator) -> Iterator[Scene]:
    """Fits with every cell as an outcome."""
    for fit, model, rate, where in _laws(clause, rng, fits_of(clause, rng)):
        inputs, probabilities = model.law
        maps, supports = effective_map(fit.net, inputs), fractions((inputs != 0).astype(int).tolist())
        cells = zip(probabilities, supports, maps, strict=True)
        outcomes = tuple(Chance(weight, {B: on, beta: entries}) for weight, on, entries in cells)
        yield Scene(where, {p: rate, d: inputs.shape[1], theta: fit.theta}, model, outcomes)


def _several_outputs(clause: Clause, rng: np.random.Generator) -> Iterator[Scene]:
    """Fits of two or three targets by the same nodes, with every cell as an outcome."""
    if density_amplitudes in clause.assumes:
        fits = [
            stacked("two outputs, no cross-talk", [converse_fit(target) for target in _TARGETS[:2]]),
            stacked("three outputs, cross-talk", [cross_talk_fit(target, Fraction(2, 5)) for target in _TARGETS]),
            stacked("two outputs", [cross_talk_fit(sixths(rng, 2), Fraction(1, 3)) for _ in range(2)]),
        ]
        fits = fits if exact_fit in clause.assumes else [halved(fit) for fit in fits]
    else:
        fits = [stacked("constant amplitudes, two outputs", [four_node_fit(), four_node_fit()])]
    for fit, model, rate, where in _laws(clause, rng, 2 * fits):
        inputs, probabilities = model.law
        jacobians = np.moveaxis(effective_map(fit.net, inputs), 0, 1)
        supports = fractions((inputs != 0).astype(int).tolist())
        cells = zip(probabilities, supports, jacobians, strict=True)
        outcomes = tuple(Chance(weight, {B: on, J: jacobian}) for weight, on, jacobian in cells)
        yield Scene(where, {p: rate, d: inputs.shape[1], q: len(fit.theta), T: fit.theta}, model, outcomes)


def _l1(x: Sequence[Fraction]) -> Fraction:
    return sum((abs(entry) for entry in x), Fraction(0))


NORMS: dict[str, Norm] = {
    "l1": _l1,
    "l2": lambda x: sqrt(sum((Rational(*(entry * entry).as_integer_ratio()) for entry in x), Rational(0))),
    "l_inf": lambda x: max(abs(entry) for entry in x),
    "weighted l1": lambda x: sum((k * abs(entry) for k, entry in enumerate(x, start=1)), Fraction(0)),
}
"""Absolute norms of a vector of fractions."""


def skew(x: Sequence[Fraction]) -> Fraction:
    """A norm that is not absolute: it uses the sum of the entries in place of the first one."""
    return max([abs(sum(x, Fraction(0))), *(abs(entry) / Fraction(4) for entry in x)])


def _in_norms(clause: Clause, rng: np.random.Generator) -> Iterator[Scene]:
    """Fits cell by cell in several norms."""
    norms = NORMS if absolute_norm in clause.assumes else {"not absolute": skew}
    for fit, x in cells_of(clause, rng):
        for name, norm in norms.items():
            model = Normed(net=fit.net, x=x, norm=norm)
            where = f"{on_cell(fit, x)}, norm {name}"
            yield Scene(where, {d: len(x), B: support(model), theta: fit.theta}, model)


def _pure_layers(clause: Clause, rng: np.random.Generator) -> Iterator[Scene]:
    """Layers of up to six pure nodes on up to four features, at inputs where some feature is absent."""
    for _ in range(60):
        features, nodes = (int(n) for n in rng.integers(1, (5, 7)))
        W = fractions(np.zeros((features, nodes), dtype=int).tolist())
        W[rng.integers(0, features, nodes), np.arange(nodes)] = fractions(sixths(rng, nodes))
        b = fractions(sixths(rng, nodes, 1))
        x = fractions(sixths(rng, features, 6, 9))
        x *= fractions(rng.integers(-1, 2, features).tolist())
        x[rng.integers(0, features)] = Fraction(0)
        if pure_nodes not in clause.assumes:
            W = W + 1
        if positive_thresholds not in clause.assumes:
            b = 0 * b
        noise = fractions([0] * features) if no_noise in clause.assumes else fractions(sixths(rng, features))
        model = Observed(net=GatedNetwork(W, fractions(sixths(rng, nodes)), b), x=x, noise=noise)
        where = f"W = {W.tolist()}, a = {model.net.a.tolist()}, b = {b.tolist()}, x = {x.tolist()}, noise {noise}"
        for k in range(1, features + 1):
            yield Scene(where, {i: k, d: features}, model)


def _impure_nodes(clause: Clause, rng: np.random.Generator) -> Iterator[Scene]:
    """The three nodes at the corners of the ranges of the clause and inside them."""
    one_sided = {"c": closed(1, 3)}
    for point in (*corners(clause, **one_sided), *points(clause, rng, 40)):
        e, c, b = (fraction(point[symbol]) for symbol in (tilt, head, threshold))
        net = GatedNetwork(
            fractions([[1, 1 + e, 1 - e], [1, 1 - e, 1 + e]]), fractions([2 * c, -c, -c]), fractions([b] * 3)
        )
        x = fractions([fraction(point[y]) for y in (y_1, y_2)])
        yield Scene(str(point), point, Model(net=net, x=x, node=1))


_SIMULATED_RATE = 0.3  # all three numbers of active features are common: 49 %, 42 % and 9 % of the draws


def _energies(rng: np.random.Generator, n: int, context: Context) -> NDArray[np.float64]:
    """Draws of `||beta||^2` of the network that refutes the converse, behind a random dictionary."""
    law = FeatureLaw(2, _SIMULATED_RATE, UniformAmplitude(1.0, 1.5))
    M = rotation(2, rng)
    exact = converse_fit(_ONES).net
    W, a, b = (np.asarray(array, dtype=np.float64) for array in (exact.W, exact.a, exact.b))
    on_device = context.backend.asarray
    # ||beta||^2 is 0, 1 or 2 up to rounding.
    net = GatedNetwork(on_device(M @ W), on_device(a), on_device(b))
    Z = observe(on_device(law.sample(rng, (n,))), on_device(M))
    beta_values = to_numpy(effective_map(net, Z, on_device(M)))
    return np.asarray(np.sum(beta_values * beta_values, axis=-1))


def _without_cross_talk(clause: Clause) -> float:
    """The mean square that the clause predicts for the target (1, 1) if there is no cross-talk."""
    bound = clause.formula.rhs.replace(lambda x: isinstance(x, Mean), lambda _: Integer(0))
    return float(bound.subs({d: 2, p: Rational(str(_SIMULATED_RATE))}).doit().subs({theta[1]: 1, theta[2]: 1}))


_TENTH_MORE = off_by(Rational(1, 10))


CHECKS = (
    agrees("P3", ACTIVE_PART, _supports, 200),
    agrees("P3", POINTWISE, _in_norms, 400),
    agrees("P3", MEAN, _one_output, 26),
    agrees("P3", EXCESS, _one_output, 26),
    agrees("P3", PURE, _pure_layers, 60),
    agrees("P3", CONVERSE, _impure_nodes, 100),
    agrees("P3", JACOBIAN, _several_outputs, 12),
    agrees("P3", JACOBIAN_EXCESS, _several_outputs, 12),
    Simulated(
        claim="P3",
        clauses=(EXCESS.name, CONVERSE.name),
        name="sampled network that refutes the converse",
        statement=EXCESS,
        control=near(EXCESS, _TENTH_MORE),
        miss=_TENTH_MORE,
        draw=_energies,
        span=(0.0, 2.5),
        predict=_without_cross_talk,
        smallest_error=0.05,
        where="theta = (1, 1), p = 0.3, R ~ U[1, 3/2]",
    ),
)
