"""How pure the nodes of a network are, and how often they fire."""

from __future__ import annotations

from array_api_compat import array_namespace

from numerics.backend import Array
from numerics.network import GatedNetwork, nodes, preactivations


def participation_ratio(U: Array) -> Array:
    """Return ``(sum_i u_ih^2)^2 / sum_i u_ih^4`` of every node: 1 if pure, at most ``d``; NaN if ``u_h = 0``.

    Parameters
    ----------
    U : array, shape (..., d, H)
        Feature weights, ``U = M^T W``.

    Returns
    -------
    array, shape (..., H)

    Examples
    --------
    A pure node, and one that mixes two features equally:

    >>> import numpy as np
    >>> participation_ratio(np.asarray([[1.0, 1.0], [0.0, 1.0]])).tolist()
    [1.0, 2.0]

    References
    ----------
    R. Bell and P. Dean, "Atomic vibrations in vitreous silica", Discussions of the Faraday Society 50 (1970).
    """
    xp = array_namespace(U)
    squares = _relative_squares(U)
    return xp.sum(squares, axis=-2) ** 2 / _nan_at_zero(xp.sum(squares**2, axis=-2))


def largest_share(U: Array) -> Array:
    """Return ``max_i u_ih^2 / sum_i u_ih^2`` of every node: 1 if pure, at least ``1/d``; NaN if ``u_h = 0``.

    Parameters
    ----------
    U : array, shape (..., d, H)
        Feature weights, ``U = M^T W``.

    Returns
    -------
    array, shape (..., H)

    Examples
    --------
    >>> import numpy as np
    >>> largest_share(np.asarray([[1.0, 1.0], [0.0, 1.0]])).tolist()
    [1.0, 0.5]
    """
    xp = array_namespace(U)
    squares = _relative_squares(U)
    return xp.max(squares, axis=-2) / _nan_at_zero(xp.sum(squares, axis=-2))


def subspace_participation(U: Array) -> Array:
    """Return ``q/sum_i P_ii^2``, ``P`` the projection on the span of the nodes: 1 if the span is that of `q` features.

    Unlike the participation of the nodes, it does not change when the nodes are mixed among themselves; the loss of a
    linear encoder does not change then either (claim C1). It is at most ``d/q``, and for one node it is the
    participation ratio.

    Parameters
    ----------
    U : array, shape (..., d, q)
        Feature weights of linearly independent nodes, ``q <= d``.

    Returns
    -------
    array, shape (...)
    """
    xp = array_namespace(U)
    basis, _ = xp.linalg.qr(U)
    leverage = xp.sum(basis**2, axis=-1)
    return U.shape[-1] / xp.sum(leverage**2, axis=-1)


def live_nodes(U: Array, a: Array) -> Array:
    """Return which nodes count in averages, those with ``u_h != 0`` and ``a_h != 0``: booleans (..., H)."""
    return array_namespace(U).any(U != 0, axis=-2) & (a != 0)


def live_mean(values: Array, live: Array) -> Array:
    """Return the mean over the `live` nodes, shape (...); NaN where none is live.

    Parameters
    ----------
    values : array, shape (..., H)
        A quantity of each node, such as its participation ratio; ignored (NaN too) on dead nodes.
    live : array of bool, shape (..., H)
        From `live_nodes`.
    """
    xp = array_namespace(values)
    total = xp.sum(xp.where(live, values, xp.zeros_like(values)), axis=-1)
    return total / _nan_at_zero(xp.sum(xp.astype(live, values.dtype), axis=-1))


def energy_mean(values: Array, U: Array, a: Array) -> Array:
    """Return the mean over nodes weighted by their energy ``a_h^2 ||u_h||^2``, shape (...); NaN if all nodes are dead.

    Nodes to which the head gives a small weight then hardly count.

    Parameters
    ----------
    values : array, shape (..., H)
        A quantity of each node; ignored (NaN too) on dead nodes.
    U : array, shape (..., d, H)
        Feature weights.
    a : array, shape (..., H)
        Head.
    """
    xp = array_namespace(values, U)
    energy = a**2 * xp.sum(U**2, axis=-2)
    total = xp.sum(energy * xp.where(energy > 0, values, xp.zeros_like(values)), axis=-1)
    return total / _nan_at_zero(xp.sum(energy, axis=-1))


def gate_ratio(W: Array, b: Array, r: float) -> Array:
    """Return ``b_h / (||w_h|| r)`` of every node, shape (..., H); NaN if ``w_h = 0``.

    Parameters
    ----------
    W : array, shape (..., d, H)
        Weights.
    b : array, shape (..., H)
        Thresholds.
    r : float
        Amplitude.
    """
    xp = array_namespace(W)
    return b / (_nan_at_zero(xp.linalg.vector_norm(W, axis=-2)) * r)


def firing_rate(net: GatedNetwork, Z: Array) -> Array:
    """Return the share of the observations `Z` (..., n, d) on which each node fires, shape (..., H).

    A node with an activation other than the gate fires where its slope is not zero, since an attack passes there.
    """
    xp = array_namespace(Z)
    fires = nodes(net).derivative(preactivations(net, Z)) != 0
    return xp.mean(xp.astype(fires, Z.dtype), axis=-2)


def _relative_squares(U: Array) -> Array:
    """Return the squares of the columns scaled to largest modulus 1, so that none over- or underflows."""
    xp = array_namespace(U)
    largest = xp.max(xp.abs(U), axis=-2, keepdims=True)
    return (U / xp.where(largest > 0, largest, xp.ones_like(largest))) ** 2


def _nan_at_zero(x: Array) -> Array:
    xp = array_namespace(x)
    return xp.where(x > 0, x, xp.full_like(x, xp.nan))
