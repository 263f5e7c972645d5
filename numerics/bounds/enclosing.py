"""The largest loss in a ball, enclosed between a perturbation that was found and a bound on all of them."""

from __future__ import annotations

import math

import numpy as np

from numerics.arrays import Floats
from numerics.attacks.losses import attacked_loss
from numerics.ball import Ball
from numerics.bounds import kernels
from numerics.compiled.ball import NORM_CODES
from numerics.compiled.local import Local, Network, flipped, local_at, movable_nodes
from numerics.network import GatedNetwork
from numerics.norms import Norm, dual_norm, project
from numerics.pieces import Pieces, pieces_of
from numerics.rounding import gamma
from numerics.worst_case import WorstCase

CLOSED = 1e-6
"""Relative gap between bound and loss at which an observation counts as solved; branching then stops.

The largest loss may be a supremum, where a gate must stay just shut. What attacks reach of it falls short by the
margin that they keep to gates.
"""

MARGIN = 2.0**-30
"""Distance that perturbations keep to breaks, as a part of the largest threshold."""

_ITERATIONS = 40
"""Primal-dual iterations for a box: its parent's solution lies near, and a loose bound costs one more split."""


def enclose(
    net: GatedNetwork, Z: Floats, y: Floats, eps: float, norm: Norm, *, start: Floats | None = None, boxes: int = 200
) -> WorstCase:
    """Return the worst perturbation known at every observation, its loss, and a bound on the loss in the ball.

    Parameters
    ----------
    net : GatedNetwork
        Parameters on the host in float64; the activation consists of lines.
    Z, y : array
        Observations ``(..., n, d)`` and regression targets ``(..., n)``.
    eps : float
        Size of the attack, at least 0.
    norm : {"l1", "l2", "linf"}
        Norm of the attack.
    start : array, shape (..., n, d), optional
        Perturbations in the ball from the best attack known; the closer they are to the worst case, the fewer boxes are
        needed. None starts from no perturbation.
    boxes : int
        How many boxes are bounded at most, for each sign of the error at each observation; 1 is the linear relaxation
        alone. Time grows in proportion.

    Raises
    ------
    ValueError
        If an argument is outside its range, or the activation does not consist of lines.

    Notes
    -----
    The bound holds for perturbations as attacks compute them, too: a little longer than `eps`, with preactivations a
    little off, on the wrong side of a break for that reason. `numerics.bounds.kernels` says how it is computed;
    R. Bunel et al., "Branch and bound for piecewise linear neural network verification", JMLR 21 (2020), is the
    scheme.
    """
    if boxes < 1:
        raise ValueError(f"boxes is {boxes}; expected a whole number of at least 1")
    ball = Ball(eps, norm)
    pieces = pieces_of(net)
    lead = np.broadcast_shapes(net.W.shape[:-2], Z.shape[:-2])
    Z = np.broadcast_to(Z, (*lead, *Z.shape[-2:]))
    delta = np.zeros(Z.shape) if start is None else np.array(np.broadcast_to(start, Z.shape), dtype=np.float64)
    bound = np.empty(Z.shape[:-1])
    targets = np.broadcast_to(y, bound.shape)
    parts = (net.W, net.a, net.b, pieces.breaks, pieces.slopes, pieces.constants)
    own = [np.broadcast_to(part, lead + part.shape[net.W.ndim - 2 :]) for part in parts]
    for at in np.ndindex(bound.shape):
        W, a, b, *lines = (part[at[:-1]] for part in own)
        one = GatedNetwork(W, a, b, net.activation)
        bound[at] = _enclose_one(one, Pieces(*lines), Z[at], float(targets[at]), ball, boxes, delta[at])
    # The network judges all observations together, and rounds otherwise than one by one.
    value = np.asarray(attacked_loss(net, Z, y, delta))
    return WorstCase(delta, value, np.maximum(value, bound))


