"""The settings of the protocol by name: how long to train, and how hard to attack."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from typing import Literal

from gpu_experiments.attacks.independent import Independent, Method, library
from gpu_experiments.attacks.white_box import FGM, PGD, GateAware
from gpu_experiments.pretraining.plan import ContrastivePretraining, EncoderPlan, SupervisedPretraining
from gpu_experiments.protocol.run import AttackSpec, HeadPlan, Pretraining, ProtocolRun, SuitePlan
from gpu_experiments.resnet.plan import ResNetPretraining
from numerics.training.plan import AttackName
from purecheck.records.run import Attack as Details
from purecheck.records.run import Head, Labels, Objective

SIZES = (8 / 255, 4 / 255, 2 / 255)
"""Sizes of the attacks for pixels in [0, 1]; the first is that of the claims."""


@dataclass(frozen=True, kw_only=True)
class ProtocolSettings:
    """The settings of a profile.

    Attributes
    ----------
    name : str
    train_images, head_images, test_images : int
        Largest numbers of images in pre-training, for the new head, and under attack.
    hidden, epochs : int
        Filters of the gated network, and epochs of pre-training.
    attack_steps : int
        Steps of PGD in pre-training.
    strong_restarts, gate_steps : int
        Restarts of PGD-100, and steps of the gate-aware attack.
    independent : bool
        Whether the independent suite runs by default.
    suite_steps, queries : int
        Steps of AutoPGD, queries of Square.
    """

    name: str
    train_images: int
    head_images: int
    test_images: int
    hidden: int
    epochs: int
    attack_steps: int
    strong_restarts: int
    gate_steps: int
    independent: bool
    suite_steps: int = 100
    queries: int = 5000


@dataclass(frozen=True, kw_only=True)
class ResNetSettings:
    """The settings of a profile for ResNet-18.

    Attributes
    ----------
    pretraining : ResNetPretraining
        Pre-training except for its objective and attack.
    head_rate : float
        Learning rate of an adversarial head and of fine-tuning.
    suite_batch : int
        Number of images that the independent suite processes at a time.

    The other fields are those of `ProtocolSettings`.
    """

    name: str
    train_images: int
    head_images: int
    test_images: int
    pretraining: ResNetPretraining
    head_rate: float = 0.01
    strong_restarts: int
    independent: bool
    suite_steps: int = 100
    queries: int = 5000
    suite_batch: int = 500


PROFILES = {
    "quick": ProtocolSettings(
        name="quick",
        train_images=25_000,
        head_images=10_000,
        test_images=500,
        hidden=256,
        epochs=5,
        attack_steps=2,
        strong_restarts=1,
        gate_steps=20,
        independent=False,
        suite_steps=50,
        queries=300,
    ),
    "full": ProtocolSettings(
        name="full",
        train_images=50_000,
        head_images=50_000,
        test_images=1000,
        hidden=1024,
        epochs=40,
        attack_steps=5,
        strong_restarts=5,
        gate_steps=60,
        independent=True,
    ),
}

RESNET_PROFILES = {
    "quick": ResNetSettings(
        name="quick",
        train_images=5200,
        head_images=5000,
        test_images=300,
        pretraining=ResNetPretraining(width=16, epochs=5, attack_steps=2, held_out=200),
        strong_restarts=1,
        independent=False,
    ),
    "full": ResNetSettings(
        name="full",
        train_images=50_000,
        head_images=50_000,
        test_images=1000,
        pretraining=ResNetPretraining(epochs=30, precision="bfloat16", compiled=True),
        strong_restarts=5,
        independent=True,
    ),
}

ENCODERS: dict[str, dict[str, ProtocolSettings] | dict[str, ResNetSettings]] = {
    "gated": PROFILES,
    "resnet18": RESNET_PROFILES,
}
"""Profiles of each encoder."""


def runs(
    settings: ProtocolSettings | ResNetSettings,
    *,
    objectives: Sequence[Objective],
    attacks: Sequence[AttackName],
    heads: Sequence[Head],
    labels: Sequence[Labels],
    seeds: Sequence[int],
    ridge: float,
    independent: bool,
) -> list[ProtocolRun]:
    """Return all requested runs; those that share an encoder are next to each other.

    The head of pre-training is left out if it does not fit: after pre-training on pairs, and for other labels.
    """
    return [
        ProtocolRun(
            profile=settings.name,
            pretraining=plan_of(settings, objective, attack),
            train_images=settings.train_images,
            head=head_plan_of(settings, ridge),
            head_kind=head,
            labels=label,
            suite=suite_of(settings, label, independent=independent),
            seed=seed,
        )
        for seed in seeds
        for objective in objectives
        for attack in attacks
        for label in labels
        for head in heads
        if head != "pretrained" or (objective == "supervised" and label == "same")
    ]


def plan_of(settings: ProtocolSettings | ResNetSettings, objective: Objective, attack: AttackName) -> Pretraining:
    """Return the plan of pre-training of a profile, attacked at the first of `SIZES`."""
    if isinstance(settings, ProtocolSettings):
        return pretraining_of(settings, objective, attack)
    eps = 0.0 if attack == "none" else SIZES[0]
    return replace(settings.pretraining, objective=objective, attack=attack, eps=eps)


def pretraining_of(
    settings: ProtocolSettings, objective: Objective, attack: AttackName
) -> SupervisedPretraining | ContrastivePretraining:
    """Return the plan of pre-training of a gated network, attacked at the first of `SIZES`."""
    eps = 0.0 if attack == "none" else SIZES[0]
    steps, epochs = settings.attack_steps, settings.epochs
    if objective == "supervised":
        encoder = EncoderPlan(hidden=settings.hidden)
        return SupervisedPretraining(encoder=encoder, attack=attack, eps=eps, attack_steps=steps, epochs=epochs)
    return ContrastivePretraining(
        # With higher thresholds or faster steps the embeddings of attacked pairs collapse to one point.
        encoder=EncoderPlan(hidden=settings.hidden, threshold=0.5, whitening=30.0),
        learning_rate=0.002,
        head_scale=0.3,
        shift=6,
        attack=attack,
        eps=eps,
        attack_steps=steps,
        epochs=epochs,
    )


def head_plan_of(settings: ProtocolSettings | ResNetSettings, ridge: float) -> HeadPlan:
    """Return the plan of the new head of a profile."""
    plan = HeadPlan(images=settings.head_images, ridge=ridge)
    return replace(plan, learning_rate=settings.head_rate) if isinstance(settings, ResNetSettings) else plan


def suite_of(settings: ProtocolSettings | ResNetSettings, labels: Labels, *, independent: bool) -> SuitePlan:
    """Return the attack suite of a profile, with the independent attacks if `independent`."""
    specs = [*_own(settings), *(_independent(settings, labels) if independent else ())]
    return SuitePlan(images=settings.test_images, sizes=SIZES, specs=tuple(specs))


def _own(settings: ProtocolSettings | ResNetSettings) -> list[AttackSpec]:
    ours = f"purecheck {version('purecheck')}"
    restarts = settings.strong_restarts
    specs = [
        AttackSpec("fgm", FGM(), Details("white-box", ours, 1, 1), by_steps=True),
        AttackSpec("pgd_20", PGD(20), Details("white-box", ours, 20, 1), by_steps=True),
        AttackSpec("pgd_100", PGD(100, restarts), Details("white-box", ours, 100, restarts), by_steps=True),
    ]
    if isinstance(settings, ProtocolSettings):
        steps = settings.gate_steps
        specs.append(AttackSpec("gate_aware", GateAware(steps), Details("white-box", ours, steps, 2)))
    return specs


def _independent(settings: ProtocolSettings | ResNetSettings, labels: Labels) -> list[AttackSpec]:
    steps: dict[Method, int] = {"apgd_ce": settings.suite_steps, "square": settings.queries}
    if labels != "coarse":  # the ratio of logit differences takes three classes
        steps["apgd_dlr"] = settings.suite_steps
    kinds: dict[Method, Literal["white-box", "black-box"]] = {"square": "black-box"}
    batch = settings.suite_batch if isinstance(settings, ResNetSettings) else Independent.batch
    return [
        AttackSpec(
            name,
            Independent(name, count, batch=batch),
            Details(kinds.get(name, "white-box"), library(), count, 1),
            tells_failures=name == "square",  # AutoPGD of the toolbox returns its random start
        )
        for name, count in steps.items()
    ]
