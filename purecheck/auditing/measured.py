"""What is measured on a given network: its nodes, its map, its risk under attack, and what a clean head inherits."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from numerics.activations import THRESHOLDED
from numerics.arrays import Floats
from numerics.backend import Backend, to_numpy
from numerics.certificate import certified
from numerics.features import FeatureLaw, observe
from numerics.memory import share_of_free
from numerics.purity import (
    energy_mean,
    firing_rate,
    gate_ratio,
    largest_share,
    live_mean,
    live_nodes,
    participation_ratio,
)
from numerics.rounding import gamma
from numerics.streams import Streams
from purecheck.auditing.attacked import AttackLosses, AuditData, EffectiveMap, Exact, attacked, exact_attack
from purecheck.auditing.given_network import GivenNetwork
from purecheck.auditing.heads import Heads, clean_heads, layers, outputs
from purecheck.auditing.leak import noise_passed, slopes_at_rest
from purecheck.auditing.linearity import Linearity, LinearPart, linear_part, linearities
from purecheck.auditing.plan import AuditPlan
from purecheck.auditing.structure import Structure, structure
from purecheck.runtime.progress import Progress

FIT_OBSERVATIONS = 4000
"""Least number of observations to which a target or a head is fitted; else eight for each feature or node."""


class NotAuditableError(ValueError):
    """The network gives nothing to measure, such as one that never fires."""


@dataclass(frozen=True, eq=False)
class Nodes:
    """One number for each node, `(replicas, H)`; NaN where a node is dead, or the activation has no threshold."""

    participation_ratio: Floats
    largest_share: Floats
    feature: NDArray[np.intp]
    gate_ratio: Floats
    firing_rate: Floats
    energy: Floats
    slope_at_rest: Floats
    noise_passed: Floats


@dataclass(frozen=True, eq=False)
class Measurements:
    """Everything that the verdicts rest on; arrays have a row for each replica.

    Attributes
    ----------
    nodes, live
        Numbers of every node, and which nodes count: those with a weight and a head that fire.
    by_energy
        Participation ratio, mean weighted by energy, `(replicas,)`.
    structure, linearity
        Kind of the layer, and how linear the network is, one for each replica.
    leak
        Expected energy of the leak on silent features, `E sum_{j not in A} (sum_h a_h act'(0) u_jh)^2`, as a share
        of `||theta||^2`, `(replicas,)` (claim A1).
    certified
        Where no attack moves a gate, `(replicas, n)`; None with another activation.
    own, inherited
        The network with its own heads, and with a least-squares head for a new target.
    map, inherited_map
        Effective maps of both.
    exact
        None where it was not asked for.
    """

    nodes: Nodes
    live: NDArray[np.bool_]
    by_energy: Floats
    structure: tuple[Structure, ...]
    linearity: tuple[Linearity, ...]
    leak: Floats
    certified: NDArray[np.bool_] | None
    own: AttackLosses
    map: EffectiveMap
    inherited: AttackLosses
    inherited_map: EffectiveMap
    exact: Exact | None

    def mean_over_nodes(self, name: str) -> Floats:
        """The mean over live nodes of the field `name` of `nodes`, `(replicas,)`."""
        return np.asarray(live_mean(getattr(self.nodes, name), self.live))


def fit_observations(d: int, H: int) -> int:
    """The number of observations to which a target or a head is fitted."""
    return max(FIT_OBSERVATIONS, 8 * max(d, H))


def measure(
    network: GivenNetwork,
    plan: AuditPlan,
    streams: Streams,
    backend: Backend,
    progress: Progress,
    memory_bytes: int | None = None,
) -> Measurements:
    """Measures a network on fresh observations.

    Parameters
    ----------
    network
        From `read_network`.
    plan
        Data and attack.
    streams
        For data, targets, random layers, random starts and proposals.
    backend
        Where to compute.
    progress
        Told what is done.
    memory_bytes
        As many networks are attacked together as fit, at least one; half of what is free when left out.

    Raises
    ------
    NotAuditableError
        If no node is alive, a network has no linear part in the features to compare it with, or the target given
        does not have its number of features.
    """
    replicas, d, H = network.W.shape
    law, budget = plan.law(d), share_of_free(backend) if memory_bytes is None else memory_bytes
    fit = _observe(law, network, plan, fit_observations(d, H), streams.generator("fit"))
    test = _observe(law, network, plan, plan.observations, streams.generator("observations"))
    U, nodes = network.features, _nodes(network, plan, test, backend)
    # a node that never fires is no part of what the network computes on these data, whatever it weighs
    fires = (nodes.firing_rate > 0) | _fires(network, fit, backend)
    output_norms = _output_norms(network, fires)
    found = outputs(network, fit.Z, backend)
    _require_outputs(network, fit, found, fires)
    part = linear_part(fit.X, found)
    own = _own(network, plan, part)
    progress(0, 4, "linear part")
    linearity = linearities(
        network, part, law, plan.sigma, streams.child("linearity"), lambda one, Z: outputs(one, Z, backend)
    )
    if plan.theta is None:
        _require_linear_part(linearity)
    progress(1, 4, "own heads")
    losses, effective = attacked(own, test, law, plan, streams.child("own"), backend, budget)
    progress(2, 4, "inherited heads")
    theta = streams.generator("downstream").choice([-1.0, 1.0], (replicas, d))
    new = clean_heads(network, theta, fit.X, fit.Z, backend)
    inherited, inherited_map = attacked(new, test, law, plan, streams.child("inherited"), backend, budget)
    progress(3, 4, "exact attack")
    return Measurements(
        nodes=nodes,
        live=live_nodes(U, network.head_sizes) & fires,
        by_energy=energy_mean(nodes.participation_ratio, U, np.where(fires, network.head_sizes, 0.0)),
        structure=tuple(map(structure, U, output_norms, network.resolution)),
        linearity=linearity,
        leak=_leak(network, nodes, plan, own),
        certified=_certified(network, test, plan, backend),
        own=losses,
        map=effective,
        inherited=inherited,
        inherited_map=inherited_map,
        exact=exact_attack(own, test, law, plan) if plan.exact else None,
    )


def _observe(law: FeatureLaw, network: GivenNetwork, plan: AuditPlan, n: int, rng: np.random.Generator) -> AuditData:
    X = law.sample(rng, (n,)).astype(np.float64)
    return AuditData(X, np.asarray(observe(X, network.M, plan.sigma, rng)))


def _nodes(network: GivenNetwork, plan: AuditPlan, test: AuditData, backend: Backend) -> Nodes:
    U, name = network.features, network.activation
    Z = backend.asarray(test.Z)
    ratio = gate_ratio(network.W, network.b, plan.r)
    return Nodes(
        participation_ratio=participation_ratio(U),
        largest_share=largest_share(U),
        feature=np.argmax(np.abs(U), axis=-2),
        gate_ratio=ratio if name in THRESHOLDED else np.full_like(ratio, np.nan),
        firing_rate=np.stack([to_numpy(firing_rate(net, Z)) for net in layers(network, backend)]),
        energy=network.head_sizes**2 * np.sum(U**2, axis=-2),
        slope_at_rest=slopes_at_rest(name, network.b),
        noise_passed=noise_passed(name, network.b, plan.sigma * np.linalg.norm(network.W, axis=-2)),
    )


def _output_norms(network: GivenNetwork, fires: NDArray[np.bool_]) -> Floats:
    """The norm of what each node adds to the output at weight one of a feature, `(replicas, H)`; 0 if it never fires.

    Raises
    ------
    NotAuditableError
        If a network has no node that both counts and fires.
    """
    norms = network.head_sizes * np.linalg.norm(network.features, axis=-2)
    if not np.all(np.any(norms > 0, axis=-1)):
        raise NotAuditableError("no node has both a weight and a head; expected at least one in each network")
    if not np.all(np.any((norms > 0) & fires, axis=-1)):
        raise NotAuditableError("no node with a head fires; expected nodes that fire at this p, r and sigma")
    return np.where(fires, norms, 0.0)


def _fires(network: GivenNetwork, data: AuditData, backend: Backend) -> NDArray[np.bool_]:
    """Which nodes fire on any of the observations, `(replicas, H)`."""
    Z = backend.asarray(data.Z)
    return np.stack([to_numpy(firing_rate(net, Z)) > 0 for net in layers(network, backend)])


def _require_outputs(network: GivenNetwork, data: AuditData, found: Floats, fires: NDArray[np.bool_]) -> None:
    """Refuse a network whose outputs are nothing but rounding.

    An output is a sum of products of at most `|z| |w_h| |a_h|` for each node that fires, and errs by as many roundings
    as there are summands; a node that never fires adds an exact 0.
    """
    d, H = network.W.shape[1:]
    sizes = np.linalg.norm(data.Z, axis=1).max() * np.linalg.norm(network.W, axis=1) + np.abs(network.b)
    bound = gamma(d + H + 2, "float64") * np.sum(network.head_sizes * sizes * fires, axis=-1)
    silent = np.flatnonzero(np.max(np.abs(found), axis=(1, 2)) <= bound)
    if silent.size:
        raise NotAuditableError(
            f"replica {silent[0]} is 0 on every observation, up to rounding; expected a network that computes something"
        )


def _require_linear_part(found: tuple[Linearity, ...]) -> None:
    """Refuse an inferred target that may be the noise of its fit: risks are relative to its energy."""
    for replica, one in enumerate(found):
        if not one.has_linear_part:
            raise NotAuditableError(
                f"replica {replica} has no linear part in the features that differs from 0; expected one, for risks "
                "are relative to it, or the target in --theta"
            )


def _own(network: GivenNetwork, plan: AuditPlan, part: LinearPart) -> Heads:
    """The network's own heads with the target given, or with the linear part of what they compute."""
    d = network.W.shape[1]
    if plan.theta is not None:
        if len(plan.theta) not in (1, d):
            raise NotAuditableError(f"theta has {len(plan.theta)} entries; expected 1 or {d}")
        theta = np.broadcast_to(np.asarray(plan.theta), part.theta.shape)
        return Heads(network, network.heads, theta, -network.offset)
    silent = np.flatnonzero(np.sum(part.theta**2, axis=(1, 2)) == 0)
    if silent.size:
        raise NotAuditableError(
            f"replica {silent[0]} has no linear part in the features; expected nodes that fire at this p, r and sigma"
        )
    return Heads(network, network.heads, part.theta, part.offset)


def _leak(network: GivenNetwork, nodes: Nodes, plan: AuditPlan, own: Heads) -> Floats:
    """A feature is silent with probability `1 - p`, and then sees the slopes of its nodes at rest."""
    at_rest = (nodes.slope_at_rest[:, None, :] * network.heads) @ np.swapaxes(network.features, -1, -2)
    return np.asarray((1 - plan.p) * np.sum(at_rest**2, axis=(1, 2)) / own.energy[:, 0])


def _certified(network: GivenNetwork, test: AuditData, plan: AuditPlan, backend: Backend) -> NDArray[np.bool_] | None:
    if network.activation != "gate":
        return None
    Z = backend.asarray(test.Z)
    return np.stack([to_numpy(certified(net, Z, plan.eps, plan.norm)) for net in layers(network, backend)])
