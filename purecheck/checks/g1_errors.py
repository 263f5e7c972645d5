"""Checks of G1 besides its derivations: the events of the gate under the law of the noise, and simulated gates."""

from collections.abc import Iterator
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray
from sympy import Expr, Integral, Rational

from numerics.features import Amplitude, ConstantAmplitude, FeatureLaw, UniformAmplitude
from purecheck.checks._pure_nodes import observed_gates, pure_node_of
from purecheck.evaluators.points import at_points, points
from purecheck.evaluators.registry import Chance, Scene
from purecheck.methods.agrees import agrees
from purecheck.methods.simulated import Draw, Simulated, prediction
from purecheck.runtime.context import Context
from purecheck.verdicts.check import near, off_by
from theory.claims import Clause
from theory.gate.g1_errors import FALSE_FIRE, MEAN_MISS, MISS, R
from theory.model import b, mu, omega, s
from theory.theorems.indicators import Mean

_AT = {omega: Rational(2), s: Rational(1, 2), mu: Rational(1), b: Rational(4, 5)}
_WHERE = "omega = 2, sigma = 1/4, b = 4/5"
_UNIFORM = UniformAmplitude(0.25, 1.0)
_AMPLITUDES = (Fraction(1, 2), Fraction(3))
"""Equally likely values of the random amplitude of an instance."""

_rates = at_points(36, pure_node_of)


def _random_amplitudes(clause: Clause, rng: np.random.Generator) -> Iterator[Scene]:
    """Pure nodes whose amplitude takes two values."""
    model = pure_node_of(clause, amplitudes=_AMPLITUDES)
    outcomes = tuple(Chance(Fraction(1, len(_AMPLITUDES)), {R: value}) for value in _AMPLITUDES)
    for point in points(clause, rng, 36):
        where = ", ".join(f"{x} = {value}" for x, value in point.items())
        yield Scene(f"{where}, R one of {', '.join(map(str, _AMPLITUDES))}", point, model, outcomes)


def _gates(p: float, amplitude: Amplitude, *, fires: bool) -> Draw:
    """Draws of whether the gate of a pure node fires, or is silent if `fires` is false, from the network itself."""

    def draw(rng: np.random.Generator, n: int, context: Context) -> NDArray[np.float64]:
        law = FeatureLaw(2, p, amplitude)
        _, gates = observed_gates(rng, n, context, law=law, omega=2.0, sigma=0.25, b=0.8)
        return np.asarray(gates[:, 0] == fires, dtype=np.float64)

    return draw


def _predicted(clause: Clause) -> float:
    return prediction(clause.formula.rhs.subs(_AT))


def _uniform_average(clause: Clause) -> float:
    """The right side with the mean taken over the uniform law of the simulation."""
    low, high = Rational(1, 4), Rational(1)

    def average(rate: Expr) -> Expr:
        return Integral(rate / (high - low), (R, low, high))

    return prediction(clause.formula.rhs.replace(Mean, average).subs(_AT))


_TENTH, _FIFTH = off_by(Rational(1, 10)), off_by(Rational(1, 5))

CHECKS = (
    agrees("G1", FALSE_FIRE, _rates, 36),
    agrees("G1", MISS, _rates, 36),
    agrees("G1", MEAN_MISS, _random_amplitudes, 36),
    Simulated(
        claim="G1",
        clauses=(FALSE_FIRE.name,),
        name="simulated gate without its feature",
        statement=FALSE_FIRE,
        control=near(FALSE_FIRE, _FIFTH),
        miss=_FIFTH,
        draw=_gates(0.0, ConstantAmplitude(1.0), fires=True),
        span=(0.0, 1.0),
        predict=_predicted,
        smallest_error=0.01,
        where=_WHERE,
    ),
    Simulated(
        claim="G1",
        clauses=(MISS.name,),
        name="simulated gate with its feature",
        statement=MISS,
        control=near(MISS, _TENTH),
        miss=_TENTH,
        draw=_gates(1.0, ConstantAmplitude(0.5), fires=False),
        span=(0.0, 1.0),
        predict=_predicted,
        smallest_error=0.02,
        where=_WHERE + ", r = 1/2",
    ),
    Simulated(
        claim="G1",
        clauses=(MEAN_MISS.name,),
        name="simulated gate with random amplitude",
        statement=MEAN_MISS,
        control=near(MEAN_MISS, _TENTH),
        miss=_TENTH,
        draw=_gates(1.0, _UNIFORM, fires=False),
        span=(0.0, 1.0),
        predict=_uniform_average,
        smallest_error=0.01,
        where=_WHERE + ", R uniform on [1/4, 1]",
    ),
)
