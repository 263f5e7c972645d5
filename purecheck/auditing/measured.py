"""What is measured on a given network: purity, effective map, risk under attack, and what a clean head inherits.

Risks are relative to the energy of the target, `E (theta^T X)^2`, which is the risk of the constant 0; those of several
outputs are summed first.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from numerics.attacks import attacked_loss
from numerics.backend import Array, Backend, to_numpy
from numerics.certificate import certified, certified_worst_case, universal_bound
from numerics.evaluation import ATTACKS, AttackName, perturbation
from numerics.features import FeatureLaw, observe
from numerics.heads import least_squares_head
from numerics.network import GatedNetwork, effective_map, forward, gated_outputs, input_gradient
from numerics.norms import dual_norm
from numerics.purity import (
    energy_mean,
    firing_rate,
    gate_ratio,
    largest_share,
    live_mean,
    live_nodes,
    participation_ratio,
)
from numerics.streams import Streams
from numerics.worst_case import worst_case
from purecheck.auditing.given_network import GivenNetwork
from purecheck.auditing.plan import AuditPlan
from purecheck.runner import Progress

Floats = NDArray[np.float64]

FIT_OBSERVATIONS = 4000
"""Least number of observations to which a target or a head is fitted; else eight for each feature or node."""
_ENTRIES = 2**22  # preactivations and weights held at once, so that many outputs need no more memory than few


class NotAuditableError(ValueError):
    """The network gives nothing to measure, such as one that never fires."""


@dataclass(frozen=True, eq=False)
class Nodes:
    """One number for each node, `(replicas, H)`; NaN where a node is dead."""

    participation_ratio: Floats
    largest_share: Floats
    feature: NDArray[np.intp]
    gate_ratio: Floats
    firing_rate: Floats
    energy: Floats


@dataclass(frozen=True, eq=False)
class Attacked:
    """Relative losses at every observation, `(replicas, n)`; `mean(axis=-1)` are risks.

    Attributes
    ----------
    losses
        Under each attack, `none` among them.
    predicted, universal
        P2's worst case at fixed gates, and its bound at any.
    """

    losses: Mapping[AttackName, Floats]
    predicted: Floats
    universal: Floats


@dataclass(frozen=True, eq=False)
class EffectiveMap:
    """Means over observations, `(replicas,)`.

    Attributes
    ----------
    energy
        `E||beta||^2 / ||theta||^2`: `p` purified, `pi_m` for mixtures of order `m` (claims P3, P5).
    cross_talk
        Share of `E||beta||^2` on features that are not active.
    growth
        `E||M beta||_*`, by which the residual grows for each unit of `eps`; summed over outputs.
    """

    energy: Floats
    cross_talk: Floats
    growth: Floats


@dataclass(frozen=True, eq=False)
class Exact:
    """Relative losses `(replicas, n)` of the exact attack at the first observations, and the bound on any attack."""

    value: Floats
    bound: Floats


@dataclass(frozen=True, eq=False)
class Measured:
    """Everything that the verdicts rest on; arrays have a row for each replica.

    Attributes
    ----------
    participation, by_energy, share, gate, firing
        Means over live nodes: participation ratio, the same weighted by energy, largest share, gate ratio, firing
        rate, `(replicas,)`.
    nodes
        The same node by node.
    certified
        Where no attack moves a gate, `(replicas, n)`.
    own, inherited
        The network with its own heads, and with a least-squares head for a new random target.
    map, inherited_map
        Effective maps of both.
    exact
        None where it was not asked for.
    """

    participation: Floats
    by_energy: Floats
    share: Floats
    gate: Floats
    firing: Floats
    nodes: Nodes
    certified: NDArray[np.bool_]
    own: Attacked
    map: EffectiveMap
    inherited: Attacked
    inherited_map: EffectiveMap
    exact: Exact | None


@dataclass(frozen=True, eq=False)
class _Data:
    X: Floats
    Z: Floats


@dataclass(frozen=True, eq=False)
class _Heads:
    """Outputs `(replicas, q, H)` with their targets `(replicas, q, d)` on a given layer."""

    layer: GivenNetwork
    heads: Floats
    theta: Floats

    @property
    def energy(self) -> Floats:
        """`||theta||^2` summed over outputs, `(replicas, 1)`."""
        return np.asarray(np.sum(self.theta**2, axis=(1, 2)))[:, None]

    def chunks(self, n: int, backend: Backend) -> Iterator[tuple[slice, GatedNetwork]]:
        """Networks of one output each, some at a time, with their place among all `replicas * q`."""
        d, H = self.layer.W.shape[1:]
        q, total = self.heads.shape[1], self.heads.shape[0] * self.heads.shape[1]
        size = max(1, _ENTRIES // ((n + d) * H))
        flat = self.heads.reshape(total, H)
        for start in range(0, total, size):
            part = slice(start, min(start + size, total))
            replica = np.arange(part.start, part.stop) // q
            yield (
                part,
                GatedNetwork(
                    backend.asarray(self.layer.W[replica]),
                    backend.asarray(flat[part]),
                    backend.asarray(self.layer.b[replica]),
                ),
            )

    def summed(self, values: Floats) -> Floats:
        """`(replicas * q, n)` summed over the outputs of a network."""
        return np.asarray(values.reshape(*self.heads.shape[:2], -1).sum(axis=1))


def measure(network: GivenNetwork, plan: AuditPlan, streams: Streams, backend: Backend, progress: Progress) -> Measured:
    """Measures a network on fresh observations.

    Parameters
    ----------
    network
        From `read_network`.
    plan
        Data and attack.
    streams
        For data, targets, random starts and proposals.
    backend
        Where to compute.
    progress
        Told what is done.

    Raises
    ------
    NotAuditableError
        If no node is alive, a network has no linear part in the features to compare it with, or the target given
        does not have its number of features.
    """
    replicas, d, H = network.W.shape
    law = plan.law(d)
    fit = _observe(law, network, plan, max(FIT_OBSERVATIONS, 8 * max(d, H)), streams.generator("fit"))
    test = _observe(law, network, plan, plan.observations, streams.generator("observations"))
    nodes, live = _nodes(network, plan.r, test, backend)
    own = _Heads(network, network.heads, _targets(network, plan, fit, backend))
    _require_signal(own)
    progress(0, 3, "own heads")
    attacked, effective = _attacked(own, test, law, plan, streams.child("own"), backend)
    progress(1, 3, "inherited heads")
    theta = streams.generator("downstream").standard_normal((replicas, 1, d))
    new = _Heads(network, _fitted_heads(network, theta[:, 0], fit, backend)[:, None], theta)
    inherited, inherited_map = _attacked(new, test, law, plan, streams.child("inherited"), backend)
    progress(2, 3, "exact attack")
    return Measured(
        participation=live_mean(nodes.participation_ratio, live),
        by_energy=energy_mean(nodes.participation_ratio, _features(network), network.head_sizes),
        share=live_mean(nodes.largest_share, live),
        gate=live_mean(nodes.gate_ratio, live),
        firing=live_mean(nodes.firing_rate, live),
        nodes=nodes,
        certified=_certified(network, test, plan, backend),
        own=attacked,
        map=effective,
        inherited=inherited,
        inherited_map=inherited_map,
        exact=_exact(own, test, law, plan) if plan.exact else None,
    )


def _observe(law: FeatureLaw, network: GivenNetwork, plan: AuditPlan, n: int, rng: np.random.Generator) -> _Data:
    X = law.sample(rng, (n,)).astype(np.float64)
    return _Data(X, np.asarray(observe(X, network.M, plan.sigma, rng)))


def _features(network: GivenNetwork) -> Floats:
    return network.W if network.M is None else network.M.T @ network.W


def _nodes(network: GivenNetwork, r: float, test: _Data, backend: Backend) -> tuple[Nodes, NDArray[np.bool_]]:
    U, sizes = _features(network), network.head_sizes
    live = live_nodes(U, sizes)
    if not np.all(np.any(live, axis=-1)):
        raise NotAuditableError("no node has both a weight and a head; expected at least one in each network")
    firing = [
        to_numpy(firing_rate(GatedNetwork(*map(backend.asarray, (W, b, b))), backend.asarray(test.Z)))
        for W, b in zip(network.W, network.b, strict=True)
    ]
    ratio = gate_ratio(network.W, network.b, r)
    energy = sizes**2 * np.sum(U**2, axis=-2)
    feature = np.argmax(np.abs(U), axis=-2)
    return Nodes(participation_ratio(U), largest_share(U), feature, ratio, np.stack(firing), energy), live


def _targets(network: GivenNetwork, plan: AuditPlan, fit: _Data, backend: Backend) -> Floats:
    """The target given, or for each output the linear map of the features that is nearest to it in least squares."""
    replicas, d, _ = network.W.shape
    q = network.heads.shape[1]
    if plan.theta is not None:
        if len(plan.theta) not in (1, d):
            raise NotAuditableError(f"theta has {len(plan.theta)} entries; expected 1 or {d}")
        return np.broadcast_to(np.asarray(plan.theta), (replicas, q, d))
    outputs = np.empty((replicas * q, len(fit.Z)))
    for part, net in _Heads(network, network.heads, np.zeros((replicas, q, d))).chunks(len(fit.Z), backend):
        outputs[part] = to_numpy(forward(net, backend.asarray(fit.Z)))
    return np.asarray(np.linalg.lstsq(fit.X, outputs.T)[0].T.reshape(replicas, q, d), dtype=np.float64)


def _require_signal(own: _Heads) -> None:
    silent = np.flatnonzero(own.energy[:, 0] == 0)
    if silent.size:
        raise NotAuditableError(
            f"replica {silent[0]} has no linear part in the features; expected nodes that fire at this p, r and sigma"
        )


def _fitted_heads(network: GivenNetwork, theta: Floats, fit: _Data, backend: Backend) -> Floats:
    """The least-squares heads of least norm for one target `theta` `(replicas, d)` a network, `(replicas, H)`."""
    Z, found = backend.asarray(fit.Z), []
    for W, b, target in zip(network.W, network.b, theta, strict=True):
        features = gated_outputs(GatedNetwork(*map(backend.asarray, (W, b, b))), Z)
        found.append(to_numpy(least_squares_head(features, backend.asarray(fit.X @ target))))
    return np.stack(found)


def _attacked(
    heads: _Heads, test: _Data, law: FeatureLaw, plan: AuditPlan, streams: Streams, backend: Backend
) -> tuple[Attacked, EffectiveMap]:
    replicas, q, d = heads.theta.shape
    n = len(test.Z)
    targets = heads.theta.reshape(-1, d) @ test.X.T
    kinds = (*ATTACKS, "predicted", "universal", "norms", "off", "growth")
    rows = {name: np.empty((replicas * q, n)) for name in kinds}
    Z, absent = backend.asarray(test.Z), backend.asarray(test.X == 0, "float64")
    M = backend.asarray(np.eye(d) if heads.layer.M is None else heads.layer.M)
    for part, net in heads.chunks(n, backend):
        y, named = backend.asarray(targets[part]), streams.child(f"from {part.start}")
        for name, values in _rows(net, Z, y, plan, named).items():
            rows[name][part] = to_numpy(values)
        beta2 = effective_map(net, Z, M) ** 2
        rows["norms"][part] = to_numpy(backend.xp.sum(beta2, axis=-1))
        rows["off"][part] = to_numpy(backend.xp.sum(beta2 * absent, axis=-1))
    energy = law.second_moment * heads.energy
    relative = {name: heads.summed(values) for name, values in rows.items()}
    norms = relative["norms"].mean(axis=-1)
    off = relative["off"].mean(axis=-1)
    effective = EffectiveMap(
        energy=norms / heads.energy[:, 0],
        cross_talk=np.divide(off, norms, out=np.full_like(off, np.nan), where=norms > 0),
        growth=relative["growth"].mean(axis=-1),
    )
    attacked = Attacked(
        losses={name: relative[name] / energy for name in ATTACKS},
        predicted=relative["predicted"] / energy,
        universal=relative["universal"] / energy,
    )
    return attacked, effective


def _rows(net: GatedNetwork, Z: Array, y: Array, plan: AuditPlan, streams: Streams) -> dict[str, Array]:
    """Losses and predictions at every observation, and the growth `||M beta||_*`, `(networks, n)` each."""
    eps, kind = plan.eps, plan.kind
    rows = {
        "predicted": certified_worst_case(net, Z, y, eps, kind),
        "universal": universal_bound(net, Z, y, eps, kind),
        "growth": dual_norm(input_gradient(net, Z), kind),
    }
    for name in ATTACKS:
        delta = perturbation(name, net, Z, y, eps, kind, streams.generator(name))
        rows[name] = attacked_loss(net, Z, y, delta)
    return rows


def _certified(network: GivenNetwork, test: _Data, plan: AuditPlan, backend: Backend) -> NDArray[np.bool_]:
    Z = backend.asarray(test.Z)
    nets = (GatedNetwork(*map(backend.asarray, (W, b, b))) for W, b in zip(network.W, network.b, strict=True))
    return np.stack([to_numpy(certified(net, Z, plan.eps, plan.kind)) for net in nets])


def _exact(heads: _Heads, test: _Data, law: FeatureLaw, plan: AuditPlan) -> Exact:
    """The exact attack, on the host, on the first observations."""
    layer, energy = heads.layer, law.second_moment * heads.energy
    X, Z = test.X[: plan.exact], test.Z[: plan.exact]
    value, bound = np.zeros((2, len(layer.W), len(Z)))
    for replica, (W, b) in enumerate(zip(layer.W, layer.b, strict=True)):
        for a, theta in zip(heads.heads[replica], heads.theta[replica], strict=True):
            worst = worst_case(GatedNetwork(W, a, b), Z, X @ theta, plan.eps, plan.kind, seconds=plan.seconds)
            value[replica] += worst.value
            bound[replica] += worst.bound
    return Exact(value / energy, bound / energy)
