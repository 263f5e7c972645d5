"""Linear heads on frozen features: least squares for regression, logistic for classification."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
from array_api_compat import array_namespace, is_numpy_namespace
from scipy.linalg import get_lapack_funcs, lstsq

from numerics.arrays import Floats
from numerics.backend import Array
from numerics.compiled.workers import one_blas_thread
from numerics.rounding import gamma

_MOST_STEPS = 200
"""Newton's method with shortened steps: quadratic near the optimum, so that a run this long has failed."""

_MOST_HALVINGS = 60
"""Steps shorter than ``2^-60`` of Newton's move no coordinate that the full one would not lift above the others."""


def least_squares_head(features: Array, y: Array, ridge: float = 0.0) -> Array:
    """Return the head ``a``, shape (..., H), of least ``mean (G a - y)^2 + ridge ||a||^2``.

    For ``ridge = 0`` it is the minimiser of least l2 norm; singular values of ``G`` below ``max(n, H) eps`` times the
    largest, the size of their rounding errors, count as zero.

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
    if ridge == 0 and is_numpy_namespace(xp):
        return _least_squares_by_lapack(features, y)
    Q, R = xp.linalg.qr(features)  # the singular values of G are those of R, which is small
    left, s, right_t = xp.linalg.svd(R, full_matrices=False)
    cutoff = max(n, nodes) * xp.finfo(s.dtype).eps * s[..., :1]
    kept = s > cutoff
    safe = xp.where(kept, s, xp.ones_like(s))
    # s / (s^2 + n ridge), written so that no square of s over- or underflows
    inverse = xp.where(kept, 1 / (safe + n * ridge / safe), xp.zeros_like(s))
    turned = xp.matmul(xp.matrix_transpose(Q), y[..., None])
    coordinates = xp.matmul(xp.matrix_transpose(left), turned) * inverse[..., None]
    return xp.matmul(xp.matrix_transpose(right_t), coordinates)[..., 0]


def _least_squares_by_lapack(features: Array, y: Array) -> Array:
    """Return the heads of all replicas; the small products of one gain nothing from more threads of BLAS."""
    n, nodes = features.shape[-2:]
    lead = np.broadcast_shapes(features.shape[:-2], y.shape[:-1])
    G, targets = np.broadcast_to(features, (*lead, n, nodes)), np.broadcast_to(y, (*lead, n))
    dtype = np.result_type(G, targets, np.float32)
    heads, cutoff = np.empty((*lead, nodes), dtype), max(n, nodes) * float(np.finfo(dtype).eps)
    with one_blas_thread():
        for at in np.ndindex(lead):
            head = _by_cholesky(G[at].astype(dtype, copy=False), targets[at].astype(dtype, copy=False), cutoff)
            if head is None:
                head, *_ = lstsq(G[at].astype(dtype), targets[at], cutoff, overwrite_a=True, check_finite=False)
            heads[at] = head
    return heads


_MARGIN = 100.0
"""What the condition of the Gram matrix must stay below its limit by: its estimate is rarely off by more than a factor
of 3 (N. Higham, "Accuracy and Stability of Numerical Algorithms", 2002, section 15.3), and the square of the condition
of the features, which it measures, is far from the limit of the rank if it is estimated 100 times too small."""


def _by_cholesky(G: Floats, y: Floats, cutoff: float) -> Floats | None:
    """Return the head from the normal equations, refined once; None where features are too close to dependent.

    Where the refinement contracts, the head is about as accurate as one from a backward stable method: A. Bjorck,
    "Stability analysis of the method of seminormal equations for linear least squares problems", Linear Algebra Appl.
    88/89 (1987).
    """
    if len(G) < G.shape[-1]:
        return None
    gram = G.T @ G
    size = np.max(np.sum(np.abs(gram), axis=0), initial=0.0)
    factor, solve, condition = cast("list[Any]", get_lapack_funcs(("potrf", "potrs", "pocon"), (gram,)))
    root, failed = factor(gram, clean=False, overwrite_a=True)
    if failed or not condition(root, size)[0] > _MARGIN * cutoff:
        return None
    head, _ = solve(root, G.T @ y)
    correction, _ = solve(root, G.T @ (y - G @ head))
    return np.asarray(head + correction)


def logistic_head(features: Array, labels: Array, ridge: float) -> Array:
    """Return the head ``a``, shape (..., H), of least ``mean log(1 + exp(-s G a)) + ridge ||a||^2``.

    The head is found by Newton's method, with steps halved until the gradient shrinks, and stopped where the gradient
    is no larger than its rounding error. The objective is strongly convex: ``||a - a*|| <= ||gradient||/(2 ridge)``.

    Parameters
    ----------
    features : array, shape (..., n, H)
        Gated outputs ``G`` of the frozen layer.
    labels : array, shape (..., n)
        Classes ``s``, -1 or 1.
    ridge : float
        Weight of the penalty, above 0: without it separable classes have no best head.

    Raises
    ------
    ValueError
        If `ridge` is not above 0, or a label is neither -1 nor 1.
    RuntimeError
        If the gradient does not fall to the size of its rounding error. This happens only for a `ridge` far below that
        size.

    References
    ----------
    S. Boyd and L. Vandenberghe, "Convex Optimization" (2004), sections 7.1 and 9.5.
    """
    if not ridge > 0:
        raise ValueError(f"ridge is {ridge}; expected a number above 0")
    xp = array_namespace(features, labels)
    if not bool(xp.all(xp.abs(labels) == 1)):
        raise ValueError("labels has entries other than -1 and 1; expected only these")
    signed = features * labels[..., None]
    head = xp.zeros_like(signed[..., 0, :])
    for _ in range(_MOST_STEPS):
        gradient = logistic_gradient(signed, head, ridge)
        if bool(xp.all(xp.abs(gradient) <= logistic_gradient_bound(signed, head, ridge))):
            return head
        head = _shorter_gradient(signed, head, ridge, _newton_step(signed, head, ridge, gradient))
    raise RuntimeError(f"no logistic head found in {_MOST_STEPS} steps of Newton's method at ridge {ridge}")


def logistic_gradient(signed: Array, head: Array, ridge: float) -> Array:
    """Return the gradient, shape (..., H), of the objective of `logistic_head`; `signed` is ``s G``, (..., n, H)."""
    xp = array_namespace(signed)
    wrong = _wrong(signed, head)[..., None]
    return 2 * ridge * head - xp.mean(signed * wrong, axis=-2)


def logistic_gradient_bound(signed: Array, head: Array, ridge: float) -> Array:
    """Return a bound on the rounding error of a gradient that vanishes, shape (..., H).

    A margin ``s G a`` errs by ``gamma_H |G| |a|``, and the slope of the logistic function is at most 1/4; rounding of
    the head itself changes both by no more. Each term of the gradient takes part in fewer than ``n + 20`` further
    roundings.
    """
    xp = array_namespace(signed)
    n, nodes = signed.shape[-2:]
    sizes, dtype = xp.abs(signed), str(signed.dtype).rpartition(".")[2]
    margins = xp.matmul(sizes, xp.abs(head)[..., None])
    one = gamma(n + 20, dtype) * (xp.mean(sizes, axis=-2) + 2 * ridge * xp.abs(head))
    return one + gamma(2 * nodes + 2, dtype) / 4 * xp.mean(sizes * margins, axis=-2)


def _wrong(signed: Array, head: Array) -> Array:
    """Return the probability ``sig(-s G a)`` that the head gives the wrong class, without overflow."""
    xp = array_namespace(signed)
    return (1 - xp.tanh(xp.matmul(signed, head[..., None])[..., 0] / 2)) / 2


def _newton_step(signed: Array, head: Array, ridge: float, gradient: Array) -> Array:
    xp = array_namespace(signed)
    n, nodes = signed.shape[-2:]
    wrong = _wrong(signed, head)
    weighted = signed * (wrong * (1 - wrong))[..., None]
    hessian = xp.matmul(xp.matrix_transpose(signed), weighted) / n + 2 * ridge * xp.eye(nodes, dtype=signed.dtype)
    return -xp.linalg.solve(hessian, gradient[..., None])[..., 0]


def _shorter_gradient(signed: Array, head: Array, ridge: float, step: Array) -> Array:
    """Return for each replica a point between its head and the end of `step` at which the gradient is shorter."""
    xp = array_namespace(signed)

    def length(at: Array) -> Array:
        return xp.linalg.vector_norm(logistic_gradient(signed, at, ridge), axis=-1)

    start = length(head)
    share = xp.ones_like(start)
    for _ in range(_MOST_HALVINGS):
        # along Newton's step the gradient shrinks like 1 - share at first
        long = length(head + share[..., None] * step) > (1 - share / 4) * start
        if not bool(xp.any(long)):
            break
        share = xp.where(long, share / 2, share)
    return head + share[..., None] * step
