"""Contrastive simulations: purity of trained encoders and the loss of attacked pairs, with intervals over seeds."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numerics.backend import Array, Backend, to_numpy
from numerics.contrastive.attacks import PairAttack, Perturbation, fgm, pgd
from numerics.contrastive.encoder import ContrastiveNetwork
from numerics.contrastive.loss import pair_loss
from numerics.contrastive.pairs import PairLaw, Pairs, sample_pairs
from numerics.contrastive.training import ContrastivePlan, ContrastiveRecord, Gated
from numerics.memory import MemoryEstimate, chunks, share_of_free
from numerics.memory_estimates import pair_attack_memory
from numerics.network import GatedNetwork
from numerics.replica_streams import NormalSource, ReplicaNormals
from numerics.streams import Streams
from purecheck.simulation.supervised import Spread, purity_of, spreads, training_plan_to_dict


@dataclass(frozen=True)
class PairRung:
    """Mean loss of a similar and of a dissimilar pair under attacks of one size on one side, by attack."""

    eps: float
    norm: str
    similar: dict[str, Spread]
    dissimilar: dict[str, Spread]


@dataclass(frozen=True)
class PairSummary:
    """What a contrastive simulation found: purity of the nodes and the attack ladder, over replicas."""

    replicas: int
    purity: dict[str, Spread]
    ladder: tuple[PairRung, ...]

    def to_dict(self) -> dict[str, Any]:
        """The same as JSON-compatible data."""
        return asdict(self)


def summarise_pairs(
    record: ContrastiveRecord,
    sizes: Sequence[float],
    pairs: int,
    streams: Streams,
    backend: Backend,
    memory_bytes: int | None = None,
) -> PairSummary:
    """Purity and attack ladder of trained gated encoders, on fresh pairs.

    Parameters
    ----------
    record
        From `train_contrastive`, of gated encoders.
    sizes
        Attack sizes, at least 0; the norm is that of the plan.
    pairs
        Fresh pairs of each kind for each replica.
    streams
        For data and random starts; each replica draws from its own.
    backend
        Where to compute.
    memory_bytes
        Upper limit on memory; as many replicas run together as fit, but at least one. Half of what is free if None.

    Raises
    ------
    ValueError
        If the encoders are linear.
    """
    plan, trained = record.plan, record.encoder
    if not isinstance(trained, ContrastiveNetwork):
        raise ValueError(f"record holds encoders of type {type(trained).__name__}; expected gated ones")
    replicas = int(trained.W.shape[0])
    budget = share_of_free(backend) if memory_bytes is None else memory_bytes
    together = measuring_memory(plan, pairs).max_batch(replicas, budget)
    purity, ladders = [], []
    for chunk in chunks(replicas, together):
        kept = slice(chunk.start, chunk.stop)
        W, C, b = (backend.asarray(part[kept], "float64") for part in (trained.W, trained.C, trained.b))
        encoder = ContrastiveNetwork(W, C, b, trained.activation)
        test = {
            kind: sample_pairs(
                PairLaw(plan.law, plan.M, plan.sigma, rho), pairs, streams.child(f"pairs/{kind}"), chunk, backend
            )
            for kind, rho in (("similar", 1.0), ("dissimilar", 0.0))
        }
        head_norms = backend.asarray(to_numpy(plan.encoder.output_norms({"C": C})))
        net = GatedNetwork(W, head_norms, b, trained.activation)
        purity.append(purity_of(record.U_final[kept], net, test["similar"].Z, plan))
        ladders.append(
            {
                (eps, kind): _losses(encoder, one, PairAttack(plan.norm, eps), _starts(streams, kind, eps, chunk))
                for eps in sizes
                for kind, one in test.items()
            }
        )
    losses = {key: spreads([ladder[key] for ladder in ladders]) for key in ladders[0]}
    rungs = (PairRung(eps, plan.norm, losses[eps, "similar"], losses[eps, "dissimilar"]) for eps in sizes)
    return PairSummary(replicas, spreads(purity), tuple(rungs))


def measuring_memory(plan: ContrastivePlan, pairs: int) -> MemoryEstimate:
    """The memory that `summarise_pairs` takes."""
    return pair_attack_memory(plan.law.d, *plan.encoder.widths, pairs)


def _starts(streams: Streams, kind: str, eps: float, chunk: range) -> NormalSource:
    """Random starts, each replica's from its own stream."""
    own = streams.child(f"pgd/{kind}/{eps}")
    return ReplicaNormals([own.child(str(k)).generator("starts") for k in chunk])


def _losses(
    encoder: ContrastiveNetwork, pairs: Pairs, attack: PairAttack, rng: NormalSource
) -> dict[str, NDArray[np.float64]]:
    """The mean loss of each replica, by attack."""
    losses = {
        "none": pair_loss(encoder, pairs),
        "fgm": _attacked(encoder, pairs, fgm(encoder, pairs, attack)),
        "pgd": _attacked(encoder, pairs, pgd(encoder, pairs, attack, rng=rng)),
    }
    return {name: to_numpy(loss).mean(axis=-1) for name, loss in losses.items()}


def _attacked(encoder: ContrastiveNetwork, pairs: Pairs, delta: Perturbation) -> Array:
    return pair_loss(encoder, delta.applied_to(pairs))


def contrastive_plan_to_dict(plan: ContrastivePlan) -> dict[str, Any]:
    """The numbers that determine a contrastive run of gated encoders, as JSON-compatible data."""
    settings = training_plan_to_dict(plan) | {
        "rho": plan.rho,
        "attacked_pairs": plan.attacked_pairs,
        "attacked_sides": plan.attacked_sides,
    }
    if isinstance(plan.encoder, Gated):
        own = plan.encoder
        settings |= {"hidden": own.hidden, "outputs": own.outputs, "activation": own.activation, "b": own.b}
    return settings
