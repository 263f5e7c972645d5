"""Linear encoders when only similar or only dissimilar pairs are attacked: scales of least loss, and slopes at zero."""

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
    """The scale of least expected loss when only similar pairs are attacked."""
    return least_scale(_similar(model))


@evaluates(attacked_pairs.DISSIMILAR_OPTIMUM)
def dissimilar_optimum(model: Pairs) -> Fraction | arb:
    """The scale of least expected loss when only dissimilar pairs are attacked."""
    return least_scale(_dissimilar(model))


@evaluates(attacked_pairs.SIMILAR_START)
def similar_start(model: Pairs) -> Fraction | arb:
    """The derivative of the expected loss in the scale, at zero, when only similar pairs are attacked."""
    return slope_at_zero(_similar(model))


@evaluates(attacked_pairs.DISSIMILAR_START)
def dissimilar_start(model: Pairs) -> Fraction | arb:
    """The derivative of the expected loss in the scale, at zero, when only dissimilar pairs are attacked."""
    return slope_at_zero(_dissimilar(model))


@evaluates(attacked_pairs.SIMILAR_RATE)
def similar_rate(model: Pairs) -> Fraction | arb:
    """The derivative of the scale of least loss in the size of the attack, when only similar pairs are attacked."""
    return rate(_similar(model))


@evaluates(attacked_pairs.DISSIMILAR_RATE)
def dissimilar_rate(model: Pairs) -> Fraction | arb:
    """The derivative of the scale of least loss in the size of the attack, when only dissimilar pairs are attacked."""
    return rate(_dissimilar(model))
