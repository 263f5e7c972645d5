"""Gate-aware PGD (BPDA): gradient ascent through a smoothed gate that is annealed to the true one.

FGM and PGD follow ``beta``, which ignores that an attack may open or close gates; a network trained against
them can exploit that (claim E8, gradient masking). Other activations have no jumps: the attack then follows
their own slopes, both ways.
"""

from __future__ import annotations

import numpy as np

from numerics.attacks.ascent import Ascent, AscentRun
from numerics.attacks.choose import ascend
from numerics.backend import Array
from numerics.ball import Ball
from numerics.network import GatedNetwork
from numerics.norms import Norm
from numerics.replica_streams import NormalSource


def gate_aware_pgd(
    net: GatedNetwork,
    Z: Array,
    y: Array,
    eps: float,
    norm: Norm,
    *,
    rng: NormalSource,
    steps: int = 40,
    restarts: int = 2,
    widest: float = 1.0,
    narrowest: float = 0.02,
) -> Array:
    """Return the worst ``delta`` of runs that push the smoothed output up and of runs that push it down.

    Parameters
    ----------
    net : GatedNetwork
        The network attacked.
    Z, y : array
        Observations ``(..., n, d)`` and regression targets ``(..., n)``.
    eps : float
        Size of the attack, at least 0.
    norm : {"l1", "l2", "linf"}
        Norm of the attack.
    rng : NormalSource
        Random starts on the sphere.
    steps : int
        Gradient steps of each run; the width of the gate shrinks geometrically along them, and the step from
        ``eps / 2`` likewise by a factor ten.
    restarts : int
        Runs for each sign, at least 1; the first starts at ``delta = 0``, the others on the sphere.
    widest, narrowest : float
        First and last width of the smoothed gate, as a fraction of ``eps ||w_h||_*``, the reach of the attack on
        node ``h``: at width 1 every gate that the attack can turn has a slope, near 0 the gate is the true one.

    Returns
    -------
    array
        Perturbations ``(..., n, d)``. Losses are judged with the true gates, never with the smoothed ones.

    Notes
    -----
    The worst case of ``(y - f)^2`` lies where ``f`` is largest or smallest, so both are sought.
    """
    runs = tuple(AscentRun(run > 0, sign) for run in range(restarts) for sign in (1.0, -1.0))
    # The first steps cross the ball and the last ones refine: the smoothed landscape sharpens on the way.
    strides = tuple((eps * np.geomspace(0.5, 0.05, steps)).tolist())
    widths = tuple(np.geomspace(widest, narrowest, steps).tolist()) if net.activation == "gate" else None
    return ascend(net, Z, y, Ascent(Ball(eps, norm), runs, strides, widths), rng)
