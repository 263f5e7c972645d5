"""Risk and effective map of heads on a given layer, under every attack.

Risks are relative to the energy of the target, `E (theta^T X)^2`, which is the risk of a constant; those of several
outputs are summed first.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from numerics.arrays import Floats
from numerics.attacks import attacked_loss
from numerics.backend import Array, Backend, to_numpy
from numerics.certificate import certified_worst_case, universal_bound
from numerics.evaluation import ATTACKS, AttackName, perturbation
from numerics.features import FeatureLaw
from numerics.memory import chunks, share_of_free
from numerics.memory_estimates import attack_memory
from numerics.network import GatedNetwork, effective_map, input_gradient
from numerics.norms import dual_norm
from numerics.replica_streams import NamedSources, ReplicaStreams
from numerics.streams import Streams
from numerics.worst_case import worst_case
from purecheck.auditing.heads import Heads, networks
from purecheck.auditing.plan import AuditPlan

BLOCK = 256
"""Observations attacked together; random starts are drawn for each block anew. Losses then do not depend on how much
memory there is, and the default number of observations fits into one block."""


@dataclass(frozen=True, eq=False)
class AuditData:
    """Features and observations, `(n, d)` both."""

    X: Floats
    Z: Floats


@dataclass(frozen=True, eq=False)
class AttackLosses:
    """Relative losses at every observation, `(replicas, n)`; `mean(axis=-1)` are risks.

    Attributes
    ----------
    losses
        Under each attack, `none` among them.
    predicted, universal
        P2's worst case at fixed gates, and its bound at any; NaN with another activation than the gate.
    """

    losses: Mapping[AttackName, Floats]
    predicted: Floats
    universal: Floats

    @property
    def by_gradients(self) -> Floats:
        """The larger loss of FGM and PGD, `(replicas, n)`."""
        return np.maximum(self.losses["fgm"], self.losses["pgd"])

    @property
    def worst(self) -> Floats:
        """The largest loss that any attack reached, `(replicas, n)`."""
        return np.asarray(np.max(np.stack(list(self.losses.values())), axis=0))


@dataclass(frozen=True, eq=False)
class EffectiveMap:
    """The effective map at every observation, `(replicas, n)`, summed over outputs.

    Attributes
    ----------
    norms
        `||beta||^2 / ||theta||^2`, of mean `p` purified and `pi_m` for mixtures of order `m` (claims P3, P5).
    off
        Its part on features that are not active.
    growth
        `||M beta||_*`, by which the residual grows for each unit of `eps`.
    """

    norms: Floats
    off: Floats
    growth: Floats

    @property
    def cross_talk(self) -> Floats:
        """Share of `E||beta||^2` on features that are not active, `(replicas,)`; NaN where there is no map."""
        off, norms = self.off.mean(axis=-1), self.norms.mean(axis=-1)
        return np.asarray(np.divide(off, norms, out=np.full_like(off, np.nan), where=norms > 0))


@dataclass(frozen=True, eq=False)
class Exact:
    """Relative losses `(replicas, n)` of the exact attack at the first observations, and the bound on any attack."""

    value: Floats
    bound: Floats


def attacked(
    heads: Heads,
    test: AuditData,
    law: FeatureLaw,
    plan: AuditPlan,
    streams: Streams,
    backend: Backend,
    memory_bytes: int | None = None,
) -> tuple[AttackLosses, EffectiveMap]:
    """Losses of all heads under every attack, and their effective maps.

    As many networks at a time as fit into `memory_bytes`, half of what is free where None; each draws from streams of
    its own for every `BLOCK` observations, so that what is found does not depend on it.
    """
    (_, d, H), (replicas, q, _), n = heads.layer.W.shape, heads.heads.shape, len(test.Z)
    total = replicas * q
    block = min(n, BLOCK)
    most = attack_memory(d, H, block).max_batch(total, share_of_free(backend) if memory_bytes is None else memory_bytes)
    kinds = (*ATTACKS, "predicted", "universal", "norms", "off", "growth")
    rows = {name: np.full((total, n), np.nan) for name in kinds}
    for part, net in networks(heads.layer, heads.heads, block, backend, most):
        for some in chunks(n, BLOCK):
            own = ReplicaStreams([streams.child(f"network {k}/from {some.start}") for k in part])
            for name, values in _measured(heads, net, test, part, some, plan, own, backend).items():
                rows[name][part.start : part.stop, some.start : some.stop] = to_numpy(values)
    summed = {name: heads.summed(values) for name, values in rows.items()}
    energy = law.second_moment * heads.energy
    losses = AttackLosses(
        losses={name: summed[name] / energy for name in ATTACKS},
        predicted=summed["predicted"] / energy,
        universal=summed["universal"] / energy,
    )
    return losses, EffectiveMap(summed["norms"] / heads.energy, summed["off"] / heads.energy, summed["growth"])


def _measured(
    heads: Heads,
    net: GatedNetwork,
    test: AuditData,
    part: range,
    some: range,
    plan: AuditPlan,
    streams: NamedSources,
    backend: Backend,
) -> dict[str, Array]:
    """What is measured of a part of the networks on some of the observations, `(networks, n)` each."""
    xp, M = backend.xp, heads.layer.M
    X, Z = test.X[some.start : some.stop], backend.asarray(test.Z[some.start : some.stop])
    y = backend.asarray(heads.targets(X)[part.start : part.stop])
    rows = _rows(net, xp.broadcast_to(Z, (len(part), *Z.shape)), y, plan, streams)
    beta2 = effective_map(net, Z, backend.asarray(np.eye(X.shape[-1]) if M is None else M)) ** 2
    absent = backend.asarray(X == 0, "float64")
    return rows | {"norms": xp.sum(beta2, axis=-1), "off": xp.sum(beta2 * absent, axis=-1)}


def _rows(net: GatedNetwork, Z: Array, y: Array, plan: AuditPlan, streams: NamedSources) -> dict[str, Array]:
    """Losses and predictions at every observation, and the growth `||M beta||_*`, `(networks, n)` each."""
    eps, kind = plan.eps, plan.norm
    rows = {"growth": dual_norm(input_gradient(net, Z), kind)}
    if net.activation == "gate":
        rows["predicted"] = certified_worst_case(net, Z, y, eps, kind)
        rows["universal"] = universal_bound(net, Z, y, eps, kind)
    for name in ATTACKS:
        delta = perturbation(name, net, Z, y, eps, kind, streams.generator(name))
        rows[name] = attacked_loss(net, Z, y, delta)
    return rows


def exact_attack(heads: Heads, test: AuditData, law: FeatureLaw, plan: AuditPlan) -> Exact:
    """The exact attack, on the host, on the first observations."""
    layer, energy, n = heads.layer, law.second_moment * heads.energy, plan.exact
    targets = heads.targets(test.X[:n]).reshape(*heads.heads.shape[:2], n)
    value, bound = np.zeros((2, len(layer.W), n))
    for replica, (W, b) in enumerate(zip(layer.W, layer.b, strict=True)):
        for a, y in zip(heads.heads[replica], targets[replica], strict=True):
            worst = worst_case(GatedNetwork(W, a, b), test.Z[:n], y, plan.eps, plan.norm, seconds=plan.seconds)
            value[replica] += worst.value
            bound[replica] += worst.bound
    return Exact(value / energy, bound / energy)
