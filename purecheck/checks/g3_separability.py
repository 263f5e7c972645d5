"""Checks of G3 beside its derivations: exact probabilities under independent noise, and a simulated network."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from sympy import Abs, Basic, Expr, Ge, Integer, Le, Rational, exp, log

from numerics.features import ConstantAmplitude, FeatureLaw
from purecheck.check import Control
from purecheck.checks._pure_nodes import observed_gates
from purecheck.context import Context
from purecheck.enclosures.certify import Values, enclose_to
from purecheck.methods.certified import Certified
from purecheck.methods.simulated import Simulated
from theory.gate.g1_errors import FALSE_FIRE, MISS
from theory.gate.g3_separability import ALL, EACH, HALVED_SIGNAL, LEAST_SIGNAL, THRESHOLD
from theory.model import alpha, b, d, mu, s

_ENCLOSURE = 1e-12
_QUOTED: Values = {d: Integer(100), alpha: Rational(1, 10), s: Integer(1)}
_SIMULATED: Values = {d: Integer(100), alpha: Rational(1, 10), s: Rational(1, 2)}
_CONTROL = "half the second root"


def _log_all_right(signal: Expr, active: Expr) -> Expr:
    """Logarithm of the probability that all gates are right under independent noise, for `active` such signals."""
    fires = FALSE_FIRE.formula.rhs.subs(b, THRESHOLD)
    misses = MISS.formula.rhs.subs({b: THRESHOLD, mu: signal}, simultaneous=True)
    return (d - active) * log(1 - fires) + active * log(1 - misses)


def _guaranteed(signal: Expr) -> Iterator[tuple[Basic, Values]]:
    """The guarantee for few and many features, from an empty to a full support; `d = 2 alpha` included."""
    for features, error in ((1, (1, 2)), (2, (9, 10)), (10, (1, 10)), (100, (1, 10)), (1000, (1, 1000))):
        for active in {0, features // 2, features}:
            point = {d: Integer(features), alpha: Rational(*error), s: Integer(1)}
            yield Ge(_log_all_right(signal, Integer(active)), log(1 - alpha)), point


def _fails_with(failure: Rational) -> Iterator[tuple[Basic, Values]]:
    """The quoted probability of some error with half the second root and all features active, to two digits."""
    yield Le(Abs(1 - exp(_log_all_right(HALVED_SIGNAL, d)) - failure), Rational(1, 200)), _QUOTED


def _rightness(rng: np.random.Generator, n: int, context: Context) -> NDArray[np.float64]:
    """Draws of whether all gates of a network are right, all features active at the least signal."""
    signal = float(enclose_to(LEAST_SIGNAL.subs(_SIMULATED), _ENCLOSURE))
    threshold = float(enclose_to(THRESHOLD.subs(_SIMULATED), _ENCLOSURE))
    law = FeatureLaw(100, 1.0, ConstantAmplitude(signal / 2.0))
    is_active, fires = observed_gates(rng, n, context, law=law, omega=2.0, sigma=0.25, b=threshold)
    return np.asarray(np.all(is_active == fires, axis=1), dtype=np.float64)


def _predicted(signal: Expr) -> float:
    return float(enclose_to(exp(_log_all_right(signal, d)).subs(_SIMULATED), _ENCLOSURE))


CHECKS = (
    Certified(
        claim="G3",
        clauses=(EACH.name, ALL.name),
        name="guarantee under independent noise",
        statement=LEAST_SIGNAL,
        control=Control(_CONTROL, HALVED_SIGNAL),
        relations=_guaranteed,
        declared=14,
    ),
    Certified(
        claim="G3",
        clauses=(ALL.name,),
        name="quoted failure",
        statement=Rational("0.98"),
        control=Control("failure at the declared rate", Rational("0.1")),
        relations=_fails_with,
        declared=1,
    ),
    Simulated(
        claim="G3",
        clauses=(ALL.name,),
        name="simulated network at the least signal",
        statement=LEAST_SIGNAL,
        control=Control(_CONTROL, HALVED_SIGNAL),
        draw=_rightness,
        span=(0.0, 1.0),
        predict=_predicted,
        smallest_error=0.05,
        where="d = 100, all active, omega = 2, sigma = 1/4, alpha = 0.1",
    ),
)
