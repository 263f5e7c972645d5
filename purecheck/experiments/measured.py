"""What is measured on the trained arms: purity, risk under the ladder, inherited risk, and P2 point by point."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from numerics.attacks import attacked_loss
from numerics.backend import Array, to_numpy
from numerics.certificate import certified, certified_worst_case, universal_bound
from numerics.evaluation import AttackName, attack_ladder, perturbation
from numerics.features import observe
from numerics.heads import least_squares_head
from numerics.network import GatedNetwork, gated_outputs, input_gradient
from numerics.norms import NormKind
from numerics.purity import energy_mean, live_mean, live_nodes, participation_ratio
from numerics.rounding import attacked_residual_bound, rounding_excess, square_bound
from numerics.streams import Streams
from purecheck.context import Context
from purecheck.experiments.arms import ARMS, LAW, SIGMA, D, R, plan, trained

Floats = NDArray[np.float64]

OBSERVATIONS = 60
HEAD_OBSERVATIONS = 4000
LADDER: tuple[AttackName, ...] = ("none", "fgm", "pgd", "gate_aware", "random_search")


@dataclass(frozen=True, eq=False)
class Purity:
    """Participation ratio of the trained nodes, one number a seed.

    Attributes
    ----------
    mean
        Over live nodes.
    energy
        Weighted by the energy `a_h^2 ||u_h||^2`.
    """

    mean: Floats
    energy: Floats


@dataclass(frozen=True, eq=False)
class Observations:
    """Test data of one arm, a stack for every seed: observations `(seeds, n, d)`, features, targets `(seeds, n)`."""

    Z: Array
    X: Floats
    y: Array


@dataclass(frozen=True, eq=False)
class Pointwise:
    """Claim P2 at every observation, arrays `(seeds, n)`.

    Attributes
    ----------
    certified
        Where no attack of this size moves a gate.
    predicted, universal
        Worst case inside the certificate, and P2's upper bound everywhere.
    slack
        Bound on the rounding error of a loss under attack, against the prediction or the bound.
    losses
        Squared error under each attack.
    """

    certified: NDArray[np.bool_]
    predicted: Floats
    universal: Floats
    slack: Floats
    losses: Mapping[AttackName, Floats]


def double(net: GatedNetwork, context: Context) -> GatedNetwork:
    """The same network in float64, so that measuring adds no error of its own."""
    W, a, b = (context.backend.asarray(x, "float64") for x in (net.W, net.a, net.b))
    return GatedNetwork(W, a, b, net.activation)


def purity(name: str, context: Context) -> Purity:
    """Purity of the arm called `name` after training."""
    record = trained(name, context)
    U, a = to_numpy(record.U_final).astype(np.float64), to_numpy(record.net.a).astype(np.float64)
    ratio = participation_ratio(U)
    return Purity(live_mean(ratio, live_nodes(U, a)), energy_mean(ratio, U, a))


def clean_risk(name: str, context: Context) -> Floats:
    """Risk of the arm called `name` without an attack, relative to the energy of the target."""
    return ladder(name, 0.0, context)["none"]


def fresh_data(name: str, theta: Floats, context: Context) -> Observations:
    """Fresh observations for the arm called `name`, with the same features in every arm.

    `theta` is the target, `(d,)`, or one a seed, `(seeds, d)`.
    """
    rng = context.streams.generator("training/test")
    seeds = context.profile.seeds
    X = LAW.sample(rng, (seeds, OBSERVATIONS)).astype(np.float64)
    Z = observe(X, plan(name, context).M, SIGMA, rng)
    y = np.einsum("sni,...i->sn" if theta.ndim == 1 else "sni,si->sn", X, theta)
    return Observations(context.backend.asarray(Z), X, context.backend.asarray(y))


def ladder(name: str, multiple: float, context: Context) -> Mapping[AttackName, Floats]:
    """Risk of the arm called `name` under each attack of size `multiple * r`, relative to the energy of the target."""
    return context.once(f"ladder/{name}/{multiple}", lambda: _ladder(name, multiple, context))


def _ladder(name: str, multiple: float, context: Context) -> Mapping[AttackName, Floats]:
    data = fresh_data(name, np.ones(D), context)
    net = double(trained(name, context).net, context)
    energy = np.asarray(D * LAW.second_moment)
    return _relative_risk(net, data, multiple, ARMS[name].kind, energy, context.streams.child(f"attacks/{name}"))


def inherited(
    name: str, multiple: float, context: Context, kind: NormKind | None = None
) -> Mapping[AttackName, Floats]:
    """Risk of clean heads for new targets on the frozen layer of an arm, relative to the energy of the target.

    The head is the least-squares head of least norm on clean observations of its own; attacks are in the norm `kind`,
    that of the arm where None.
    """
    norm = ARMS[name].kind if kind is None else kind
    return context.once(f"inherited/{name}/{norm}/{multiple}", lambda: _inherited(name, multiple, norm, context))


def _inherited(name: str, multiple: float, kind: NormKind, context: Context) -> Mapping[AttackName, Floats]:
    theta, net = new_targets(context), inherited_network(name, context)
    energy = LAW.second_moment * np.sum(theta**2, axis=-1)
    streams = context.streams.child(f"attacks/{name}")
    return _relative_risk(net, fresh_data(name, theta, context), multiple, kind, energy, streams)


def new_targets(context: Context) -> Floats:
    """The downstream targets `theta'`, one a seed, the same in every arm."""
    return context.streams.generator("training/downstream").standard_normal((context.profile.seeds, D))


def inherited_network(name: str, context: Context) -> GatedNetwork:
    """The frozen layer of an arm with clean heads for the new targets, kept for the run."""
    return context.once(f"head/{name}", lambda: with_clean_head(name, new_targets(context), context))


def with_clean_head(name: str, theta: Floats, context: Context) -> GatedNetwork:
    """The frozen layer of an arm with the least-squares head for `theta` `(seeds, d)`."""
    rng = context.streams.generator("training/head")
    X = LAW.sample(rng, (context.profile.seeds, HEAD_OBSERVATIONS))
    Z = context.backend.asarray(observe(X, plan(name, context).M, SIGMA, rng))
    y = context.backend.asarray(np.einsum("sni,si->sn", X, theta))
    net = double(trained(name, context).net, context)
    return GatedNetwork(net.W, least_squares_head(gated_outputs(net, Z), y), net.b)


def _relative_risk(
    net: GatedNetwork, data: Observations, multiple: float, kind: NormKind, energy: Floats, streams: Streams
) -> Mapping[AttackName, Floats]:
    attacks: Sequence[AttackName] = LADDER if multiple else ("none",)
    (rung,) = attack_ladder(net, data.Z, data.y, [multiple * R], kind, streams, attacks=attacks)
    return {attack: risk / energy for attack, risk in rung.risk.items()}


def pointwise(name: str, multiple: float, context: Context) -> Pointwise:
    """Claim P2 at every test observation of the arm called `name`, for attacks of size `multiple * r`."""
    return context.once(f"pointwise/{name}/{multiple}", lambda: _pointwise(name, multiple, context))


def _pointwise(name: str, multiple: float, context: Context) -> Pointwise:
    data, net = fresh_data(name, np.ones(D), context), double(trained(name, context).net, context)
    streams = context.streams.child(f"pointwise/{name}/{multiple}")
    return _against_certificate(net, data, multiple * R, ARMS[name].kind, streams)


def inherited_pointwise(name: str, multiple: float, context: Context) -> Pointwise:
    """Claim P2 at every test observation of clean heads for new targets on the frozen layer of an arm."""

    def measure() -> Pointwise:
        net, data = inherited_network(name, context), fresh_data(name, new_targets(context), context)
        streams = context.streams.child(f"inherited pointwise/{name}/{multiple}")
        return _against_certificate(net, data, multiple * R, ARMS[name].kind, streams)

    return context.once(f"inherited pointwise/{name}/{multiple}", measure)


def _against_certificate(
    net: GatedNetwork, data: Observations, eps: float, kind: NormKind, streams: Streams
) -> Pointwise:
    Z, y = data.Z, data.y
    wider = eps * (1 + rounding_excess(Z, eps))
    predicted = certified_worst_case(net, Z, y, eps, kind)
    losses, slack = {}, np.zeros(predicted.shape)
    for attack in LADDER:
        delta = perturbation(attack, net, Z, y, eps, kind, streams.generator(attack))
        losses[attack] = to_numpy(attacked_loss(net, Z, y, delta))
        root = attacked_loss(net, Z, y, delta) ** 0.5 + predicted**0.5
        slack = np.maximum(slack, to_numpy(square_bound(root, attacked_residual_bound(net, Z, y, delta, eps, kind))))
    return Pointwise(
        certified=to_numpy(certified(net, Z, wider, kind)),
        predicted=to_numpy(predicted),
        universal=to_numpy(universal_bound(net, Z, y, wider, kind)),
        slack=slack,
        losses=losses,
    )


@dataclass(frozen=True, eq=False)
class InheritedGain:
    """Attack gain of clean heads on a frozen layer, one number a seed.

    Attributes
    ----------
    gain
        Mean of `||beta||^2` over test observations, over `||theta'||^2`.
    participation
        Participation ratio of the nodes, weighted by the energy `a_h^2 ||u_h||^2` that the clean head gives them.
    """

    gain: Floats
    participation: Floats


def inherited_gain(name: str, context: Context) -> InheritedGain:
    """What clean heads for new targets on the frozen layer of an arm pass on, and how pure the nodes are."""
    theta, net = new_targets(context), inherited_network(name, context)
    beta = to_numpy(input_gradient(net, fresh_data(name, theta, context).Z))
    U = to_numpy(trained(name, context).U_final).astype(np.float64)
    return InheritedGain(
        gain=np.asarray(np.sum(beta**2, axis=-1).mean(axis=-1) / np.sum(theta**2, axis=-1)),
        participation=energy_mean(participation_ratio(U), U, to_numpy(net.a)),
    )
