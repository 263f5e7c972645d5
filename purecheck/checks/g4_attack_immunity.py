"""Checks of G4 besides its derivations: extreme points of balls of attacks, and attacks on gates of `numerics`."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from hypothesis import assume
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from numpy.typing import NDArray
from sympy import Max, Rational, lambdify

from numerics.backend import to_numpy
from numerics.exact import fractions
from numerics.features import observe, rotation
from numerics.network import GatedNetwork, active, preactivations
from numerics.norms import NORMS, Norm, dual_norm, project, steepest, vector_norm
from numerics.rounding import gamma
from purecheck.checks._pure_nodes import pure_network, weights_of
from purecheck.enclosures.certify import Values, enclose_to
from purecheck.evaluators.attacked_gate import AttackedNode
from purecheck.evaluators.gate import ROTATION, SKEW
from purecheck.evaluators.noise import NORMAL, SKEWED
from purecheck.evaluators.numbers import fraction
from purecheck.evaluators.points import points
from purecheck.evaluators.registry import Scene
from purecheck.methods.agrees import agrees
from purecheck.methods.sampled import Sampled
from purecheck.methods.simulated import Simulated
from purecheck.methods.strategies import reals, seeds
from purecheck.runtime.context import Context
from purecheck.verdicts.check import near, off_by
from purecheck.verdicts.comparison import Comparison
from theory.assumptions import no_noise, normal_noise, orthogonal_dictionary
from theory.claims import Clause
from theory.gate.g4_attack_immunity import (
    DEPTH,
    FIRES,
    KEEPS_FIRING,
    NOISE,
    REACH,
    SILENCED,
    STAYS_SILENT,
    u,
)
from theory.model import b, eps, s
from theory.quantities.gate import DUAL_NORM

_SCENES = 48


def _nodes(clause: Clause, rng: np.random.Generator) -> Iterator[Scene]:
    """Nodes with weights on all features, at observations with the pre-activation of a point, of both signs."""
    for i, point in enumerate(points(clause, rng, _SCENES)):
        norm = NORMS[i % len(NORMS)]
        w = weights_of(fractions([2, -1, 2]), norm, fraction(point[DUAL_NORM]))
        beside = fractions([1, 2, 0])  # orthogonal to the weights
        along = fractions([2, -1, 2]) / Fraction(np.dot(w, fractions([2, -1, 2])))
        z = (-1) ** i * fraction(point[u]) * along + int(rng.integers(-2, 3)) * beside
        model = AttackedNode(w=w, z=z, norm=norm, eps=fraction(point[eps]))
        yield Scene(f"w = {w.tolist()}, z = {z.tolist()}, attacks in {norm}, {point}", point, model)


def _inactive(clause: Clause, rng: np.random.Generator) -> Iterator[Scene]:
    """Pure nodes whose feature is absent while another is active, with noise along the weights if there is any."""
    M = fractions(ROTATION if orthogonal_dictionary in clause.assumes else SKEW)
    for i, point in enumerate(points(clause, rng, _SCENES)):
        norm, threshold = NORMS[i % len(NORMS)], fraction(point[b])
        w = weights_of(M[:, 0], norm, fraction(point[DUAL_NORM]))
        # A deterministic stand-in for noise: half of the threshold at the node; the clause with noise has its law.
        is_noisy = no_noise not in clause.assumes and s not in point
        zeta = w * (threshold / 2 / Fraction(np.dot(w, w)) if is_noisy else 0)
        model = AttackedNode(
            w=w,
            z=M @ fractions([0, 1]) + zeta,
            norm=norm,
            eps=fraction(point[eps]),
            b=threshold,
            s=fraction(point[s]) if s in point else Fraction(1),
            noise=NORMAL if normal_noise in clause.assumes else SKEWED,
        )
        yield Scene(f"w = {w.tolist()}, z = {model.z.tolist()}, attacks in {norm}, {point}", point, model)


@dataclass(frozen=True)
class DrawnNode:
    """A random pure node of `numerics` under attack.

    Attributes
    ----------
    norm
        Norm of the attack.
    omega, b
        Weight and threshold of the node.
    amplitude
        Amplitude of its feature; zero if the feature is absent.
    reach
        `eps ||w||_*` as a multiple of the margin to the threshold.
    seed
        Seed of the dictionary, of the other features and of the random attacks.
    """

    norm: Norm
    omega: float
    b: float
    amplitude: float
    reach: float
    seed: int


def attacked_nodes() -> SearchStrategy[DrawnNode]:
    """Pure nodes, active or silent, with attacks within and beyond their margin."""
    return st.builds(
        DrawnNode,
        norm=st.sampled_from(NORMS),
        omega=reals(0.25, 2.0),
        b=reals(0.25, 2.0),
        amplitude=st.just(0.0) | reals(0.5, 4.0),
        reach=reals(0.25, 2.0),
        seed=seeds(),
    )


def _attack(clause: Clause, case: DrawnNode, context: Context) -> Iterator[Comparison]:
    """Whether some attack changes the gate, compared with whether the extreme modulus crosses the threshold.

    For a silent node that is the largest modulus, and for a node that fires the least one.
    """
    d, attacks = 5, 32
    rng = np.random.default_rng(case.seed)
    M = rotation(d, rng)
    net = pure_network(context, M, case.omega, case.b)
    X = rng.uniform(-2.0, 2.0, (1, d))
    X[0, 0] = rng.choice((-1.0, 1.0)) * case.amplitude
    z, w = observe(X, M), case.omega * M[:, 0]
    v = float(z[0] @ w)
    is_silent = abs(v) < case.b
    assume(is_silent is (clause.name == REACH.name))
    margin, dual = abs(abs(v) - case.b), float(dual_norm(w, case.norm))
    size = case.reach * margin / dual
    extreme = float(lambdify((u, eps, DUAL_NORM), clause.formula.rhs.rewrite(Max))(abs(v), size, dual))
    # Pre-activations, attacks and the extreme modulus take at most 4 d roundings of terms of at most this size.
    terms = float(np.abs(z[0]) @ np.abs(w)) + size * float(np.abs(w).sum()) + case.b
    assume(abs(extreme - case.b) > gamma(4 * d, np.float64) * terms)
    # To silence the node, the attack stops where the pre-activation is zero.
    strength = size if is_silent else -min(size, abs(v) / dual)
    best = (strength if v >= 0 else -strength) * steepest(w, case.norm)
    others = project(size * rng.standard_normal((attacks, d)), size, case.norm)
    delta = np.vstack([best, others])
    after = to_numpy(active(preactivations(net, context.backend.asarray(z + delta)), net.b))[:, 0]
    turned = bool(np.any(after == is_silent))
    yield Comparison(int(turned), "==", int((extreme >= case.b) is is_silent), f"{case}")
    yield Comparison(float(vector_norm(delta, case.norm).max()), "<=", size, f"{case}", gamma(4 * d, np.float64) * size)


_W = np.full(4, 0.5)
_SIMULATED: Values = {b: Rational(3, 2), eps: Rational(1, 2), DUAL_NORM: Rational(2), s: Rational(1, 2)}


def _fired(rng: np.random.Generator, n: int, context: Context) -> NDArray[np.float64]:
    """Draws of whether noise and the best l_inf attack fire the inactive node of weight (1, 1, 1, 1)/2."""
    backend = context.backend
    Z = observe(np.zeros((n, 4)), sigma=float(_SIMULATED[s]), rng=rng)
    towards = np.where(Z @ _W >= 0, 1.0, -1.0)[:, None]
    net = GatedNetwork(backend.asarray(_W[:, None]), backend.asarray([1.0]), float(_SIMULATED[b]))
    attacked = backend.asarray(Z + float(_SIMULATED[eps]) * towards * steepest(_W, "linf"))
    return np.asarray(to_numpy(active(preactivations(net, attacked), net.b))[:, 0], dtype=np.float64)


def _predicted(clause: Clause) -> float:
    return float(enclose_to(clause.formula.rhs.subs(_SIMULATED), 1e-12))


_HALF_MORE, _TENTH = off_by(Rational(1, 2)), off_by(Rational(1, 10))

CHECKS = (
    *(agrees("G4", clause, _nodes, _SCENES) for clause in (REACH, DEPTH, FIRES, SILENCED, KEEPS_FIRING)),
    *(agrees("G4", clause, _inactive, _SCENES) for clause in (STAYS_SILENT, NOISE)),
    *(
        Sampled(
            claim="G4",
            clauses=(extreme.name, *(clause.name for clause in others)),
            name=name,
            statement=extreme,
            control=near(extreme, _HALF_MORE),
            miss=_HALF_MORE,
            examples=attacked_nodes(),
            compare=_attack,
        )
        for name, extreme, others in (
            ("attacks on silent gates", REACH, (FIRES, STAYS_SILENT)),
            ("attacks on firing gates", DEPTH, (SILENCED, KEEPS_FIRING)),
        )
    ),
    Simulated(
        claim="G4",
        clauses=(NOISE.name,),
        name="noise and attack together",
        statement=NOISE,
        control=near(NOISE, _TENTH),
        miss=_TENTH,
        draw=_fired,
        span=(0.0, 1.0),
        predict=_predicted,
        smallest_error=0.02,
        where="w = (1, 1, 1, 1)/2, b = 3/2, eps = 1/2, s = 1/2",
    ),
)
