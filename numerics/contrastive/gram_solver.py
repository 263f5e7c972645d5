"""Minimises the population loss over Gram matrices, with a certificate of how far from optimal the result is.

The solver does not use the predicted optima: it runs L-BFGS on a factor ``T`` of ``G = T^T T`` while the smoothing of
the norms decreases, and then checks the optimality conditions with the gradient.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import scipy.optimize

from numerics.arrays import Floats
from numerics.contrastive.gram import GramLoss

SMOOTHINGS = np.geomspace(1e-1, 1e-7, 4)
"""Successive smoothings of the norms, in units of ``1/max ||x||``: the size of ``||G x||`` for scores of about 1."""


@dataclass(frozen=True, eq=False)
class GramSolution:
    """A Gram matrix that minimises the loss, with the evidence that it is optimal.

    Over positive semidefinite matrices the loss is convex, so with ``D`` the gradient and ``nu`` the multiplier of the
    trace (0 if the trace is free) ``G`` is optimal iff ``D - nu I`` is positive semidefinite and orthogonal to ``G``.

    Attributes
    ----------
    G : array, shape (d, d)
        The matrix, of at most the requested rank.
    T : array, shape (q, d)
        A factor, ``G = T^T T``.
    loss : float
        Its loss, without smoothing.
    lowest : float
        Least eigenvalue of ``D - nu I`` of the smoothed loss; optimality over all ranks fails by its amount below 0.
    complementarity : float
        ``<D - nu I, G>``: 0 at every stationary ``T``, of any rank.
    smoothing_excess : float
        Largest amount by which the smoothed loss lies above the loss.
    """

    G: Floats
    T: Floats
    loss: float
    lowest: float
    complementarity: float
    smoothing_excess: float

    def gap(self, trace: float) -> float:
        """Return a bound on how far ``loss`` lies above that of every matrix of trace at most `trace`.

        If the trace is fixed, `trace` must be its value. By convexity ``L(H) >= L(G) + <D, H - G>``, where ``<D - nu I,
        H> >= trace(H) min(lowest, 0)``.
        """
        return max(self.complementarity, 0.0) + trace * max(-self.lowest, 0.0) + self.smoothing_excess


def minimise_gram(
    loss: GramLoss,
    rng: np.random.Generator,
    *,
    trace: float | None = None,
    rank: int | None = None,
    restarts: int = 1,
) -> GramSolution:
    """Return the best of several local minima of `loss` over positive semidefinite matrices.

    Parameters
    ----------
    loss : GramLoss
        The loss to minimise.
    rng : numpy.random.Generator
        Source of the starts: factors with independent normal entries.
    trace : float, optional
        The value at which the trace is fixed, above 0; free if None.
    rank : int, optional
        Largest rank, the bottleneck ``q``; ``d`` if None. At ``d`` every local minimum is global (claim C1);
        below it only `GramSolution.gap` bounds how far another matrix, of any rank, could be better.
    restarts : int
        Number of starts, at least 1.

    Raises
    ------
    ValueError
        If an argument is outside the range above.

    References
    ----------
    Burer and Monteiro, A nonlinear programming algorithm for solving semidefinite programs via low-rank
    factorization (2003).
    """
    d = loss.law.points.shape[1]
    q = d if rank is None else rank
    if not 1 <= q <= d:
        raise ValueError(f"rank is {q}; expected a whole number from 1 to d = {d}")
    if trace is not None and not trace > 0:
        raise ValueError(f"trace is {trace}; expected a number above 0")
    if restarts < 1:
        raise ValueError(f"restarts is {restarts}; expected at least 1")
    found = [_descend(loss, rng.standard_normal((q, d)), trace) for _ in range(restarts)]
    return min(found, key=lambda solution: solution.loss)


def _descend(loss: GramLoss, start: Floats, trace: float | None) -> GramSolution:
    size = float(np.max(np.linalg.norm(loss.law.points, axis=1)))
    # The trace at which scores are of order one.
    T = _scaled(start, start.shape[1] / size**2 if trace is None else trace)
    for smoothing in SMOOTHINGS:
        # A little of the start leads away from stationary points that are no minima, T = 0 among them: where the
        # optimum is G = 0 the smoothed one has a factor of norm about sqrt(smoothing)/size.
        moved = T + 0.01 * np.sqrt(smoothing) / size * start
        T = _minimise_smoothed(loss, moved, trace, smoothing / size)
    return _solution(loss, T if trace is None else _scaled(T, trace), trace, SMOOTHINGS[-1] / size)


def _minimise_smoothed(loss: GramLoss, T: Floats, trace: float | None, smoothing: float) -> Floats:
    def objective(flat: Floats) -> tuple[float, Floats]:
        value, gradient = _of_factor(loss, flat.reshape(T.shape), trace, smoothing)
        return value, gradient.ravel()

    # To the limit of rounding: the certificate, not a tolerance here, says how good the result is.
    flat, *_ = scipy.optimize.fmin_l_bfgs_b(objective, T.ravel(), m=20, factr=0.0, pgtol=0.0, maxiter=2000)
    best: Floats = np.asarray(flat, dtype=np.float64).reshape(T.shape)
    return best


def _of_factor(loss: GramLoss, T: Floats, trace: float | None, smoothing: float) -> tuple[float, Floats]:
    """Return the loss of ``T^T T`` (scaled to the trace if that is fixed) and its gradient in `T`."""
    if trace is None:
        value, D = loss.value_and_gradient(T.T @ T, smoothing)
        return value, 2 * T @ D
    S = _scaled(T, trace)
    value, D = loss.value_and_gradient(S.T @ S, smoothing)
    nu = float(np.sum(D * (S.T @ S))) / trace
    return value, 2 * math.sqrt(trace / float(np.sum(T**2))) * (S @ D - nu * S)


def _scaled(T: Floats, trace: float) -> Floats:
    return T * math.sqrt(trace / float(np.sum(T**2)))


def _solution(loss: GramLoss, T: Floats, trace: float | None, smoothing: float) -> GramSolution:
    G = T.T @ T
    _, D = loss.value_and_gradient(G, smoothing)
    nu = 0.0 if trace is None else float(np.sum(D * G)) / trace
    reduced = D - nu * np.eye(len(G))
    return GramSolution(
        G=G,
        T=T,
        loss=loss.value(G),
        lowest=float(np.linalg.eigvalsh(reduced)[0]),
        complementarity=float(np.sum(reduced * G)),
        smoothing_excess=smoothing * loss.smoothing_excess,
    )
