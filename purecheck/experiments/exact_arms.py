"""Small trained networks on which the worst case can be computed, and what every attack finds of it (claim E8)."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from numerics.attacks import attacked_loss
from numerics.backend import to_numpy
from numerics.certificate import certified, certified_worst_case
from numerics.evaluation import AttackName, ladder_set, perturbation
from numerics.features import ConstantAmplitude, FeatureLaw, observe
from numerics.memory import WorkingSet
from numerics.network import GatedNetwork
from numerics.norms import NormKind
from numerics.rounding import attacked_residual_bound, gamma, rounding_excess, square_bound
from numerics.training import SupervisedPlan, train_supervised
from numerics.worst_case import worst_case
from purecheck.context import Context

Floats = NDArray[np.float64]

D, HIDDEN, P, SIGMA = 5, 8, 1 / 5, 0.02
LAW = FeatureLaw(D, P, ConstantAmplitude(1.0))
GATE = 0.4
STEPS = 800
ATTACKS: tuple[AttackName, ...] = ("fgm", "pgd", "gate_aware", "random_search")


@dataclass(frozen=True)
class ExactArm:
    """A small network, clean or FGM-trained in l_inf, under an attack whose worst case a programme finds.

    Attributes
    ----------
    trained_at
        Size of the l_inf attack in training, over `r = 1`; 0 for clean training.
    kind, eps
        The attack on the trained network.
    observations
        Test observations a seed; programmes in l1 are slower.
    """

    trained_at: float
    kind: NormKind
    eps: float
    observations: int

    def __str__(self) -> str:
        trained = f"FGM-trained in l_inf at {self.trained_at} r" if self.trained_at else "clean"
        return f"{trained}, attacked in {self.kind} at {self.eps} r"


CLEAN = ExactArm(0.0, "linf", 0.16, 10)
ATTACKED = ExactArm(0.16, "linf", 0.16, 10)
OTHER_NORM = ExactArm(0.16, "l1", 0.4, 5)
NEAR = ExactArm(0.16, "linf", 0.02, 5)
"""So near that P2 certifies many observations."""
EXACT_ARMS = (CLEAN, ATTACKED, OTHER_NORM)

MEASURING = WorkingSet(0, 0, ladder_set(D, HIDDEN, CLEAN.observations).each)
"""What measuring holds: so little that all seeds are measured together."""


@dataclass(frozen=True, eq=False)
class Found:
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


def found(arm: ExactArm, context: Context) -> Found:
    """What every attack and the programme find on the trained networks of `arm`, kept for the run."""
    return context.once(f"exact/{arm}", lambda: _found(arm, context))


def plan(trained_at: float, context: Context) -> SupervisedPlan:
    """The plan of training under an attack of that size, with the steps of the profile."""
    attack = {"attack": "fgm", "kind": "linf", "eps": trained_at} if trained_at else {}
    return SupervisedPlan(
        law=LAW,
        hidden=HIDDEN,
        b=GATE,
        sigma=SIGMA,
        steps=round(STEPS * context.profile.steps),
        batch=64,
        record_every=STEPS,
        dtype="float64",
        **attack,  # type: ignore[arg-type]
    )


def _networks(trained_at: float, context: Context) -> GatedNetwork:
    """The trained networks, on the host."""
    streams, seeds = context.streams.child("exact/training"), context.profile.seeds
    settings = plan(trained_at, context)
    net = train_supervised(settings, streams, seeds, context.backend, memory_bytes=context.room()).net
    return GatedNetwork(to_numpy(net.W), to_numpy(net.a), to_numpy(net.b))


def _found(arm: ExactArm, context: Context) -> Found:
    net = context.once(f"exact/trained/{arm.trained_at}", lambda: _networks(arm.trained_at, context))
    rng = context.streams.generator("exact/test")
    X = LAW.sample(rng, (context.profile.seeds, arm.observations)).astype(np.float64)
    Z, y = observe(X, None, SIGMA, rng), X.sum(axis=-1)
    exact = worst_case(net, Z, y, arm.eps, arm.kind)
    # An attack as computed can be longer than eps by 6 d + 24 roundings (`numerics.rounding.rounding_excess`).
    inside = 1 - gamma(6 * D + 24, np.float64)
    losses: dict[AttackName, Floats] = {}
    for attack in ATTACKS:
        delta = perturbation(attack, net, Z, y, arm.eps, arm.kind, context.streams.generator(f"exact/{arm}/{attack}"))
        losses[attack] = attacked_loss(net, Z, y, inside * delta)
    wider = arm.eps * (1 + rounding_excess(Z, arm.eps))
    predicted = certified_worst_case(net, Z, y, arm.eps, arm.kind)
    strays = attacked_residual_bound(net, Z, y, exact.delta, arm.eps, arm.kind)
    return Found(
        clean=attacked_loss(net, Z, y, np.zeros_like(Z)),
        worst=exact.value,
        bound=exact.bound,
        losses=losses,
        certified=certified(net, Z, wider, arm.kind),
        predicted=predicted,
        slack=square_bound(np.sqrt(np.maximum(predicted, exact.value)), strays),
    )
