"""The slopes of smoothed gates ``v s((|v| - b) / width)``, ``s`` the logistic function, compiled."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from numerics.compiled.decorator import compiled
from numerics.compiled.types import Floats

_TERMS = 13
"""Of the exponential series, at most 0.3 from 0: the rest is below ``u/2^5``, and in single precision 7 will do."""


class Smoothing(NamedTuple):
    """The numbers that `weigh_smoothed` needs in one dtype.

    Attributes
    ----------
    far
        The number with ``e^-far <= u/4``: farther than this from its threshold, a gate counts as open or closed.
    part
        A power of two that scales ``far`` to less than 0.3.
    series
        ``1/k!`` from ``k = 0`` on.
    """

    far: Any
    part: Any
    series: tuple[Any, ...]


def smoothing_of(dtype: np.dtype[Any]) -> Smoothing:
    """Return what `weigh_smoothed` needs for arrays of `dtype`."""
    digits = np.finfo(dtype).nmant + 1
    part = 2.0 ** (-6 if digits == 24 else -7)
    series = tuple(dtype.type(1 / math.factorial(k)) for k in range(_TERMS + 1))
    return Smoothing(dtype.type((digits + 2) * math.log(2)), dtype.type(part), series)


@compiled
def weigh_smoothed(V: Floats, a: Floats, b: Floats, sharpness: Floats, constants: Smoothing) -> None:
    """Replace ``v_ih`` by ``a_h`` times the slope of its gate, `sharpness` being one over its width; 1 for ``b = 0``.

    With ``x <= 0`` the exponential is the series at ``x/2^m``, squared ``m`` times: no branch and no library call,
    so that many nodes are computed at once.
    """
    zero, one = V.dtype.type(0), V.dtype.type(1)
    far, part, c = constants
    double = np.finfo(V.dtype).bits == 64
    for i in range(V.shape[0]):
        for h in range(V.shape[1]):
            size = abs(V[i, h])
            t = (size - b[h]) * sharpness[h]
            x = -min(abs(t), far) * part
            tail = c[7]
            if double:
                tail += x * (c[8] + x * (c[9] + x * (c[10] + x * (c[11] + x * (c[12] + x * c[13])))))
            e = c[0] + x * (c[1] + x * (c[2] + x * (c[3] + x * (c[4] + x * (c[5] + x * (c[6] + x * tail))))))
            for _ in range(6):
                e *= e
            if double:
                e *= e
            larger = one / (one + e)
            smaller = e * larger if abs(t) < far else zero
            window = larger if t > zero else smaller
            slope = window + size * sharpness[h] * (larger * smaller)
            V[i, h] = a[h] * slope if b[h] > zero else a[h]
