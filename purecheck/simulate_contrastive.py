"""`simulate contrastive`: purity of trained replicas and the loss of attacked pairs, with intervals over seeds."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from numerics.backend import Array, Backend, to_numpy
from numerics.contrastive.attacks import PairAttack, Perturbation, fgm, pgd
from numerics.contrastive.encoder import ContrastiveNetwork
from numerics.contrastive.loss import pair_loss
from numerics.contrastive.pairs import PairLaw, Pairs, sample_pairs
from numerics.contrastive.training import ContrastivePlan, ContrastiveRecord, Gated
from numerics.network import GatedNetwork
from numerics.streams import Streams
from purecheck.simulate import Spread, purity_of, spread, training_facts


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

    def facts(self) -> dict[str, Any]:
        """The same as plain data."""
        return asdict(self)


def summarise_pairs(
    record: ContrastiveRecord, sizes: Sequence[float], pairs: int, streams: Streams, backend: Backend
) -> PairSummary:
    """Purity and attack ladder of trained gated encoders, on fresh pairs.

    Parameters
    ----------
    record
        From `train_contrastive`, of gated encoders.
    sizes
        Attack sizes, at least 0; the norm is that of the plan.
    pairs
        Fresh pairs of either kind a replica.
    streams
        For data and random starts.
    backend
        Where to compute.

    Raises
    ------
    ValueError
        If the encoders are linear.
    """
    plan, trained = record.plan, record.encoder
    if not isinstance(trained, ContrastiveNetwork):
        raise ValueError(f"record holds encoders of type {type(trained).__name__}; expected gated ones")
    W, C, b = (backend.asarray(part, "float64") for part in (trained.W, trained.C, trained.b))
    encoder = ContrastiveNetwork(W, C, b, trained.activation)
    replicas = int(W.shape[0])
    test = {
        kind: sample_pairs(
            PairLaw(plan.law, plan.M, plan.sigma, rho), pairs, streams.child(f"pairs/{kind}"), replicas, backend
        )
        for kind, rho in (("similar", 1.0), ("dissimilar", 0.0))
    }
    heard = backend.asarray(to_numpy(plan.encoder.heard({"C": C})))
    purity = purity_of(record.U_final, GatedNetwork(W, heard, b, trained.activation), test["similar"].Z, plan)
    rungs = []
    for eps in sizes:
        attack = PairAttack(plan.kind, eps)
        losses = {kind: _losses(encoder, one, attack, streams.child(f"pgd/{kind}/{eps}")) for kind, one in test.items()}
        rungs.append(PairRung(eps, plan.kind, losses["similar"], losses["dissimilar"]))
    return PairSummary(replicas, purity, tuple(rungs))


def _losses(encoder: ContrastiveNetwork, pairs: Pairs, attack: PairAttack, streams: Streams) -> dict[str, Spread]:
    losses = {
        "none": pair_loss(encoder, pairs),
        "fgm": _attacked(encoder, pairs, fgm(encoder, pairs, attack)),
        "pgd": _attacked(encoder, pairs, pgd(encoder, pairs, attack, rng=streams.generator("starts"))),
    }
    return {name: spread(to_numpy(loss).mean(axis=-1)) for name, loss in losses.items()}


def _attacked(encoder: ContrastiveNetwork, pairs: Pairs, delta: Perturbation) -> Array:
    return pair_loss(encoder, delta.applied_to(pairs))


def contrastive_facts(plan: ContrastivePlan) -> dict[str, Any]:
    """The numbers that determine a contrastive run of gated encoders, as plain data."""
    facts = training_facts(plan) | {
        "rho": plan.rho,
        "attacked_pairs": plan.attacked_pairs,
        "attacked_sides": plan.attacked_sides,
    }
    if isinstance(plan.encoder, Gated):
        own = plan.encoder
        facts |= {"hidden": own.hidden, "outputs": own.outputs, "activation": own.activation, "b": own.b}
    return facts
