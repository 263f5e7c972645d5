"""Checks of A2: energies by integration of the activations over the law of the noise, and simulated nodes."""

from math import exp, pi, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sympy import Rational

from numerics.activations import activation
from numerics.backend import to_numpy
from purecheck.checks._pure_nodes import pure_node_of
from purecheck.enclosures.certify import Values
from purecheck.evaluators.points import at_points
from purecheck.methods.agrees import agrees
from purecheck.methods.simulated import Draw, Simulated, prediction
from purecheck.runtime.context import Context
from purecheck.verdicts.check import Check, near, off_by
from theory.activations.a2_noise_energy import (
    BIASED_RELU_ENERGY,
    GATE_ENERGY,
    GELU_CLAUSE,
    RELU_ENERGY,
    SIGMOID_CLAUSE,
    SILU_CLAUSE,
    SOFT_THRESHOLD_ENERGY,
    TANH_CLAUSE,
    T,
)
from theory.claims import Clause
from theory.model import b, s
from theory.ranges import closed

_CLAUSES = {
    "gate": GATE_ENERGY,
    "biased_relu": BIASED_RELU_ENERGY,
    "soft_threshold": SOFT_THRESHOLD_ENERGY,
    "relu": RELU_ENERGY,
    "gelu": GELU_CLAUSE,
    "tanh": TANH_CLAUSE,
    "sigmoid": SIGMOID_CLAUSE,
    "silu": SILU_CLAUSE,
}
_SCENES = 8
_small = at_points(_SCENES, pure_node_of, b=closed(0, 3), s=closed(Rational(1, 2), 2), T=closed(Rational(1, 10), 6))

_REACH = 8.0  # larger noise would add less than 1e-12 to an energy
_AT: Values = {s: Rational(1), b: Rational(1, 2), T: Rational(8)}
_WHERE = "s = 1, b = 1/2; noise drawn uniformly on [-8, 8] and weighted by its density"
_SPAN = 2 * _REACH * 2 * exp(-1) / sqrt(2 * pi)
"""An upper bound on a draw: no activation exceeds |v|, and `16 v^2 phi(v)` is largest at `v^2 = 2`."""


def _draws(word: str) -> Draw:
    """Draws whose mean is the energy of the activation in `numerics`; |v| > 8 would add less than 1e-12."""

    def draw(rng: np.random.Generator, n: int, context: Context) -> NDArray[np.float64]:
        noise = rng.uniform(-_REACH, _REACH, n)
        act, on_device = activation(word, float(_AT[b])), context.backend.asarray
        passed = to_numpy(act.value(on_device(noise)) - act.value(on_device(np.zeros(1))))
        return np.asarray(2 * _REACH * passed**2 * np.exp(-(noise**2) / 2) / sqrt(2 * pi))

    return draw


def _predicted(clause: Clause) -> float:
    """The right side; for a bracket, which is narrower than 1e-12 at this cut, its first end."""
    first, *_ = clause.conjuncts
    return prediction(first.rhs.subs(_AT))


_HALF_MORE = off_by(Rational(1, 2))


CHECKS: tuple[Check[Any], ...] = (
    *(agrees("A2", clause, _small, _SCENES) for clause in _CLAUSES.values()),
    *(
        Simulated(
            claim="A2",
            clauses=(clause.name,),
            name=f"simulated noise, {clause.name}",
            statement=clause,
            control=near(clause, _HALF_MORE),
            miss=_HALF_MORE,
            draw=_draws(word),
            span=(0.0, _SPAN),
            predict=_predicted,
            smallest_error=_predicted(clause) / 2,
            where=_WHERE,
        )
        for word, clause in _CLAUSES.items()
    ),
)
