"""Checks of E3: what clean heads inherit from trained layers, against P2 point by point and against the curve of D3."""

from collections.abc import Callable, Iterator, Mapping
from functools import cache

import numpy as np
from sympy import Integer, Rational

from purecheck.check import Control
from purecheck.checks.e6_prediction import SMALL, Seen, on_certified
from purecheck.comparison import IntervalComparison
from purecheck.context import Context
from purecheck.enclosures.certify import enclose_to
from purecheck.experiments.arms import LAW, D
from purecheck.experiments.measured import Floats, InheritedGain, inherited_gain, inherited_pointwise
from purecheck.experiments.medians import median_compares
from purecheck.methods.trained import Trained
from theory.inheritance.d3_inheritance_curve import INHERITED_GAIN

ARM_NAMES = (
    "clean",
    "fgm",
    "clean, small gate",
    "fgm, small gate",
    "clean, large gate",
    "fgm, large gate",
)
FREE_AND_SMALL = ARM_NAMES[:4]
FACTOR = 1.5

Curve = Callable[[Floats], Floats]
"""Gain over `||theta'||^2` from the participation ratio."""


def mixed_gain(participation: Floats) -> Floats:
    """D3's gain of a layer in groups of one order, over `||theta'||^2`; linear between whole orders."""
    orders = np.arange(1, D + 1)
    return np.interp(participation, orders, [_gain(int(m)) for m in orders])


@cache
def _gain(m: int) -> float:
    place = {"p": Rational(round(LAW.p * D), D), "m": Integer(m), "pure_sq": Integer(0), "mixed_sq": Integer(1)}
    values = {INHERITED_GAIN.arguments[name]: value for name, value in place.items()}
    return float(enclose_to(INHERITED_GAIN.expression.subs(values), 1e-12))


def _pure_gain(participation: Floats) -> Floats:
    return mixed_gain(np.ones_like(participation))


def _points(context: Context) -> Seen:
    return {name: inherited_pointwise(name, SMALL, context) for name in FREE_AND_SMALL}


def _gains(context: Context) -> Mapping[str, InheritedGain]:
    return {name: inherited_gain(name, context) for name in ARM_NAMES}


def _along_the_curve(curve: Curve, seen: Mapping[str, InheritedGain]) -> Iterator[IntervalComparison]:
    for name, one in seen.items():
        ratio = one.gain / curve(one.participation)
        where = f"inherited gain over that of D3 at the measured participation, {name}"
        yield median_compares(ratio, "<", FACTOR, where)
        yield median_compares(ratio, ">", 1 / FACTOR, where)


def _told(seen: Mapping[str, InheritedGain]) -> str:
    """Participation ratio, gain and the curve's gain by arm."""
    rows = (
        f"{name}: {np.median(one.participation):.2f}, {np.median(one.gain):.3f}, "
        f"{np.median(mixed_gain(one.participation)):.3f}"
        for name, one in seen.items()
    )
    return f"Participation, gain and gain by D3, medians over seeds: {'; '.join(rows)}."


CHECKS = (
    Trained(
        claim="E3",
        clauses=("prediction",),
        name=f"clean heads attacked at {SMALL} r on certified observations",
        statement=1.0,
        control=Control("the prediction two per cent larger", 1.02),
        observe=_points,
        compare=on_certified,
    ),
    Trained[Curve](
        claim="E3",
        clauses=("the curve",),
        name="inherited gain against measured purity",
        statement=mixed_gain,
        control=Control("the gain of pure layers", _pure_gain),
        observe=_gains,
        compare=_along_the_curve,
        answer=_told,
    ),
)
