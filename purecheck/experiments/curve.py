"""The gain that D3 gives for layers in groups of one order, at a measured participation ratio."""

from functools import cache

import numpy as np
from sympy import Integer, Rational

from numerics.arrays import Floats
from purecheck.enclosures.certify import enclose_to
from purecheck.experiments.arms import LAW, D
from theory.inheritance.d3_inheritance_curve import INHERITED_GAIN


def mixed_gain(participation: Floats) -> Floats:
    """D3's gain of a layer in groups of one order, over `||theta'||^2`, interpolated linearly between whole orders."""
    orders = np.arange(1, D + 1)
    return np.interp(participation, orders, [_gain(int(m)) for m in orders])


@cache
def _gain(m: int) -> float:
    place = {"p": Rational(round(LAW.p * D), D), "m": Integer(m), "pure_sq": Integer(0), "mixed_sq": Integer(1)}
    values = {INHERITED_GAIN.arguments[name]: value for name, value in place.items()}
    return float(enclose_to(INHERITED_GAIN.expression.subs(values), 1e-12))
