"""Checks of P7: exact samples and directions, the trained gradient, dual certificates, enclosed minima, drawn moves."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from functools import cache

import numpy as np
from flint import arb
from hypothesis import assume
from sympy import Basic, Expr, Float, Lt, Matrix, Rational, symbols

from numerics.attacks.fgm import fgm
from numerics.backend import to_numpy
from numerics.certificate import certified, certified_worst_case
from numerics.exact import ExactArray, fractions, signed_supports, support_probabilities
from numerics.mixtures import mixture_network
from numerics.network import GatedNetwork, active, forward, input_gradient, preactivations, squared_loss_gradients
from numerics.rounding import gamma
from purecheck.enclosures.certify import Values
from purecheck.enclosures.krawczyk import critical_point
from purecheck.evaluators.forces import DirectedChange, Minima, Sample, Segment, map_entry
from purecheck.evaluators.numbers import fraction, rational
from purecheck.evaluators.points import at_points, points
from purecheck.evaluators.registry import Scene
from purecheck.methods.agrees import agrees
from purecheck.methods.certified import Certified
from purecheck.methods.enumerated import Enumerated
from purecheck.methods.sampled import Sampled
from purecheck.models.attacked import feature_law, size_of_attack
from purecheck.models.square_mixtures import SquareMixture
from purecheck.runtime.context import Context
from purecheck.strategies.risk import AttackedSample, CellMove, attacked_samples, cell_moves
from purecheck.verdicts.check import Control, near
from purecheck.verdicts.comparison import Comparison
from theory.assumptions import constant_amplitude, low_threshold, no_noise
from theory.claims import Clause, NearMiss
from theory.model import eps as _eps
from theory.model import p as _p
from theory.model import r as _r
from theory.model import tau as _tau
from theory.purification.p7_cells import EXAMPLE, THETA, cell_risk
from theory.purification.p7_flow import CLEAN, CROSS_TALK, HEADS, LEAST_RATE, absent
from theory.purification.p7_flow import active as active_count
from theory.purification.p7_lock import (
    CONVEX,
    ISOLATED,
    LARGE,
    MEAN_ERROR,
    PAIR,
    SHIFT,
    SPARE,
    SQUARES,
    no_label_noise,
    share,
)
from theory.quantities.forces import BETA_J, ERROR, NORM, OfExample


def _sixths(rng: np.random.Generator, low: int, high: int, *shape: int) -> ExactArray:
    """Multiples of 1/6 between `low`/6 and `high`/6."""
    return np.asarray(fractions(rng.integers(low, high + 1, shape).tolist()) / 6)


_RIGHT_TRIANGLE = ["3/5", "4/5"]
"""Weights of rational length, so that attacks are exact and ties are seen."""


def _drawn_samples(rng: np.random.Generator) -> Iterator[tuple[GatedNetwork, ExactArray, Fraction]]:
    """Networks, inputs and targets without end; one in four is a fit of one node."""
    single = GatedNetwork(fractions([_RIGHT_TRIANGLE]).T, fractions([1]), fractions(["1/4"]))
    while True:
        d, nodes = int(rng.integers(2, 4)), int(rng.integers(1, 4))
        net = GatedNetwork(_sixths(rng, -9, 9, d, nodes), _sixths(rng, -9, 9, nodes), _sixths(rng, 1, 9, nodes))
        drawn = net, _sixths(rng, -9, 9, d), Fraction(int(rng.integers(-9, 10)), 6)
        yield (single, fractions([1, 1]), Fraction(3, 5)) if rng.integers(4) == 0 else drawn


def _samples(clause: Clause, rng: np.random.Generator) -> Iterator[Scene]:
    """Attacked samples whose last feature is absent, unless the clause does not assume it."""
    drawn, wanted = _drawn_samples(rng), points(clause, rng, 24)
    for point in wanted:
        for net, features, y in drawn:
            x = features.copy()
            x[-1] *= 0 if absent in clause.assumes else 1
            x = x + fractions([0 if no_noise in clause.assumes else "1/8"])
            size = fraction(point[_eps]) if _eps in point else Fraction(0)
            model = Sample(net=net, x=x, y=y, eps=size_of_attack(clause, net, x[None], size), feature=len(x) - 1)
            if map_entry(model) != 0 and (not size or model.eps):
                break
        fires = np.flatnonzero(np.asarray(active(preactivations(net, x[None]), net.b)[0], dtype=bool))
        model = replace(model, node=int(fires[0]))
        values = {_eps: model.eps, active_count: len(fires)}
        where = f"W = {net.W.tolist()}, a = {net.a.tolist()}, b = {net.b.tolist()}, z = {x.tolist()}, y = {y}"
        yield Scene(f"{where}, epsilon = {model.eps}", values, model)


def _segments(clause: Clause, rng: np.random.Generator) -> Iterator[Scene]:
    """Pairs of networks in one gate cell."""
    for point in points(clause, rng, 24):
        d, nodes = int(rng.integers(1, 4)), int(rng.integers(1, 4))
        first, second = (_sixths(rng, -9, 9, d, nodes) for _ in range(2))
        x, y = _sixths(rng, -9, 9, d), Fraction(int(rng.integers(-9, 10)), 6)
        model = Segment(
            net=GatedNetwork(first, fractions([1] * nodes), fractions([0] * nodes)),
            products=(first, second),
            x=x,
            y=y,
            share=fraction(point[share]),
            eps=fraction(point[_eps]),
        )
        yield Scene(f"P = {first.tolist()}, P' = {second.tolist()}, z = {x.tolist()}, y = {y}, {point}", point, model)


def _moved(clause: Clause, point: Mapping[Basic, Expr], theta: list[Fraction], spare: bool) -> DirectedChange:
    """The mixture of two features with a direction that is still zero; with `spare`, dormant pure nodes are added."""
    r = fraction(point[_r])
    inputs, probabilities = feature_law(clause, 2, fraction(point[_p]), r)
    features = inputs * (1 if constant_amplitude in clause.assumes else fractions([1, "5/4"]))
    W = fractions([[1, 1, 1, 0], [1, -1, 0, 1]] if spare else [[1, 1], [1, -1]])
    heads = np.concatenate([fractions(theta) @ W[:, :2] / 2, fractions([0] * (W.shape[1] - 2))])
    b = r * (Fraction(1, 2) if low_threshold in clause.assumes else Fraction(3, 2))
    return DirectedChange(
        net=GatedNetwork(W, heads, fractions([b] * W.shape[1])),
        theta=fractions(theta),
        features=features,
        inputs=features + fractions([0 if no_noise in clause.assumes else r / 10]),
        probabilities=probabilities,
        weights=0 * W,
        heads=0 * heads,
        eps=fraction(point[_eps]),
        tau=Fraction(0 if no_label_noise in clause.assumes else 1),
    )


def _directions(clause: Clause, rng: np.random.Generator) -> Iterator[Scene]:
    """Drawn directions, the zero direction, and the one that unlocks a target on one feature if anything does."""
    turn = fractions([[-1, -1], [1, -1]])
    for point in points(clause, rng, 16):
        theta = [Fraction(int(x), 6) for x in rng.integers(1, 7, 2)]
        drawn = _moved(clause, point, theta, False)
        one = _moved(clause, point, [Fraction(1), Fraction(0)], False)
        for model in (
            replace(drawn, weights=_sixths(rng, -6, 6, 2, 2), heads=_sixths(rng, -6, 6, 2)),
            drawn,
            replace(one, weights=turn),
        ):
            where = f"theta = {model.target.tolist()}, dU = {model.weights.tolist()}, da = {model.heads.tolist()}"
            yield Scene(f"{where}, {point}", point, model)


def _to_spare_nodes(clause: Clause, rng: np.random.Generator) -> Iterator[Scene]:
    """Heads that move to dormant pure nodes."""
    for point in points(clause, rng, 24):
        theta = [Fraction(int(x), 6) for x in (rng.integers(1, 7), rng.integers(-6, 7))]
        model = _moved(clause, point, theta, True)
        heads = np.concatenate([-model.net.a[:2], fractions(theta)])
        values = {**point, **dict(zip(THETA, map(rational, theta), strict=True))}
        yield Scene(f"theta = {theta}, {point}", values, replace(model, heads=heads))


_TARGET = tuple(Fraction(x) for x in ("1", "3/10", "-1/2", "2/5"))
_RATES = (Fraction(1, 10), Fraction(3, 10), Fraction(7, 10))


def _squares(clause: Clause) -> Iterator[tuple[SquareMixture, Fraction]]:
    """The mixtures that the clause names, at three rates of activity, each with the number that the clause states."""
    for relation in clause.conjuncts:
        d, m = map(int, relation.lhs.args)
        for p in _RATES:
            yield SquareMixture(_TARGET[:d], m, p), fraction(relation.rhs)


def _place(mixture: SquareMixture) -> str:
    return f"d = {mixture.d}, m = {mixture.m}, p = {mixture.p}"


@cache
def _multipliers(mixture: SquareMixture) -> tuple[Fraction, ...]:
    return tuple(mixture.certificate())


def _locks(clause: Clause) -> Iterator[Comparison]:
    """A subgradient of the risk on the weights is what the clause says, which is 0, up to the end of P2's region.

    A node `(+-1, ..., +-1)` of order `m` is certified for `eps sqrt(m) < min(b, 1 - b) <= 1/2`: `eps^2 <= 1/(4 m)`.
    """
    for mixture, force in _squares(clause):
        mu = np.array(_multipliers(mixture), dtype=object)
        for left in mixture.pull - mixture.gate_equations @ mu:
            yield Comparison(left, "==", force, f"force on a weight, {_place(mixture)}")
        for multiplier, beta in zip(mu, mixture.beta, strict=True):
            reach = multiplier**2 / (4 * mixture.m)
            yield Comparison(reach, "<=", (beta**2).sum(), f"eps^2 mu^2 against ||beta||^2, {_place(mixture)}")


_LOCK_CASES = sum(mixture.d**2 + 3**mixture.d - 1 for mixture, _ in _squares(SQUARES))


def _fits(clause: Clause) -> Iterator[Comparison]:
    for mixture, freedom in _squares(clause):
        yield Comparison(mixture.fit_freedom(), "==", freedom, f"dimension of the exact fits, {_place(mixture)}")


_PRODUCTS = symbols("c_11 c_21 c_12 c_22", real=True)
_COLUMNS = (Matrix(_PRODUCTS[:2]), Matrix(_PRODUCTS[2:]))


_Cell = tuple[tuple[int, int], ...]
_MIXED_CELL: _Cell = ((1, 1), (1, -1))
_PURE_CELL: _Cell = ((1, 0), (0, 1))


@cache
def _minimum(cell: _Cell, eps: Rational) -> ExactArray:
    """The products of least risk on a gate cell, a row for each node: the risk is convex there (P7)."""
    nodes = tuple(Matrix(node) for node in cell)
    risk = cell_risk(nodes, _COLUMNS).subs({**EXAMPLE, _eps: eps})
    start = [float(x) for u in nodes for x in u * Rational(u.dot(THETA).subs(EXAMPLE)) / u.dot(u)]
    return np.array(critical_point(risk, _PRODUCTS, start), dtype=object).reshape(2, 2)


def _sizes(clause: Clause) -> list[Rational]:
    """The sizes of attack that the formula of the clause names."""
    heads = clause.formula.atoms(OfExample)
    return sorted({head.args[0] for head in heads})


def _at_minima(clause: Clause, _: np.random.Generator) -> Iterator[Scene]:
    """The enclosed minima, at the sizes of attack that the clause names."""
    sizes = _sizes(clause)
    mixed, pure = ({fraction(eps): _minimum(cell, eps) for eps in sizes} for cell in (_MIXED_CELL, _PURE_CELL))
    model = Minima(
        theta=fractions([fraction(EXAMPLE[x]) for x in THETA]),
        p=fraction(EXAMPLE[_p]),
        tau=fraction(EXAMPLE[_tau]),
        mixed=mixed,
        pure=pure,
    )
    yield Scene(f"epsilon = {', '.join(map(str, sizes))}, products {mixed}", {}, model)


def _rational(ball: arb) -> Rational:
    numerator, exponent = ball.mid().man_exp()
    return Rational(int(numerator)) * Rational(2) ** int(exponent)


def _smaller(left: arb, right: arb) -> Basic:
    return Lt(_rational(left.abs_upper()), _rational(right.abs_lower()), evaluate=False)


def _inside(clause: Clause) -> Iterator[tuple[Basic, Values]]:
    """Both minima lie inside their gate cells, at the size of attack that the clause names."""
    (eps,) = _sizes(clause)
    mixed, pure = (_minimum(cell, eps) for cell in (_MIXED_CELL, _PURE_CELL))
    a, b, c, d = mixed.reshape(4)
    for entry in (a, b):
        yield _smaller(a - b, entry), {}
    for entry in (c, d):
        yield _smaller(c + d, entry), {}
    a, b, c, d = pure.reshape(4)
    for silent, firing in ((b, a), (c, d)):
        for size in (firing, firing + silent, firing - silent):
            yield _smaller(silent, size), {}


def _where_it_leaves(clause: Clause) -> NearMiss:
    """The same at the attack that unlocks the mixture."""
    (small,), (large,) = (_sizes(one) for one in (clause, LARGE))
    return NearMiss(f"at epsilon = {large}", clause.formula.xreplace({small: large}))


def _flow(clause: Clause, sample: AttackedSample, context: Context) -> Iterator[Comparison]:
    """Flow of `beta_j` under the gradient at the attacked point, against the formula.

    Every number is a sum of products of at most `K = 8 (d + H) + 40` roundings; `S`, `B` are the sums of the moduli.
    """
    net, Z, y, eps, j = sample.on(context.backend)
    assume(bool(to_numpy(certified(net, Z, eps, "l2"))[0]))
    attacked = Z + fgm(net, Z, y, eps, "l2")
    fires = to_numpy(active(preactivations(net, Z), net.b))[0]
    heads = np.where(fires, to_numpy(net.a), 0.0)
    beta = to_numpy(input_gradient(net, Z))[0]
    error = float(to_numpy(forward(net, Z) - y)[0])
    length, strength = float(np.linalg.norm(beta)), float(heads @ heads)
    u = gamma(8 * sum(net.W.shape) + 40, np.float64)
    B = np.abs(to_numpy(net.W)) @ np.abs(to_numpy(net.a))
    S = abs(float(y[0])) + float((np.abs(to_numpy(Z))[0] + eps) @ B)
    assume(length > 1e-3 and abs(error) > u * S)
    slack = 8 * u * strength * eps * S * (1 + float(np.linalg.norm(B)) / length)
    moved = -float(heads @ to_numpy(squared_loss_gradients(net, attacked, y).W)[j])
    values = {HEADS: strength, ERROR: error, NORM: length, BETA_J: float(beta[j]), _eps: eps}
    predicted = float(clause.formula.rhs.subs({name: Float(value, 30) for name, value in values.items()}))
    where = f"eps = {eps}, W = {sample.W.tolist()}, a = {sample.a.tolist()}, x = {sample.x.tolist()}, y = {sample.y}"
    yield Comparison(moved, "==", predicted, where, max(slack, np.finfo(float).tiny))


def _clean(clause: Clause, sample: AttackedSample, context: Context) -> Iterator[Comparison]:
    """The clean gradient in the weights of an absent feature, which is a product with `x_j = 0`."""
    net, Z, y, _, j = sample.on(context.backend)
    for entry in to_numpy(squared_loss_gradients(net, Z, y).W)[j]:
        yield Comparison(float(entry), "==", float(clause.formula.rhs), f"x = {sample.x.tolist()}, feature {j}")


def _risk(net: GatedNetwork, X: np.ndarray, y: np.ndarray, P: np.ndarray, eps: float) -> tuple[float, float]:
    """Risk at `tau = 0` inside P2's region, and a bound on its rounding error."""
    sizes = np.abs(y) + (np.abs(X) + eps * np.sqrt(X.shape[1])) @ np.abs(net.W) @ np.abs(net.a)
    bound = gamma(4 * sum(net.W.shape) + len(P) + 40, np.float64) * float(P @ sizes**2)
    return float(P @ certified_worst_case(net, X, y, eps, "l2")), bound


