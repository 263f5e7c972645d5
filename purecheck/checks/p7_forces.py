"""Checks of P7: the trained gradient against the flow, dual certificates in fractions, enclosed minima, drawn moves."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

import numpy as np
from flint import arb
from hypothesis import assume
from sympy import Basic, Expr, Integer, Le, Lt, Matrix, Rational, symbols

from numerics.attacks.fgm import fgm
from numerics.backend import to_numpy
from numerics.certificate import certified, certified_worst_case
from numerics.exact import signed_supports, support_probabilities
from numerics.mixtures import mixture_network
from numerics.network import GatedNetwork, active, forward, input_gradient, preactivations, squared_loss_gradients
from numerics.rounding import gamma
from purecheck.check import Control
from purecheck.comparison import Comparison
from purecheck.context import Context
from purecheck.enclosures.certify import Values, enclose_at
from purecheck.enclosures.krawczyk import critical_point
from purecheck.methods.certified import Certified
from purecheck.methods.enumerated import Enumerated
from purecheck.methods.sampled import Sampled
from purecheck.models.square_mixtures import SquareMixture
from purecheck.strategies.risk import AttackedSample, CellMove, attacked_samples, cell_moves
from theory.model import eps as _eps
from theory.model import p as _p
from theory.model import r as _r
from theory.model import tau as _tau
from theory.purification.p7_cells import AXES, ROWS, THETA, cell_risk
from theory.purification.p7_flow import CLEAN, CROSS_TALK, LEAST_RATE
from theory.purification.p7_lock import CONVEX, ISOLATED, LARGE, PAIR, SHIFT, SPARE, SQUARES

_TARGET = tuple(Fraction(x) for x in ("1", "3/10", "-1/2", "2/5"))
_RATES = (Fraction(1, 20), Fraction(3, 10), Fraction(7, 10))
_SQUARES = tuple(SquareMixture(_TARGET[:d], m, p) for d, m in ((2, 2), (4, 2), (4, 4)) for p in _RATES)
_PURE = tuple(SquareMixture(_TARGET[:d], 1, _RATES[0]) for d in (2, 4))


def _place(mixture: SquareMixture) -> str:
    return f"d = {mixture.d}, m = {mixture.m}, p = {mixture.p}"


@cache
def _multipliers(mixture: SquareMixture) -> tuple[Fraction, ...]:
    return tuple(mixture.certificate())


def _locks(force: Fraction) -> Iterator[Comparison]:
    """A subgradient of the risk on the weights is `force`, which is 0, up to the end of P2's region.

    A node `(+-1, ..., +-1)` of order `m` is certified for `eps sqrt(m) < min(b, 1 - b) <= 1/2`: `eps^2 <= 1/(4 m)`.
    """
    for mixture in _SQUARES:
        mu = np.array(_multipliers(mixture), dtype=object)
        for left in mixture.pull - mixture.gate_equations @ mu:
            yield Comparison(left, "==", force, f"force on a weight, {_place(mixture)}")
        for multiplier, beta in zip(mu, mixture.beta, strict=True):
            reach = multiplier**2 / (4 * mixture.m)
            yield Comparison(reach, "<=", (beta**2).sum(), f"eps^2 mu^2 against ||beta||^2, {_place(mixture)}")


_LOCK_CASES = sum(mixture.d**2 + 3**mixture.d - 1 for mixture in _SQUARES)


def _fits(freedom: int) -> Iterator[Comparison]:
    for mixture in (*_SQUARES, *_PURE):
        yield Comparison(mixture.fit_freedom(), "==", freedom, f"dimension of the exact fits, {_place(mixture)}")


def _unlocked(formula: Expr) -> Iterator[Comparison]:
    """The move to pure nodes keeps the fit and has a negative slope, at `d = 2` the one that the formula gives."""
    for mixture in _SQUARES:
        change, place = mixture.purification(), _place(mixture)
        for drift in (change * mixture.inputs).sum(axis=1):
            yield Comparison(drift, "==", Fraction(0), f"change of the output, {place}")
        yield Comparison(mixture.slope(change), "<", Fraction(0), f"slope over 2 eps^2, {place}")
        if mixture.d == 2:
            theta = dict(zip(THETA, (Rational(x.numerator, x.denominator) for x in mixture.theta), strict=True))
            at = {**theta, _p: Rational(mixture.p.numerator, mixture.p.denominator), _eps: Integer(1)}
            yield Comparison(2 * mixture.slope(change), "==", Rational(formula.subs(at)), f"slope at eps = 1, {place}")


_UNLOCK_CASES = sum(3**mixture.d + (mixture.d == 2) for mixture in _SQUARES)

_PRODUCTS = symbols("c_11 c_21 c_12 c_22", real=True)
_COLUMNS = (Matrix(_PRODUCTS[:2]), Matrix(_PRODUCTS[2:]))
_SETTING = {
    THETA[0]: Integer(1),
    THETA[1]: Rational(3, 10),
    _p: Rational(3, 10),
    _r: Integer(1),
    _tau: Integer(1),
}


@dataclass(frozen=True)
class _Minimum:
    """The least risk above `tau^2` on a gate cell, and where it is."""

    products: tuple[arb, ...]
    risk: arb

    def participation(self, node: int) -> arb:
        """Participation ratio of the node."""
        squares = [x**2 for x in self.products[2 * node : 2 * node + 2]]
        return (squares[0] + squares[1]) ** 2 / (squares[0] ** 2 + squares[1] ** 2)


@cache
def _minimum(nodes: tuple[tuple[int, int], ...], eps: Rational) -> _Minimum:
    """The minimum on the cell of `nodes`: the risk is convex there, so its critical point is its minimum."""
    matrices = tuple(Matrix(node) for node in nodes)
    risk = cell_risk(matrices, _COLUMNS).subs({**_SETTING, _eps: eps})
    start = [float(x) for u in matrices for x in u * Rational(u.dot(THETA).subs(_SETTING)) / u.dot(u)]
    found = critical_point(risk, _PRODUCTS, start)
    return _Minimum(tuple(found), enclose_at(risk, dict(zip(_PRODUCTS, found, strict=True)), 128))


def _mixture(eps: Rational) -> _Minimum:
    return _minimum(tuple(tuple(u) for u in ROWS), eps)


def _near(ball: arb, quoted: Rational, digit: Rational) -> Basic:
    """That the enclosed value rounds to the quoted one."""
    return Le(_rational((abs(ball - arb(str(quoted))) + 0).abs_upper()), digit / 2, evaluate=False)


def _rational(ball: arb) -> Rational:
    numerator, exponent = ball.mid().man_exp()
    return Rational(int(numerator)) * Rational(2) ** int(exponent)


def _smaller(left: arb, right: arb) -> Basic:
    return Lt(_rational(left.abs_upper()), _rational(right.abs_lower()), evaluate=False)


def _shifted(quoted: Sequence[Rational]) -> Iterator[tuple[Basic, Values]]:
    """The quoted participation ratios and risks, and that both minima lie inside their gate cells."""
    mixed = _mixture(Rational(1, 20))
    pure = _minimum(tuple(tuple(u) for u in AXES), Rational(1, 20))
    first, second, risk, pure_risk = quoted
    thousandth, last = Rational(1, 1000), Rational(1, 10000)
    yield _near(mixed.participation(0), first, thousandth), {}
    yield _near(mixed.participation(1), second, thousandth), {}
    yield _near(mixed.risk, risk, last), {}
    yield _near(pure.risk, pure_risk, last), {}
    a, b, c, d = mixed.products
    for entry in (a, b):
        yield _smaller(a - b, entry), {}
    for entry in (c, d):
        yield _smaller(c + d, entry), {}
    a, b, c, d = pure.products
    for silent, firing in ((b, a), (c, d)):
        for size in (firing, firing + silent, firing - silent):
            yield _smaller(silent, size), {}


def _leaves(eps: Rational) -> Iterator[tuple[Basic, Values]]:
    """Node 2 would have to stay silent on `(1, 1)` and fire on `(1, 0)`, at every scale."""
    _, _, c, d = _mixture(eps).products
    yield _smaller(c, c + d), {}


def _flow(with_error: bool, sample: AttackedSample, context: Context) -> Iterator[Comparison]:
    """Flow of `beta_j` under the gradient at the attacked point, against the formula and its least rate.

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
    drive = (abs(error) if with_error else 0.0) + eps * length
    predicted = -2 * eps * drive / length * strength * float(beta[j])
    where = f"eps = {eps}, W = {sample.W.tolist()}, a = {sample.a.tolist()}, x = {sample.x.tolist()}, y = {sample.y}"
    yield Comparison(moved, "==", predicted, where, max(slack, np.finfo(float).tiny))
    least = 2 * eps**2 * strength * abs(float(beta[j]))
    yield Comparison(abs(moved), ">=", least, where, max(slack, np.finfo(float).tiny))


