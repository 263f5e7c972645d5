"""A search over the gates: ascents through gates of two widths, then exact steps along lines, and single turns."""

from __future__ import annotations

import math

import numpy as np
from array_api_compat import array_namespace
from scipy.special import ndtr

from numerics.arrays import Floats
from numerics.attacks import search_kernels
from numerics.attacks.ascent import Ascent, AscentRun
from numerics.attacks.choose import ascend
from numerics.attacks.losses import attacked_loss, unperturbed
from numerics.backend import Array, to_namespace_of, to_numpy
from numerics.ball import Ball
from numerics.compiled.ball import NORM_CODES
from numerics.compiled.local import Network
from numerics.compiled.workers import lasting_workers
from numerics.network import GatedNetwork
from numerics.norms import Norm, dual_norm, project
from numerics.pieces import has_pieces, pieces_of
from numerics.replica_streams import NormalSource

WIDTHS = (0.3, 0.1)
"""First widths of the gates, as parts of their reach, in the ascents that the search starts from.

On trained networks wider gates lead to worse starts, and narrower ones do not show that a gate is near. Both end at the
width `NARROWEST`.
"""

NARROWEST, _STEPS = 0.02, 40
"""Last width of the gates as a part of their reach, and steps of an ascent, as in gate-aware PGD (`gate_aware_pgd`)."""


def gate_search(
    net: GatedNetwork,
    Z: Array,
    y: Array,
    eps: float,
    norm: Norm,
    *,
    rng: NormalSource,
    effort: int = 1,
) -> Array:
    """Return the worst ``delta`` of a local search over the pieces on which the nodes are linear.

    Parameters
    ----------
    net : GatedNetwork
        The network attacked. If its activation does not consist of lines, the ascents alone attack it.
    Z, y : array
        Observations ``(..., n, d)`` and regression targets ``(..., n)``.
    eps : float
        Size of the attack, at least 0.
    norm : {"l1", "l2", "linf"}
        Norm of the attack.
    rng : NormalSource
        Random starts, and the choice of the nodes to turn.
    effort : int
        Multiplies the random starts, of which there are two for each width and sign of the error, and the kicks: the
        search at an observation ends after ``8 effort`` kicks in a row without a gain, or ``100 effort`` in all.

    Returns
    -------
    array
        Perturbations ``(..., n, d)``. Losses are judged by the network itself.

    Raises
    ------
    ValueError
        If `effort` is below 1.

    Notes
    -----
    `numerics.compiled.climbing` describes steps and kicks. The search is sequential and in float64; arrays of a device
    are brought to the host for it. It is an iterated local search: H. Lourenço, O. Martin and T. Stützle, in Handbook
    of Metaheuristics (2003).
    """
    if effort < 1:
        raise ValueError(f"effort is {effort}; expected a whole number of at least 1")
    worst = unperturbed(net, Z, y)
    if eps == 0:
        return worst.point
    ball, sides = Ball(eps, norm), []
    for sign in (1.0, -1.0):
        # Seen from a target far below, the worst case is the largest output; from far above it is the smallest.
        far = y - sign * 1e3 * (1 + array_namespace(worst.loss).max(worst.loss))
        side = unperturbed(net, Z, far)
        for ascent in _ascents(net, ball, sign, 2 * effort):
            delta = ascend(net, Z, far, ascent, rng)
            worst = worst.joined_by(delta, attacked_loss(net, Z, y, delta))
            side = side.joined_by(delta, attacked_loss(net, Z, far, delta))
        sides.append(side.point)
    if has_pieces(net):
        found = _searched(net, Z, y, ball, sides, rng, effort)
        worst = worst.joined_by(found, attacked_loss(net, Z, y, found))
    return worst.point


def _ascents(net: GatedNetwork, ball: Ball, sign: float, count: int) -> list[Ascent]:
    """Return ascents of `count` runs each, one for every width where the activation has gates."""
    runs = tuple(AscentRun(run > 0, sign) for run in range(count))
    # As in gate-aware PGD: the first steps cross the ball and the last ones refine.
    strides = tuple((ball.eps * np.geomspace(0.5, 0.05, _STEPS)).tolist())
    if net.activation != "gate":
        return [Ascent(ball, runs, strides)]
    widths = [tuple(np.geomspace(widest, NARROWEST, _STEPS).tolist()) for widest in WIDTHS]
    return [Ascent(ball, runs, strides, one) for one in widths]


def _searched(
    net: GatedNetwork, Z: Array, y: Array, ball: Ball, sides: list[Array], rng: NormalSource, effort: int
) -> Array:
    """Return what the search finds from one start for each sign of the error, ``(..., n, d)``."""
    lead, (n, d) = sides[0].shape[:-2], sides[0].shape[-2:]
    W, a, b = (to_numpy(part).astype(np.float64) for part in (net.W, net.a, net.b))
    host = GatedNetwork(W, a, b, net.activation)
    pieces, norms = pieces_of(host), dual_norm(np.swapaxes(host.W, -1, -2), ball.norm)

    def stacked(x: Array, core: int) -> Floats:
        """Return `x` on the host with one axis of replicas before its `core` axes."""
        own = to_numpy(x).astype(np.float64)
        shape = own.shape[own.ndim - core :]
        return np.ascontiguousarray(np.broadcast_to(own, (*lead, *shape))).reshape(-1, *shape)

    networks = [stacked(part, 2) for part in (host.W, pieces.breaks, pieces.slopes, pieces.constants)]
    reaches, observations, targets = (
        stacked(norms, 1),
        stacked(Z, 2),
        stacked(np.broadcast_to(to_numpy(y), (*y.shape[:-1], n)), 1),
    )
    starts = np.stack([stacked(side, 2) for side in sides], axis=1)
    draws = ndtr(rng.standard_normal((*lead, n, 100 * effort))).reshape(-1, n, 100 * effort)
    # Half of the digits of the caller's numbers: its rounding errors leave the nodes where the search puts them.
    digits = np.finfo(to_numpy(sides[0]).dtype).eps
    margin = math.sqrt(digits) * float(np.max(np.abs(b), initial=0.0) or 1.0)
    worst = np.empty_like(observations)

    def run(_worker: int, first: int, last: int) -> None:
        for k in range(first, last):
            search_kernels.search(
                NORM_CODES[ball.norm],
                ball.eps,
                margin,
                Network(*(part[k] for part in networks)),
                reaches[k],
                observations[k],
                targets[k],
                starts[k],
                draws[k],
                8 * effort,
                worst[k],
            )

    lasting_workers(len(worst)).share_out(len(worst), run)
    found = to_namespace_of(sides[0], worst.reshape((*lead, n, d)))
    return project(found, ball.eps, ball.norm)
