"""Checks of D1: heads on exact layers of pure nodes, and simulated noisy layers."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import product
from math import prod

import numpy as np
from sympy import Expr, Integer, Rational, Sum

from numerics.arrays import Floats
from numerics.backend import to_numpy
from numerics.exact import ExactArray, fractions
from numerics.features import ConstantAmplitude, FeatureLaw, observe
from numerics.network import GatedNetwork, effective_map, gated_outputs, input_gradient
from numerics.norms import Norm
from purecheck.evaluators.heads import LayerWithHead, NormalNode, covered, least_squares
from purecheck.evaluators.model import Model
from purecheck.evaluators.network import AttackedInput
from purecheck.evaluators.numbers import fraction
from purecheck.evaluators.points import crossed, points
from purecheck.evaluators.quadratics import minimisers_of
from purecheck.evaluators.registry import Scene
from purecheck.methods.agrees import agrees
from purecheck.methods.simulated import Draw, Simulated, prediction
from purecheck.models.attacked import size_of_attack
from purecheck.runtime.context import Context
from purecheck.verdicts.check import near, off_by
from theory.assumptions import constant_amplitude, independent_features, no_noise
from theory.claims import Clause
from theory.inheritance.d1_layer import least_squares_head, right_gates, symmetric_noise
from theory.inheritance.d1_noise import FIRING, MOMENTS, NOISY_ENERGY, NOISY_HEAD, NOISY_RISK, a
from theory.inheritance.d1_noise import theta as noisy_target
from theory.inheritance.d1_pure_layers import (
    INHERITED_ENERGY,
    LEAST,
    M_BETA,
    MAP,
    RISK_OF_HEAD,
    SAME_WORST,
    active,
    eta,
    i,
    theta,
    x,
)
from theory.inheritance.d1_shared_features import (
    BEYOND,
    BOUNDED,
    MOVED,
    NODES,
    SHORTEST,
    nodes,
    omega,
    scale,
    shortest,
    t,
    target,
)
from theory.model import b, mu, p, r, s, sigma, tau
from theory.model import d as _d
from theory.model import eps as _eps
from theory.quantities.heads import COVERED, CROSS, NODE_FIRES, SQUARE
from theory.ranges import integers


def _law(one: dict[int, Fraction], d: int) -> tuple[ExactArray, ExactArray]:
    """Independent coordinates, each with that law."""
    rows = list(product(one.items(), repeat=d))
    values = fractions([[value for value, _ in row] for row in rows])
    return values, fractions([prod((share for _, share in row), start=Fraction(1)) for row in rows])


def _drawn(rng: np.random.Generator, size: int) -> list[Fraction]:
    return [Fraction(int(value), 6) for value in rng.choice([-1, 1], size) * rng.integers(1, 13, size)]


def _pure_layer(clause: Clause, rng: np.random.Generator, holding: list[int], d: int, share: Fraction) -> LayerWithHead:
    """Pure nodes that hold these features, of amplitude 1 or 2, some of which never fire; rational.

    Without the assumption of right gates a node fires only on the larger amplitude; without that of exact observations
    noise is added to all features.
    """
    weights = _drawn(rng, len(holding))
    W = fractions(np.zeros((d, len(holding)), dtype=int).tolist())
    thresholds = []
    for node, (feature, weight) in enumerate(zip(holding, weights, strict=True)):
        W[feature, node] = weight
        often = Fraction(int(rng.integers(1, 5)), 4) if right_gates in clause.assumes else Fraction(3, 2)
        never = node > 0 and rng.random() < 1 / 4
        thresholds.append(abs(weight) * (3 if never else often))
    one = {0: 1 - share, 1: share / 4, -1: share / 4, 2: share / 4, -2: share / 4}
    features, probabilities = _law({value: q for value, q in one.items() if q}, d)
    return LayerWithHead(
        net=GatedNetwork(W, fractions(_drawn(rng, len(holding))), fractions(thresholds)),
        theta=fractions(_drawn(rng, d)),
        features=features,
        inputs=features + fractions([0 if no_noise in clause.assumes else "1/10"]),
        probabilities=probabilities,
    )


def _with_head(clause: Clause, model: LayerWithHead, far: int = 7) -> LayerWithHead:
    """The layer with a least-squares head, if that is assumed; `far` moves it away from the shortest such head."""
    if least_squares_head not in clause.assumes:
        return model
    observations, probabilities = model.law
    outputs, targets = gated_outputs(model.net, observations), model.features @ model.target

    def risk(head: ExactArray) -> Fraction:
        errors = targets - outputs @ head
        return Fraction(np.dot(probabilities, errors * errors))

    found = minimisers_of(risk, len(model.net.a))
    return model.with_head(found.shortest + far * found.freedom.sum(axis=0))


def _layers(clause: Clause, rng: np.random.Generator) -> Iterator[Scene]:
    """Layers of up to four nodes on one or two features; some features may be held by no node."""
    for point in points(clause, rng, 16, d=integers(1, 2)):
        d = int(point[_d])
        holding = [int(feature) for feature in rng.integers(0, d, int(rng.integers(1, 4)))]
        share = fraction(point.get(p, Rational(3, 10)))
        model = _with_head(clause, _pure_layer(clause, rng, holding, d, share))
        row = int(rng.integers(len(model.features)))
        inner, noise = model.features[row], fraction(point.get(eta, Integer(0)))
        z = model.law[0][row]
        model = replace(model, tau=fraction(point.get(tau, Integer(0))), x=z, node=int(point.get(i, Integer(1))) - 1)
        values = {
            **point,
            theta: model.target,
            active: fractions((inner != 0).astype(int).tolist()),
            x: inner,
        }
        scene_model: Model = model
        if eta in clause.over:
            size = size_of_attack(clause, model.net, z[None], fraction(point[_eps]))
            values |= {_eps: size, M_BETA: input_gradient(model.net, z[None])[0], COVERED: covered(model)}
            # The weights of a pure node have the same length in every norm.
            norm: Norm = "linf" if rng.random() < 1 / 2 else "l1"
            y = model.target @ inner + noise
            scene_model = AttackedInput(net=model.net, x=z, y=y, eps=size, norm=norm, delta=0 * z)
        where = f"W = {model.net.W.tolist()}, b = {model.net.b.tolist()}, a = {model.net.a.tolist()}, z = {z.tolist()}"
        yield Scene(f"{where}, theta' = {model.target.tolist()}, {point}", values, scene_model)


def _one_feature(clause: Clause, rng: np.random.Generator) -> Iterator[Scene]:
    """Layers of up to three nodes that all fire with their one feature, with short heads and long ones."""
    for is_first, point in crossed(clause, rng, 8, (True, False), n=integers(1, 3)):
        drawn = _pure_layer(clause, rng, [0] * int(point[nodes]), 1, Fraction(3, 10))
        fires = abs(drawn.net.W[0]) * (1 if right_gates in clause.assumes else 2) >= drawn.net.b
        kept = np.flatnonzero(fires)
        net = GatedNetwork(drawn.net.W[:, kept], drawn.net.a[kept], drawn.net.b[kept])
        is_short = shortest in clause.assumes or (clause.name == SHORTEST.name and is_first)
        z = fractions([Fraction(int(rng.integers(-9, 10)), 6)])
        model = _with_head(clause, replace(drawn, net=net, x=z), 0 if is_short else 7)
        weights = net.W[0]
        values = {
            **point,
            nodes: len(kept),
            omega: weights,
            scale: model.target[0] / np.dot(weights, weights),
        }
        yield Scene(f"omega = {weights.tolist()}, b = {net.b.tolist()}, z = {z.tolist()}", values, model)


def _example(clause: Clause, rng: np.random.Generator) -> Iterator[Scene]:
    """The layer of the example with its moved head."""
    W = fractions(np.zeros((2, len(NODES)), dtype=int).tolist())
    for node, (feature, weight, _) in enumerate(NODES):
        W[feature - 1, node] = Fraction(weight)
    thresholds = fractions([threshold for *_, threshold in NODES])
    for point in points(clause, rng, 8):
        head = fractions([fraction(point[target]), 0, 0, 1, 0]) + fraction(point[t]) * fractions(MOVED)
        model = LayerWithHead(net=GatedNetwork(W, head, thresholds), features=W.T)
        yield Scene(f"theta'_1 = {point[target]}, t = {point[t]}", point, model)


def _noisy_layers(clause: Clause, rng: np.random.Generator) -> Iterator[Scene]:
    """One or two nodes of weight one under noise with three values, with a random or the least-squares head."""
    for point in points(clause, rng, 8, d=integers(1, 2)):
        d, share = int(point[_d]), Fraction(int(rng.integers(1, 10)), 10)
        features, likely = _law({0: 1 - share, 1: share / 2, -1: share / 2}, d)
        if independent_features not in clause.assumes:
            sizes = np.abs(features).sum(axis=1)
            together = fractions([share / 2**d if n == d else 1 - share if n == 0 else 0 for n in sizes])
            features, likely = features[together != 0], together[together != 0]
        even = {-1: Fraction(1, 4), 0: Fraction(1, 2), 1: Fraction(1, 4)}
        of_one = even if symmetric_noise in clause.assumes else {0: Fraction(1, 2), 1: Fraction(1, 2)}
        noise, of_noise = _law(of_one, d)
        pairs = [(row, other) for row in range(len(features)) for other in range(len(noise))]
        rows, others = (np.array(side) for side in zip(*pairs, strict=True))
        model = LayerWithHead(
            net=GatedNetwork(
                fractions(np.eye(d, dtype=int).tolist()), fractions(_drawn(rng, d)), fractions(["1/2"] * d)
            ),
            theta=fractions(_drawn(rng, d)),
            features=features[rows],
            inputs=features[rows] + Fraction(int(rng.integers(2, 10)), 10) * noise[others],
            probabilities=likely[rows] * of_noise[others],
            tau=fraction(point.get(tau, Integer(0))),
            node=int(point.get(i, Integer(1))) - 1,
        )
        if clause.name == NOISY_ENERGY.name:
            model = model.with_head(least_squares(model))
        where = f"theta' = {model.target.tolist()}, a = {model.net.a.tolist()}, p = {share}, {point}"
        yield Scene(where, {**point, noisy_target: model.target, a: model.net.a}, model)


def _normal_nodes(clause: Clause, rng: np.random.Generator) -> Iterator[Scene]:
    """Nodes under normal noise."""
    for point in points(clause, rng, 24):
        amplitude, share = fraction(point[r if r in point else mu]), fraction(point[p])
        sizes = [amplitude] if constant_amplitude in clause.assumes else [amplitude, 2 * amplitude]
        values = (Fraction(0), *(sign * size for size in sizes for sign in (1, -1)))
        probabilities = (1 - share, *[share / (2 * len(sizes))] * (2 * len(sizes)))
        model = NormalNode(
            values=values,
            probabilities=probabilities,
            b=fraction(point[b]),
            sigma=fraction(point[sigma if sigma in point else s]),
        )
        yield Scene(", ".join(f"{name} = {value}" for name, value in point.items()), point, model)


_AT = {p: Rational(3, 10), r: Integer(1), b: Rational(1, 2), sigma: Rational(1, 4), s: Rational(1, 4), mu: Integer(1)}
_WHERE = "p = .3, r = 1, b = .5, sigma = .25"
_CUT = 2.0
"""Moments are restricted to smaller moduli, so that draws are bounded; the closed form gives the same restriction."""


def _moment_of(name: Expr) -> Callable[[Clause], Expr]:
    """The side of the clause that gives the moment of that name."""
    return lambda clause: next(part.rhs for part in clause.conjuncts if part.lhs == name)


def _below_cut(name: Expr) -> Callable[[Clause], float]:
    def predict(clause: Clause) -> float:
        moment = _moment_of(name)(clause)
        gated, beyond = (moment.subs(b, threshold).subs(_AT) for threshold in (_AT[b], Rational(_CUT)))
        return prediction(gated - beyond)

    return predict


def _observed(rng: np.random.Generator, n: int, context: Context) -> tuple[Floats, Floats]:
    """Features and gated outputs of one node, shape (n,) each."""
    X = FeatureLaw(1, 0.3, ConstantAmplitude(1.0)).sample(rng, (n,))
    one = context.backend.asarray(np.ones((1, 1)))
    Z = observe(context.backend.asarray(X), sigma=0.25, rng=rng)
    v = gated_outputs(GatedNetwork(one, one[0], 0.5), Z)
    return np.asarray(X[:, 0], dtype=np.float64), np.asarray(to_numpy(v))[:, 0]


def _moment(of_feature: int) -> Draw:
    """Draws of `x^j v^(2-j)` below the cut, where `j` is `of_feature`."""

    def draw(rng: np.random.Generator, n: int, context: Context) -> Floats:
        x, v = _observed(rng, n, context)
        return np.asarray(np.where(np.abs(v) < _CUT, x**of_feature * v ** (2 - of_feature), 0.0))

    return draw


def _shrinkage() -> Expr:
    return _moment_of(CROSS)(MOMENTS) / _moment_of(SQUARE)(MOMENTS)


def _shrunk_gain(rng: np.random.Generator, n: int, context: Context) -> Floats:
    """Draws of `beta^2` for the head `kappa` with the best fit on the same layer."""
    kappa = prediction(_shrinkage().subs(_AT))
    X = FeatureLaw(1, 0.3, ConstantAmplitude(1.0)).sample(rng, (n,))
    one = context.backend.asarray(np.ones((1, 1)))
    net = GatedNetwork(one, kappa * one[0], 0.5)
    beta = effective_map(net, observe(context.backend.asarray(X), sigma=0.25, rng=rng))
    return np.asarray(to_numpy(beta))[:, 0] ** 2


def _energy(clause: Clause) -> float:
    """The predicted energy for a target of one on one feature."""
    moments = {CROSS: _moment_of(CROSS)(MOMENTS), SQUARE: _moment_of(SQUARE)(MOMENTS), NODE_FIRES: FIRING.formula.rhs}
    (length,) = (total for total in clause.formula.rhs.atoms(Sum) if total.has(noisy_target))
    return prediction(clause.formula.rhs.subs(length, 1).subs(moments).subs(_AT))


def _firing(clause: Clause) -> float:
    return prediction(clause.formula.rhs.subs(_AT))


def _fired(rng: np.random.Generator, n: int, context: Context) -> Floats:
    _, v = _observed(rng, n, context)
    return np.asarray(v != 0, dtype=np.float64)


_TENTH_LESS = off_by(-Rational(1, 10))


CHECKS = (
    agrees("D1", RISK_OF_HEAD, _layers, 16),
    agrees("D1", LEAST, _layers, 16),
    agrees("D1", MAP, _layers, 16),
    agrees("D1", INHERITED_ENERGY, _layers, 16),
    agrees("D1", SAME_WORST, _layers, 16),
    agrees("D1", SHORTEST, _one_feature, 16),
    agrees("D1", BOUNDED, _one_feature, 16),
    agrees("D1", BEYOND, _example, 8),
    agrees("D1", NOISY_RISK, _noisy_layers, 8),
    agrees("D1", NOISY_HEAD, _noisy_layers, 8),
    agrees("D1", NOISY_ENERGY, _noisy_layers, 8),
    agrees("D1", MOMENTS, _normal_nodes, 24),
    agrees("D1", FIRING, _normal_nodes, 24),
    *(
        Simulated(
            claim="D1",
            clauses=(clause.name,),
            name=name,
            statement=clause,
            control=near(clause, _TENTH_LESS),
            miss=_TENTH_LESS,
            draw=draw,
            span=span,
            predict=predict,
            smallest_error=smallest,
            where=where,
        )
        for clause, name, draw, span, predict, smallest, where in (
            (
                MOMENTS,
                "simulated product with the feature",
                _moment(1),
                (-_CUT, _CUT),
                _below_cut(CROSS),
                0.025,
                _WHERE,
            ),
            (MOMENTS, "simulated square", _moment(0), (0.0, _CUT**2), _below_cut(SQUARE), 0.025, _WHERE),
            (FIRING, "simulated gates", _fired, (0.0, 1.0), _firing, 0.01, _WHERE),
            (
                NOISY_ENERGY,
                "simulated gain of the shrunk head",
                _shrunk_gain,
                (0.0, 1.0),
                _energy,
                0.01,
                f"{_WHERE}, theta' = 1",
            ),
        )
    ),
)
