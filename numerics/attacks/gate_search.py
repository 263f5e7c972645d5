"""A search over the gates: ascents through gates of several widths, then exact steps along lines, and single turns."""

from __future__ import annotations

import math

import numpy as np
from array_api_compat import array_namespace
from scipy.special import ndtr

from numerics.attacks import search_kernels
from numerics.attacks.ascent import Ascent, Run
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

Wide gates lead to where many gates open together, narrow ones show what is near; both end at the width `_NARROWEST`.
"""

_NARROWEST = 0.02


def gate_search(
    net: GatedNetwork,
    Z: Array,
    y: Array,
    eps: float,
    norm: Norm,
    *,
    rng: NormalSource,
    steps: int = 40,
    restarts: int = 2,
    patience: int = 8,
    kicks: int = 200,
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
    steps, restarts : int
        Steps and runs of every ascent, of which there is one for each width and each sign of the error.
    patience : int
        Kicks in a row without a gain after which the search at an observation ends.
    kicks : int
        Most kicks at an observation.

    Returns
    -------
    array
        Perturbations ``(..., n, d)``. Losses are judged by the network itself.

    Notes
    -----
    `numerics.compiled.climbing` describes steps and kicks. The search is sequential and in float64; arrays of a device
    are brought to the host for it. It is an iterated local search: H. Lourenço, O. Martin and T. Stützle, in Handbook
    of Metaheuristics (2003).
    """
    worst = unperturbed(net, Z, y)
    if eps == 0:
        return worst.point
    sides = []
    for sign in (1.0, -1.0):
        # Seen from a target far below, the worst case is the largest output; from far above it is the smallest.
        far = y - sign * (1e3 * (1 + array_namespace(worst.loss).max(worst.loss)))
        side = unperturbed(net, Z, far)
        for delta in _ascents(net, Z, far, eps, norm, sign, rng, steps, restarts):
            worst = worst.joined_by(delta, attacked_loss(net, Z, y, delta))
            side = side.joined_by(delta, attacked_loss(net, Z, far, delta))
        sides.append(side.point)
    if has_pieces(net):
        found = _searched(net, Z, y, eps, norm, sides, rng, patience, kicks)
        worst = worst.joined_by(found, attacked_loss(net, Z, y, found))
    return worst.point


def _ascents(
    net: GatedNetwork, Z: Array, y: Array, eps: float, norm: Norm, sign: float, rng: NormalSource, steps: int, count: int
) -> list[Array]:
    runs = tuple(Run(run > 0, sign) for run in range(count))
    strides = tuple((eps * np.geomspace(0.5, 0.05, steps)).tolist())
    if net.activation != "gate":
        return [ascend(net, Z, y, Ascent(Ball(eps, norm), runs, strides), rng)]
    widths = [tuple(np.geomspace(widest, _NARROWEST, steps).tolist()) for widest in WIDTHS]
    return [ascend(net, Z, y, Ascent(Ball(eps, norm), runs, strides, one), rng) for one in widths]


def _searched(
    net: GatedNetwork,
    Z: Array,
    y: Array,
    eps: float,
    norm: Norm,
    sides: list[Array],
    rng: NormalSource,
    patience: int,
    kicks: int,
) -> Array:
    """Return what the search finds from one start for each sign of the error, ``(..., n, d)``."""
    starts = np.stack([to_numpy(side).astype(np.float64) for side in sides])
    lead, (n, d) = starts.shape[1:-2], starts.shape[-2:]
    # Half of the digits of the caller's numbers: its rounding errors leave the nodes where the search puts them.
    margin = math.sqrt(np.finfo(to_numpy(sides[0]).dtype).eps) * float(np.max(np.abs(to_numpy(net.b)), initial=0.0) or 1)
    parts = [to_numpy(part).astype(np.float64) for part in (net.W, net.a, net.b)]
    host = GatedNetwork(*parts, net.activation)
    pieces = pieces_of(host)
    arrays = (host.W, pieces.breaks, pieces.slopes, pieces.constants, dual_norm(np.swapaxes(host.W, -1, -2), norm))
    own = [np.broadcast_to(part, lead + part.shape[host.W.ndim - 2 :]).reshape(-1, *part.shape[host.W.ndim - 2 :])
           for part in arrays]
    observations = np.broadcast_to(to_numpy(Z).astype(np.float64), (*lead, n, d)).reshape(-1, n, d)
    targets = np.broadcast_to(to_numpy(y).astype(np.float64), (*lead, n)).reshape(-1, n)
    draws = ndtr(rng.standard_normal((*lead, n, kicks))).reshape(-1, n, kicks)
    starts = starts.reshape(2, -1, n, d)
    worst = np.empty_like(observations)
    workers = lasting_workers(len(worst))

    def run(_worker: int, first: int, last: int) -> None:
        for k in range(first, last):
            W, *lines, norms = (np.ascontiguousarray(part[k]) for part in own)
            search_kernels.search(
                NORM_CODES[norm], eps, margin, Network(W, *lines), norms, np.ascontiguousarray(observations[k]),
                np.ascontiguousarray(targets[k]), np.ascontiguousarray(starts[:, k]), draws[k], patience, worst[k],
            )

    workers.share_out(len(worst), run)
    return project(to_namespace_of(sides[0], worst.reshape(starts.shape[1:] if not lead else (*lead, n, d)).astype(
        to_numpy(sides[0]).dtype)), eps, norm)
