"""The theory of A3's nodes whose feature is absent: leak (A1), and the share of the noise that passes (A2)."""

import math
from fractions import Fraction

from numerics.activations import ActivationName
from purecheck.closed_forms import Value, evaluate, parse_arguments
from purecheck.experiments.activation_arms import SIGMA, THRESHOLD
from purecheck.reporting.tables.cells import Known
from theory.activations.a1_leak import LEAK
from theory.activations.a2_noise_energy import NOISE_ENERGY


def leak(name: ActivationName) -> Known:
    """A1's closed form: the derivative of the activation at zero."""
    value = evaluate(LEAK, parse_arguments(LEAK, [f"activation={name}"]))
    return Known(value.value, value.exact, value.error_bound)


def passing_noise(name: ActivationName) -> Known:
    """A2's closed form for a node of norm 1, with the threshold and the noise of the arms, relative to the noise."""
    point = [f"activation={name}", f"b={THRESHOLD!r}", f"s={SIGMA!r}"]
    return relative_to(evaluate(NOISE_ENERGY, parse_arguments(NOISE_ENERGY, point)), Fraction(repr(SIGMA)) ** 2)


def relative_to(value: Value, unit: Fraction) -> Known:
    """`value` over `unit`, which is exact and positive; the error bound includes the rounding of the quotient."""
    if value.exact is not None:
        quotient, error = Fraction(value.exact) / unit, Fraction(0)
    else:
        quotient, error = Fraction(value.value) / unit, Fraction(value.error_bound) / unit
    rounded = float(quotient)
    error += abs(quotient - Fraction(rounded))
    return Known(
        value=rounded,
        exact=None if value.exact is None else str(quotient),
        error_bound=math.nextafter(float(error), math.inf) if error else 0.0,
    )
