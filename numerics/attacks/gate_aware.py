"""An attack that sees the gates: gradient ascent through a smoothed gate that is annealed to the true one.

FGM and PGD follow ``beta`` and do not see that an attack may open or close gates; a network trained against
them can hide behind that (claim E8, gradient masking). Other activations have no jumps: the attack then
follows their own slopes, both ways.
"""

from __future__ import annotations

import itertools

import numpy as np
from array_api_compat import array_namespace

from numerics.attacks.losses import Ball, attacked_loss, unperturbed
from numerics.backend import Array
from numerics.network import GatedNetwork, nodes
from numerics.norms import NormKind, dual_norm
from numerics.replica_streams import NormalSource


def gate_aware_pgd(
    net: GatedNetwork,
    Z: Array,
    y: Array,
    eps: float,
    kind: NormKind,
    *,
    rng: NormalSource,
    steps: int = 40,
    restarts: int = 2,
    widest: float = 1.0,
    narrowest: float = 0.02,
) -> Array:
    """Return the worst ``delta`` met while pushing the smoothed output up and, apart, down.

    Parameters
    ----------
    net : GatedNetwork
        The network attacked.
    Z, y : array
        Observations ``(..., n, d)`` and regression targets ``(..., n)``.
    eps : float
        Size of the attack, at least 0.
    kind : {"l1", "l2", "linf"}
        Norm of the attack.
    rng : NormalSource
        Random starts on the sphere.
    steps : int
        Gradient steps of each run; the width of the gate shrinks geometrically along them, and the step from
        ``eps / 2`` likewise by a factor ten.
    restarts : int
        Runs for each sign, at least 1; the first starts at ``delta = 0``, the others on the sphere.
    widest, narrowest : float
        First and last width of the smoothed gate, as a part of ``eps ||w_h||_*``, the reach of the attack on
        node ``h``.

    Returns
    -------
    array
        Perturbations ``(..., n, d)``. Losses are judged with the true gates, never with the smoothed ones.

    Notes
    -----
    The worst case of ``(y - f)^2`` lies where ``f`` is largest or smallest, so both are sought.
    """
    worst = unperturbed(net, Z, y)
    if eps == 0:
        return worst.delta
    origin = worst.delta
    ball = Ball(eps, kind)
    smoothed = _SmoothedGates(net, ball) if net.activation == "gate" else _OwnSlopes(net)
    widths = np.geomspace(widest, narrowest, steps).tolist()
    strides = (eps * np.geomspace(0.5, 0.05, steps)).tolist()
    for run, sign in itertools.product(range(restarts), (1.0, -1.0)):
        delta = ball.start(rng, origin, run)
        for width, stride in zip(widths, strides, strict=True):
            f, gradient = smoothed(Z + delta, width)
            worst = worst.joined_by(delta, (f - y) ** 2)
            delta = ball.step(delta, sign * gradient, stride)
        worst = worst.joined_by(delta, attacked_loss(net, Z, y, delta))
    return worst.delta


def smoothed_gate_slope(V: Array, b: Array, width: Array) -> Array:
    """Return the derivative in ``v`` of ``v s((|v| - b) / width)``, ``s`` the logistic function.

    A node with ``b = 0`` is always open and has slope 1.
    """
    xp = array_namespace(V)
    size = xp.abs(V)
    # Half-angle form of the logistic function: no overflow at any argument.
    window = 0.5 + 0.5 * xp.tanh((size - b) / (2 * width))
    slope = window + size * window * (1 - window) / width
    return xp.where(b > 0, slope, xp.ones_like(slope))


class _SmoothedGates:
    """The network with gates as wide as a part of the attack's reach; what does not change is kept."""

    def __init__(self, net: GatedNetwork, ball: Ball) -> None:
        xp = array_namespace(net.W)
        rows = xp.matrix_transpose(net.W)
        reach = ball.eps * dual_norm(rows, ball.kind)
        self._net = net
        self._b = net.b[..., None, :]
        # No attack moves the gate of a zero column: any positive width will do.
        self._reach = xp.where(reach > 0, reach, xp.ones_like(reach))[..., None, :]
        self._weighted_rows = net.a[..., :, None] * rows

    def __call__(self, points: Array, width: float) -> tuple[Array, Array]:
        """Return the true output and the gradient of the smoothed one, from one product with ``W``."""
        xp = array_namespace(points)
        V = points @ self._net.W
        gated = xp.where(xp.abs(V) >= self._b, V, xp.zeros_like(V))
        slope = smoothed_gate_slope(V, self._b, width * self._reach)
        return (gated @ self._net.a[..., None])[..., 0], slope @ self._weighted_rows


class _OwnSlopes:
    """The network of an activation without jumps, with the gradient that it has."""

    def __init__(self, net: GatedNetwork) -> None:
        self._net = net
        self._weighted_rows = net.a[..., :, None] * array_namespace(net.W).matrix_transpose(net.W)

    def __call__(self, points: Array, _width: float) -> tuple[Array, Array]:
        """Return the output and its gradient, from one product with ``W``."""
        values, slopes = nodes(self._net).both(points @ self._net.W)
        return (values @ self._net.a[..., None])[..., 0], slopes @ self._weighted_rows
