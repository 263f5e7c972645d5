"""Checks of P2 besides its derivations: small networks under attack in exact fractions, compared with the model."""

from collections.abc import Iterator
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np
from sympy import Basic, Symbol

from numerics.exact import ExactArray, fractions
from numerics.network import GatedNetwork, forward, input_gradient, preactivations
from numerics.norms import Norm
from purecheck.evaluators.firing import fired
from purecheck.evaluators.network import AttackedInput, extreme_points, largest_push
from purecheck.evaluators.numbers import fraction, rational
from purecheck.evaluators.points import candidates, shuffled
from purecheck.evaluators.registry import Scene
from purecheck.methods.agrees import agrees
from purecheck.models.numbers import sixths
from theory.claims import Clause
from theory.model import H, b, eps
from theory.purification.p2_region_certificate import (
    ACTIVE,
    AT_A_FIT,
    ATTAINED,
    SILENT,
    UNIVERSAL,
    WORST_CASE,
    a,
    certificate,
    error,
    fires,
    gradient,
    no_fit,
    nonzero_error,
    shift,
    size,
    thresholds,
    v,
    w,
    weights,
)
from theory.theorems.duality import DualNorm

_NORMS: tuple[Norm, ...] = ("l1", "linf")
_WEIGHTS = ([1], [Fraction(1, 2), -1], [2, Fraction(1, 3)])
_SIZES = (Fraction(1, 4), Fraction(1), Fraction(0))
_SHARES = (Fraction(999, 1000), Fraction(1, 2), Fraction(0))
"""Sizes of attacks as shares of the largest certified size."""
_NETWORKS = 60
"""A fault that one network in ten shows is missed by as many with probability `0.9^60`, below 0.2 %."""


def _single_nodes(clause: Clause, _rng: np.random.Generator) -> Iterator[Scene]:
    """One node, with pre-activations or thresholds from its range, under the extreme attacks and under none."""
    ranged: Symbol = next(x for x, r in clause.over.items() if r.low.has(DualNorm))
    other = {size: b, b: size}[ranged]
    for weight, norm, length, first in product(_WEIGHTS, _NORMS, _SIZES, (Fraction(0), Fraction(3, 4))):
        column = fractions(weight)
        known = {eps: rational(length), other: rational(first), DualNorm(w): rational(largest_push(column, norm))}
        for value in candidates(clause.over[ranged].at(known)):
            point = {ranged: value, other: known[other]}
            seen, threshold = (fraction(point[symbol]) for symbol in (size, b))
            net = GatedNetwork(column[:, None], fractions([1]), fractions([threshold]))
            x = max(seen, Fraction(0)) * column / (column @ column)
            for step in (0 * column, *extreme_points(len(column), norm)):
                model = AttackedInput(net=net, x=x, eps=length, norm=norm, delta=length * step)
                yield Scene(_shown(model), {**point, eps: length, w: column}, model)


def _shown(model: AttackedInput) -> str:
    net = model.net
    return (
        f"W = {net.W.tolist()}, a = {net.a.tolist()}, b = {net.b.tolist()}, z = {model.input[0].tolist()}, "
        f"y = {model.y}, eps = {model.eps} in {model.norm}, delta = {model.delta.tolist()}"
    )


def _drawn(rng: np.random.Generator) -> tuple[GatedNetwork, ExactArray]:
    """A network of one or two inputs and one or two nodes, thresholds from 0, with an observation."""
    d, nodes = (int(n) for n in rng.integers(1, (3, 3)))
    W = fractions(sixths(rng, d * nodes)).reshape(d, nodes)
    thresholds = fractions(sixths(rng, nodes, 0))
    return GatedNetwork(W, fractions(sixths(rng, nodes)), thresholds), fractions(sixths(rng, d))


