"""Linear heads on frozen features, by least squares."""

from __future__ import annotations

from array_api_compat import array_namespace

from numerics.backend import Array


def least_squares_head(features: Array, y: Array, ridge: float = 0.0) -> Array:
    """Return the head ``a``, shape (..., H), of least ``mean (G a - y)^2 + ridge ||a||^2``.

    For ``ridge = 0`` of all minimisers the one of smallest l2 norm; singular values of ``G`` below
    ``max(n, H) eps`` times the largest, the size of their rounding errors, count as zero.

    Parameters
    ----------
    features : array, shape (..., n, H)
        Gated outputs ``G`` of the frozen layer.
    y : array, shape (..., n)
        Regression targets.
    ridge : float
        Weight of the penalty, at least 0.

    Raises
    ------
    ValueError
        If `ridge` is negative.
    """
    if not ridge >= 0:
        raise ValueError(f"ridge is {ridge}; expected at least 0")
    xp = array_namespace(features, y)
    n, nodes = features.shape[-2:]
    left, s, right_t = xp.linalg.svd(features, full_matrices=False)
    cutoff = max(n, nodes) * xp.finfo(s.dtype).eps * s[..., :1]
    kept = s > cutoff
    safe = xp.where(kept, s, xp.ones_like(s))
    # s / (s^2 + n ridge), written so that no square of s over- or underflows
    inverse = xp.where(kept, 1 / (safe + n * ridge / safe), xp.zeros_like(s))
    coordinates = xp.matmul(xp.matrix_transpose(left), y[..., None]) * inverse[..., None]
    return xp.matmul(xp.matrix_transpose(right_t), coordinates)[..., 0]
