"""The region certificate (claim P2): where FGM is the worst case, and a bound that holds everywhere.

All of it is about the gate; networks with another activation are refused.
"""

from __future__ import annotations

from array_api_compat import array_namespace

from numerics.backend import Array
from numerics.network import GatedNetwork, active, forward, input_gradient, preactivations
from numerics.norms import Norm, dual_norm


def certified(net: GatedNetwork, Z: Array, eps: float, norm: Norm) -> Array:
    """Return whether no attack of size ``eps`` can move any gate, shape ``(..., n)``.

    True where ``eps ||w_h||_* < | |w_h . z| - b_h |`` for every node with ``b_h > 0`` (claim P2).

    Raises
    ------
    ValueError
        If the activation is not the gate.
    """
    _require_gate(net)
    xp = array_namespace(Z)
    V = preactivations(net, Z)
    b = net.b[..., None, :]
    fixed = (_reach(net, eps, norm) < xp.abs(xp.abs(V) - b)) | (b <= 0)
    return xp.all(fixed, axis=-1)


def certified_worst_case(net: GatedNetwork, Z: Array, y: Array, eps: float, norm: Norm) -> Array:
    """Return ``(|y - f(z)| + eps ||grad f(z)||_*)^2``, shape ``(..., n)``.

    It is the largest loss in the ball wherever `certified` holds, and the first-order prediction elsewhere
    (claim P2).

    Raises
    ------
    ValueError
        If the activation is not the gate.
    """
    _require_gate(net)
    return (_error(net, Z, y) + eps * dual_norm(input_gradient(net, Z), norm)) ** 2


def universal_bound(net: GatedNetwork, Z: Array, y: Array, eps: float, norm: Norm) -> Array:
    """Return an upper bound on the loss in the ball that holds at every ``z``, shape ``(..., n)``.

    To the linear growth ``eps ||grad f||_*`` it adds what each gate within reach can contribute by moving
    (claim P2): ``|a_h| (|v_h| + eps ||w_h||_*)`` for a silent node, ``|a_h| b_h`` for an active one.

    Raises
    ------
    ValueError
        If the activation is not the gate.
    """
    _require_gate(net)
    growth = eps * dual_norm(input_gradient(net, Z), norm)
    return (_error(net, Z, y) + growth + _gate_jumps(net, Z, eps, norm)) ** 2


def _require_gate(net: GatedNetwork) -> None:
    if net.activation != "gate":
        raise ValueError(f"activation is {net.activation!r}; expected 'gate', the only one that P2 certifies")


def _gate_jumps(net: GatedNetwork, Z: Array, eps: float, norm: Norm) -> Array:
    xp = array_namespace(Z)
    V = preactivations(net, Z)
    b = net.b[..., None, :]
    size = xp.abs(V)
    reach = _reach(net, eps, norm)
    opening = xp.where(size + reach >= b, size + reach, xp.zeros_like(size))
    closing = xp.where(size - reach < b, b + xp.zeros_like(size), xp.zeros_like(size))
    jump = xp.where(active(V, net.b), closing, opening)
    return xp.sum(xp.abs(net.a)[..., None, :] * jump, axis=-1)


def _error(net: GatedNetwork, Z: Array, y: Array) -> Array:
    return array_namespace(Z).abs(y - forward(net, Z))


def _reach(net: GatedNetwork, eps: float, norm: Norm) -> Array:
    """Return ``eps ||w_h||_*`` with an axis for observations, shape ``(..., 1, H)``."""
    xp = array_namespace(net.W)
    return eps * dual_norm(xp.matrix_transpose(net.W), norm)[..., None, :]
