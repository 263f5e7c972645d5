"""Checks of G4 beside its derivations: every corner of small balls, and attacks on gates of the numerics."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from typing import TypeAlias

import numpy as np
from hypothesis import assume
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from numpy.typing import NDArray
from sympy import Expr, Integer, Rational

from numerics.backend import to_numpy
from numerics.features import observe, rotation
from numerics.network import GatedNetwork, active, preactivations
from numerics.norms import NORMS, NormKind, dual_norm, norm, project, steepest
from numerics.rounding import gamma
from purecheck.check import Control
from purecheck.checks._pure_nodes import pure_network
from purecheck.comparison import Comparison
from purecheck.context import Context
from purecheck.enclosures.certify import enclose_to
from purecheck.methods.enumerated import Enumerated
from purecheck.methods.sampled import Sampled
from purecheck.methods.simulated import Simulated
from purecheck.strategies import reals, seeds
from theory.gate.g4_attack_immunity import (
    DEPTH,
    DUAL_NORM,
    FIRES,
    KEEPS_FIRING,
    NOISE,
    REACH,
    SILENCED,
    STAYS_SILENT,
)
from theory.model import b, eps, s

Weights: TypeAlias = tuple[Fraction, ...]
CanFire: TypeAlias = Callable[[Weights, NormKind, Fraction, Fraction], bool]
"""`can_fire(w, kind, eps, b)`: whether an attack in that norm can fire an inactive node."""

Case: TypeAlias = tuple[Weights, NormKind, Fraction, Fraction]

_HALF = Fraction(1, 2)
_ENTRIES = (Fraction(-1), Fraction(0), _HALF, Fraction(1))
_SIZES = (_HALF, Fraction(1), Fraction(3, 2))
_SMALL: tuple[Weights, ...] = tuple(product(_ENTRIES, repeat=2))
_QUOTED: Weights = (_HALF,) * 4


def _dual_reaches(w: Weights, kind: NormKind, size: Fraction, threshold: Fraction) -> bool:
    dual: Fraction = sum(map(abs, w), start=Fraction(0)) if kind == "linf" else max(map(abs, w))
    return size * dual >= threshold


def _l2_reaches(w: Weights, _kind: NormKind, size: Fraction, threshold: Fraction) -> bool:
    return size**2 * _inner(w, w) >= threshold**2


def _corners(d: int, kind: NormKind) -> Iterator[Weights]:
    """The corners of the unit ball, among which a linear function is largest."""
    if kind == "linf":
        yield from product((Fraction(-1), Fraction(1)), repeat=d)
        return
    for i, sign in product(range(d), (-1, 1)):
        yield tuple(Fraction(sign * (i == j)) for j in range(d))


def _inner(x: Weights, y: Weights) -> Fraction:
    return sum((a * b for a, b in zip(x, y, strict=True)), start=Fraction(0))


def _every_corner(can_fire: CanFire) -> Iterator[Comparison]:
    """Whether some corner fires the node against what the statement says; the quoted example first."""
    kinds: tuple[NormKind, ...] = ("l1", "linf")
    quoted: Case = (_QUOTED, "linf", Fraction(1), Fraction(3, 2))
    for w, kind, size, threshold in (quoted, *product(_SMALL, kinds, _SIZES, _SIZES)):
        moved = max(abs(_inner(w, corner)) for corner in _corners(len(w), kind))
        fires = size * moved >= threshold
        stated = can_fire(w, kind, size, threshold)
        where = f"w = ({', '.join(map(str, w))}), {kind}, eps = {size}, b = {threshold}"
        yield Comparison(int(fires), "==", int(stated), where)


@dataclass(frozen=True)
class Attacked:
    """A pure node of the numerics under attack: all that a drawn case fixes.

    Attributes
    ----------
    kind
        Norm of the attack.
    omega, b
        Weight and threshold of the node.
    amplitude
        Of its feature; zero where it is inactive.
    reach
        `eps ||w||_*` as a multiple of the margin to the threshold.
    seed
        Of the dictionary, the other features and the random attacks.
    """

    kind: NormKind
    omega: float
    b: float
    amplitude: float
    reach: float
    seed: int


def attacked_nodes() -> SearchStrategy[Attacked]:
    """Pure nodes, active or not, with attacks within and beyond their margin."""
    return st.builds(
        Attacked,
        kind=st.sampled_from(NORMS),
        omega=reals(0.25, 2.0),
        b=reals(0.25, 2.0),
        amplitude=st.just(0.0) | reals(0.5, 4.0),
        reach=reals(0.25, 2.0),
        seed=seeds(),
    )


def _attack(decisive: float, case: Attacked, context: Context) -> Iterator[Comparison]:
    """Whether the gate turns, against whether the reach exceeds `decisive` margins."""
    d, attacks = 5, 32
    rng = np.random.default_rng(case.seed)
    M = rotation(d, rng)
    net = pure_network(context, M, case.omega, case.b)
    X = rng.uniform(-2.0, 2.0, (1, d))
    X[0, 0] = case.amplitude
    z, w = observe(X, M), case.omega * M[:, 0]
    v = float(z[0] @ w)
    margin, dual = abs(abs(v) - case.b), float(dual_norm(w, case.kind))
    size = case.reach * margin / dual
    # Pre-activations and attacks take at most 4 d roundings of terms of at most this size.
    terms = float(np.abs(z[0]) @ np.abs(w)) + size * float(np.abs(w).sum()) + case.b
    assume(abs(case.reach - 1) * margin > gamma(4 * d, np.float64) * terms)
    # To silence the node, the attack stops where the pre-activation is zero.
    strength = size if abs(v) < case.b else -min(size, abs(v) / dual)
    best = (strength if v >= 0 else -strength) * steepest(w, case.kind)
    others = project(size * rng.standard_normal((attacks, d)), size, case.kind)
    delta = np.vstack([best, others])
    before, after = (
        to_numpy(active(preactivations(net, context.backend.asarray(Z)), net.b))[:, 0] for Z in (z, z + delta)
    )
    turned = bool(np.any(after != before))
    where = f"{case}"
    yield Comparison(int(turned), "==", int(case.reach > decisive), where)
    yield Comparison(float(norm(delta, case.kind).max()), "<=", size, where, gamma(4 * d, np.float64) * size)


_W = np.full(4, 0.5)
_NOISE = 0.5
_AT = {b: Rational(3, 2), eps: Rational(1, 2), DUAL_NORM: Integer(2), s: Rational(1, 2)}


def _fired(rng: np.random.Generator, n: int, context: Context) -> NDArray[np.float64]:
    """Draws of whether noise and the best l_inf attack fire the inactive node of weight (1, 1, 1, 1)/2."""
    backend = context.backend
    Z = observe(np.zeros((n, 4)), sigma=_NOISE, rng=rng)
    towards = np.where(Z @ _W >= 0, 1.0, -1.0)[:, None]
    net = GatedNetwork(backend.asarray(_W[:, None]), backend.asarray([1.0]), float(_AT[b]))
    attacked = backend.asarray(Z + float(_AT[eps]) * towards * steepest(_W, "linf"))
    return np.asarray(to_numpy(active(preactivations(net, attacked), net.b))[:, 0], dtype=np.float64)


def _predicted(probability: Expr) -> float:
    return float(enclose_to(probability.subs(_AT), 1e-12))


CHECKS = (
    Enumerated[CanFire](
        claim="G4",
        clauses=(REACH.name, FIRES.name, STAYS_SILENT.name),
        name="every corner of small balls",
        statement=_dual_reaches,
        control=Control[CanFire]("the l2 norm against every attack", _l2_reaches),
        cases=_every_corner,
        declared=1 + len(_SMALL) * 2 * len(_SIZES) ** 2,
    ),
    Sampled(
        claim="G4",
        clauses=(REACH.name, DEPTH.name, FIRES.name, STAYS_SILENT.name, SILENCED.name, KEEPS_FIRING.name),
        name="attacks on gates",
        statement=1.0,
        control=Control("three halves of the margin", 1.5),
        examples=attacked_nodes(),
        compare=_attack,
    ),
    Simulated(
        claim="G4",
        clauses=(NOISE.name,),
        name="noise and attack together",
        statement=NOISE.formula.rhs,
        control=Control("the l2 norm against an l_inf attack", NOISE.formula.rhs.subs(DUAL_NORM, 1)),
        draw=_fired,
        span=(0.0, 1.0),
        predict=_predicted,
        smallest_error=0.02,
        where="w = (1, 1, 1, 1)/2, b = 3/2, eps = 1/2, s = 1/2",
    ),
)
