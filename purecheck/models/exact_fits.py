"""Exact fits of a linear target with instructive effective maps, in fractions, and what they do on each gate cell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import product

import numpy as np
import numpy.typing as npt

from numerics.exact import ExactArray, fractions, signed_supports, support_probabilities
from numerics.lookup import exact_lookup_network
from numerics.network import GatedNetwork, active, effective_map, forward, preactivations

Range = tuple[Fraction, Fraction]

UNIT_AMPLITUDE: Range = (Fraction(1), Fraction(1))
CONVERSE_AMPLITUDES: Range = (Fraction(1), Fraction(3, 2))
CROSS_TALK_AMPLITUDES: Range = (Fraction(1), Fraction(6, 5))


@dataclass(frozen=True)
class Cell:
    """What a network does on the inputs of one signed support, amplitudes ranging over a box.

    Attributes
    ----------
    pattern : array of int, shape (d,)
        The signed support.
    X : exact array, shape (n, d)
        The corners of the box.
    split_gates : int
        How many gates are open on a part of the box alone.
    beta : exact array, shape (..., d)
        Effective map, on the whole box if no gate is split.
    outputs, targets : exact arrays, shape (..., n)
        ``f(Mx)`` and ``theta^T x`` at the corners; both linear on the box if no gate is split.
    """

    pattern: npt.NDArray[np.int64]
    X: ExactArray
    split_gates: int
    beta: ExactArray
    outputs: ExactArray
    targets: ExactArray


@dataclass(frozen=True)
class ExactFit:
    """A network in fractions that is to fit ``theta^T x`` where amplitudes range over a box.

    Attributes
    ----------
    name : str
        For a reader.
    net : GatedNetwork
        In feature coordinates; a leading axis of `net` and `theta` counts outputs.
    theta : exact array, shape (..., d)
        Target.
    amplitudes : tuple of Fraction
        Least and largest amplitude; equal for a constant one.
    """

    name: str
    net: GatedNetwork
    theta: ExactArray
    amplitudes: Range

    @cached_property
    def cells(self) -> tuple[Cell, ...]:
        """One cell for each signed support."""
        return tuple(self._cell(pattern) for pattern in signed_supports(self.theta.shape[-1]))

    @property
    def inner_points(self) -> ExactArray:
        """The middle of every cell, one after the other, shape (3^d, d)."""
        return np.stack([np.sum(cell.X, axis=0) / len(cell.X) for cell in self.cells])

    @property
    def is_exact(self) -> bool:
        """Whether no gate is split and the network is the target on every cell."""
        return all(not cell.split_gates and np.array_equal(cell.outputs, cell.targets) for cell in self.cells)

    def mean_energy(self, p: Fraction) -> Fraction:
        """``E ||beta||^2`` where features are active at rate `p`, summed over outputs."""
        weights = support_probabilities(np.array([cell.pattern for cell in self.cells]), p)
        return sum((w * _square(cell.beta) for w, cell in zip(weights, self.cells, strict=True)), Fraction(0))

    def _cell(self, pattern: npt.NDArray[np.int64]) -> Cell:
        support = np.flatnonzero(pattern)
        ends = dict.fromkeys(self.amplitudes)
        corners = [*product(ends, repeat=len(support))]
        X = fractions(np.zeros((len(corners), len(pattern)), dtype=int).tolist())
        X[:, support] = fractions(corners).reshape(len(corners), len(support)) * fractions(pattern[support].tolist())
        V = preactivations(self.net, X)
        opened = active(V, self.net.b)
        # A preactivation is linear on the box: a gate is open on all of it if it is open at every corner with one sign.
        open_throughout = np.all(opened, axis=-2) & (np.all(V > 0, axis=-2) | np.all(V < 0, axis=-2))
        split = ~open_throughout & np.any(opened, axis=-2)
        return Cell(
            pattern,
            X,
            int(np.sum(split)),
            effective_map(self.net, X)[..., 0, :],
            forward(self.net, X),
            np.asarray((X @ self.theta[..., None])[..., 0]),
        )


def pure_fit(theta: Sequence[Fraction], b: Fraction = Fraction(1, 2)) -> ExactFit:
    """One pure node a feature: the purified network, on amplitudes from 1 to 3/2."""
    identity = np.eye(len(theta), dtype=int).tolist()
    net = _network(identity, theta, [b] * len(theta))
    return ExactFit("purified", net, fractions(theta), CONVERSE_AMPLITUDES)


def converse_fit(theta: Sequence[Fraction], b: Fraction = Fraction(7, 4)) -> ExactFit:
    """P3's impure fit without cross-talk: two pure nodes, and three impure ones that fire together and cancel."""
    nodes = [("1", "0"), ("0", "1"), ("1", "1"), ("1.05", "0.95"), ("0.95", "1.05")]
    net = _network(nodes, [*theta, 6, -3, -3], ["0.6", "0.6", b, b, b])
    return ExactFit("three nodes that cancel", net, fractions(theta), CONVERSE_AMPLITUDES)


