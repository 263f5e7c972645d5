"""Look-up networks: fits of constant amplitudes with the least effective map that any fit can have (claim P3c).

For each pair of sign patterns ``+-s`` there are two directions ``s + g`` and ``s - g``, each with two nodes of
opposite heads whose gates open one after the other around ``r |(s +- g)^T s|``. Between the two thresholds lies
no other pattern, so the four nodes act on ``x = +-r s`` alone, and there ``beta = (theta^T x/||x||^2) x``.

The generic shift is ``g_i = 8^(i - d)``, ``i = 0 ... d - 1``: for integers ``|w_i| <= 2``, not all zero,
``8^-d <= |g^T w| < 2/7``, hence ``|(s +- g)^T w| >= 8^-d``, and half of that separates the thresholds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from numerics.backend import Array, to_namespace_of
from numerics.exact import fractions, signed_supports
from numerics.network import GatedNetwork
from numerics.rounding import gamma

_BASE = 8
"""Any base above 5 distinguishes the digits -2 ... 2; a power of two keeps directions exact in floating point."""

Integers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class LookupNodes:
    """The nodes of the look-up network of `d` features, in integers.

    Attributes
    ----------
    patterns : array of int, shape (H, d)
        The pattern ``s`` that each node belongs to.
    directions : array of int, shape (H, d)
        ``8^d u_h``.
    thresholds : array of int, shape (H,)
        ``2 8^d b_h/r``.
    signs : array of int, shape (H,)
        Sign of the head: ``a_h = sign theta^T s/(2 ||s||^2)``.
    """

    patterns: Integers
    directions: Integers
    thresholds: Integers
    signs: Integers


def lookup_nodes(d: int) -> LookupNodes:
    """Return the ``H = 2 (3^d - 1)`` nodes of the look-up network of `d` features.

    Raises
    ------
    ValueError
        If `d` is not at least 1.
    """
    halves = _one_of_each_pair(signed_supports(d))
    shift = np.array([_BASE**i for i in range(d)], dtype=np.int64)
    patterns = np.repeat(halves, 4, axis=0)
    shift_signs = np.tile([1, 1, -1, -1], len(halves))
    signs = np.tile([1, -1, 1, -1], len(halves))
    directions = _BASE**d * patterns + shift_signs[:, None] * shift
    responses = np.abs(np.sum(directions * patterns, axis=1))
    return LookupNodes(patterns, directions, 2 * responses - signs, signs)


def lookup_network(theta: Array, r: float) -> GatedNetwork:
    """Return the look-up network for the target ``theta^T x`` on constant amplitudes `r`, in feature coordinates.

    With a dictionary use ``W = M U``.

    Parameters
    ----------
    theta : array, shape (d,)
        Target.
    r : float
        Amplitude, above 0.

    Returns
    -------
    GatedNetwork
        With ``H = 2 (3^d - 1)`` nodes; its directions are exact, its gates are right in the dtype of `theta`.

    Raises
    ------
    ValueError
        If `r` is not above 0, or rounding could move a gate: `d` above 14 in float64, above 5 in float32.
    """
    d = theta.shape[-1]
    if not r > 0:
        raise ValueError(f"r is {r}; expected a number above 0")
    if not _gates_are_safe(d, str(theta.dtype).rpartition(".")[2]):
        raise ValueError(f"theta has {d} entries of {theta.dtype}; expected fewer, for the gates to survive rounding")
    nodes = lookup_nodes(d)
    scale = float(_BASE**d)
    sizes = np.sum(nodes.patterns**2, axis=1)
    heads = to_namespace_of(theta, nodes.patterns * (nodes.signs / (2 * sizes))[:, None])
    return GatedNetwork(
        to_namespace_of(theta, nodes.directions.T / scale),
        heads @ theta,
        to_namespace_of(theta, r * (nodes.thresholds / (2 * scale))),
    )


def exact_lookup_network(theta: Sequence[Fraction], r: Fraction) -> GatedNetwork:
    """Return the same network in exact fractions, for `theta` of length d and an amplitude `r` above 0.

    Raises
    ------
    ValueError
        If `r` is not above 0.
    """
    if not r > 0:
        raise ValueError(f"r is {r}; expected a number above 0")
    nodes = lookup_nodes(len(theta))
    scale = Fraction(_BASE ** len(theta))
    sizes = fractions(np.sum(nodes.patterns**2, axis=1).tolist())
    heads = fractions(nodes.patterns.tolist()) @ fractions(theta) * fractions(nodes.signs.tolist()) / (2 * sizes)
    return GatedNetwork(
        fractions(nodes.directions.T.tolist()) / scale, heads, fractions(nodes.thresholds.tolist()) * (r / (2 * scale))
    )


def _one_of_each_pair(patterns: Integers) -> Integers:
    """Return the patterns other than zero whose first nonzero entry is 1."""
    first = np.take_along_axis(patterns, np.argmax(patterns != 0, axis=1)[:, None], axis=1)[:, 0]
    return patterns[first > 0]


def _gates_are_safe(d: int, dtype: str) -> bool:
    """Return whether rounding is below the margin ``8^-d r/2`` of every gate.

    A response is at most ``(d + 1) r``; the error of ``d`` products and sums, and of the threshold itself, is at
    most ``gamma_{d+2} (d + 1) r``.
    """
    return bool((d + 1) * gamma(d + 2, dtype) * 2 * _BASE**d < 1)
