"""Checks of A1: nodes and networks whose features are absent, exactly, and the activations of `numerics`."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray
from sympy import Rational

from numerics.activations import THRESHOLDED, activation
from numerics.backend import to_numpy
from numerics.exact import ExactArray, fractions
from numerics.norms import NORMS, Norm
from numerics.rounding import central_difference_bound, gamma
from purecheck.checks._pure_nodes import pure_node_of, weights_of
from purecheck.evaluators.activations import ACTIVATIONS, INCREASING, NetworkAtInput, RestingNode
from purecheck.evaluators.attacked_gate import AttackedNode
from purecheck.evaluators.gate import ROTATION, SKEW
from purecheck.evaluators.numbers import fraction
from purecheck.evaluators.points import at_points, crossed, points
from purecheck.evaluators.registry import Scene
from purecheck.methods.agrees import agrees
from purecheck.methods.enumerated import Enumerated
from purecheck.methods.sampled import Sampled
from purecheck.methods.simulated import Draw, Simulated, prediction
from purecheck.runtime.context import Context
from purecheck.strategies.numbers import reals, seeds
from purecheck.verdicts.check import Check, near, off_by
from purecheck.verdicts.comparison import Comparison
from theory.activations.a1_finite_attacks import CUBE, EXACT, EXACT_GATE, EXACT_ONLY, constant_on_reach
from theory.activations.a1_leak import (
    CROSS_TALK_ENERGY,
    FIRST,
    FLAT,
    LEAK,
    LINEAR_PAIRS,
    NOISY_GATE,
    RELU_NODE,
    RELU_PAIR,
    SMOOTH,
    D,
    a,
    a_h,
    is_on,
    omega,
    omega_h,
)
from theory.activations.choices import ACTIVATION, CHOICE, v
from theory.assumptions import no_noise, orthogonal_dictionary
from theory.claims import Clause, NearMiss
from theory.model import H, b, d, eps, s
from theory.quantities.activations import GATE_DERIVATIVE, LEAKS
from theory.quantities.gate import DUAL_NORM
from theory.ranges import closed, integers
from theory.theorems.near_zero import Slope

_STEP = 2.0**-16  # near the cube root of the unit roundoff, which balances rounding and truncation
_THIRD_DERIVATIVE = 2.0  # bounds |act'''| of tanh, sigmoid, SiLU and GELU; the others are linear by pieces
_THRESHOLD = Fraction(1, 2)
_WORDS = tuple(ACTIVATIONS)


_POINTS = 24
"""Points under each choice: at most three parameters lead through all of at most eight candidates, those of
`purecheck.evaluators.points.candidates`."""


def _dictionary(clause: Clause) -> ExactArray:
    return fractions(ROTATION if orthogonal_dictionary in clause.assumes else SKEW)


def _inactive(clause: Clause, w: ExactArray, norm: Norm, size: Fraction, noise: Fraction) -> AttackedNode:
    """A node at an observation of the other feature alone, with noise that adds `noise` to it if there is any."""
    zeta = w * (0 if no_noise in clause.assumes else noise / Fraction(np.dot(w, w)))
    return AttackedNode(w=w, z=_dictionary(clause) @ fractions([0, 1]) + zeta, norm=norm, eps=size)


def _finite_attacks(clause: Clause, rng: np.random.Generator) -> Iterator[Scene]:
    """Nodes of every activation that the clause allows, under attacks in every norm."""
    words = {EXACT_GATE.name: ("gate",), CUBE.name: ("cube",), EXACT.name: ("gate", "soft_threshold", "biased_relu")}
    allowed = words.get(clause.name, INCREASING)
    if clause.name == EXACT.name and constant_on_reach not in clause.assumes:
        allowed = INCREASING
    for norm, point in crossed(clause, rng, _POINTS, NORMS):
        dual, size = (fraction(x) for x in (point[DUAL_NORM], point[eps]))
        threshold = fraction(point[b]) if b in point else size * dual + Fraction(1, 2)
        w = weights_of(_dictionary(clause)[:, 0], norm, dual)
        word = allowed[int(rng.integers(len(allowed)))]
        # Noise would put the node on its threshold, or far down for an activation that is flat there.
        noise = threshold if word != "relu" else -threshold
        node = RestingNode(activation=word, b=threshold, attacked=_inactive(clause, w, norm, size, noise), along=w)
        yield Scene(f"{word}, w = {w.tolist()}, b = {threshold}, attacks in {norm}, {point}", point, node)


def _one_node(clause: Clause, rng: np.random.Generator) -> Iterator[Scene]:
    """Nodes of every activation that has a derivative at zero."""
    M = _dictionary(clause)
    words = [word for word in _WORDS if word != "relu"]
    for word, point in crossed(clause, rng, _POINTS, words):
        weight, head = (fraction(x) for x in (point[omega_h], point[a_h]))
        w = weight * M[:, 0]
        # A node of weight zero sees nothing; its noise is that of the direction alone.
        attacked = _inactive(clause, w if weight else M[:, 0], "l2", Fraction(0), _THRESHOLD / 2)
        attacked = replace(attacked, w=w)
        node = RestingNode(activation=word, b=_THRESHOLD, attacked=attacked, a=head, along=M[:, 0])
        yield Scene(f"{word}, w = {w.tolist()}, z = {attacked.z.tolist()}, {point}", point, node)


def _networks(clause: Clause, rng: np.random.Generator) -> Iterator[Scene]:
    """Small networks of pure nodes, some features of which are absent."""
    words = [word for word in _WORDS if word != "relu"]
    for word, point in crossed(clause, rng, 10, words, d=integers(1, 4), H=integers(1, 5)):
        features, nodes = int(point[d]), int(point[H])
        M = fractions(np.eye(features, dtype=int).tolist())
        if features > 1:
            M[:2, :2] = _dictionary(clause)
        held = rng.integers(features, size=nodes)
        weights, heads = (fractions([Fraction(int(x), 3) for x in rng.integers(-6, 7, nodes)]) for _ in "ab")
        on = rng.integers(2, size=features)
        x = fractions((on * rng.choice([-2, 1, 2], features)).tolist())
        zeta = fractions([0 if no_noise in clause.assumes else Fraction(1, 4)] * features)
        net = NetworkAtInput(
            activation=word,
            b=_THRESHOLD,
            W=M[:, held] * weights,
            a=heads,
            M=M,
            z=M @ x + zeta,
            absent=tuple(int(j) for j in np.flatnonzero(on == 0)),
        )
        holds = fractions([[int(j == feature) for feature in held] for j in range(features)])
        values = {**point, is_on: fractions(on.tolist()), D: holds, a: heads, omega: weights}
        yield Scene(f"{word}, W = {net.W.tolist()}, a = {heads.tolist()}, z = {net.z.tolist()}", values, net)


def _flat(clause: Clause, rng: np.random.Generator) -> Iterator[Scene]:
    """Nodes with thresholds from a range."""
    for point in points(clause, rng, 12):
        threshold = fraction(point[b])
        w = _dictionary(clause)[:, 0]
        node = RestingNode(
            activation="gate", b=threshold, attacked=AttackedNode(w=w, z=w, norm="l2", eps=Fraction(0)), along=w
        )
        yield Scene(f"b = {threshold}", point, node)


_of_noise = at_points(12, pure_node_of, b=closed(Rational(1, 100), 3), s=closed(Rational(1, 2), 2))
_everywhere = at_points(24)


def _closed_leak(word: str) -> Fraction:
    value = LEAK.expression.subs(ACTIVATION, CHOICE.number(word))
    return fraction(value)


def _coded_leaks(clause: Clause) -> Iterable[Comparison]:
    """The slopes at zero in the clause, compared with those that the activations of `numerics` declare."""
    words = {name: word for word, name in LEAKS.items()}
    for equation in clause.conjuncts:
        word = words[equation.lhs]
        declared = Fraction(activation(word, float(_THRESHOLD)).leak)
        yield Comparison(declared, "==", fraction(equation.rhs), f"leak of {word}")


_LAYERS = st.tuples(st.sampled_from(CHOICE.words), seeds(), st.integers(1, 6), st.integers(1, 12))


def _under_attack(clause: Clause, example: tuple[str, int, int, int], context: Context) -> Iterable[Comparison]:
    """Derivatives of a purified layer in the directions of its absent features, by central differences."""
    word, seed, features, nodes = example
    act, rng = activation(word, float(_THRESHOLD)), np.random.default_rng(seed)
    feature, head = rng.integers(features, size=nodes), rng.uniform(-2, 2, nodes)
    weight = rng.choice([-1, 1], nodes) * rng.uniform(0.25, 2, nodes)
    is_absent = rng.random(features) < 0.5
    is_absent[rng.integers(features)] = True
    backend = context.backend

    def outputs(x: float, j: int) -> NDArray[np.float64]:
        return to_numpy(act.value(backend.asarray(weight * np.where(feature == j, x, 0.0)))) * head

    per_node = float(
        clause.formula.rhs.replace(Slope, lambda _: Rational(_closed_leak(word))).subs({a_h: 1, omega_h: 1})
    )
    for j in np.flatnonzero(is_absent):
        above, below = outputs(_STEP, int(j)), outputs(-_STEP, int(j))
        slope = float(np.sum(above - below)) / (2 * _STEP)
        predicted = per_node * float(np.sum(np.where(feature == j, head * weight, 0.0)))
        # An output is at most 2 (|v| + 1/2) and takes fewer than 24 roundings; a_h omega_h^3 is at most 16.
        evaluation = nodes * gamma(24 + nodes, "float64") * 2 * (0.5 + 2 * _STEP)
        slack = central_difference_bound(_STEP, evaluation, 16 * nodes * _THIRD_DERIVATIVE)
        slack += gamma(nodes + 3, "float64") * 4 * nodes
        yield Comparison(slope, "==", predicted, f"{word}, {nodes} nodes, slope in feature {j + 1} (absent)", slack)


_NODES = st.tuples(st.sampled_from(tuple(THRESHOLDED)), reals(0.25, 2), reals(0.01, 0.99))


def _within_reach(clause: Clause, example: tuple[str, float, float], context: Context) -> Iterable[Comparison]:
    """The largest change of a node with a threshold, over a grid of attacks within the range of the clause."""
    word, threshold, share = example
    reach = share * float(clause.over[eps].high.subs({DUAL_NORM: 1, b: threshold}))
    grid = context.backend.asarray(np.linspace(-1, 1, 65) * reach)
    change = float(np.max(np.abs(to_numpy(activation(word, threshold).value(grid)))))
    yield Comparison(change, "==", float(clause.formula.rhs), f"{word}, b = {threshold}, attack up to {reach}")


_ODD = st.tuples(st.sampled_from(("relu", "silu", "gelu")), reals(-8, 8))


def _pair(clause: Clause, example: tuple[str, float], context: Context) -> Iterable[Comparison]:
    """Two opposite nodes with opposite heads."""
    word, x = example
    act, backend = activation(word), context.backend
    up, down = (to_numpy(act.value(backend.asarray(np.array([y]))))[0] for y in (x, -x))
    # Either value is at most |v| and good to 16 roundings.
    slack = gamma(18, "float64") * 2 * abs(x)
    for equation in clause.conjuncts:
        if word in equation.lhs.func.__name__:
            expected = float(equation.rhs.subs(v, Rational(x)))
            yield Comparison(float(up - down), "==", expected, f"{word}: act(v) - act(-v) at v = {x}", slack)


def _open(word: str, spread: float) -> Draw:
    """Draws of the derivative of a node under noise of that standard deviation, without its feature."""

    def draw(rng: np.random.Generator, n: int, context: Context) -> NDArray[np.float64]:
        noise = context.backend.asarray(spread * rng.standard_normal(n))
        return np.asarray(to_numpy(activation(word, float(_THRESHOLD)).derivative(noise)), dtype=np.float64)

    return draw


_AT = {b: Rational(1, 2), s: Rational(1, 2)}


def _of(clause: Clause, head: Any) -> float:
    """The right side of the equation of the clause that contains `head`."""
    (value,) = (equation.rhs for equation in clause.conjuncts if equation.has(head))
    return prediction(value.subs(_AT))


def _mean_opening(clause: Clause) -> float:
    return _of(clause, LEAKS["relu"])


def _mean_derivative(clause: Clause) -> float:
    return _of(clause, GATE_DERIVATIVE)


_TENTH_MORE = off_by(Rational(1, 10))


def _half_more_reach(clause: Clause) -> NearMiss:
    """The near miss of attacks that exceed the threshold by a half."""
    sizes = clause.over[eps]
    return NearMiss("attacks half as large again", over={eps: replace(sizes, high=Rational(3, 2) * sizes.high)})


CHECKS: tuple[Check[Any], ...] = (
    agrees("A1", CROSS_TALK_ENERGY, _networks, 80),
    agrees("A1", FLAT, _flat, 12),
    agrees("A1", SMOOTH, at_points(1, pure_node_of), 1),
    agrees("A1", RELU_NODE, at_points(1, pure_node_of), 1),
    agrees("A1", RELU_PAIR, _everywhere, 24),
    *(agrees("A1", clause, _finite_attacks, len(NORMS) * _POINTS) for clause in (EXACT, EXACT_ONLY, EXACT_GATE, CUBE)),
    agrees("A1", FIRST, _one_node, 8 * _POINTS),
    agrees("A1", LINEAR_PAIRS, _everywhere, 24),
    agrees("A1", NOISY_GATE, _of_noise, 12),
    *(
        Enumerated(
            claim="A1",
            clauses=(clause.name,),
            name=f"coded activations: {clause.name}",
            statement=clause,
            control=near(clause),
            cases=_coded_leaks,
            declared=len(clause.conjuncts),
        )
        for clause in (FLAT, SMOOTH, RELU_NODE)
    ),
    Sampled(
        claim="A1",
        clauses=(CROSS_TALK_ENERGY.name, FIRST.name),
        name="pure layers under a small attack",
        statement=FIRST,
        control=near(FIRST),
        examples=_LAYERS,
        compare=_under_attack,
    ),
    Sampled(
        claim="A1",
        clauses=(EXACT.name, EXACT_GATE.name),
        name="nodes with a threshold within reach of it",
        statement=EXACT_GATE,
        control=near(EXACT_GATE, _half_more_reach),
        miss=_half_more_reach,
        examples=_NODES,
        compare=_within_reach,
    ),
    Sampled(
        claim="A1",
        clauses=(LINEAR_PAIRS.name, RELU_PAIR.name),
        name="odd pairs",
        statement=LINEAR_PAIRS,
        control=near(LINEAR_PAIRS),
        examples=_ODD,
        compare=_pair,
    ),
    Simulated(
        claim="A1",
        clauses=(RELU_NODE.name,),
        name="noise opens a ReLU",
        statement=RELU_NODE,
        control=near(RELU_NODE, _TENTH_MORE),
        miss=_TENTH_MORE,
        draw=_open("relu", 0.5),
        span=(0.0, 1.0),
        predict=_mean_opening,
        smallest_error=0.01,
        where="s = 1/2",
    ),
    Simulated(
        claim="A1",
        clauses=(NOISY_GATE.name,),
        name="derivative of a noisy gate",
        statement=NOISY_GATE,
        control=near(NOISY_GATE, _TENTH_MORE),
        miss=_TENTH_MORE,
        draw=_open("gate", 0.5),
        span=(0.0, 1.0),
        predict=_mean_derivative,
        smallest_error=0.01,
        where="s = b = 1/2",
    ),
)