def _clean(shift: float, sample: AttackedSample, context: Context) -> Iterator[Comparison]:
    """The clean gradient in the weights of an absent feature, which is a product with `x_j = 0`."""
    net, Z, y, _, j = sample.on(context.backend)
    for entry in to_numpy(squared_loss_gradients(net, Z, y).W)[j]:
        yield Comparison(float(entry), "==", shift, f"x = {sample.x.tolist()}, feature {j}")


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
    Sampled(
        claim="P7",
        clauses=(CLEAN.name,),
        name="clean gradient of an absent feature",
        statement=0.0,
        control=Control("a clean force of 1/100", 0.01),
        examples=attacked_samples(),
        compare=_clean,
        share=0.5,
    ),
    Sampled(
        claim="P7",
        clauses=(CROSS_TALK.name, LEAST_RATE.name),
        name="gradient at the attacked point",
        statement=True,
        control=Control("the error forgotten", False),
        examples=attacked_samples(),
        compare=_flow,
        share=0.5,
    ),
    Enumerated(
        claim="P7",
        clauses=(PAIR.name, SQUARES.name),
        name="dual certificates in fractions",
        statement=Fraction(0),
        control=Control("a population force that is not zero", Fraction(1, 100)),
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
        statement=0,
        control=Control("the exact fits form a line", 1),
        cases=_fits,
        declared=len(_SQUARES) + len(_PURE),
    ),
    Enumerated(
        claim="P7",
        clauses=(SPARE.name,),
        name="heads move to spare pure nodes",
        statement=SPARE.formula.rhs,
        control=Control("half the slope", SPARE.formula.rhs / 2),
        cases=_unlocked,
        declared=_UNLOCK_CASES,
    ),
    Certified(
        claim="P7",
        clauses=(SHIFT.name,),
        name="enclosed minima of both cells",
        statement=tuple(Rational(x) for x in ("1.997", "1.921", "0.0398", "0.0292")),
        control=Control("the nodes become pure", tuple(Rational(x) for x in ("1", "1", "0.0398", "0.0292"))),
        relations=_shifted,
        declared=14,
    ),
    Certified(
        claim="P7",
        clauses=(LARGE.name,),
        name="the minimum leaves the gate cell",
        statement=Rational(1, 5),
        control=Control("at eps = 1/20", Rational(1, 20)),
        relations=_leaves,
        declared=1,
    ),
)
