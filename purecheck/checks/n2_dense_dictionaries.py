"""Checks of N2 besides its derivations: linear programs over rational dictionaries, and the fit that beats purity."""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import combinations

import numpy as np
from sympy import Integer, atan

from numerics.exact import ExactArray, fractions, signed_supports
from numerics.network import GatedNetwork
from purecheck.checks.p3_purification_bound import law_of
from purecheck.evaluators.model import Model
from purecheck.evaluators.norms import Support, best_response
from purecheck.evaluators.numbers import fraction, rational
from purecheck.evaluators.points import corners, points, shuffled
from purecheck.evaluators.registry import Scene
from purecheck.methods.agrees import agrees
from purecheck.models.exact_networks import cayley
from purecheck.models.numbers import sixths
from theory.assumptions import orthogonal_dictionary
from theory.attack_norms.n2_better_fit import (
    BEATS,
    COST,
    GATES,
    MAPS,
    PURIFIED_COST,
    k,
    narrow,
    wide,
)
from theory.attack_norms.n2_dense_dictionaries import (
    ATTAINED,
    BOUND,
    DUALITY,
    LOWER,
    M_A,
    ROTATION,
    SIGNS_NEEDED,
    SIGNS_SUFFICE,
    SINGLE,
    UPPER,
    angle,
    kappa,
    signs_in_range,
    theta_A,
    v,
)
from theory.claims import Clause
from theory.model import d, p
from theory.purification.p3_purification_bound import tilt, y_1, y_2
from theory.ranges import Range

_HADAMARD = fractions([[1, 1, 1, 1], [1, -1, 1, -1], [1, 1, -1, -1], [1, -1, -1, 1]]) / 2
_NOT_ORTHOGONAL = (fractions([[1, 1], [0, 1]]), fractions([["1/2", 0], [0, "1/2"]]))


def _dictionaries(clause: Clause, rng: np.random.Generator) -> Iterator[ExactArray]:
    """Rational orthogonal matrices of orders 1 to 4, or others where the clause does not assume orthogonality."""
    if orthogonal_dictionary not in clause.assumes:
        yield from _NOT_ORTHOGONAL
    yield fractions(np.eye(3, dtype=int).tolist())
    yield _HADAMARD
    for order in (1, 2, 2, 3, 3, 4):
        yield cayley([sixths(rng, order - 1 - i) for i in range(order - 1)])


def _split(M: ExactArray, A: Sequence[int], theta: Sequence[Fraction]) -> Support:
    rest = [i for i in range(len(M)) if i not in A]
    return Support(active=M[:, list(A)], rest=M[:, rest], theta=fractions(theta))


def _scene(model: Support) -> Scene:
    values = {M_A: model.active, theta_A: model.theta, v: model.response, d: len(model.response)}
    where = f"M_A = {model.active.tolist()}, M_rest = {model.rest.tolist()}, theta_A = {model.theta.tolist()}"
    return Scene(where, values, model)


def _supports(clause: Clause, rng: np.random.Generator) -> Iterator[Support]:
    """Every support of every dictionary, with a target that is not zero on it."""
    for M in _dictionaries(clause, rng):
        for size in range(1, len(M) + 1):
            for A in combinations(range(len(M)), size):
                yield _split(M, A, [x or Fraction(1) for x in sixths(rng, size)])


def _programs(clause: Clause, rng: np.random.Generator) -> Iterator[Scene]:
    yield from (_scene(model) for model in _supports(clause, rng))


def _single_features(clause: Clause, rng: np.random.Generator) -> Iterator[Scene]:
    yield from (_scene(model) for model in _supports(clause, rng) if len(model.theta) == 1)


def _steep_columns(clause: Clause, rng: np.random.Generator) -> Iterator[Scene]:
    """The columns along `(1 + sqrt(d), 1, ..., 1)` for small squares `d`, and any columns orthogonal to them."""
    for root in (1, 2, 3):
        column = fractions([1 + root, *[1] * (root**2 - 1)])
        basis = fractions(np.eye(root**2, dtype=int)[:, 1:].tolist())
        rest = basis - np.outer(column, (column @ basis) / (column @ column))
        if orthogonal_dictionary not in clause.assumes:
            rest = basis
        yield _scene(Support(active=column[:, None], rest=rest, theta=fractions(sixths(rng, 1, 1))))


def _signs(clause: Clause, rng: np.random.Generator) -> Iterator[Scene]:
    """Supports whose range contains the signs, some with zero entries; all supports if that is not assumed."""
    if signs_in_range not in clause.assumes:
        yield from _programs(clause, rng)
    for M in (fractions(np.eye(3, dtype=int).tolist()), _HADAMARD):
        yield _scene(_split(M, (0, 2), [Fraction(-3), Fraction(0)]))
        yield _scene(_split(M, (0, 1), [Fraction(3), Fraction(-1)]))
        yield _scene(_split(M, (1, 2), [Fraction(1), Fraction(1)]))
    # v = (4, 2, 3), whose moduli differ, and the signs (1, 1, 1)
    yield _scene(
        Support(active=fractions([[1, 1], [1, -1], [1, 0]]), rest=fractions([[1], [1], [-2]]), theta=fractions([3, 1]))
    )


def _shortfalls(clause: Clause, rng: np.random.Generator) -> Iterator[Scene]:
    """Supports whose range does not contain the signs, with the largest shortfall of the best response."""
    for model in _supports(clause, rng):
        y = best_response(model)
        short = max(abs(entry) - entry * best for entry, best in zip(model.response, y, strict=True))
        if short > 0:
            scene = _scene(model)
            yield Scene(scene.where, {**scene.values, kappa: short}, model)


