"""Checks of G2 beside its derivations: no other threshold errs less, and simulated gates err as often as stated."""

from collections.abc import Iterable, Iterator
from fractions import Fraction

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray
from sympy import Abs, Basic, Expr, Integer, Le, Lt, Rational, Symbol, exp

from numerics.features import ConstantAmplitude, FeatureLaw
from purecheck.check import Control
from purecheck.checks._pure_nodes import observed_gates
from purecheck.comparison import Comparison
from purecheck.context import Context
from purecheck.enclosures.certify import Values, enclose_to
from purecheck.methods.certified import Certified
from purecheck.methods.sampled import Sampled
from purecheck.methods.simulated import Draw, Simulated
from purecheck.strategies import rationals
from theory.gate.g2_optimal_threshold import (
    APPROXIMATION,
    BOUNDARY,
    CRITICAL,
    ERROR,
    INTERIOR,
    LEVEL,
    MINIMISER,
    NEAR,
    OPTIMAL_GATE,
    SURPLUS_BOUND,
    ZERO,
)
from theory.model import b, mu, omega, p, r, s, sigma

_ENCLOSURE = 1e-12
_RARE: Values = {p: Rational(1, 20), mu: Integer(1), s: Rational(1, 4)}
_COMMON: Values = {p: Rational(9, 10), mu: Integer(1), s: Integer(1)}
_OPTIMAL: Expr = OPTIMAL_GATE.expression.subs({sigma: s, r: mu, omega: 1}, simultaneous=True)
_PARAMETERS = st.fixed_dictionaries(
    {
        p: rationals(Fraction(1, 100), Fraction(99, 100)),
        mu: rationals(Fraction(1, 10), Fraction(3)),
        s: rationals(Fraction(1, 10), Fraction(2)),
        b: rationals(Fraction(0), Fraction(4)),
    }
)


def _rounds_to(value: Expr, quoted: str) -> Basic:
    """That `value` is `quoted` to the digits given."""
    half_a_digit = Rational(1, 2 * 10 ** len(quoted.partition(".")[2]))
    return Le(Abs(value - Rational(quoted)), half_a_digit)


def _quoted(threshold: Expr) -> Iterator[tuple[Basic, Values]]:
    """The numbers quoted for `p = .05, mu = 1, s = .25`, and the misuse of the arccosh formula at `p = .9`."""
    yield _rounds_to(ERROR.subs(b, threshold), "0.0103"), _RARE
    yield _rounds_to(ERROR.subs(b, mu / 2), "0.0444"), _RARE
    yield Lt(LEVEL, 1), _COMMON
    yield Lt(CRITICAL, p), _COMMON


def _least(optimal: Expr, point: dict[Symbol, Fraction], _context: Context) -> Iterable[Comparison]:
    """The optimal threshold against a drawn one."""
    values = {name: Rational(value.numerator, value.denominator) for name, value in point.items()}
    where = ", ".join(f"{name} = {value}" for name, value in values.items())
    error = ERROR.subs({name: value for name, value in values.items() if name is not b})
    best = enclose_to(error.subs(b, optimal.subs(values)), _ENCLOSURE)
    other = enclose_to(error.subs(b, values[b]), _ENCLOSURE)
    # Two enclosures of radius _ENCLOSURE, and the rounding of numbers of at most one to floats.
    yield Comparison(float(best), "<=", float(other), where, 2 * _ENCLOSURE + 2 * float(np.finfo(float).eps))


def _near(bound: Expr) -> Iterator[tuple[Basic, Values]]:
    """Both ends of the approximation on a grid of rare features."""
    surplus = APPROXIMATION - INTERIOR
    for signal in (Rational(1, 10), Integer(1), Integer(3)):
        for odds in (Rational(1001, 1000), Integer(2), Integer(20)):
            # p below the critical probability: the level (1-p)/p exp(mu^2/(2 s^2)) is `odds`.
            point = {p: 1 / (1 + odds * exp(-(signal**2) / 2)), mu: signal, s: Integer(1)}
            yield Le(0, surplus), point
            yield Le(surplus, bound), point


def _errors(threshold: float) -> Draw:
    """Draws of whether the gate of a pure node is wrong, from the network itself."""

    def draw(rng: np.random.Generator, n: int, context: Context) -> NDArray[np.float64]:
        law = FeatureLaw(1, 0.05, ConstantAmplitude(1.0))
        is_active, fires = observed_gates(rng, n, context, law=law, omega=1.0, sigma=0.25, b=threshold)
        return np.asarray(is_active != fires, dtype=np.float64)[:, 0]

    return draw


def _value(threshold: Expr) -> float:
    return float(enclose_to(ERROR.subs(b, threshold).subs(_RARE), _ENCLOSURE))


CHECKS = (
    Certified(
        claim="G2",
        clauses=(MINIMISER.name, ZERO.name),
        name="quoted errors",
        statement=INTERIOR,
        control=Control("half the signal", mu / 2),
        relations=_quoted,
        declared=4,
    ),
    Sampled(
        claim="G2",
        clauses=(MINIMISER.name, ZERO.name, BOUNDARY.name),
        name="no drawn threshold errs less",
        statement=_OPTIMAL,
        control=Control("half the signal", mu / 2),
        examples=_PARAMETERS,
        compare=_least,
        share=0.25,
    ),
    Certified(
        claim="G2",
        clauses=(NEAR.name,),
        name="approximation on a grid",
        statement=SURPLUS_BOUND,
        control=Control("half the constant", SURPLUS_BOUND / 2),
        relations=_near,
        declared=18,
    ),
    Simulated(
        claim="G2",
        clauses=(MINIMISER.name,),
        name="simulated error at the optimum",
        statement=INTERIOR,
        control=Control("half the signal", mu / 2),
        draw=_errors(float(enclose_to(INTERIOR.subs(_RARE), _ENCLOSURE))),
        span=(0.0, 1.0),
        predict=_value,
        smallest_error=0.01,
        where="p = 0.05, mu = 1, s = 0.25, b = b*",
    ),
)
