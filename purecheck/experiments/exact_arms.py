"""Small trained networks on which the worst case can be computed, and what every attack finds of it (claim E8)."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from numerics.arrays import Floats
from numerics.attacks import attacked_loss
from numerics.backend import to_numpy
from numerics.certificate import certified, certified_worst_case
from numerics.evaluation import AttackName, perturbation
from numerics.features import ConstantAmplitude, FeatureLaw, observe
from numerics.memory import MemoryEstimate
from numerics.memory_estimates import attack_memory
from numerics.network import GatedNetwork
from numerics.rounding import attacked_residual_bound, projection_excess, rounding_excess, square_bound
from numerics.training import SupervisedPlan, train_supervised
from numerics.worst_case import worst_case
from purecheck.experiments.arms import BATCH, in_numbers
from purecheck.runtime.context import Context
from theory.statistics import Ball
from theory.training.small_networks import (
    FAR,
    FAR_L1,
    NEAR,
    SMALL_ATTACKED,
    SMALL_CLEAN,
    SMALL_GATE,
    SMALL_NETWORKS,
    SmallArm,
)

D, HIDDEN, P = SMALL_NETWORKS.features, SMALL_NETWORKS.nodes, SMALL_NETWORKS.p
SIGMA = float(SMALL_NETWORKS.noise)
LAW = FeatureLaw(D, P, ConstantAmplitude(1.0))
GATE = float(SMALL_GATE)
STEPS = SMALL_NETWORKS.updates
ATTACKS: tuple[AttackName, ...] = ("fgm", "pgd", "gate_aware", "random_search", "gate_search")


@dataclass(frozen=True)
class ExactArm:
    """A small network under an attack whose worst case a programme finds.

    Attributes
    ----------
    training
        How it was trained.
    ball
        The attack on the trained network.
    """

    training: SmallArm
    ball: Ball

    def __str__(self) -> str:
        attack = self.training.attack
        trained = f"FGM-trained in l_inf at {float(attack.size)} r" if attack else "clean"
        return f"{trained}, attacked in {self.ball.norm.name} at {float(self.ball.size)} r"

    @property
    def observations(self) -> int:
        """Test observations a seed: programmes in l1 are slower, and small balls are there for the certificate."""
        return MANY if self.ball == FAR else FEW


CLEAN, ATTACKED = ExactArm(SMALL_CLEAN, FAR), ExactArm(SMALL_ATTACKED, FAR)
OTHER_NORM, NEARBY = ExactArm(SMALL_ATTACKED, FAR_L1), ExactArm(SMALL_ATTACKED, NEAR)
MANY, FEW = 10, 5
EXACT_ARMS = (CLEAN, ATTACKED, OTHER_NORM)

MEASURING = MemoryEstimate(0, 0, attack_memory(D, HIDDEN, MANY).each)
"""What measuring holds: so little that all seeds are measured together."""


@dataclass(frozen=True, eq=False)
class ExactAttacks:
    """What attacks found on the test observations of an arm, arrays `(seeds, n)`.

    Attributes
    ----------
    clean
        Loss without an attack.
    worst, bound
        Loss that the worst perturbation found by the programme reaches, and what no perturbation exceeds.
    losses
        Loss under each attack, taken back into the ball where rounding carried it out.
    certified, predicted, slack
        Where P2 certifies the observation, the worst case that it predicts there, and a bound on the rounding error
        of a loss against it.
    """

    clean: Floats
    worst: Floats
    bound: Floats
    losses: Mapping[AttackName, Floats]
    certified: NDArray[np.bool_]
    predicted: Floats
    slack: Floats

    def share(self, attack: AttackName) -> Floats:
        """Share of the exact excess risk that an attack finds, one number a seed.

        Against the loss that is reached: a share may exceed 1 by what the programme leaves undecided.
        """
        excess = self.worst.mean(axis=-1) - self.clean.mean(axis=-1)
        return np.asarray((self.losses[attack].mean(axis=-1) - self.clean.mean(axis=-1)) / excess)


def found(arm: ExactArm, context: Context) -> ExactAttacks:
    """What every attack and the programme find on the trained networks of `arm`, kept for the run."""
    return context.once(f"exact/{arm}", lambda: _found(arm, context))


def plan(arm: SmallArm, context: Context) -> SupervisedPlan:
    """The plan of training a small network, with the steps of the profile."""
    kind, eps = in_numbers(arm.attack) if arm.attack else ("l2", 0.0)
    return SupervisedPlan(
        law=LAW,
        hidden=HIDDEN,
        b=GATE,
        sigma=SIGMA,
        steps=round(STEPS * context.profile.steps),
        batch=BATCH,
        record_every=STEPS,
        dtype="float64",
        attack="fgm" if arm.attack else "none",
        norm=kind,
        eps=eps,
    )


def _networks(arm: SmallArm, context: Context) -> GatedNetwork:
    """The trained networks, on the host."""
    streams, seeds = context.streams.child("exact/training"), context.profile.seeds
    settings = plan(arm, context)
    net = train_supervised(settings, streams, seeds, context.backend, memory_bytes=context.memory_budget()).net
    return GatedNetwork(to_numpy(net.W), to_numpy(net.a), to_numpy(net.b))


def _found(arm: ExactArm, context: Context) -> ExactAttacks:
    net = context.once(f"exact/trained/{arm.training}", lambda: _networks(arm.training, context))
    kind, eps = in_numbers(arm.ball)
    rng = context.streams.generator("exact/test")
    X = LAW.sample(rng, (context.profile.seeds, arm.observations)).astype(np.float64)
    Z, y = observe(X, None, SIGMA, rng), X.sum(axis=-1)
    exact = worst_case(net, Z, y, eps, kind)
    inside = 1 - projection_excess(D, np.float64)
    losses: dict[AttackName, Floats] = {}
    for attack in ATTACKS:
        delta = perturbation(attack, net, Z, y, eps, kind, context.streams.generator(f"exact/{arm}/{attack}"))
        losses[attack] = attacked_loss(net, Z, y, inside * delta)
    wider = eps * (1 + rounding_excess(Z, eps))
    predicted = certified_worst_case(net, Z, y, eps, kind)
    strays = attacked_residual_bound(net, Z, y, exact.delta, eps, kind)
    return ExactAttacks(
        clean=attacked_loss(net, Z, y, np.zeros_like(Z)),
        worst=exact.value,
        bound=exact.bound,
        losses=losses,
        certified=certified(net, Z, wider, kind),
        predicted=predicted,
        slack=square_bound(np.sqrt(np.maximum(predicted, exact.value)), strays),
    )
