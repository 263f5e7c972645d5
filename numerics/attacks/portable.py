"""An ascent in the array API standard: for every namespace and activation, and the reference of the compiled one."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TypeAlias

from array_api_compat import array_namespace

from numerics.attacks.ascent import Ascent
from numerics.attacks.losses import attacked_loss, sign_or_one
from numerics.attacks.smoothing import smoothed_gate_slope
from numerics.backend import Array
from numerics.ball import Ball
from numerics.network import GatedNetwork, output_and_gradient
from numerics.norms import dual_norm
from numerics.projected_ascent import Worst, worst_of_run
from numerics.replica_streams import NormalSource

_Slopes: TypeAlias = Callable[[Array, float], tuple[Array, Array]]


def portable_ascent(
    net: GatedNetwork, Z: Array, y: Array, ascent: Ascent, rng: NormalSource | None, origin: Array
) -> Array:
    """Return the worst perturbation; the arguments are those of `numerics.attacks.choose.ascend`."""
    xp, ball = array_namespace(origin), ascent.ball
    slopes = _fixed_gates(net) if ascent.widths is None else _smoothed_gates(net, ball)
    widths = ascent.widths or [0.0] * len(ascent.strides)

    def loss(delta: Array) -> Array:
        return attacked_loss(net, Z, y, delta)

    worst = Worst(origin, xp.full_like(origin[..., 0], -math.inf))
    for run, start in zip(ascent.runs, ascent.starts(rng, origin), strict=True):

        def loss_and_gradient(k: int, delta: Array, sign: float = run.sign) -> tuple[Array, Array]:
            output, gradient = slopes(Z + delta, widths[k])
            error = output - y
            return error**2, (sign or sign_or_one(error)[..., None]) * gradient

        worst = worst_of_run(worst, start, ascent.strides, loss_and_gradient, loss, ball.step)
    return worst.point


def _fixed_gates(net: GatedNetwork) -> _Slopes:
    return lambda points, _width: output_and_gradient(net, points)


def _smoothed_gates(net: GatedNetwork, ball: Ball) -> _Slopes:
    """Return the true output and the gradient of the smoothed one, from one product with ``W``."""
    xp = array_namespace(net.W)
    rows = xp.matrix_transpose(net.W)
    reach = ball.eps * dual_norm(rows, ball.norm)
    # No attack moves the gate of a zero column: any positive width will do.
    unit = xp.where(reach > 0, reach, xp.ones_like(reach))[..., None, :]
    b, weighted_rows = net.b[..., None, :], net.a[..., :, None] * rows

    def slopes(points: Array, width: float) -> tuple[Array, Array]:
        V = points @ net.W
        gated = xp.where(xp.abs(V) >= b, V, xp.zeros_like(V))
        return (gated @ net.a[..., None])[..., 0], smoothed_gate_slope(V, b, width * unit) @ weighted_rows

    return slopes
