"""A given layer with heads and their targets, some of them at a time on a backend."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from numerics.arrays import Floats
from numerics.backend import Backend, to_numpy
from numerics.heads import least_squares_head
from numerics.memory import chunks
from numerics.network import GatedNetwork, forward, gated_outputs
from purecheck.auditing.given_network import GivenNetwork

ENTRIES = 2**20
"""Preactivations and weights of several networks held at once: larger arrays leave the cache, and gain nothing."""


@dataclass(frozen=True, eq=False)
class Heads:
    """Outputs of a given layer, each with the target `theta^T X + constant`.

    Attributes
    ----------
    layer
        Its weights, gates and dictionary; its own heads are not read.
    heads
        `(replicas, q, H)`.
    theta, constant
        `(replicas, q, d)` and `(replicas, q)`.
    """

    layer: GivenNetwork
    heads: Floats
    theta: Floats
    constant: Floats

    @property
    def energy(self) -> Floats:
        """`||theta||^2` summed over outputs, `(replicas, 1)`."""
        return np.asarray(np.sum(self.theta**2, axis=(1, 2)))[:, None]

    def targets(self, X: Floats) -> Floats:
        """Of all outputs at features `(n, d)`, `(replicas * q, n)`."""
        return np.asarray(self.theta.reshape(-1, self.theta.shape[-1]) @ X.T + self.constant.reshape(-1, 1))

    def summed(self, values: Floats) -> Floats:
        """`(replicas * q, n)` summed over the outputs of a network."""
        return np.asarray(values.reshape(*self.heads.shape[:2], -1).sum(axis=1))


def networks(
    layer: GivenNetwork, heads: Floats, n: int, backend: Backend, most: int | None = None
) -> Iterator[tuple[range, GatedNetwork]]:
    """Networks of one output each, some at a time, with their place among all `replicas * q`, for `n` observations.

    At most `most` of them run together, but at least one.
    """
    d, H = layer.W.shape[1:]
    q, total = heads.shape[1], heads.shape[0] * heads.shape[1]
    size = max(1, ENTRIES // ((n + d) * H))
    flat = heads.reshape(total, H)
    for part in chunks(total, size if most is None else min(size, most)):
        replica = np.arange(part.start, part.stop) // q
        W, a, b = map(backend.asarray, (layer.W[replica], flat[part.start : part.stop], layer.b[replica]))
        yield part, GatedNetwork(W, a, b, layer.activation)


def layers(network: GivenNetwork, backend: Backend) -> Iterator[GatedNetwork]:
    """The layer of every replica, with a head that nothing reads."""
    for W, b in zip(network.W, network.b, strict=True):
        weights, head, gates = map(backend.asarray, (W, np.ones_like(b), b))
        yield GatedNetwork(weights, head, gates, network.activation)


def outputs(network: GivenNetwork, Z: Floats, backend: Backend) -> Floats:
    """What a network says of observations `(n, d)`, without its constants, `(replicas, q, n)`."""
    replicas, q, _ = network.heads.shape
    found, points = np.empty((replicas * q, len(Z))), backend.asarray(Z)
    for part, net in networks(network, network.heads, len(Z), backend):
        found[part.start : part.stop] = to_numpy(forward(net, points))
    return found.reshape(replicas, q, len(Z))


def clean_heads(network: GivenNetwork, theta: Floats, X: Floats, Z: Floats, backend: Backend) -> Heads:
    """The least-squares heads of least norm, with a constant, for one target `theta` `(replicas, d)` a network."""
    points, heads, constants = backend.asarray(Z), [], []
    for net, target in zip(layers(network, backend), theta, strict=True):
        features = gated_outputs(net, points)
        center = backend.xp.mean(features, axis=0)
        head = to_numpy(least_squares_head(features - center, backend.asarray(X @ target)))
        heads.append(head)
        constants.append(to_numpy(center) @ head)
    return Heads(network, np.stack(heads)[:, None], theta[:, None], np.array(constants)[:, None])
