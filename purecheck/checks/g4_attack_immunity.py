"""Checks of G4 besides its derivations.

They are the extreme points of balls of attacks in exact fractions, attacks on gates of `numerics`, and a simulation of
noise and attack together. The clauses and their proofs are in `theory.gate.g4_attack_immunity`, and the model whose
instances are built here is in `purecheck.evaluators.attacked_gate`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from hypothesis import assume
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from sympy import Max, Rational, lambdify

from numerics.arrays import Floats
from numerics.backend import to_numpy
from numerics.exact import fractions
from numerics.features import observe, rotation
from numerics.network import GatedNetwork, active, preactivations
from numerics.norms import NORMS, Norm, dual_norm, project, steepest, vector_norm
from numerics.rounding import gamma, projection_excess
from purecheck.checks._pure_nodes import pure_network, weights_of
from purecheck.enclosures.certify import Values
from purecheck.evaluators.attacked_gate import AttackedNode
from purecheck.evaluators.gate import ROTATION, SKEW
from purecheck.evaluators.noise import NORMAL, SKEWED
from purecheck.evaluators.numbers import fraction
from purecheck.evaluators.points import crossed
from purecheck.evaluators.registry import Scene
from purecheck.methods.agrees import agrees
from purecheck.methods.sampled import Sampled
from purecheck.methods.simulated import Simulated, prediction
from purecheck.runtime.context import Context
from purecheck.strategies.numbers import reals, seeds
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

_POINTS = 24
"""Points in each norm and of each sign: three parameters lead through all of at most eight candidates (those of
`purecheck.evaluators.points.candidates`), and four through six, which include the ends."""
_SIGNS = (1, -1)
_DIRECTION = fractions([2, -1, 2])
"""Its l2 norm, 3, is rational, as exact attacks in l2 require."""
_BESIDE = fractions([1, 2, 0])
"""Orthogonal to the direction of the weights."""


def _nodes(clause: Clause, rng: np.random.Generator) -> Iterator[Scene]:
    """Yield instances: a node with weights on every feature, and an observation with the pre-activation of the point.

    Every parameter leads through its candidates in every norm and with either sign of the pre-activation.
    """
    for norm, sign, point in crossed(clause, rng, _POINTS, NORMS, _SIGNS):
        w = weights_of(_DIRECTION, norm, fraction(point[DUAL_NORM]))
        along = _DIRECTION / Fraction(np.dot(w, _DIRECTION))
        z = sign * fraction(point[u]) * along + int(rng.integers(-2, 3)) * _BESIDE
        model = AttackedNode(w=w, z=z, norm=norm, eps=fraction(point[eps]))
        yield Scene(f"w = {w.tolist()}, z = {z.tolist()}, attacks in {norm}, {point}", point, model)


def _inactive(clause: Clause, rng: np.random.Generator) -> Iterator[Scene]:
    """Yield pure nodes whose feature is absent while another is active, under attacks in every norm.

    There is noise along the weights if the clause allows it.
    """
    M = fractions(ROTATION if orthogonal_dictionary in clause.assumes else SKEW)
    for norm, point in crossed(clause, rng, _POINTS, NORMS):
        threshold = fraction(point[b])
        w = weights_of(M[:, 0], norm, fraction(point[DUAL_NORM]))
        # Noise of a fixed value, which adds half of the threshold to the pre-activation. The clause about random noise
        # uses its distribution instead.
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
    is_silent
        Whether the node is silent before the attack; draws in which it is not as required are discarded.
    reach
        `eps ||w||_*` as a multiple of the margin to the threshold.
    seed
        Seed of the dictionary, of the other features and of the random attacks.
    """

    norm: Norm
    omega: float
    b: float
    amplitude: float
    is_silent: bool
    reach: float
    seed: int


def attacked_nodes(is_silent: bool) -> SearchStrategy[DrawnNode]:
    """Pure nodes, all silent or all firing, with attacks within and beyond their margin."""
    return st.builds(
        DrawnNode,
        norm=st.sampled_from(NORMS),
        omega=reals(0.25, 2.0),
        b=reals(0.25, 2.0),
        amplitude=st.just(0.0) | reals(0.5, 4.0),
        is_silent=st.just(is_silent),
        reach=reals(0.25, 2.0),  # on both sides of 1, where the attack reaches the threshold
        seed=seeds(),
    )


_D, _ATTACKS = 5, 32  # chosen, not tuned: a small network, and a few random attacks beside the extreme one


