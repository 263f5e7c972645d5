"""Measurements on the trained arms: purity, risk under the attack suite, inherited risk, and P2 at each observation."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numerics.arrays import Floats
from numerics.attacks import attacked_loss
from numerics.backend import Array, to_numpy
from numerics.certificate import certified, certified_worst_case, universal_bound
from numerics.evaluation import AttackName, evaluate_attacks, perturbation
from numerics.heads import least_squares_head
from numerics.memory_estimates import attack_memory, head_memory
from numerics.network import GatedNetwork, gated_outputs, input_gradient
from numerics.norms import Norm
from numerics.purity import energy_mean, live_mean, live_nodes, participation_ratio
from numerics.replica_streams import NamedSources
from numerics.rounding import attacked_residual_bound, rounding_excess, square_bound
from purecheck.experiments.arms import HIDDEN, LAW, SIGMA, D, R, in_numbers, plan, trained
from purecheck.experiments.seed_batches import in_batches, observed, sources
from purecheck.runtime.context import Context
from theory.statistics import Ball
from theory.training.arms import FITTED, SupervisedArm

Found = dict[str, NDArray[Any]]

OBSERVATIONS = 60
"""Fresh observations of a seed. A risk under PGD then scatters between seeds by a tenth of itself, and arms differ by a
factor of three; 1,000 observations would halve the scatter."""
HEAD_OBSERVATIONS = FITTED
ATTACKS: tuple[AttackName, ...] = ("none", "fgm", "pgd", "gate_aware", "random_search")

FITTING = head_memory(D, HIDDEN, HEAD_OBSERVATIONS)
"""What fitting heads holds; a test holds it against what is allocated."""
ATTACKING = attack_memory(D, HIDDEN, OBSERVATIONS)
"""What attacks, and all else that is measured on their observations, hold."""


@dataclass(frozen=True, eq=False)
class Purity:
    """The participation ratio of the trained nodes, one number for each seed.

    Attributes
    ----------
    mean
        The mean over live nodes.
    energy
        The mean weighted by the energy `a_h^2 ||u_h||^2`.
    """

    mean: Floats
    energy: Floats


@dataclass(frozen=True, eq=False)
class Observations:
    """Test data of one arm by seed: observations (seeds, n, d), their features, and targets (seeds, n)."""

    Z: Array
    X: Floats
    y: Array


@dataclass(frozen=True, eq=False)
class Pointwise:
    """The quantities of claim P2 at every observation; arrays of shape (seeds, n).

    Attributes
    ----------
    certified
        Where no attack of this size moves a gate.
    predicted, universal
        The worst case inside the certified region, and P2's upper bound everywhere.
    slack
        A bound on the rounding error of a loss under attack, relative to the prediction or the bound.
    losses
        Squared error under each attack.
    """

    certified: NDArray[np.bool_]
    predicted: Floats
    universal: Floats
    slack: Floats
    losses: Mapping[AttackName, Floats]


def network(arm: SupervisedArm, chunk: range, context: Context) -> GatedNetwork:
    """The trained networks of some seeds of an arm, in float64, so that measuring adds no rounding error in float32."""
    return double(trained(arm, context).net, chunk, context)


def double(net: GatedNetwork, chunk: range, context: Context) -> GatedNetwork:
    """Some of the networks, in float64."""
    parts = (part[chunk.start : chunk.stop] for part in (net.W, net.a, net.b))
    W, a, b = (context.backend.asarray(part, "float64") for part in parts)
    return GatedNetwork(W, a, b, net.activation)


def purity(arm: SupervisedArm, context: Context) -> Purity:
    """The purity of an arm after training."""
    record = trained(arm, context)
    U, a = to_numpy(record.U_final).astype(np.float64), to_numpy(record.net.a).astype(np.float64)
    ratio = participation_ratio(U)
    return Purity(live_mean(ratio, live_nodes(U, a)), energy_mean(ratio, U, a))


def clean_risk(arm: SupervisedArm, context: Context) -> Floats:
    """The risk of an arm without an attack, relative to the energy of the target."""
    theta = np.ones((context.profile.seeds, D))
    return context.once(f"clean risk/{arm}", lambda: _relative_risk(network, arm, theta, None, context)["none"])


def fresh_data(arm: SupervisedArm, theta: Floats, chunk: range, context: Context) -> Observations:
    """Fresh observations of some seeds for an arm; the features are the same in every arm.

    `theta` contains the targets of all seeds, shape (seeds, d).
    """
    return _observe("training/test", OBSERVATIONS, arm, theta, chunk, context)


def _observe(stream: str, n: int, arm: SupervisedArm, theta: Floats, chunk: range, context: Context) -> Observations:
    X, Z = observed(LAW, plan(arm, context).M, SIGMA, n, context.streams.child(stream), chunk)
    y = np.einsum("sni,si->sn", X, theta[chunk.start : chunk.stop])
    return Observations(context.backend.asarray(Z), X, context.backend.asarray(y))


def attack_risks(arm: SupervisedArm, ball: Ball, context: Context) -> Mapping[AttackName, Floats]:
    """The risk of an arm under each attack in the ball, relative to the energy of the target."""
    theta = np.ones((context.profile.seeds, D))
    return context.once(f"attack risks/{arm}/{ball}", lambda: _relative_risk(network, arm, theta, ball, context))


def inherited(arm: SupervisedArm, ball: Ball, context: Context) -> Mapping[AttackName, Floats]:
    """The risk of clean heads for new targets on the frozen layer of an arm, relative to the energy of the target.

    The head is the least-squares head of least norm on clean observations of its own.
    """
    theta = new_targets(context)
    return context.once(f"inherited/{arm}/{ball}", lambda: _relative_risk(inherited_network, arm, theta, ball, context))


def new_targets(context: Context) -> Floats:
    """The downstream targets `theta'`, shape (seeds, d), the same in every arm."""
    return context.streams.generator("training/downstream").standard_normal((context.profile.seeds, D))


def inherited_network(arm: SupervisedArm, chunk: range, context: Context) -> GatedNetwork:
    """The frozen layers of some seeds of an arm, with clean heads for the new targets."""
    net = network(arm, chunk, context)
    heads = context.once(f"head/{arm}", lambda: _clean_heads(arm, context))
    return GatedNetwork(net.W, context.backend.asarray(heads[chunk.start : chunk.stop]), net.b)


def _clean_heads(arm: SupervisedArm, context: Context) -> Floats:
    """Least-squares heads for the new targets on the frozen layers of an arm, shape (seeds, H)."""
    theta = new_targets(context)

    def fit(chunk: range) -> Found:
        data = _observe("training/head", HEAD_OBSERVATIONS, arm, theta, chunk, context)
        features = gated_outputs(network(arm, chunk, context), data.Z)
        return {"heads": to_numpy(least_squares_head(features, data.y))}

    return in_batches(fit, FITTING, context)["heads"]


def _relative_risk(
    networks: Callable[[SupervisedArm, range, Context], GatedNetwork],
    arm: SupervisedArm,
    theta: Floats,
    ball: Ball | None,
    context: Context,
) -> Mapping[AttackName, Floats]:
    """The risk under each attack in the ball, or without an attack if there is no ball."""
    attacks: Sequence[AttackName] = ATTACKS if ball else ("none",)
    kind, multiple = in_numbers(ball) if ball else ("l2", 0.0)

    def attack(chunk: range) -> Mapping[AttackName, Floats]:
        net, data = networks(arm, chunk, context), fresh_data(arm, theta, chunk, context)
        streams = sources(context.streams.child(f"attacks/{arm.name}"), chunk)
        (evaluation,) = evaluate_attacks(net, data.Z, data.y, [multiple * R], kind, streams, attacks=attacks)
        return evaluation.risk

    energy = LAW.second_moment * np.sum(theta**2, axis=-1)
    return {attack: risk / energy for attack, risk in in_batches(attack, ATTACKING, context).items()}


def pointwise(arm: SupervisedArm, ball: Ball, context: Context) -> Pointwise:
    """The quantities of claim P2 at every test observation of an arm, for attacks in the ball."""
    theta = np.ones((context.profile.seeds, D))
    return context.once(f"pointwise/{arm}/{ball}", lambda: _against_certificate(network, arm, theta, ball, "", context))


def inherited_pointwise(arm: SupervisedArm, ball: Ball, context: Context) -> Pointwise:
    """The quantities of claim P2 for clean heads for new targets on the frozen layer of an arm."""
    theta = new_targets(context)
    return context.once(
        f"inherited pointwise/{arm}/{ball}",
        lambda: _against_certificate(inherited_network, arm, theta, ball, "inherited ", context),
    )


def _against_certificate(
    networks: Callable[[SupervisedArm, range, Context], GatedNetwork],
    arm: SupervisedArm,
    theta: Floats,
    ball: Ball,
    whose: str,
    context: Context,
) -> Pointwise:
    kind, multiple = in_numbers(ball)
    streams, eps = context.streams.child(f"{whose}pointwise/{arm.name}/{multiple}"), multiple * R

    def hold(chunk: range) -> Found:
        net, data = networks(arm, chunk, context), fresh_data(arm, theta, chunk, context)
        return _attacked(net, data, eps, kind, sources(streams, chunk)) | _certificate(net, data, eps, kind)

    seen = in_batches(hold, ATTACKING, context)
    return Pointwise(losses={attack: seen.pop(attack) for attack in ATTACKS}, **seen)


def _attacked(
    net: GatedNetwork, data: Observations, eps: float, kind: Norm, streams: NamedSources
) -> dict[str, Floats]:
    """The losses under each attack, the prediction of P2, and a bound on their difference by rounding."""
    Z, y = data.Z, data.y
    predicted = certified_worst_case(net, Z, y, eps, kind)
    found = {"predicted": to_numpy(predicted), "slack": np.zeros(predicted.shape)}
    for attack in ATTACKS:
        delta = perturbation(attack, net, Z, y, eps, kind, streams.generator(attack))
        loss = attacked_loss(net, Z, y, delta)
        strays = square_bound(loss**0.5 + predicted**0.5, attacked_residual_bound(net, Z, y, delta, eps, kind))
        found[attack] = to_numpy(loss)
        found["slack"] = np.maximum(found["slack"], to_numpy(strays))
    return found


def _certificate(net: GatedNetwork, data: Observations, eps: float, kind: Norm) -> Found:
    """Where P2 certifies an attack that rounding made longer, and P2's bound everywhere, seed by seed.

    By how much rounding lengthens an attack depends on the largest coordinate of the observations of that seed.
    """
    found: dict[str, list[NDArray[np.generic]]] = {"certified": [], "universal": []}
    for W, a, b, Z, y in zip(net.W, net.a, net.b, data.Z, data.y, strict=True):
        one, wider = GatedNetwork(W, a, b), eps * (1 + rounding_excess(Z, eps))
        found["certified"].append(to_numpy(certified(one, Z, wider, kind)))
        found["universal"].append(to_numpy(universal_bound(one, Z, y, wider, kind)))
    return {name: np.stack(rows) for name, rows in found.items()}


@dataclass(frozen=True, eq=False)
class InheritedGain:
    """The attack gain of clean heads on a frozen layer, one number for each seed.

    Attributes
    ----------
    gain
        Mean of `||beta||^2` over test observations, over `||theta'||^2`.
    participation
        Participation ratio of the nodes, weighted by the energy `a_h^2 ||u_h||^2` with the clean head.
    """

    gain: Floats
    participation: Floats


def inherited_gain(arm: SupervisedArm, context: Context) -> InheritedGain:
    """The attack gain of clean heads for new targets on the frozen layer of an arm, and the purity of the nodes."""
    theta, record = new_targets(context), trained(arm, context)

    def measure(chunk: range) -> Found:
        net = inherited_network(arm, chunk, context)
        beta = to_numpy(input_gradient(net, fresh_data(arm, theta, chunk, context).Z))
        U = to_numpy(record.U_final[chunk.start : chunk.stop]).astype(np.float64)
        return {
            "gain": np.sum(beta**2, axis=-1).mean(axis=-1),
            "participation": energy_mean(participation_ratio(U), U, to_numpy(net.a)),
        }

    found = in_batches(measure, ATTACKING, context)
    return InheritedGain(found["gain"] / np.sum(theta**2, axis=-1), found["participation"])
