"""Checks of D1: exact least-squares heads on every input, shortest heads anywhere, and noisy layers simulated."""

from collections.abc import Callable, Iterator
from fractions import Fraction

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray
from sympy import Abs, Basic, Expr, Integer, Le, Rational

from numerics.backend import to_numpy
from numerics.exact import ExactArray, fractions
from numerics.features import ConstantAmplitude, FeatureLaw, observe
from numerics.network import GatedNetwork, effective_map, forward, gated_outputs
from purecheck.check import Control
from purecheck.comparison import Comparison
from purecheck.context import Context
from purecheck.enclosures.certify import Values, enclose_to
from purecheck.methods.certified import Certified
from purecheck.methods.enumerated import Enumerated
from purecheck.methods.sampled import Sampled
from purecheck.methods.simulated import Draw, Simulated
from purecheck.models.exact_heads import FrozenLayer
from purecheck.strategies import rationals
from theory.gate.g1_errors import FALSE_FIRE
from theory.inheritance.d1_noise import (
    CROSS,
    CROSS_MOMENT,
    FIRES,
    FIRING,
    MOMENTS,
    NOISY_ENERGY,
    P_FIRE,
    SHRINKAGE,
    SQUARE,
    SQUARE_MOMENT,
)
from theory.inheritance.d1_pure_layers import INHERITED_ENERGY, LEAST, MAP, RISK_OF_HEAD, SAME_WORST
from theory.inheritance.d1_shared_features import BEYOND, BOUNDED, SHORTEST
from theory.model import b, mu, p, r, s, sigma

Floats = NDArray[np.float64]

_ERROR = 1e-12
"""Error to which predicted means are enclosed: nothing beside the intervals that they are held against."""
_P = Fraction(3, 10)


def _pure_layer(d: int, nodes: list[tuple[int, str, str]]) -> FrozenLayer:
    """A layer of pure nodes given by feature, weight and threshold; amplitude 1."""
    W = fractions(np.zeros((d, len(nodes)), dtype=int).tolist())
    for node, (feature, weight, _) in enumerate(nodes):
        W[feature, node] = Fraction(weight)
    return FrozenLayer(W, fractions([threshold for *_, threshold in nodes]), _P, Fraction(1))


_SHARED = _pure_layer(2, [(0, "1", "0.5"), (0, "1", "0.9"), (0, "0.7", "0.5"), (1, "1", "0.5"), (0, "1", "1.05")])
"""The layer of the quoted example: three nodes on one feature that fire with it, and one that never does."""
_UNCOVERED = _pure_layer(3, [(0, "-2", "1.5"), (0, "0.5", "0.25"), (2, "1.5", "1")])
_THETA = fractions(["1", "0.3", "-0.5"])
_LAYERS = ((_SHARED, (1, 1)), (_UNCOVERED, (1, 0, 1)))

Expected = Callable[[ExactArray, ExactArray], ExactArray]
"""The effective map, from `|x|` at amplitude 1 and the target on covered features."""


def _heads(layer: FrozenLayer, theta: ExactArray) -> list[ExactArray]:
    """The shortest least-squares head, and one far along all that leave the risk as it is."""
    found = layer.minimisers(theta)
    return [found.shortest, found.shortest + 7 * found.freedom.sum(axis=0)]


def _inherited(expected: Expected) -> Iterator[Comparison]:
    """Effective map on every input, mean energy and risk of least-squares heads."""
    for layer, covered in _LAYERS:
        theta = _THETA[: len(covered)]
        kept = theta * fractions(covered)
        X, P = layer.inputs, layer.probabilities
        maps = expected(abs(X), kept)
        for head in _heads(layer, theta):
            net = layer.with_head(head)
            where = f"d = {len(theta)}, head {[str(x) for x in head]}"
            for x, found, told in zip(X, effective_map(net, X), maps, strict=True):
                for i in range(len(theta)):
                    yield Comparison(found[i], "==", told[i], f"{where}, x = {[str(y) for y in x]}, beta_{i + 1}")
            energy = np.sum(P * np.sum(maps**2, axis=1))
            yield Comparison(layer.mean_energy(head), "==", Fraction(energy), f"{where}, mean energy")
            yield Comparison(layer.mean_energy(head), "==", _P * Fraction(np.sum(kept**2)), f"{where}, p ||theta||^2")
            risk = Fraction(np.sum(P * (X @ theta - forward(net, X)) ** 2))
            yield Comparison(risk, "==", _P * Fraction(np.sum((theta - kept) ** 2)), f"{where}, risk")


