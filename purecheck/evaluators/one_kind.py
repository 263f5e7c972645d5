"""Linear encoders where pairs of one kind alone are attacked: scales of least loss, and slopes at scale zero."""

from dataclasses import replace
from fractions import Fraction

from flint import arb

from purecheck.evaluators.pairs import Pairs, least_scale, rate, slope_at_zero
from purecheck.evaluators.registry import evaluates
from theory.quantities import attacked_pairs


def _similar(model: Pairs) -> Pairs:
    return replace(model, attacked=(True, False))


def _dissimilar(model: Pairs) -> Pairs:
    return replace(model, attacked=(False, True))


@evaluates(attacked_pairs.SIMILAR_OPTIMUM)
def similar_optimum(model: Pairs) -> Fraction | arb:
    """As under attacks on all pairs, dissimilar ones left alone."""
    return least_scale(_similar(model))


@evaluates(attacked_pairs.DISSIMILAR_OPTIMUM)
def dissimilar_optimum(model: Pairs) -> Fraction | arb:
    """As under attacks on all pairs, similar ones left alone."""
    return least_scale(_dissimilar(model))


@evaluates(attacked_pairs.SIMILAR_START)
def similar_start(model: Pairs) -> Fraction | arb:
    """As under attacks on all pairs, dissimilar ones left alone."""
    return slope_at_zero(_similar(model))


@evaluates(attacked_pairs.DISSIMILAR_START)
def dissimilar_start(model: Pairs) -> Fraction | arb:
    """As under attacks on all pairs, similar ones left alone."""
    return slope_at_zero(_dissimilar(model))


@evaluates(attacked_pairs.SIMILAR_RATE)
def similar_rate(model: Pairs) -> Fraction | arb:
    """As under attacks on all pairs, dissimilar ones left alone."""
    return rate(_similar(model))


@evaluates(attacked_pairs.DISSIMILAR_RATE)
def dissimilar_rate(model: Pairs) -> Fraction | arb:
    """As under attacks on all pairs, similar ones left alone."""
    return rate(_dissimilar(model))
