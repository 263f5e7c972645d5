"""Checks of A2: energies by certified integration of the definitions, and simulated nodes under noise."""

from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from math import exp, pi, sqrt
from typing import Any

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray
from sympy import And, Basic, Expr, Integer, Integral, Le, Rational

from numerics.activations import activation
from numerics.backend import to_numpy
from purecheck.check import Check, Control
from purecheck.comparison import Comparison
from purecheck.context import Context
from purecheck.enclosures.certify import Values, enclose_to
from purecheck.methods.certified import Certified
from purecheck.methods.sampled import Sampled
from purecheck.methods.simulated import Draw, Simulated
from purecheck.strategies import rationals
from theory.activations.a2_noise_energy import (
    BIASED_RELU_ENERGY,
    GATE_ENERGY,
    GELU_CLAUSE,
    NOISE_ENERGY,
    RELU_ENERGY,
    SIGMOID_CLAUSE,
    SILU_CLAUSE,
    SOFT_THRESHOLD_ENERGY,
    TANH_CLAUSE,
)
from theory.activations.choices import ACTIVATION, CHOICE, GELU, v
from theory.model import Q, b, normal_density, s

Energies = Callable[[str], Expr]

_ERROR = 1e-12
_FAR = 12
_DENSITY = normal_density(v, Integer(0), s)
_CUT = _FAR * s + b
_DEFINITIONS: Mapping[str, Expr] = {
    "gate": Integral(2 * v**2 * _DENSITY, (v, b, _CUT)),
    "biased_relu": Integral((v - b) ** 2 * _DENSITY, (v, b, _CUT)),
    "soft_threshold": Integral(2 * (v - b) ** 2 * _DENSITY, (v, b, _CUT)),
    "relu": Integral(v**2 * _DENSITY, (v, 0, _CUT)),
    "gelu": Integral(GELU**2 * _DENSITY, (v, -_CUT, _CUT)),
}
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
_POINTS = st.tuples(
    st.sampled_from(tuple(_DEFINITIONS)),
    rationals(Fraction(0), Fraction(2)),
    rationals(Fraction(1, 4), Fraction(2)),
)


def _energy(word: str) -> Expr:
    return NOISE_ENERGY.expression.subs(ACTIVATION, CHOICE.number(word))


_TAILS_ALONE = 2 * s**2 * Q(b / s)


def _without_density(word: str) -> Expr:
    return _TAILS_ALONE if word == "gate" else _energy(word)


def _against_definition(
    energies: Energies, example: tuple[str, Fraction, Fraction], _: Context
) -> Iterable[Comparison]:
    """The closed form against the integral of the squared activation over the noise."""
    word, threshold, spread = example
    values = {b: Rational(*threshold.as_integer_ratio()), s: Rational(*spread.as_integer_ratio())}
    found = float(enclose_to(_DEFINITIONS[word].subs(values), _ERROR))
    closed = float(enclose_to(energies(word).subs(values), _ERROR))
    # Two enclosures; beyond 12 s the energy is at most 2 s^2 (12 phi(12) + Q(12)) < 1e-28; values of at most 4.
    slack = 2 * _ERROR + 1e-28 + 8 * float(np.finfo(float).eps)
    yield Comparison(found, "==", closed, f"{word}, b = {threshold}, s = {spread}", slack)


def _quoted(figures: tuple[str, str]) -> Iterable[tuple[Basic, Values]]:
    """The gate's energy at s = 1, b = 3/2, and what is left of it without the density term."""
    point = {s: Integer(1), b: Rational(3, 2)}
    for expr, figure in zip((_energy("gate"), _TAILS_ALONE), figures, strict=True):
        middle, half = Rational(figure), Rational(1, 2000)
        yield And(Le(middle - half, expr), Le(expr, middle + half)), point


_AT = {s: Rational(1), b: Rational(1, 2)}
_WHERE = "s = 1, b = 1/2; noise drawn uniformly on [-8, 8] and weighted by its density"
_REACH = 8.0
_SPAN = 2 * _REACH * 2 * exp(-1) / sqrt(2 * pi)
"""No activation exceeds |v|, and `16 v^2 phi(v)` is largest at `v^2 = 2`."""


def _draws(word: str) -> Draw:
    """Draws whose mean is the energy of the coded activation; |v| > 8 would add less than 1e-12."""

    def draw(rng: np.random.Generator, n: int, context: Context) -> NDArray[np.float64]:
        noise = rng.uniform(-_REACH, _REACH, n)
        act, on_device = activation(word, 0.5), context.backend.asarray
        passed = to_numpy(act.value(on_device(noise)) - act.value(on_device(np.zeros(1))))
        return np.asarray(2 * _REACH * passed**2 * np.exp(-(noise**2) / 2) / sqrt(2 * pi))

    return draw


def _predicted(expr: Expr) -> float:
    return float(enclose_to(expr.subs(_AT), _ERROR))


CHECKS: tuple[Check[Any], ...] = (
    Sampled[Energies](
        claim="A2",
        clauses=tuple(_CLAUSES[word].name for word in _DEFINITIONS),
        name="closed forms against the definition",
        statement=_energy,
        control=Control("the gate without its density term", _without_density),
        examples=_POINTS,
        compare=_against_definition,
    ),
    Certified(
        claim="A2",
        clauses=(GATE_ENERGY.name,),
        name="gate without its density term: .134 for .522",
        statement=(".522", ".134"),
        control=Control("the figures exchanged", (".134", ".522")),
        relations=_quoted,
        declared=2,
    ),
    *(
        Simulated(
            claim="A2",
            clauses=(clause.name,),
            name=f"simulated noise, {clause.name}",
            statement=_energy(word),
            control=Control("half of it", _energy(word) / 2),
            draw=_draws(word),
            span=(0.0, _SPAN),
            predict=_predicted,
            smallest_error=error,
            where=_WHERE,
        )
        for word, clause, error in ((word, clause, _predicted(_energy(word)) / 2) for word, clause in _CLAUSES.items())
    ),
)
