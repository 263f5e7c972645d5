"""Activations as pieces of lines: what a search along lines and a branch-and-bound over pieces need to know."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from numerics.activations import SMOOTH, LeakyReLU
from numerics.arrays import Floats
from numerics.network import GatedNetwork


@dataclass(frozen=True, eq=False)
class Pieces:
    """Every node's share of the output, ``a_h act(v)``, as at most three lines in its preactivation ``v``.

    Attributes
    ----------
    breaks : array, shape (..., H, 2)
        Where one piece ends and the next begins, ascending; infinite where a node has fewer pieces. A jump may lie
        there, as at a gate, or a kink.
    slopes, constants : array, shape (..., H, 3)
        On piece ``k`` the share is ``slopes[k] v + constants[k]``; the head is a factor of both.
    """

    breaks: Floats
    slopes: Floats
    constants: Floats


def has_pieces(net: GatedNetwork) -> bool:
    """Return whether the activation of `net` consists of lines."""
    return net.activation in ("gate", "soft_threshold", "biased_relu") or isinstance(
        SMOOTH.get(net.activation), LeakyReLU
    )


def pieces_of(net: GatedNetwork) -> Pieces:
    """Return the pieces of every node of `net`, whose parameters are on the host.

    Raises
    ------
    ValueError
        If the activation does not consist of lines.

    Examples
    --------
    >>> import numpy as np
    >>> pieces_of(GatedNetwork(np.eye(1), np.asarray([2.0]), 0.5)).slopes.tolist()
    [[2.0, 0.0, 2.0]]
    """
    if not has_pieces(net):
        raise ValueError(
            f"activation is {net.activation!r}; expected one that consists of lines: gate, soft_threshold, "
            "biased_relu, relu or leaky_relu"
        )
    b = np.asarray(net.b)
    zero, one, never = np.zeros_like(b), np.ones_like(b), np.full_like(b, np.inf)
    if net.activation == "gate":
        # A node with b <= 0 is open everywhere: one line.
        gated = b > 0
        breaks = [np.where(gated, -b, never), np.where(gated, b, never)]
        slopes, constants = [one, zero, one], [zero, zero, zero]
    elif net.activation == "soft_threshold":
        breaks, slopes, constants = [-b, b], [one, zero, one], [b, zero, -b]
    else:
        corner = b if net.activation == "biased_relu" else zero
        known = SMOOTH.get(net.activation)
        left = known.slope * one if isinstance(known, LeakyReLU) else zero
        breaks, slopes, constants = [corner, never], [left, one, one], [zero, -corner, -corner]
    heads = np.asarray(net.a)[..., None]
    return Pieces(np.stack(breaks, -1), heads * np.stack(slopes, -1), heads * np.stack(constants, -1))