def _attack(clause: Clause, case: DrawnNode, context: Context) -> Iterator[Comparison]:
    """Compare whether some attack changes the gate with whether the extreme modulus crosses the threshold.

    For a silent node that is the largest modulus, and for a node that fires the least one.
    """
    rng = np.random.default_rng(case.seed)
    M = rotation(_D, rng)
    X = rng.uniform(-2.0, 2.0, (1, _D))
    X[0, 0] = rng.choice((-1.0, 1.0)) * case.amplitude
    z, w = observe(X, M), np.asarray(case.omega * M[:, 0], dtype=np.float64)
    v = float(z[0] @ w)
    assume((abs(v) < case.b) is case.is_silent)
    dual = float(dual_norm(w, case.norm))
    size = case.reach * abs(abs(v) - case.b) / dual
    extreme = float(lambdify((u, eps, DUAL_NORM), clause.formula.rhs.rewrite(Max))(abs(v), size, dual))
    # Roundings of a term of an attacked pre-activation: 6 d + 24 of the attack (`projection_excess`), d + 1 of its sum
    # with z and of the product; and d + 3 of a term of `extreme`. A silencing attack that stops at zero takes fewer:
    # d each for v, for the dual norm, for the direction and for the product, and 8 more.
    terms = float(np.abs(z[0]) @ np.abs(w)) + size * float(np.abs(w).sum()) + case.b
    assume(abs(extreme - case.b) > gamma(8 * _D + 28, np.float64) * terms)
    delta = np.vstack([_extreme_attack(case, w, v, size), _random_attacks(case, size, rng)])
    net = pure_network(context, M, case.omega, case.b)
    after = to_numpy(active(preactivations(net, context.backend.asarray(z + delta)), net.b))[:, 0]
    is_changed = bool(np.any(after == case.is_silent))
    # A silent node is fired from the threshold on; a firing node is silenced below it.
    yield Comparison(int(is_changed), "==", int((extreme >= case.b) is case.is_silent), f"{case}")
    longest = float(vector_norm(delta, case.norm).max())
    yield Comparison(longest, "<=", size, f"{case}", projection_excess(_D, np.float64) * size)


def _extreme_attack(case: DrawnNode, w: Floats, v: float, size: float) -> Floats:
    """The attack that raises the modulus of the pre-activation `v` most, or lowers it most if the node fires."""
    # To silence the node, the attack stops where the pre-activation is zero.
    strength = size if case.is_silent else -min(size, abs(v) / float(dual_norm(w, case.norm)))
    return np.asarray((strength if v >= 0 else -strength) * steepest(w, case.norm))


def _random_attacks(case: DrawnNode, size: float, rng: np.random.Generator) -> Floats:
    """Random attacks, shape (n, d): points of a cube that contains the ball, projected onto it."""
    return np.asarray(project(size * rng.uniform(-1.0, 1.0, (_ATTACKS, _D)), size, case.norm))


_W = np.full(4, 0.5)
_SIMULATED: Values = {b: Rational(3, 2), eps: Rational(1, 2), DUAL_NORM: Rational(2), s: Rational(1, 2)}
"""The counterexample of G4 in l_inf: the l1 norm of the weights is 2, the dual norm, while their l2 norm is 1."""


def _fired(rng: np.random.Generator, n: int, context: Context) -> Floats:
    """`n` draws, shape (n,): 1 if noise and the best l_inf attack fire the inactive node of weights `_W`, else 0."""
    backend = context.backend
    Z = observe(np.zeros((n, 4)), sigma=float(_SIMULATED[s]), rng=rng)
    towards = np.where(Z @ _W >= 0, 1.0, -1.0)[:, None]
    net = GatedNetwork(backend.asarray(_W[:, None]), backend.asarray([1.0]), float(_SIMULATED[b]))
    attacked = backend.asarray(Z + float(_SIMULATED[eps]) * towards * steepest(_W, "linf"))
    return np.asarray(to_numpy(active(preactivations(net, attacked), net.b))[:, 0], dtype=np.float64)


def _predicted(clause: Clause) -> float:
    """The probability of the clause that the simulated node fires."""
    return prediction(clause.formula.rhs.subs(_SIMULATED))


_HALF_MORE = off_by(Rational(1, 2))
"""The usual near miss, off by 1 %, passes for some seeds: few random attacks end within 1 % of the threshold."""
_TENTH = off_by(Rational(1, 10))
"""Off by a tenth of 2 Q(1), .032, which the simulation resolves."""

CHECKS = (
    *(
        agrees("G4", clause, _nodes, len(NORMS) * len(_SIGNS) * _POINTS)
        for clause in (REACH, DEPTH, FIRES, SILENCED, KEEPS_FIRING)
    ),
    *(agrees("G4", clause, _inactive, len(NORMS) * _POINTS) for clause in (STAYS_SILENT, NOISE)),
    *(
        Sampled(
            claim="G4",
            clauses=(extreme.name, *(clause.name for clause in others)),
            name=name,
            statement=extreme,
            control=near(extreme, _HALF_MORE),
            miss=_HALF_MORE,
            examples=attacked_nodes(is_silent),
            compare=_attack,
        )
        for name, is_silent, extreme, others in (
            ("attacks on silent gates", True, REACH, (FIRES, STAYS_SILENT)),
            ("attacks on firing gates", False, DEPTH, (SILENCED, KEEPS_FIRING)),
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
        smallest_error=0.02,  # below the error of the control, a tenth of 2 Q(1), .032
        where=f"w = {_W.tolist()}, " + ", ".join(f"{x} = {value}" for x, value in _SIMULATED.items()),
    ),
)