def cross_talk_fit(theta: Sequence[Fraction], k: Fraction) -> ExactFit:
    """A fit by the nodes ``(1, -k), (k, 1)``, exact for amplitudes from 1 to 6/5 and ``|k| <= 2/5``.

    A feature alone has cross-talk of modulus ``|k theta_i|``; where both are active, two nodes of the right relative
    sign put the difference right. So ``E ||beta||^2 = p (1 + (1 - p) k^2) ||theta||^2``. With the dictionary that
    rotates by ``arctan k`` it beats the purified fit in l_inf (claim N2).
    """
    one, two = theta
    nodes = [(1, -k), (k, 1), ("1.05", "0.95"), ("0.95", "1.05"), ("1.05", "-0.95"), ("0.95", "-1.05")]
    total, difference = k * (one - two), k * (one + two)
    same = [total / 4 - 5 * difference, total / 4 + 5 * difference]
    opposite = [-difference / 4 + 5 * total, -difference / 4 - 5 * total]
    net = _network(nodes, [one, two, *same, *opposite], ["0.5", "0.5", "1.6", "1.6", "1.6", "1.6"])
    return ExactFit(f"cross-talk with k = {k}", net, fractions(theta), CROSS_TALK_AMPLITUDES)


def constant_amplitude_fit() -> ExactFit:
    """A fit of ``x_1 + x_2`` on constant amplitudes 1 that no density of amplitudes admits: P3's control."""
    nodes = [(1, "0.5"), (1, "-0.5"), ("0.5", 1), ("-0.5", 1), (1, 1), (1, -1)]
    half = Fraction(1, 2)
    net = _network(nodes, [half, half, half, half, half / 2, 0], ["0.9", "0.9", "0.9", "0.9", "1.8", "1.8"])
    return ExactFit("constant amplitudes", net, fractions([1, 1]), UNIT_AMPLITUDE)


def four_node_fit(cross_talk: Fraction = Fraction(0)) -> ExactFit:
    """A fit of ``x_1 + x_2`` on constant amplitudes 1 that cancels its own effective map on opposite signs.

    With `cross_talk` four more nodes, which are seen where the first feature is alone, add that much to the second
    entry of the effective map there, and nothing to the output.
    """
    nodes: list[Sequence[object]] = [(1, 0), (0, 1), ("1.1", "-0.9"), ("0.9", "-1.1")]
    heads: list[object] = [1, 1, -5, 5]
    thresholds: list[object] = ["0.5", "0.5", "1.5", "1.5"]
    if cross_talk:
        nodes += [(1, "0.5"), (1, "0.5"), (1, "-0.5"), (1, "-0.5")]
        heads += [cross_talk, -cross_talk, -cross_talk, cross_talk]
        thresholds += [1, "1.25", 1, "1.25"]
    net = _network(nodes, heads, thresholds)
    return ExactFit(f"four nodes that cancel, cross-talk {cross_talk}", net, fractions([1, 1]), UNIT_AMPLITUDE)


def lookup_fit(theta: Sequence[Fraction]) -> ExactFit:
    """The look-up network of claim P3c on constant amplitudes 1."""
    return ExactFit("look-up nodes", exact_lookup_network(theta, Fraction(1)), fractions(theta), UNIT_AMPLITUDE)


def halved(fit: ExactFit) -> ExactFit:
    """The network of a fit with heads half as large, for the same target: no fit."""
    net = GatedNetwork(fit.net.W, fit.net.a / 2, fit.net.b)
    return ExactFit(f"half of {fit.name}", net, fit.theta, fit.amplitudes)


def stacked(name: str, fits: Sequence[ExactFit]) -> ExactFit:
    """The fits as outputs of one network: same nodes, a head for each output."""
    arrays = ((fit.net.W, fit.net.a, fit.net.b, fit.theta) for fit in fits)
    W, a, b, theta = (np.stack(parts) for parts in zip(*arrays, strict=True))
    return ExactFit(name, GatedNetwork(W, a, b), theta, fits[0].amplitudes)


def _network(nodes: Sequence[Sequence[object]], heads: Sequence[object], thresholds: Sequence[object]) -> GatedNetwork:
    return GatedNetwork(fractions(nodes).T, fractions(heads), fractions(thresholds))


def _square(entries: ExactArray) -> Fraction:
    return sum((x * x for x in entries.flat), Fraction(0))
