"""Random fractions."""

from fractions import Fraction

import numpy as np


def sixths(rng: np.random.Generator, size: int, low: int = -12, high: int = 12) -> list[Fraction]:
    """Random multiples of 1/6 from `low/6` to `high/6`: coarse, so that thresholds are met exactly now and then."""
    return [Fraction(int(k), 6) for k in rng.integers(low, high + 1, size)]
