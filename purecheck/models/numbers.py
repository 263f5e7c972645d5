"""Exact numbers: fractions of Python and of SymPy, and random ones."""

from fractions import Fraction

import numpy as np
from sympy import Expr, Rational


def fraction_of(value: Expr) -> Fraction:
    """A rational number of SymPy as a fraction."""
    return Fraction(int(value.p), int(value.q))


def rational(value: Fraction) -> Rational:
    """A fraction as a rational number of SymPy."""
    return Rational(value.numerator, value.denominator)


def sixths(rng: np.random.Generator, size: int, low: int = -12, high: int = 12) -> list[Fraction]:
    """Random multiples of 1/6 from `low/6` to `high/6`: coarse, so that thresholds are met exactly now and then."""
    return [Fraction(int(k), 6) for k in rng.integers(low, high + 1, size)]