def _rotations(_clause: Clause, rng: np.random.Generator) -> Iterator[Scene]:
    """Either feature under plane rotations by angles whose half has a rational tangent."""
    for half in (Fraction(0), Fraction(1), Fraction(1, 2), Fraction(1, 5), *sixths(rng, 8)):
        M = cayley([[half]])  # the rotation by 2 atan(half), forward or back: only moduli count
        for i in (0, 1):
            scene = _scene(_split(M, (i,), [Fraction(2, 3)]))
            yield Scene(f"t = 2 atan({half})", {**scene.values, angle: 2 * atan(rational(half))}, scene.model)


def _six_nodes(k: Fraction, e: Fraction, b: Fraction, B: Fraction, head: Fraction) -> GatedNetwork:
    """The network of the clause, with that head for the nodes that fire on equal signs."""
    nodes = fractions([[1, -k], [k, 1], [1 + e, 1 - e], [1 - e, 1 + e], [1 + e, e - 1], [1 - e, -1 - e]])
    return GatedNetwork(nodes.T, fractions([1, 1, -head, head, -k / 2, -k / 2]), fractions([b, b, B, B, B, B]))


def _seen_by_nodes(clause: Clause, rng: np.random.Generator) -> Iterator[Scene]:
    """The six nodes at the corners of the ranges of the clause and inside them."""
    for point in (*corners(clause), *points(clause, rng, 40)):
        slope, e, b, B = (fraction(point[symbol]) for symbol in (k, tilt, narrow, wide))
        net = _six_nodes(slope, e, b, B, Fraction(0))
        x = fractions([fraction(point[y]) for y in (y_1, y_2)])
        yield Scene(str(point), point, Model(net=net, x=x, node=2))


_HALF = Fraction(1, 2)
_HALVES = tuple(Fraction(x) for x in ("1/100", "1/10", "1/6", "1/5", "2/9", "59/250", "6/25", "2/5", "41/100", "21/50"))
"""Tangents of `t/2`, so that the sine and the cosine of `t` are rational; `tan t` from .02 to 1.02."""


def _slopes(clause: Clause) -> list[tuple[Fraction, ExactArray]]:
    """The slopes `tan t` within the range of the clause, each with its rotation."""
    found = []
    for half in _HALVES:
        cosine, sine = (1 - half**2) / (1 + half**2), 2 * half / (1 + half**2)
        if rational(sine / cosine) in clause.over[k]:
            found.append((sine / cosine, fractions([[cosine, -sine], [sine, cosine]])))
    return found


def _beating(slope: Fraction) -> tuple[GatedNetwork, Fraction]:
    """The six nodes for a slope, with thresholds in the middle of their ranges, and a largest amplitude."""
    # From 1/2 on there are no such amplitudes and thresholds: what would be needed is then missed by little.
    largest = (1 + min(Fraction(2), 1 / (2 * slope))) / 2 if slope < _HALF else Fraction(1001, 1000)
    e = (2 / largest - 1) / 2
    return _six_nodes(slope, e, _HALF, ((1 + e) * largest + 2) / 2, slope / (2 * e)), largest


def _both_active(clause: Clause, _rng: np.random.Generator) -> Iterator[Scene]:
    """The fit where both features are active."""
    for slope, _ in _slopes(clause):
        net, largest = _beating(slope)
        for amplitudes in ([1, largest], [largest, 1], [(1 + largest) / 2, 1]):
            yield Scene(f"k = {slope}, amplitudes {amplitudes}", {}, Model(net=net, x=fractions(amplitudes)))


def _costs(clause: Clause, rng: np.random.Generator) -> Iterator[Scene]:
    """The fit over all inputs, at amplitudes in the middle of their range."""
    stated = clause.over[p]
    # Beyond 1 there is no probability; a range that goes further holds 1 itself.
    rates = Range(stated.low, min(stated.high, Integer(1)), stated.open_low, stated.open_high and stated.high <= 1)
    slopes = _slopes(clause)
    count = 4 * len(slopes)
    for ((slope, M),), point in zip(shuffled(rng, count, slopes), points(clause, rng, count, p=rates), strict=True):
        net, largest = _beating(slope)
        rate = fraction(point[p])
        for name, weights in law_of(clause, signed_supports(2), rate):
            inputs = fractions(signed_supports(2).tolist()) * (1 + largest) / 2
            model = Model(net=net, theta=fractions([1, 1]), inputs=inputs, probabilities=weights, M=M)
            yield Scene(f"k = {slope}, p = {rate}, features {name}", {k: rational(slope), p: point[p]}, model)


CHECKS = (
    agrees("N2", DUALITY, _programs, 50),
    agrees("N2", LOWER, _programs, 50),
    agrees("N2", UPPER, _programs, 50),
    agrees("N2", SIGNS_SUFFICE, _signs, 7),
    agrees("N2", SIGNS_NEEDED, _shortfalls, 20),
    agrees("N2", BOUND, _programs, 50),
    agrees("N2", ATTAINED, _steep_columns, 3),
    agrees("N2", SINGLE, _single_features, 20),
    agrees("N2", ROTATION, _rotations, 20),
    agrees("N2", GATES, _seen_by_nodes, 160),
    agrees("N2", MAPS, _both_active, 15),
    agrees("N2", COST, _costs, 20),
    agrees("N2", PURIFIED_COST, _costs, 20),
    agrees("N2", BEATS, _costs, 20),
)