def _room(net: GatedNetwork, x: ExactArray, norm: Norm) -> Fraction:
    """The size below which no attack changes a gate; 1 if there is no gate to change."""
    V = preactivations(net, x[None])[0]
    gaps = [
        abs(abs(seen) - b) / largest_push(w, norm)
        for w, seen, b in zip(net.W.T, V, net.b, strict=True)
        if b > 0 and any(w != 0)
    ]
    return min(gaps, default=Fraction(1))


def _with_room(rng: np.random.Generator, norm: Norm) -> tuple[GatedNetwork, ExactArray, Fraction]:
    """A network and an observation that is at no threshold, with the size below which no attack changes a gate."""
    while True:
        net, x = _drawn(rng)
        if room := _room(net, x, norm):
            return net, x, room


def _closing() -> AttackedInput:
    """A node that an attack silences, and with it the whole output."""
    net = GatedNetwork(fractions([[1]]), fractions([1]), fractions(["0.5"]))
    z = fractions(["0.6"])
    return AttackedInput(net=net, x=z, y=Fraction("0.65"), eps=Fraction("0.3"), norm="linf", delta=fractions(["-0.3"]))


def _opening() -> AttackedInput:
    """A node that an attack fires: the error grows by the whole output of the node."""
    net = GatedNetwork(fractions([[1]]), fractions([1]), fractions([1]))
    return AttackedInput(
        net=net, x=fractions(["0.75"]), y=Fraction(-1), eps=Fraction(1, 2), norm="l1", delta=fractions([Fraction(1, 2)])
    )


def _values(model: AttackedInput) -> dict[Basic, Any]:
    """The values of the symbols of P2: the error under both of its symbols, the size, and the gradient."""
    e = model.y - forward(model.net, model.input)[0]
    return {error: e, nonzero_error: e, eps: model.eps, gradient: input_gradient(model.net, model.input)[0]}


def _certified(clause: Clause, rng: np.random.Generator) -> Iterator[Scene]:
    """Networks under attacks up to the end of the certified region, or beyond it if the clause does not assume it."""
    if certificate not in clause.assumes:
        yield Scene(_shown(_closing()), {**_values(_closing()), shift: 0}, _closing())
    shares = _SHARES if certificate in clause.assumes else (Fraction(3),)
    signs = (1, -1) if no_fit in clause.assumes else (1, -1, 0)
    for norm, share, sign in shuffled(rng, _NETWORKS, _NORMS, shares, signs):
        net, x, room = _with_room(rng, norm)
        e = Fraction(int(rng.integers(1, 7)) * sign, 6)
        y = forward(net, x[None])[0] + e
        model = AttackedInput(net=net, x=x, y=y, eps=share * room, norm=norm, delta=0 * x)
        yield Scene(_shown(model), {**_values(model), shift: sixths(rng, 1)[0]}, model)


def _everywhere(_clause: Clause, rng: np.random.Generator) -> Iterator[Scene]:
    """Networks under attacks of any size, including some that open and some that close gates."""
    models = [_opening(), _closing()]
    for k in range(_NETWORKS // 2):
        net, x = _drawn(rng)
        norm, length = _NORMS[k % 2], _SIZES[k % len(_SIZES)]
        corner = rng.choice(extreme_points(len(x), norm))
        models.append(AttackedInput(net=net, x=x, y=sixths(rng, 1)[0], eps=length, norm=norm, delta=length * corner))
    for model in models:
        V = preactivations(model.net, model.input)[0]
        values = {a: model.net.a, v: V, weights: list(model.net.W.T), thresholds: model.net.b, fires: fired(model)}
        yield Scene(_shown(model), {**_values(model), **values, H: len(V)}, model)


CHECKS = (
    agrees("P2", ACTIVE, _single_nodes, 400),
    agrees("P2", SILENT, _single_nodes, 400),
    agrees("P2", WORST_CASE, _certified, _NETWORKS),
    agrees("P2", ATTAINED, _certified, _NETWORKS),
    agrees("P2", AT_A_FIT, _certified, _NETWORKS),
    agrees("P2", UNIVERSAL, _everywhere, _NETWORKS // 2),
)
