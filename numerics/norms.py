"""The attack norms l1, l2 and l_inf along the last axis: value, dual norm, steepest direction, projection."""

from __future__ import annotations

from typing import Literal, TypeAlias

from array_api_compat import array_namespace

from numerics.backend import Array

Norm: TypeAlias = Literal["l1", "l2", "linf"]
NORMS: tuple[Norm, ...] = ("l1", "l2", "linf")

_ORDER: dict[str, float] = {"l1": 1.0, "l2": 2.0, "linf": float("inf")}
_DUAL: dict[str, Norm] = {"l1": "linf", "l2": "l2", "linf": "l1"}


def vector_norm(x: Array, norm: Norm) -> Array:
    """Return ``||x||`` along the last axis, shape (...)."""
    order = _ORDER[check_norm(norm)]
    return array_namespace(x).linalg.vector_norm(x, axis=-1, ord=order)


def dual_norm(x: Array, norm: Norm) -> Array:
    """Return ``||x||_*``, the norm dual to `norm`, along the last axis, shape (...).

    Examples
    --------
    >>> import numpy as np
    >>> float(dual_norm(np.asarray([3.0, -4.0]), "linf"))
    7.0
    """
    return vector_norm(x, _DUAL[check_norm(norm)])


def steepest(g: Array, norm: Norm) -> Array:
    """Return ``argmax { g^T d : ||d|| <= 1 }``, shape (..., d); the maximum is ``||g||_*``.

    If there are several maximisers, the result is zero in l_inf where `g` is zero, and in l1 the first coordinate of
    largest modulus; for ``g = 0`` it is zero in every norm.
    """
    xp = array_namespace(g)
    check_norm(norm)
    if norm == "linf":
        return xp.sign(g)
    if norm == "l1":
        largest = xp.argmax(xp.abs(g), axis=-1, keepdims=True)
        return xp.where(_coordinates(g) == largest, xp.sign(g), xp.zeros_like(g))
    # The squares of a small gradient underflow; those of a scaled one do not.
    scaled = g / _or_one(xp.max(xp.abs(g), axis=-1, keepdims=True))
    return scaled / _or_one(xp.linalg.vector_norm(scaled, axis=-1, keepdims=True))


def project(delta: Array, eps: float, norm: Norm) -> Array:
    """Return the point of the ball ``||x|| <= eps`` nearest to `delta` in l2, shape (..., d).

    In l1 the soft-threshold level is found by sorting: J. Duchi et al., "Efficient projections onto the
    l1-ball for learning in high dimensions", ICML 2008.

    Raises
    ------
    ValueError
        If `eps` is negative, or `norm` is not a norm of `NORMS`.

    Examples
    --------
    >>> import numpy as np
    >>> project(np.asarray([3.0, -4.0]), 2.0, "l1").tolist()
    [0.5, -1.5]
    """
    xp = array_namespace(delta)
    check_norm(norm)
    if not eps >= 0:
        raise ValueError(f"eps is {eps}; expected at least 0")
    if norm == "linf":
        return xp.clip(delta, -eps, eps)
    if norm == "l2":
        outside = vector_norm(delta, norm)[..., None] > eps
        return xp.where(outside, eps * steepest(delta, norm), delta)
    return xp.sign(delta) * _relu(xp.abs(delta) - _soft_threshold(delta, eps))


def check_norm(norm: str) -> Norm:
    """Return `norm` if it is one of `NORMS`.

    Raises
    ------
    ValueError
        If `norm` is not ``"l1"``, ``"l2"`` or ``"linf"``.
    """
    if norm not in NORMS:
        raise ValueError(f"norm is {norm!r}; expected 'l1', 'l2' or 'linf'")
    return norm


def _soft_threshold(delta: Array, eps: float) -> Array:
    """Return ``t >= 0`` with ``sum_i max(|delta_i| - t, 0) = min(eps, ||delta||_1)``, shape (..., 1).

    With ``mu`` the sorted moduli, every ``(mu_1 + ... + mu_j - eps)/j`` is at most `t`, and one is equal.
    """
    xp = array_namespace(delta)
    mu = xp.sort(xp.abs(delta), axis=-1, descending=True)
    counts = xp.astype(_coordinates(delta) + 1, delta.dtype)
    levels = (xp.cumulative_sum(mu, axis=-1) - eps) / counts
    return _relu(xp.max(levels, axis=-1, keepdims=True))


def _coordinates(x: Array) -> Array:
    xp = array_namespace(x)
    return xp.arange(x.shape[-1], device=x.device)


def _relu(x: Array) -> Array:
    return array_namespace(x).maximum(x, array_namespace(x).zeros_like(x))


def _or_one(x: Array) -> Array:
    xp = array_namespace(x)
    return xp.where(x > 0, x, xp.ones_like(x))