def _stays(spare: bool, move: CellMove, _: Context) -> Iterator[Comparison]:
    """No network in the gate cell of the mixture has less risk; with `spare`, heads may move to dormant pure nodes."""
    theta = np.array(move.theta)
    d = len(theta)
    patterns = signed_supports(d)
    X, P = patterns.astype(float), support_probabilities(patterns, move.p).astype(float)
    base = mixture_network(theta, move.m, 0.5)
    share = move.share if spare else 0.0
    nodes = np.hstack([base.W + move.weights, np.eye(d)])
    other = GatedNetwork(nodes, np.concatenate([(1 - share) * (base.a + move.heads), share * theta]), 0.5)
    before, after = (active(preactivations(net, X), net.b)[:, :d] for net in (base, other))
    assume(np.array_equal(before, after))
    (least, error), (risk, other_error) = (_risk(net, X, X @ theta, P, move.eps) for net in (base, other))
    where = f"theta = {theta.tolist()}, m = {move.m}, p = {move.p}, eps = {move.eps}, spare share {share}"
    yield Comparison(risk, ">=", least, where, error + other_error)


CHECKS = (
    agrees("P7", CLEAN, _samples, 24),
    agrees("P7", CROSS_TALK, _samples, 24),
    agrees("P7", LEAST_RATE, _samples, 24),
    agrees("P7", PAIR, _directions, 48),
    agrees("P7", CONVEX, _segments, 24),
    agrees("P7", MEAN_ERROR, at_points(24), 24),
    agrees("P7", SHIFT, _at_minima, 1),
    agrees("P7", SPARE, _to_spare_nodes, 24),
    agrees("P7", LARGE, _at_minima, 1),
    Sampled(
        claim="P7",
        clauses=(CLEAN.name,),
        name="clean gradient of an absent feature",
        statement=CLEAN,
        control=near(CLEAN),
        examples=attacked_samples(),
        compare=_clean,
        share=0.5,
    ),
    Sampled(
        claim="P7",
        clauses=(CROSS_TALK.name,),
        name="gradient at the attacked point",
        statement=CROSS_TALK,
        control=near(CROSS_TALK),
        examples=attacked_samples(),
        compare=_flow,
        share=0.5,
    ),
    Enumerated(
        claim="P7",
        clauses=(PAIR.name, SQUARES.name),
        name="dual certificates in fractions",
        statement=SQUARES,
        control=near(SQUARES),
        cases=_locks,
        declared=_LOCK_CASES,
    ),
    Sampled(
        claim="P7",
        clauses=(PAIR.name, SQUARES.name, CONVEX.name),
        name="drawn moves inside the gate cell",
        statement=False,
        control=Control("the same with spare nodes", True),
        examples=cell_moves(),
        compare=_stays,
    ),
    Enumerated(
        claim="P7",
        clauses=(ISOLATED.name,),
        name="rank of the fit equations",
        statement=ISOLATED,
        control=near(ISOLATED),
        cases=_fits,
        declared=len(tuple(_squares(ISOLATED))),
    ),
    Certified(
        claim="P7",
        clauses=(SHIFT.name,),
        name="enclosed minima inside their gate cells",
        statement=SHIFT,
        control=near(SHIFT, _where_it_leaves),
        miss=_where_it_leaves,
        relations=_inside,
        declared=10,
    ),
)
