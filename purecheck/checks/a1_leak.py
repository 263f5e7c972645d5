"""Checks of A1: leaks of the coded activations, networks pure in features under a small attack, noisy nodes."""

from collections.abc import Iterable, Mapping
from fractions import Fraction

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray
from sympy import Expr, Integer, Integral, Rational, Symbol

from numerics.activations import THRESHOLDED, activation
from numerics.backend import to_numpy
from numerics.rounding import central_difference_bound, gamma
from purecheck.check import Control
from purecheck.comparison import Comparison
from purecheck.context import Context
from purecheck.enclosures.certify import enclose_to
from purecheck.methods.enumerated import Enumerated
from purecheck.methods.sampled import Sampled
from purecheck.methods.simulated import Draw, Simulated
from purecheck.strategies import rationals, reals, seeds
from theory.activations.a1_finite_attacks import CUBE, EXACT, EXACT_GATE, EXACT_ONLY
from theory.activations.a1_leak import (
    CROSS_TALK_ENERGY,
    FIRST,
    FLAT,
    GATE_DERIVATIVE,
    GATE_SLOPE,
    LEAK,
    LINEAR_PAIRS,
    NOISY_GATE,
    RELU_NODE,
    RELU_PAIR,
)
from theory.activations.a1_leak import SMOOTH as SMOOTH_LEAKS
from theory.activations.choices import ACTIVATION, CHOICE
from theory.model import b, normal_density, s

_STEP = 2.0**-16
_THIRD_DERIVATIVE = 2.0  # bounds |act'''| of tanh, sigmoid, SiLU and GELU; the others are linear by pieces
_THRESHOLD = 0.5


def _leak(word: str) -> Fraction:
    value = LEAK.expression.subs(ACTIVATION, CHOICE.number(word))
    return Fraction(int(value.p), int(value.q))


def _leaks(ratio: Mapping[str, Fraction]) -> Iterable[Comparison]:
    """The closed form against the leak that the coded activation declares."""
    for word in CHOICE.words:
        declared = Fraction(activation(word, _THRESHOLD).leak)
        yield Comparison(declared, "==", _leak(word) * ratio.get(word, 1), f"leak of {word}")


_LAYERS = st.tuples(st.sampled_from(CHOICE.words), seeds(), st.integers(1, 6), st.integers(1, 12))


def _under_attack(power: int, example: tuple[str, int, int, int], context: Context) -> Iterable[Comparison]:
    """Slopes of a layer that is pure in features, in the directions of its absent features, by central differences."""
    word, seed, d, nodes = example
    act, rng = activation(word, _THRESHOLD), np.random.default_rng(seed)
    feature, a = rng.integers(d, size=nodes), rng.uniform(-2, 2, nodes)
    omega = rng.choice([-1, 1], nodes) * rng.uniform(0.25, 2, nodes)
    is_absent = rng.random(d) < 0.5
    is_absent[rng.integers(d)] = True
    backend = context.backend

    def outputs(x: float, j: int) -> NDArray[np.float64]:
        return to_numpy(act.value(backend.asarray(omega * np.where(feature == j, x, 0.0)))) * a

    leak = float(_leak(word)) ** (power / 2)
    for j in np.flatnonzero(is_absent):
        above, below = outputs(_STEP, int(j)), outputs(-_STEP, int(j))
        slope = float(np.sum(above - below)) / (2 * _STEP)
        predicted = leak * float(np.sum(np.where(feature == j, a * omega, 0.0)))
        # An output is at most 2 (|v| + 1/2) and takes fewer than 24 roundings; a_h omega_h^3 is at most 16.
        evaluation = nodes * gamma(24 + nodes, "float64") * 2 * (0.5 + 2 * _STEP)
        slack = central_difference_bound(_STEP, evaluation, 16 * nodes * _THIRD_DERIVATIVE)
        slack += gamma(nodes + 3, "float64") * 4 * nodes
        yield Comparison(slope, "==", predicted, f"{word}, {nodes} nodes, slope in feature {j + 1} (absent)", slack)


_NODES = st.tuples(st.sampled_from(tuple(THRESHOLDED)), reals(0.25, 2), reals(0.01, 0.99))


def _within_reach(size: float, example: tuple[str, float, float], context: Context) -> Iterable[Comparison]:
    """The largest change of a node with a threshold, over a grid of attacks of `size` times what it withstands."""
    word, threshold, share = example
    grid = context.backend.asarray(np.linspace(-1, 1, 65) * share * size * threshold)
    change = float(np.max(np.abs(to_numpy(activation(word, threshold).value(grid)))))
    yield Comparison(change, "==", 0.0, f"{word}, b = {threshold}, attack up to {share * size} b")


_ODD = st.tuples(st.sampled_from(("relu", "silu", "gelu")), reals(-8, 8))


def _pair(factor: float, example: tuple[str, float], context: Context) -> Iterable[Comparison]:
    """Two opposite nodes with opposite heads."""
    word, v = example
    act, backend = activation(word), context.backend
    up, down = (to_numpy(act.value(backend.asarray(np.array([x]))))[0] for x in (v, -v))
    # Either value is at most |v| and good to 16 roundings.
    slack = gamma(18, "float64") * 2 * abs(v)
    yield Comparison(float(up - down), "==", factor * v, f"{word}: act(v) - act(-v) at v = {v}", slack)