def _enclose_one(
    net: GatedNetwork, pieces: Pieces, z: Floats, y: float, ball: Ball, boxes: int, delta: Floats
) -> float:
    """Return the bound at one observation, and write the worst perturbation to `delta`, which holds the first."""

    def loss_at(point: Floats) -> float:
        return float(attacked_loss(net, z[None], np.asarray([y]), point[None])[0])

    value = loss_at(delta)
    if loss_at(np.zeros_like(delta)) > value:
        delta[:] = 0
        value = loss_at(delta)
    residual, largest = float(np.sqrt(value)), 0.0
    up, prices = _local_view(net, pieces, z, ball)
    margin = MARGIN * float(np.max(np.abs(net.b), initial=0.0) or 1.0)
    for sign in (1.0, -1.0):
        local = up if sign > 0 else flipped(up)
        known, found = residual + sign * y, np.full_like(delta, np.nan)
        # Half of the gap of the loss, whose root this is, and half of that for what else may be lost.
        tolerance = CLOSED / 4 * residual
        highest, _, _ = kernels.branch_and_bound(local, prices, known, tolerance, margin, boxes, _ITERATIONS, found)
        largest = max(largest, highest - sign * y)
        if np.all(np.isfinite(found)):
            inside = project(found, ball.eps, ball.norm)
            if loss_at(inside) > value:
                delta[:], value = inside, loss_at(inside)
                residual = float(np.sqrt(value))
    # The difference from the target, the square, and the loss as computed have a few roundings of their own.
    bound = (largest + gamma(4, "float64") * (largest + abs(y))) ** 2 * (1 + gamma(8, "float64"))
    return max(value, bound)


def _local_view(net: GatedNetwork, pieces: Pieces, z: Floats, ball: Ball) -> tuple[Local, kernels.Prices]:
    """Return what the compiled loops need of `net` near the observation `z` ``(d,)``.

    Notes
    -----
    Rounding, with ``gamma_k`` of `numerics.rounding`. A perturbation as computed exceeds `eps` by fewer than 6 d + 24
    roundings, so the ball is widened by these. A preactivation at ``z + delta`` as computed errs by at most
    ``gamma_{d+2} (|z| |w_h| + eps ||w_h||_*)``, less than the `blur`; intervals are widened by twice that, so that they
    hold the computed ones, and the bound pays ``|sigma_h|`` times it. What is left is the rounding of the output and of
    the bound themselves: sums of fewer than ``2 (d + H) + 20`` terms, products of at most three factors.
    """
    d, H = net.W.shape
    eps = ball.eps * (1 + gamma(6 * d + 24, "float64"))
    norms = dual_norm(net.W.T, ball.norm)
    blur = gamma(2 * d + 8, "float64") * (np.abs(z) @ np.abs(net.W) + eps * norms)
    reach = eps * norms + 2 * blur
    W = np.ascontiguousarray(net.W)
    network = Network(W, *map(np.ascontiguousarray, (pieces.breaks, pieces.slopes, pieces.constants)))
    local = local_at(NORM_CODES[ball.norm], eps, network, z @ W, reach)
    movable = movable_nodes(network, z @ W, reach)
    lengths = np.linalg.norm(local.W, axis=0)
    # Prices are of the size of the slopes and perturbations of that of the ball; the product of the steps with the
    # squared norm of the coupling is at most 1 (Chambolle and Pock 2011), which the norm of its Gram matrix bounds.
    heads = float(np.mean(np.max(np.abs(local.slopes), axis=-1))) if local.v.size else 0.0
    ratio = 3 * eps / heads if heads > 0 else 1.0
    unit_rows = local.W / np.where(lengths > 0, lengths, 1.0)
    coupling = math.sqrt(float(np.max(np.sum(np.abs(unit_rows.T @ unit_rows), axis=0), initial=0.0))) or 1.0
    steps = 1 / (ratio * coupling * np.where(lengths > 0, lengths, 1.0) ** 2)
    fixed = float(output_rounding(net, z[None], ball)[0])
    return local, kernels.Prices(steps, ratio / coupling, blur[movable], _unit(d, H), fixed)


def output_rounding(net: GatedNetwork, Z: Floats, ball: Ball) -> Floats:
    """Return a bound on the rounding errors of outputs in the ball and of their bounds, prices apart, ``(..., n)``."""
    reach = 2 * ball.eps * dual_norm(np.swapaxes(net.W, -1, -2), ball.norm)
    sizes = np.abs(Z) @ np.abs(net.W) + (reach + np.abs(net.b))[..., None, :]
    return np.asarray(3 * _unit(*net.W.shape[-2:]) * np.sum(np.abs(net.a)[..., None, :] * sizes, axis=-1))


def _unit(d: int, H: int) -> float:
    return gamma(2 * (d + H) + 20, "float64")
