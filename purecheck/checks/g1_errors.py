"""Checks of G1 beside its derivations: simulated gates, and integration of the density at drawn parameters."""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray
from sympy import Expr, Integral, Rational, Symbol

from numerics.features import Amplitude, ConstantAmplitude, FeatureLaw, UniformAmplitude
from purecheck.check import Control
from purecheck.checks._pure_nodes import observed_gates
from purecheck.comparison import Comparison
from purecheck.context import Context
from purecheck.enclosures.certify import enclose_to
from purecheck.methods.sampled import Sampled
from purecheck.methods.simulated import Draw, Simulated
from purecheck.strategies import rationals
from theory.gate.g1_errors import FALSE_FIRE, MEAN_MISS, MISS, miss_rate
from theory.model import Q, b, mu, normal_density, omega, s

_ERROR = 1e-12
_AT = {omega: Rational(2), s: Rational(1, 2), mu: Rational(2), b: Rational(4, 5)}
_WHERE = "omega = 2, sigma = 1/4, b = 4/5"
_CONSTANT, _UNIFORM = ConstantAmplitude(1.0), UniformAmplitude(0.25, 1.0)
_R, _v = Symbol("R", positive=True), Symbol("v", real=True)


def _value(formula: Expr) -> float:
    return float(enclose_to(formula.subs(_AT), _ERROR))


def _uniform_average(rate: Expr) -> float:
    low, high = Rational(1, 4), Rational(1)
    return _value(Integral(rate / (high - low), (_R, low, high)))


def _gates(law: FeatureLaw, fires: bool) -> Draw:
    """Draws of whether the gate of a pure node comes out as `fires`, from the network itself."""

    def draw(rng: np.random.Generator, n: int, context: Context) -> NDArray[np.float64]:
        _, gates = observed_gates(rng, n, context, law=law, omega=2.0, sigma=0.25, b=0.8)
        return np.asarray(gates[:, 0] == fires, dtype=np.float64)

    return draw


def _law(p: float, amplitude: Amplitude) -> FeatureLaw:
    return FeatureLaw(2, p, amplitude)


@dataclass(frozen=True)
class _Rates:
    fires: Expr
    misses: Expr


_PARAMETERS = st.fixed_dictionaries(
    {
        b: rationals(Fraction(0), Fraction(3)),
        mu: rationals(Fraction(1, 10), Fraction(3)),
        s: rationals(Fraction(1, 10), Fraction(2)),
    }
)


def _against_density(rates: _Rates, point: dict[Symbol, Fraction], _context: Context) -> Iterable[Comparison]:
    """The closed forms against the integral of the normal density over the silent range."""
    values = {name: Rational(value.numerator, value.denominator) for name, value in point.items()}
    where = ", ".join(f"{name} = {value}" for name, value in values.items())
    for rate, mean, silent in ((rates.fires, 0, False), (rates.misses, mu, True)):
        mass = enclose_to(Integral(normal_density(_v, mean, s), (_v, -b, b)).subs(values), _ERROR)
        closed = enclose_to(rate.subs(values), _ERROR)
        # Two enclosures of radius _ERROR, and the rounding of numbers of at most one to floats.
        slack = 2 * _ERROR + 4 * float(np.finfo(float).eps)
        yield Comparison(float(mass if silent else 1 - mass), "==", float(closed), where, slack)


CHECKS = (
    Simulated(
        claim="G1",
        clauses=(FALSE_FIRE.name,),
        name="simulated gate without its feature",
        statement=FALSE_FIRE.formula.rhs,
        control=Control("one tail instead of two", Q(b / s)),
        draw=_gates(_law(0.0, _CONSTANT), fires=True),
        span=(0.0, 1.0),
        predict=_value,
        smallest_error=0.01,
        where=_WHERE,
    ),
    Simulated(
        claim="G1",
        clauses=(MISS.name,),
        name="simulated gate with its feature",
        statement=MISS.formula.rhs,
        control=Control("0.9 of the signal", MISS.formula.rhs.subs(mu, mu * Rational(9, 10))),
        draw=_gates(_law(1.0, _CONSTANT), fires=False),
        span=(0.0, 1.0),
        predict=_value,
        smallest_error=0.005,
        where=_WHERE + ", r = 1",
    ),
    Simulated(
        claim="G1",
        clauses=(MEAN_MISS.name,),
        name="simulated gate with random amplitude",
        statement=miss_rate(b, omega * _R),
        control=Control("the mean amplitude in place of the average", miss_rate(b, omega * Rational(5, 8))),
        draw=_gates(_law(1.0, _UNIFORM), fires=False),
        span=(0.0, 1.0),
        predict=_uniform_average,
        smallest_error=0.01,
        where=_WHERE + ", R uniform on [1/4, 1]",
    ),
    Sampled(
        claim="G1",
        clauses=(FALSE_FIRE.name, MISS.name),
        name="closed forms against the density",
        statement=_Rates(FALSE_FIRE.formula.rhs, MISS.formula.rhs),
        control=Control("the lower tail forgotten", _Rates(FALSE_FIRE.formula.rhs, miss_rate(b, mu) + Q((b + mu) / s))),
        examples=_PARAMETERS,
        compare=_against_density,
        share=0.25,
    ),
)
