"""The mixture family: networks that fit as well as purified ones without being pure (claims P4, P5, D3).

A node that mixes several features is also called polysemantic, and such a layer is in superposition.
"""

from __future__ import annotations

import math

import numpy as np
import scipy.linalg
from array_api_compat import array_namespace

from numerics.arrays import Floats
from numerics.backend import Array, to_namespace_of
from numerics.network import GatedNetwork


def hadamard(m: int) -> Floats:
    """Return an ``m x m`` Hadamard matrix whose first row and column are ones, on the host.

    Built by Sylvester's construction for powers of two, by Paley's first for ``m - 1`` a prime
    congruent 3 modulo 4 (12, 20, 24, 44, ...), and by doubling (40, 48, ...).

    Raises
    ------
    ValueError
        If none of these constructions gives order `m`.

    References
    ----------
    R. Paley, "On orthogonal matrices", Journal of Mathematics and Physics 12 (1933).
    """
    if m >= 1 and m & (m - 1) == 0:
        return scipy.linalg.hadamard(m).astype(np.float64)
    if m >= 4 and m % 4 == 0 and _is_prime(m - 1):
        return _paley(m - 1)
    if m >= 8 and m % 8 == 0:
        half = hadamard(m // 2)
        return np.block([[half, half], [half, -half]])
    raise ValueError(
        f"m is {m}; expected 2^j or 2^j (q + 1) with a prime q congruent 3 modulo 4, such as 1, 2, 4, 8, 12"
    )


def mixture_network(theta: Array, m: int, b: float) -> GatedNetwork:
    """Return the mixture network of order `m` for the target ``theta^T x``, in feature coordinates.

    Each group of `m` neighbouring features has `m` nodes ``u_h``, the rows of a Hadamard matrix, with
    heads ``a_h = u_h^T theta/m``. ``m = 1`` is the purified network. With a dictionary use ``W = M U``.

    Parameters
    ----------
    theta : array, shape (..., d)
        Target.
    m : int
        Order of the mixture, a Hadamard order that divides `d`.
    b : float
        Common threshold; the network fits constant amplitudes ``r`` exactly for ``0 < b < r``.

    Returns
    -------
    GatedNetwork
        With ``W`` of shape (..., d, d).

    Raises
    ------
    ValueError
        If `m` does not divide `d` or is not a known Hadamard order, or `b` is not above 0.
    """
    d = theta.shape[-1]
    if m < 1 or d % m:
        raise ValueError(f"m is {m}; expected a divisor of d = {d}")
    return partly_pure_network(theta, 0, m, b)


def partly_pure_network(theta: Array, pure: int, m: int, b: float) -> GatedNetwork:
    """Return the network for ``theta^T x`` that is pure on its first features and a mixture on the others.

    One node ``e_i`` with head ``theta_i`` for each of the first `pure` features; groups of `m` as in
    `mixture_network` for the rest. ``pure = d`` is the purified network, ``pure = 0`` the mixture. The heads are
    those of population least squares (claim D3). With a dictionary use ``W = M U``.

    Parameters
    ----------
    theta : array, shape (..., d)
        Target.
    pure : int
        Number of pure features, from 0 to `d`.
    m : int
        Order of the mixture, a Hadamard order that divides ``d - pure``.
    b : float
        Common threshold; the network fits constant amplitudes ``r`` exactly for ``0 < b < r``.

    Returns
    -------
    GatedNetwork
        With ``W`` of shape (..., d, d).

    Raises
    ------
    ValueError
        If `pure` is not between 0 and `d`, `m` does not divide ``d - pure`` or is not a known Hadamard order, or `b`
        is not above 0.
    """
    d = theta.shape[-1]
    if not 0 <= pure <= d:
        raise ValueError(f"pure is {pure}; expected between 0 and d = {d}")
    if m < 1 or (d - pure) % m:
        raise ValueError(f"m is {m}; expected a divisor of d - pure = {d - pure}")
    if not b > 0:
        raise ValueError(f"b is {b}; expected a number above 0")
    xp = array_namespace(theta)
    groups = np.kron(np.eye((d - pure) // m), hadamard(m).T)
    U = to_namespace_of(theta, scipy.linalg.block_diag(np.eye(pure), groups) if pure < d else np.eye(d))
    squares = to_namespace_of(theta, np.repeat([1.0, float(m)], [pure, d - pure]))
    return GatedNetwork(xp.broadcast_to(U, (*theta.shape, d)), xp.matmul(theta, U) / squares, b)


def _paley(q: int) -> Floats:
    """Return Paley's first construction of order ``q + 1``, signed so that the first row is ones."""
    squares = {x * x % q for x in range(1, q)}
    residues = np.array([0.0, *(1.0 if x in squares else -1.0 for x in range(1, q))])
    index = np.arange(q)
    core = residues[(index[:, None] - index[None, :]) % q]
    # core + core^T = 0 and core core^T = q I - 1 1^T, so these rows are orthogonal.
    ones = np.ones(q)
    return np.block([[np.ones((1, 1)), ones[None, :]], [ones[:, None], core - np.eye(q)]])


def _is_prime(q: int) -> bool:
    return q >= 2 and all(q % divisor for divisor in range(2, math.isqrt(q) + 1))