_CUBES = st.tuples(reals(0.01, 2), reals(0.1, 2))


def _cube(power: int, example: tuple[float, float], _: Context) -> Iterable[Comparison]:
    """The cube over a grid of attacks."""
    eps, norm = example
    change = float(np.max(np.abs((np.linspace(-1, 1, 65) * eps * norm) ** 3)))
    expected = (eps * norm) ** power
    where = f"v^3, eps = {eps}, ||w||_* = {norm}"
    yield Comparison(change, "==", expected, where, gamma(12, "float64") * (eps * norm) ** 3)


def _open(word: str, spread: float) -> Draw:
    """Draws of the derivative of a node of that spread of noise, without its feature."""

    def draw(rng: np.random.Generator, n: int, context: Context) -> NDArray[np.float64]:
        noise = context.backend.asarray(spread * rng.standard_normal(n))
        return np.asarray(to_numpy(activation(word, _THRESHOLD).derivative(noise)), dtype=np.float64)

    return draw


_AT = {b: Rational(1, 2), s: Rational(1, 2)}
_ERROR = 1e-12
_v = Symbol("v", real=True)
_GATE = st.tuples(rationals(Fraction(0), Fraction(2)), rationals(Fraction(1, 4), Fraction(2)))


def _value(expr: Expr) -> float:
    return float(enclose_to(expr.subs(_AT), _ERROR))


def _shifted_mean(slope: Expr, example: tuple[Fraction, Fraction], _: Context) -> Iterable[Comparison]:
    """The slope of the mean output as `E[gate(v) v]/s^2`: the density answers to a shift with `v/s^2` times itself."""
    values = {b: Rational(*example[0].as_integer_ratio()), s: Rational(*example[1].as_integer_ratio())}
    integrand = 2 * _v**2 * normal_density(_v, Integer(0), s) / s**2
    mean = enclose_to(Integral(integrand, (_v, b, b + 12 * s)).subs(values), _ERROR)
    # Beyond 12 s the integral is at most 2 (12 phi(12) + Q(12)) < 1e-29; two enclosures, and rounding to floats.
    slack = 2 * _ERROR + 1e-29 + 8 * float(np.finfo(float).eps)
    where = f"slope of the mean of the gate, b = {example[0]}, s = {example[1]}"
    yield Comparison(float(mean), "==", float(enclose_to(slope.subs(values), _ERROR)), where, slack)


_EQUATIONS = {equation.lhs: equation.rhs for equation in NOISY_GATE.formula.args}

CHECKS = (
    Enumerated(
        claim="A1",
        clauses=(FLAT.name, SMOOTH_LEAKS.name, RELU_NODE.name),
        name="leaks of the coded activations",
        statement={},
        control=Control("1/2 for the sigmoid", {"sigmoid": Fraction(2)}),
        cases=_leaks,
        declared=len(CHOICE.words),
    ),
    Sampled(
        claim="A1",
        clauses=(CROSS_TALK_ENERGY.name, FIRST.name, FLAT.name, SMOOTH_LEAKS.name),
        name="pure layers under a small attack",
        statement=2,
        control=Control("the root of the leak", 1),
        examples=_LAYERS,
        compare=_under_attack,
    ),
    Sampled(
        claim="A1",
        clauses=(EXACT.name, EXACT_ONLY.name, EXACT_GATE.name),
        name="nodes with a threshold within reach of it",
        statement=1.0,
        control=Control("three times the size", 3.0),
        examples=_NODES,
        compare=_within_reach,
    ),
    Sampled(
        claim="A1",
        clauses=(LINEAR_PAIRS.name, RELU_PAIR.name),
        name="odd pairs",
        statement=1.0,
        control=Control("half: 1/2 for a ReLU pair", 0.5),
        examples=_ODD,
        compare=_pair,
    ),
    Sampled(
        claim="A1",
        clauses=(CUBE.name,),
        name="the cube under an attack",
        statement=3,
        control=Control("linear in the size", 1),
        examples=_CUBES,
        compare=_cube,
    ),
    Simulated(
        claim="A1",
        clauses=(RELU_NODE.name,),
        name="noise opens a ReLU",
        statement=0.5,
        control=Control("always", 1.0),
        draw=_open("relu", 0.5),
        span=(0.0, 1.0),
        predict=lambda probability: probability,
        smallest_error=0.01,
        where="s = 1/2",
    ),
    Simulated(
        claim="A1",
        clauses=(NOISY_GATE.name,),
        name="derivative of a noisy gate",
        statement=_EQUATIONS[GATE_DERIVATIVE],
        control=Control("with the jumps", _EQUATIONS[GATE_SLOPE]),
        draw=_open("gate", 0.5),
        span=(0.0, 1.0),
        predict=_value,
        smallest_error=0.01,
        where="s = b = 1/2",
    ),
    Sampled(
        claim="A1",
        clauses=(NOISY_GATE.name,),
        name="mean of a noisy gate under a shift",
        statement=_EQUATIONS[GATE_SLOPE],
        control=Control("without the jumps", _EQUATIONS[GATE_DERIVATIVE]),
        examples=_GATE,
        compare=_shifted_mean,
        share=0.5,
    ),
)
