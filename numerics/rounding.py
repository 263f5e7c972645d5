"""Bounds on rounding and truncation errors, derived from the dtype and the number of operations.

They hold for every order of summation, barring over- and underflow: N. Higham, "Accuracy and Stability
of Numerical Algorithms", 2nd edition (2002), chapters 2 and 3.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from array_api_compat import array_namespace

from numerics.backend import Array
from numerics.network import GatedNetwork, forward
from numerics.norms import Norm, dual_norm


def unit_roundoff(dtype: npt.DTypeLike) -> float:
    """Return ``u``, the largest relative error of one rounding to nearest: 2^-53 in float64."""
    return float(np.finfo(np.dtype(dtype)).eps) / 2


def gamma(n: int, dtype: npt.DTypeLike) -> float:
    """Return ``n u/(1 - n u)``, which bounds the relative error of `n` roundings in a row.

    Raises
    ------
    ValueError
        If ``n u >= 1``: then `n` roundings can lose everything.
    """
    nu = n * unit_roundoff(dtype)
    if not 0 <= nu < 1:
        raise ValueError(f"n is {n}; expected at least 0 and n u below 1 for {np.dtype(dtype).name}")
    return nu / (1 - nu)


def preactivation_bound(net: GatedNetwork, Z: Array) -> Array:
    """Return ``gamma_d |Z| |W|``, shape (..., n, H), which bounds the error of ``V = Z W``."""
    xp = array_namespace(Z)
    return gamma(Z.shape[-1], _name(Z)) * xp.matmul(xp.abs(Z), xp.abs(net.W))


def forward_bound(net: GatedNetwork, Z: Array) -> Array:
    """Return a bound on the error of ``f(z)``, shape (..., n), valid where rounding does not change a gate.

    This is the case where ``| |V| - b |`` exceeds `preactivation_bound`. A term ``z_i w_ih a_h`` takes part in one
    product and `d - 1` sums, one product with the head and `H - 1` sums: ``gamma_{d+H}`` in all.
    """
    xp = array_namespace(Z)
    d, nodes = net.W.shape[-2:]
    sizes = xp.matmul(xp.matmul(xp.abs(Z), xp.abs(net.W)), xp.abs(net.a)[..., None])[..., 0]
    return gamma(d + nodes, _name(Z)) * sizes


def attacked_residual_bound(net: GatedNetwork, Z: Array, y: Array, delta: Array, eps: float, norm: Norm) -> Array:
    """Return a bound on the computed difference of two residuals that are equal by P2, shape (..., n).

    They are ``|y - f(z + delta)|`` and ``|y - f(z)| + eps ||grad f(z)||_*``. Both outputs err by `forward_bound` and
    one subtraction. The gain is a sum of at most d H products of sizes ``eps |w_ih| |a_h|``, through fewer than 2 d + H
    + 12 roundings (steepest direction, product, norm).
    """
    xp = array_namespace(Z)
    d, nodes = net.W.shape[-2:]
    outputs = forward_bound(net, Z) + forward_bound(net, Z + delta)
    gain = eps * xp.sum(xp.abs(net.a) * dual_norm(xp.matrix_transpose(net.W), norm), axis=-1)[..., None]
    residuals = xp.abs(y - forward(net, Z)) + xp.abs(y - forward(net, Z + delta))
    return outputs + gamma(2 * d + nodes + 12, _name(Z)) * gain + 2 * unit_roundoff(_name(Z)) * residuals


def square_bound(root: Array, bound: Array) -> Array:
    """Return a bound on the error of a computed square, or of two, whose root errs by `bound`."""
    return bound * (2 * array_namespace(root).abs(root) + bound) + gamma(4, _name(root)) * root**2


def projection_excess(d: int, dtype: npt.DTypeLike) -> float:
    """Return the share by which the computed norm of a computed attack may exceed its size `eps > 0`.

    The attack is the steepest one, or a projection onto the ball of a point of norm at most ``5 eps`` in `d`
    dimensions. Fewer than 6 d + 24 roundings add to its norm, which takes d + 1 of them:

    - l2: a scaling, d squares, a root, a division and a product;
    - l1: the d + 1 roundings of the soft threshold are relative to the norm of the point, and so count five times, and
      three more are relative to ``eps``.
    """
    return gamma(6 * d + 24, dtype)


def rounding_excess(Z: Array, eps: float) -> float:
    """Return the share by which an attack of size `eps > 0` must grow to cover rounding of its norm and of gates.

    The norm of a computed perturbation may exceed `eps` by `projection_excess`. A preactivation at ``z + delta``
    errs by at most ``gamma_d d max|z + delta| ||w_h||_*``, since a coordinate of ``w_h`` is at most its dual norm; an
    attack larger by ``gamma_d d max|z + delta|`` moves in exact arithmetic every gate that rounding moved.
    """
    xp = array_namespace(Z)
    d, name = Z.shape[-1], _name(Z)
    reach = float(xp.max(xp.abs(Z))) + eps
    return float(projection_excess(d, name) + gamma(d, name) * d * reach / eps)


def central_difference_bound(step: float, evaluation_error: float, third_derivative: float = 0.0) -> float:
    """Return a bound on ``| (f(x+h) - f(x-h))/(2h) - f'(x) |``, from truncation and rounding.

    Parameters
    ----------
    step : float
        ``h > 0``, such that ``x + h`` and ``x - h`` are computed without rounding.
    evaluation_error : float
        Bound on the error of either value of ``f``, which contributes ``evaluation_error/h``.
    third_derivative : float
        Bound ``B`` on ``|f'''|`` between the points, which contributes ``B h^2/6``; zero for a quadratic ``f``.

    Raises
    ------
    ValueError
        If `step` is not above 0.
    """
    if not step > 0:
        raise ValueError(f"step is {step}; expected a number above 0")
    return evaluation_error / step + step**2 / 6 * third_derivative


def _name(x: Array) -> str:
    """Return the name of the dtype of `x`, which is spelt alike in every namespace."""
    return str(x.dtype).rpartition(".")[2]
