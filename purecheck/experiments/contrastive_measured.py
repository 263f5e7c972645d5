"""What is measured on the contrastive arms: purity, the effect of attacks on pairs, and inherited risk."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from numerics.backend import Array, to_numpy
from numerics.contrastive.attacks import PairAttack, fgm
from numerics.contrastive.encoder import ContrastiveNetwork
from numerics.contrastive.loss import pair_loss
from numerics.contrastive.pairs import sample_pairs
from numerics.evaluation import AttackName, attack_ladder
from numerics.features import observe
from numerics.heads import least_squares_head
from numerics.network import GatedNetwork, gated_outputs
from numerics.purity import energy_mean, live_mean, live_nodes, participation_ratio
from purecheck.context import Context
from purecheck.experiments.contrastive_arms import LAW, SIGMA, D, PairArm, R, plan, trained
from purecheck.experiments.measured import HEAD_OBSERVATIONS, LADDER, OBSERVATIONS, Floats, Purity

PAIRS = 500


@dataclass(frozen=True, eq=False)
class Increase:
    """Mean rise of the loss of a pair under FGM on one side, one number a seed; or `(records, seeds)` in training.

    Attributes
    ----------
    similar, dissimilar
        The rise on pairs of either kind.
    """

    similar: Floats
    dissimilar: Floats

    @property
    def gap(self) -> Floats:
        """By how much dissimilar pairs lose more."""
        return self.dissimilar - self.similar


def purity(arm: PairArm, context: Context) -> Purity:
    """Participation ratio of an arm after training; the energy of a node is `||C_h||^2 ||u_h||^2`."""
    record = trained(arm, context)
    U, heard = to_numpy(record.U_final).astype(np.float64), to_numpy(_heard(record.encoder)).astype(np.float64)
    ratio = participation_ratio(U)
    return Purity(live_mean(ratio, live_nodes(U, heard)), energy_mean(ratio, U, heard))


def _heard(encoder: object) -> Array:
    assert isinstance(encoder, ContrastiveNetwork)  # noqa: S101 - the encoder of every arm is gated
    return np.linalg.norm(to_numpy(encoder.C), axis=-1)


def along_training(arm: PairArm, context: Context) -> tuple[NDArray[np.int64], Increase]:
    """Updates done and the rise under the probe at that time, on the pairs of a training batch."""
    history = trained(arm, context).history
    return history.step, Increase(history.increase_similar, history.increase_dissimilar)


def increase(arm: PairArm, multiple: float, context: Context) -> Increase:
    """The rise after training under an attack of size `multiple * r`, on fresh pairs, the same for every arm."""
    return context.once(f"increase/{arm}/{multiple}", lambda: _increase(arm, multiple, context))


def _increase(arm: PairArm, multiple: float, context: Context) -> Increase:
    record = trained(arm, context)
    streams, seeds = context.streams.child("contrastive/test"), context.profile.seeds
    pairs = sample_pairs(plan(arm, context).pair_law, PAIRS, streams, seeds, context.backend, record.plan.dtype)
    delta = fgm(record.encoder, pairs, PairAttack("l2", multiple * R))
    rise = pair_loss(record.encoder, delta.applied_to(pairs)) - pair_loss(record.encoder, pairs)
    means = (live_mean(rise, chosen) for chosen in (pairs.y > 0, pairs.y < 0))
    return Increase(*(to_numpy(mean).astype(np.float64) for mean in means))


def inherited(arm: PairArm, multiple: float, context: Context) -> Mapping[AttackName, Floats]:
    """Risk of clean least-squares heads for new targets on the frozen layer, relative to the energy of the target."""
    return context.once(f"inherited/{arm}/{multiple}", lambda: _inherited(arm, multiple, context))


def _inherited(arm: PairArm, multiple: float, context: Context) -> Mapping[AttackName, Floats]:
    theta = context.streams.generator("contrastive/downstream").standard_normal((context.profile.seeds, D))
    net = context.once(f"head/{arm}", lambda: _with_clean_head(arm, theta, context))
    Z, y = _labelled("contrastive/observations", OBSERVATIONS, theta, context)
    streams = context.streams.child("contrastive/attacks")
    (rung,) = attack_ladder(net, Z, y, [multiple * R], "l2", streams, attacks=LADDER)
    energy = LAW.second_moment * np.sum(theta**2, axis=-1)
    return {attack: risk / energy for attack, risk in rung.risk.items()}


def _with_clean_head(arm: PairArm, theta: Floats, context: Context) -> GatedNetwork:
    encoder = trained(arm, context).encoder
    assert isinstance(encoder, ContrastiveNetwork)  # noqa: S101 - the encoder of every arm is gated
    W, b = (context.backend.asarray(part, "float64") for part in (encoder.W, encoder.b))
    Z, y = _labelled("contrastive/head", HEAD_OBSERVATIONS, theta, context)
    layer = GatedNetwork(W, context.backend.asarray(np.ones(b.shape)), b)
    return GatedNetwork(W, least_squares_head(gated_outputs(layer, Z), y), b)


def _labelled(stream: str, n: int, theta: Floats, context: Context) -> tuple[Array, Array]:
    """Observations `(seeds, n, d)` and their targets, the same for every arm."""
    rng = context.streams.generator(stream)
    X = LAW.sample(rng, (context.profile.seeds, n))
    Z = observe(X, None, SIGMA, rng)
    return context.backend.asarray(Z), context.backend.asarray(np.einsum("sni,si->sn", X, theta))
