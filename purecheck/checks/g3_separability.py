"""Checks of G3 besides its derivations: every support under the law of the noise, and a simulated network."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from sympy import Expr, Integer, Rational, Symbol

from numerics.features import ConstantAmplitude, FeatureLaw
from purecheck.checks._pure_nodes import observed_gates, pure_node_of
from purecheck.enclosures.certify import Values
from purecheck.evaluators.gate import PureLayer
from purecheck.evaluators.noise import NORMAL, SKEWED
from purecheck.evaluators.points import points
from purecheck.evaluators.registry import Scene
from purecheck.methods.agrees import agrees
from purecheck.methods.simulated import Simulated, prediction
from purecheck.runtime.context import Context
from purecheck.verdicts.check import near
from theory.assumptions import normal_noise, orthogonal_dictionary
from theory.claims import Clause, NearMiss
from theory.gate.g1_errors import MISS
from theory.gate.g3_separability import ACTIVE, ALL, SILENT
from theory.model import alpha, b, d, mu, s

_FEATURES, _WEIGHT = 100, 2.0
_SIMULATED: Values = {d: Integer(_FEATURES), alpha: Rational(1, 10), s: Rational(1, 2)}

_TINY = Rational(1, 10**8)  # closer to an end than `points` goes; clauses fail just beyond this corner


def _on_nodes(clause: Clause, rng: np.random.Generator) -> Iterator[Scene]:
    """Pure nodes, including one very near to the largest error and to the least signal."""
    model = pure_node_of(clause)
    for point in points(clause, rng, 36):
        yield Scene(", ".join(f"{x} = {value}" for x, value in point.items()), point, model)
    corner: dict[Symbol, Expr] = {d: Integer(1), s: Integer(1)}
    corner[alpha] = (1 - _TINY) * clause.over[alpha].at(corner).high
    if mu in clause.over:
        corner[mu] = clause.over[mu].at(corner).low + _TINY
    yield Scene(f"alpha just below {clause.over[alpha].high}, d = s = 1, the least signal", corner, model)


def _on_layers(clause: Clause, rng: np.random.Generator) -> Iterator[Scene]:
    """Layers of few features, and of a hundred and a thousand."""
    model = PureLayer(
        orthogonal=orthogonal_dictionary in clause.assumes,
        noise=NORMAL if normal_noise in clause.assumes else SKEWED,
    )
    for point in points(clause, rng, 36):
        yield Scene(", ".join(f"{x} = {value}" for x, value in point.items()), point, model)
    for features, error in ((100, Rational(1, 10)), (1000, Rational(1, 1000))):
        yield Scene(
            f"d = {features}, alpha = {error}, s = 1", {d: Integer(features), alpha: error, s: Integer(1)}, model
        )


def _arguments(clause: Clause) -> tuple[Expr, Expr]:
    """The threshold and the least signal in the clause."""
    _, threshold, signal, _ = clause.formula.lhs.args
    return threshold, signal


def _number(value: Expr) -> float:
    return prediction(value.subs(_SIMULATED))


def _rightness(rng: np.random.Generator, n: int, context: Context) -> NDArray[np.float64]:
    """Draws of whether all gates of a network are right, all features active at the least signal of the ledger."""
    threshold, signal = map(_number, _arguments(ALL))
    law = FeatureLaw(_FEATURES, 1.0, ConstantAmplitude(signal / _WEIGHT))
    is_active, fires = observed_gates(
        rng, n, context, law=law, omega=_WEIGHT, sigma=float(_SIMULATED[s]) / _WEIGHT, b=threshold
    )
    return np.asarray(np.all(is_active == fires, axis=1), dtype=np.float64)


def _independent(clause: Clause) -> float:
    """The probability under independent noise at the threshold and signal of the clause, all features active."""
    threshold, signal = _arguments(clause)
    rate = MISS.formula.rhs.subs({b: threshold, mu: signal}, simultaneous=True)
    return _number((1 - rate) ** d)


def _weaker(clause: Clause) -> NearMiss:
    """The near miss of a signal that is nine tenths of the least one."""
    threshold, signal = _arguments(clause)
    features, _, _, deviation = clause.formula.lhs.args
    probability = clause.formula.lhs.func(features, threshold, Rational(9, 10) * signal, deviation)
    return NearMiss("nine tenths of the least signal", clause.formula.func(probability, clause.formula.rhs))


CHECKS = (
    agrees("G3", SILENT, _on_nodes, 37),
    agrees("G3", ACTIVE, _on_nodes, 37),
    agrees("G3", ALL, _on_layers, 38),
    Simulated(
        claim="G3",
        clauses=(ALL.name,),
        name="simulated network at the least signal",
        statement=ALL,
        control=near(ALL, _weaker),
        miss=_weaker,
        draw=_rightness,
        span=(0.0, 1.0),
        predict=_independent,
        smallest_error=0.05,
        where=", ".join(f"{name} = {value}" for name, value in _SIMULATED.items()) + ", all features active",
    ),
)