_INHERITED_CASES = sum(2 * (3 ** len(covered) * len(covered) + 3) for _, covered in _LAYERS)


@st.composite
def _shared_features(draw: st.DrawFn) -> tuple[FrozenLayer, ExactArray, ExactArray]:
    """Layers of pure nodes on at most two features, with a target and any point at all; rational."""
    d = draw(st.integers(1, 2))
    weight = rationals(Fraction(1, 4), Fraction(3), denominator=8)
    threshold = rationals(Fraction(1, 8), Fraction(2), denominator=8)
    signs = st.sampled_from((1, -1))
    size = draw(st.integers(2, 4))
    nodes = [(draw(st.integers(0, d - 1)), str(draw(signs) * draw(weight)), str(draw(threshold))) for _ in range(size)]
    theta = fractions([draw(signs) * draw(weight) for _ in range(d)])
    z = fractions([draw(signs) * draw(rationals(Fraction(0), Fraction(4), denominator=8)) for _ in range(d)])
    return _pure_layer(d, nodes), theta, z


def _anywhere(far: int, example: tuple[FrozenLayer, ExactArray, ExactArray], _: Context) -> Iterator[Comparison]:
    """Effective map at any point, of the shortest head moved `far` along what leaves the risk as it is."""
    layer, theta, z = example
    found = layer.minimisers(theta)
    head = found.shortest + far * found.freedom.sum(axis=0)
    (beta,) = effective_map(layer.with_head(head), z[None, :])
    for i, target in enumerate(theta):
        where = f"W = {layer.W.tolist()}, b = {layer.b.tolist()}, z = {z.tolist()}, beta_{i + 1}"
        yield Comparison(abs(beta[i]), "<=", abs(target), where)
        heard = (layer.W[i] != 0) & (abs(layer.W[i]) >= layer.b)
        if heard.any():
            length = Fraction(np.sum(head[layer.W[i] != 0] ** 2))
            yield Comparison(length, "==", target**2 / Fraction(np.sum(layer.W[i][heard] ** 2)), f"{where}, norm")


_FAR = 100


def _beyond(share: int) -> Iterator[Comparison]:
    """Outputs of the quoted head on `v e_1`: `share` of what the heads have been moved along."""
    theta = _THETA[:2]
    head = fractions([theta[0], 0, 0, theta[1], 0]) + _FAR * fractions([1, -1, 0, 0, 1])
    net = _SHARED.with_head(head)
    clean = _SHARED.inputs
    for x, output in zip(clean, forward(net, clean), strict=True):
        yield Comparison(output, "==", Fraction(x @ theta), f"x = {[str(y) for y in x]}")
    for v in (Fraction(4, 5), Fraction(6, 5)):
        (output,) = forward(net, fractions([[v, 0]]))
        yield Comparison(output, "==", v * (theta[0] + share * _FAR), f"z = {v} e_1")


_AT = {p: Rational(3, 10), r: Integer(1), b: Rational(1, 2), sigma: Rational(1, 4), s: Rational(1, 4), mu: Integer(1)}
_WHERE = "p = .3, r = 1, b = .5, sigma = .25"
_CUT = 2.0
"""Moments are taken below this modulus, so that draws are bounded; the closed form gives the same part of them."""


def _below_cut(moment: Expr) -> float:
    gated, beyond = (moment.subs(b, threshold).subs(_AT) for threshold in (_AT[b], Rational(_CUT)))
    return float(enclose_to(gated - beyond, _ERROR))


def _observed(rng: np.random.Generator, n: int, context: Context) -> tuple[Floats, Floats]:
    """Features and gated outputs of one node, shape (n,) each."""
    X = FeatureLaw(1, 0.3, ConstantAmplitude(1.0)).sample(rng, (n,))
    one = context.backend.asarray(np.ones((1, 1)))
    Z = observe(context.backend.asarray(X), sigma=0.25, rng=rng)
    v = gated_outputs(GatedNetwork(one, one[0], 0.5), Z)
    return np.asarray(X[:, 0], dtype=np.float64), np.asarray(to_numpy(v))[:, 0]


def _moment(of_feature: int) -> Draw:
    """Draws of `x^j v^(2-j)` below the cut, `j` being `of_feature`."""

    def draw(rng: np.random.Generator, n: int, context: Context) -> Floats:
        x, v = _observed(rng, n, context)
        return np.asarray(np.where(np.abs(v) < _CUT, x**of_feature * v ** (2 - of_feature), 0.0))

    return draw


