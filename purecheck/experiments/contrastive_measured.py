"""Measurements on the contrastive arms: purity, the effect of attacks on pairs, and inherited risk."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from numerics.arrays import Floats
from numerics.backend import Array, to_numpy
from numerics.contrastive.attacks import PairAttack, fgm
from numerics.contrastive.encoder import ContrastiveNetwork
from numerics.contrastive.loss import pair_loss
from numerics.contrastive.pairs import sample_pairs
from numerics.evaluation import AttackName, evaluate_attacks
from numerics.heads import least_squares_head
from numerics.memory_estimates import attack_memory, head_memory, pair_attack_memory
from numerics.network import GatedNetwork, gated_outputs
from numerics.purity import energy_mean, live_mean, live_nodes, participation_ratio
from purecheck.experiments.arms import in_numbers
from purecheck.experiments.contrastive_arms import HIDDEN, LAW, OUTPUTS, SIGMA, D, R, plan, trained
from purecheck.experiments.measured import ATTACKS, HEAD_OBSERVATIONS, OBSERVATIONS, Found, Purity
from purecheck.experiments.seed_batches import in_batches, observed, sources
from purecheck.runtime.context import Context
from theory.contrastive_training import PairArm
from theory.statistics import Ball, Size

PAIRS = 500
"""Fresh pairs of a seed. An increase then scatters between seeds by 5 to 7 % of itself; ten times as many pairs would
leave 3 to 6 %, since the encoders differ."""

PAIRED = pair_attack_memory(D, HIDDEN, OUTPUTS, PAIRS)
"""What attacks on pairs hold; a test holds these three against what is allocated."""
FITTING, ATTACKING = head_memory(D, HIDDEN, HEAD_OBSERVATIONS), attack_memory(D, HIDDEN, OBSERVATIONS)
"""What fitting heads and attacking them holds."""


@dataclass(frozen=True, eq=False)
class Increase:
    """Mean increase of the loss of a pair under FGM on one view: one number for each seed, or shape (records, seeds).

    Attributes
    ----------
    similar, dissimilar
        The increase on pairs of either kind.
    """

    similar: Floats
    dissimilar: Floats

    @property
    def gap(self) -> Floats:
        """The increase on dissimilar pairs less that on similar ones."""
        return self.dissimilar - self.similar


def purity(arm: PairArm, context: Context) -> Purity:
    """The participation ratio of an arm after training; the energy of a node is `||C_h||^2 ||u_h||^2`."""
    record = trained(arm, context)
    U, head_norms = (
        to_numpy(record.U_final).astype(np.float64),
        to_numpy(_head_norms(record.encoder)).astype(np.float64),
    )
    ratio = participation_ratio(U)
    return Purity(live_mean(ratio, live_nodes(U, head_norms)), energy_mean(ratio, U, head_norms))


def _head_norms(encoder: object) -> Array:
    assert isinstance(encoder, ContrastiveNetwork)  # noqa: S101 - the encoder of every arm is gated
    return np.linalg.norm(to_numpy(encoder.C), axis=-1)


def along_training(arm: PairArm, context: Context) -> tuple[NDArray[np.int64], Increase]:
    """The number of updates at each record, and the increase under the probe at that time, on the pairs of a batch."""
    history = trained(arm, context).history
    return history.step, Increase(history.increase_similar, history.increase_dissimilar)


def increase(arm: PairArm, size: Size, context: Context) -> Increase:
    """The increase after training under an attack of that size, on fresh pairs that are the same for every arm."""
    return context.once(f"increase/{arm}/{size}", lambda: _increase(arm, size, context))


def _increase(arm: PairArm, size: Size, context: Context) -> Increase:
    law, dtype = plan(arm, context).pair_law, plan(arm, context).dtype
    streams = context.streams.child("contrastive/test")

    def measure(chunk: range) -> Found:
        encoder = _encoder(arm, chunk, context)
        pairs = sample_pairs(law, PAIRS, streams, chunk, context.backend, dtype)
        delta = fgm(encoder, pairs, PairAttack("l2", float(size.multiple) * R))
        rise = pair_loss(encoder, delta.applied_to(pairs)) - pair_loss(encoder, pairs)
        kinds = {"similar": pairs.y > 0, "dissimilar": pairs.y < 0}
        return {kind: to_numpy(live_mean(rise, chosen)).astype(np.float64) for kind, chosen in kinds.items()}

    return Increase(**in_batches(measure, PAIRED, context))


def _encoder(arm: PairArm, chunk: range, context: Context) -> ContrastiveNetwork:
    """The trained encoders of some seeds."""
    encoder = trained(arm, context).encoder
    assert isinstance(encoder, ContrastiveNetwork)  # noqa: S101 - the encoder of every arm is gated
    W, C, b = (part[chunk.start : chunk.stop] for part in (encoder.W, encoder.C, encoder.b))
    return ContrastiveNetwork(W, C, b, encoder.activation)


def inherited(arm: PairArm, ball: Ball, context: Context) -> Mapping[AttackName, Floats]:
    """The risk of clean heads for new targets on the frozen layer, relative to the energy of the target."""
    return context.once(f"inherited/{arm}/{ball}", lambda: _inherited(arm, ball, context))


def _inherited(arm: PairArm, ball: Ball, context: Context) -> Mapping[AttackName, Floats]:
    theta = context.streams.generator("contrastive/downstream").standard_normal((context.profile.seeds, D))
    heads = context.once(f"head/{arm}", lambda: _clean_heads(arm, theta, context))
    kind, multiple = in_numbers(ball)

    def attack(chunk: range) -> Mapping[AttackName, Floats]:
        net = replace(_layer(arm, chunk, context), a=context.backend.asarray(heads[chunk.start : chunk.stop]))
        Z, y = _labelled("contrastive/observations", OBSERVATIONS, theta, chunk, context)
        streams = sources(context.streams.child("contrastive/attacks"), chunk)
        (evaluation,) = evaluate_attacks(net, Z, y, [multiple * R], kind, streams, attacks=ATTACKS)
        return evaluation.risk

    energy = LAW.second_moment * np.sum(theta**2, axis=-1)
    return {name: risk / energy for name, risk in in_batches(attack, ATTACKING, context).items()}


def _clean_heads(arm: PairArm, theta: Floats, context: Context) -> Floats:
    """Least-squares heads for the targets `theta` on the frozen layers of an arm, shape (seeds, H)."""

    def fit(chunk: range) -> Found:
        Z, y = _labelled("contrastive/head", HEAD_OBSERVATIONS, theta, chunk, context)
        return {"heads": to_numpy(least_squares_head(gated_outputs(_layer(arm, chunk, context), Z), y))}

    return in_batches(fit, FITTING, context)["heads"]


def _layer(arm: PairArm, chunk: range, context: Context) -> GatedNetwork:
    """The frozen layers of some seeds in float64, with placeholder heads that nothing reads."""
    encoder = _encoder(arm, chunk, context)
    W, b = (context.backend.asarray(part, "float64") for part in (encoder.W, encoder.b))
    return GatedNetwork(W, context.backend.asarray(np.ones(b.shape)), b)


def _labelled(stream: str, n: int, theta: Floats, chunk: range, context: Context) -> tuple[Array, Array]:
    """Observations of some seeds, shape (seeds, n, d), and their targets, the same for every arm."""
    X, Z = observed(LAW, None, SIGMA, n, context.streams.child(stream), chunk)
    y = np.einsum("sni,si->sn", X, theta[chunk.start : chunk.stop])
    return context.backend.asarray(Z), context.backend.asarray(y)
