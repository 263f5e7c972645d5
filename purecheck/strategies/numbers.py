"""Hypothesis strategies for the numbers in the assumptions of the claims."""

from fractions import Fraction

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy


def reals(low: float, high: float) -> SearchStrategy[float]:
    """Floats in the closed range, without subnormals."""
    return st.floats(low, high, allow_subnormal=False)


def rationals(low: Fraction, high: Fraction, *, denominator: int = 1000) -> SearchStrategy[Fraction]:
    """Fractions in the closed range with a denominator of at most `denominator`."""
    return st.fractions(low, high, max_denominator=denominator)


def probabilities() -> SearchStrategy[float]:
    """Probabilities that a feature is active, from 1e-3 to 1 - 1e-3."""
    return reals(1e-3, 1 - 1e-3)


def seeds() -> SearchStrategy[int]:
    """Seeds of a random generator, for arrays too large to draw number by number."""
    return st.integers(0, 2**32 - 1)