def _shrunk_gain(rng: np.random.Generator, n: int, context: Context) -> Floats:
    """Draws of `beta^2` for the head `kappa` that fits the same layer best."""
    kappa = float(enclose_to((CROSS_MOMENT / SQUARE_MOMENT).subs(_AT), _ERROR))
    X = FeatureLaw(1, 0.3, ConstantAmplitude(1.0)).sample(rng, (n,))
    one = context.backend.asarray(np.ones((1, 1)))
    net = GatedNetwork(one, kappa * one[0], 0.5)
    beta = effective_map(net, observe(context.backend.asarray(X), sigma=0.25, rng=rng))
    return np.asarray(to_numpy(beta))[:, 0] ** 2


def _energy(formula: Expr) -> float:
    moments = {CROSS: CROSS_MOMENT, SQUARE: SQUARE_MOMENT, P_FIRE: FIRES}
    return float(enclose_to(formula.subs(moments).subs(_AT), _ERROR))


def _fired(rng: np.random.Generator, n: int, context: Context) -> Floats:
    _, v = _observed(rng, n, context)
    return np.asarray(v != 0, dtype=np.float64)


def _quoted(kappa: Expr) -> Iterator[tuple[Basic, Values]]:
    yield Le(Abs(kappa - Rational("0.9034")), Rational(1, 20000), evaluate=False), _AT


CHECKS = (
    Enumerated[Expected](
        claim="D1",
        clauses=(RISK_OF_HEAD.name, LEAST.name, MAP.name, INHERITED_ENERGY.name, SAME_WORST.name),
        name="least-squares heads on every input",
        statement=lambda active, kept: active * kept,
        control=Control("the same off the support", lambda active, kept: active * 0 + kept),
        cases=_inherited,
        declared=_INHERITED_CASES,
    ),
    Sampled(
        claim="D1",
        clauses=(SHORTEST.name, BOUNDED.name),
        name="shortest heads at any point",
        statement=0,
        control=Control("every least-squares head", _FAR),
        examples=_shared_features(),
        compare=_anywhere,
        share=0.5,
    ),
    Enumerated(
        claim="D1",
        clauses=(BEYOND.name,),
        name="the quoted head beyond the region",
        statement=1,
        control=Control("every minimiser is robust at any size of the attack", 0),
        cases=_beyond,
        declared=3**2 + 2,
    ),
    Simulated(
        claim="D1",
        clauses=(MOMENTS.name,),
        name="simulated product with the feature",
        statement=CROSS_MOMENT,
        control=Control("0.9 of it", CROSS_MOMENT * Rational(9, 10)),
        draw=_moment(1),
        span=(-_CUT, _CUT),
        predict=_below_cut,
        smallest_error=0.025,
        where=_WHERE,
    ),
    Simulated(
        claim="D1",
        clauses=(MOMENTS.name,),
        name="simulated square",
        statement=SQUARE_MOMENT,
        control=Control("noise ignored", CROSS_MOMENT),
        draw=_moment(0),
        span=(0.0, _CUT**2),
        predict=_below_cut,
        smallest_error=0.025,
        where=_WHERE,
    ),
    Simulated(
        claim="D1",
        clauses=(FIRING.name,),
        name="simulated gates",
        statement=FIRES,
        control=Control("false alarms forgotten", FIRES - (1 - p) * FALSE_FIRE.formula.rhs),
        draw=_fired,
        span=(0.0, 1.0),
        predict=_energy,
        smallest_error=0.01,
        where=_WHERE,
    ),
    Simulated(
        claim="D1",
        clauses=(NOISY_ENERGY.name,),
        name="simulated gain of the shrunk head",
        statement=SHRINKAGE**2 * P_FIRE,
        control=Control("noise ignored", P_FIRE),
        draw=_shrunk_gain,
        span=(0.0, 1.0),
        predict=_energy,
        smallest_error=0.01,
        where=f"{_WHERE}, theta' = 1",
    ),
    Certified(
        claim="D1",
        clauses=(MOMENTS.name,),
        name="quoted shrinkage",
        statement=CROSS_MOMENT / SQUARE_MOMENT,
        control=Control("noise ignored", Integer(1)),
        relations=_quoted,
        declared=1,
    ),
)
