"""Checks of G2 besides its derivations: the sign of the derivative of the error, and simulated gates at the optimum."""

from collections.abc import Iterator
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray
from sympy import Integer, Rational

from numerics.features import ConstantAmplitude, FeatureLaw
from purecheck.checks._pure_nodes import observed_gates, pure_node_of
from purecheck.enclosures.certify import Values
from purecheck.evaluators.points import points
from purecheck.evaluators.registry import Scene
from purecheck.methods.agrees import agrees
from purecheck.methods.simulated import Simulated, prediction
from purecheck.runtime.context import Context
from purecheck.verdicts.check import near, off_by
from theory.assumptions import constant_amplitude
from theory.claims import Clause
from theory.gate.g2_optimal_threshold import BOUNDARY, ERROR, MINIMISER, NEAR, ZERO
from theory.model import b, mu, p, s
from theory.ranges import closed

_SIMULATED: Values = {p: Rational(1, 20), mu: Integer(1), s: Rational(1, 4)}
_SIGNAL, _NOISE = closed(Rational(1, 10), 3), closed(Rational(1, 2), 2)
_VERY_NEAR = 1 - Rational(1, 10**8)  # closer to an end than `points` goes; clauses fail just beyond this one


def _nodes(clause: Clause, rng: np.random.Generator) -> Iterator[Scene]:
    """Pure nodes with features of every rate, some very near to the critical rate if the range ends there."""
    varied = constant_amplitude not in clause.assumes
    model = pure_node_of(clause, (Fraction(1, 2), Fraction(3, 2)) if varied else (Fraction(1),))
    for point in points(clause, rng, 16, mu=_SIGNAL, s=_NOISE):
        yield Scene(", ".join(f"{x} = {value}" for x, value in point.items()), point, model)
    if p in clause.over:
        here = {mu: Integer(1), s: Integer(1)}
        highest = clause.over[p].at(here).high
        yield Scene(f"p just below {highest}, mu = s = 1", {**here, p: _VERY_NEAR * highest}, model)


def _errors(rng: np.random.Generator, n: int, context: Context) -> NDArray[np.float64]:
    """Draws of whether the gate of a pure node is wrong, from the network itself, at the threshold of the ledger."""
    law = FeatureLaw(1, float(_SIMULATED[p]), ConstantAmplitude(float(_SIMULATED[mu])))
    threshold = prediction(MINIMISER.formula.rhs.subs(_SIMULATED))
    is_active, fires = observed_gates(rng, n, context, law=law, omega=1.0, sigma=float(_SIMULATED[s]), b=threshold)
    return np.asarray(is_active != fires, dtype=np.float64)[:, 0]


def _error(clause: Clause) -> float:
    """The error of G1 at the threshold of the clause."""
    return prediction(ERROR.subs(b, clause.formula.rhs).subs(_SIMULATED))


_THIRD_LESS = off_by(-Rational(1, 3))

CHECKS = (
    agrees("G2", MINIMISER, _nodes, 17),
    agrees("G2", ZERO, _nodes, 17),
    agrees("G2", BOUNDARY, _nodes, 16),
    agrees("G2", NEAR, _nodes, 17),
    Simulated(
        claim="G2",
        clauses=(MINIMISER.name,),
        name="simulated error at the optimum",
        statement=MINIMISER,
        control=near(MINIMISER, _THIRD_LESS),
        miss=_THIRD_LESS,
        draw=_errors,
        span=(0.0, 1.0),
        predict=_error,
        smallest_error=0.01,
        where=", ".join(f"{name} = {value}" for name, value in _SIMULATED.items()),
    ),
)
