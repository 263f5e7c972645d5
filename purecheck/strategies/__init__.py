"""Hypothesis strategies that draw from the assumptions of the claims."""

from fractions import Fraction

import numpy as np
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from numerics.exact import ExactArray, fractions
from numerics.network import GatedNetwork
from purecheck.models.exact_fits import ExactFit, cross_talk_fit


def reals(low: float, high: float) -> SearchStrategy[float]:
    """Floats in the closed range, without subnormals."""
    return st.floats(low, high, allow_subnormal=False)


def rationals(low: Fraction, high: Fraction, *, denominator: int = 1000) -> SearchStrategy[Fraction]:
    """Fractions in the closed range with a denominator of at most `denominator`."""
    return st.fractions(low, high, max_denominator=denominator)


def probabilities() -> SearchStrategy[float]:
    """Probabilities that a feature is active: strictly between 0 and 1, away from the ends by 1e-3."""
    return reals(1e-3, 1 - 1e-3)


def seeds() -> SearchStrategy[int]:
    """Seeds of a random generator, for arrays too large to draw number by number."""
    return st.integers(0, 2**32 - 1)


@st.composite
def cross_talk_fits(draw: st.DrawFn) -> tuple[ExactFit, ExactArray]:
    """Exact fits with cross-talk on density amplitudes, each with an input whose support is not empty; rational."""
    theta = [draw(rationals(Fraction(-3), Fraction(3), denominator=20)) for _ in range(2)]
    fit = cross_talk_fit(theta, draw(rationals(Fraction(-2, 5), Fraction(2, 5), denominator=20)))
    amplitude = rationals(*fit.amplitudes, denominator=50)
    signs = draw(st.sampled_from([(1, 0), (0, 1), (1, 1), (1, -1), (-1, 0), (0, -1), (-1, -1), (-1, 1)]))
    return fit, fractions([sign * draw(amplitude) for sign in signs])


@st.composite
def pure_layers(draw: st.DrawFn) -> tuple[GatedNetwork, ExactArray]:
    """Pure nodes with thresholds above 0, each layer with an input that misses a feature; rational."""
    d = draw(st.integers(1, 4))
    features = draw(st.lists(st.integers(0, d - 1), min_size=1, max_size=6))
    weight = rationals(Fraction(-3), Fraction(3), denominator=20)
    W = fractions(np.zeros((d, len(features)), dtype=int).tolist())
    for node, feature in enumerate(features):
        W[feature, node] = draw(weight)
    heads = fractions([draw(weight) for _ in features])
    thresholds = fractions([draw(rationals(Fraction(1, 20), Fraction(2), denominator=20)) for _ in features])
    x = [draw(st.sampled_from((0, 1, -1))) * draw(rationals(Fraction(1, 2), Fraction(3, 2))) for _ in range(d)]
    x[draw(st.integers(0, d - 1))] = Fraction(0)
    return GatedNetwork(W, heads, thresholds), fractions(x)
