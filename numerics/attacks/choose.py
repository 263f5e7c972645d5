"""Which implementation computes an attack."""

from __future__ import annotations

import numpy as np
from array_api_compat import array_namespace, device, is_numpy_array

from numerics.attacks.ascent import Ascent
from numerics.attacks.compiled import compiled_ascent
from numerics.attacks.portable import portable_ascent
from numerics.backend import Array
from numerics.network import GatedNetwork
from numerics.replica_streams import NormalSource


def ascend(net: GatedNetwork, Z: Array, y: Array, ascent: Ascent, rng: NormalSource | None = None) -> Array:
    """Return the worst perturbation that the `ascent` finds, shape (..., n, d), by the fastest implementation.

    Parameters
    ----------
    net : GatedNetwork
        The network attacked.
    Z, y : array
        Observations ``(..., n, d)`` and regression targets ``(..., n)``; axes of replicas broadcast.
    ascent : Ascent
        The attack.
    rng : NormalSource, optional
        Random starts, drawn on the host run by run; not needed where no run starts at random.
    """
    xp = array_namespace(net.W, Z, y)
    batch = np.broadcast_shapes(net.W.shape[:-2], Z.shape[:-2], y.shape[:-1])
    dtype = xp.result_type(net.W, Z, y)
    origin = xp.zeros((*batch, *Z.shape[-2:]), dtype=dtype, device=device(net.W))
    if ascent.ball.eps == 0:
        return origin
    if compiles_for(net, Z, y):
        return compiled_ascent(net, Z, y, ascent, rng, origin)
    return portable_ascent(net, Z, y, ascent, rng, origin)


def compiles_for(net: GatedNetwork, Z: Array, y: Array) -> bool:
    """Return whether compiled loops can attack the network: gates, and NumPy arrays of one precision, none empty."""
    arrays = (net.W, net.a, net.b, Z, y)
    return (
        net.activation == "gate"
        and all(is_numpy_array(x) and x.size > 0 for x in arrays)
        and {x.dtype for x in arrays} in ({np.dtype(np.float32)}, {np.dtype(np.float64)})
    )
