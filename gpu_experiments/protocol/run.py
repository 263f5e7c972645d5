"""A run: everything that its results depend on, except the images and the machine."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, fields
from hashlib import blake2b
from typing import Any, TypeAlias

from gpu_experiments.attacks.white_box import PGD, WhiteBoxAttack
from gpu_experiments.pretraining.plan import ContrastivePretraining, SupervisedPretraining
from gpu_experiments.resnet.plan import ResNetPretraining
from purecheck.records.run import Attack as AttackDetails
from purecheck.records.run import Encoder, Head, Labels, Norm, Objective

Pretraining: TypeAlias = SupervisedPretraining | ContrastivePretraining | ResNetPretraining


@dataclass(frozen=True)
class AttackSpec:
    """An attack of the suite, with its description in the record.

    Attributes
    ----------
    name : str
    attack : WhiteBoxAttack
    details : purecheck.records.run.Attack
    by_steps : bool
        Whether it differs from the others with this mark only in its number of steps.
    tells_failures : bool
        Whether it returns its worst point for an image that it did not fool. This does not affect its computation, so
        it is not one of the facts of a run.
    """

    name: str
    attack: WhiteBoxAttack
    details: AttackDetails
    by_steps: bool = False
    tells_failures: bool = field(default=True, repr=False)


@dataclass(frozen=True, kw_only=True)
class HeadPlan:
    """The plan of a head on an encoder.

    Attributes
    ----------
    images : int
        Largest number of training images.
    ridge : float
        Penalty of the logistic head on scaled features.
    most_steps : int
        Largest number of steps of L-BFGS.
    epochs : int
        Epochs of an adversarial head or of fine-tuning, which begin at the clean head.
    learning_rate : float
        Learning rate of both.
    """

    images: int
    ridge: float = 0.3
    most_steps: int = 300
    epochs: int = 2
    learning_rate: float = 5e-4


@dataclass(frozen=True, kw_only=True)
class SuitePlan:
    """The attacked images, and the attacks with their sizes.

    Attributes
    ----------
    images : int
        Largest number of test images, which are the same for every seed.
    sizes : tuple of float
        Sizes of the attacks for pixels in [0, 1]; the first is that of the record.
    norm : {"linf", "l2"}
        Norm.
    specs : tuple of AttackSpec
        The attacks, weakest first.
    covering : PGD
        An attack that is large enough to turn every image into any other.
    covered : int
        Largest number of test images for that attack.
    """

    images: int
    sizes: tuple[float, ...]
    specs: tuple[AttackSpec, ...]
    norm: Norm = "linf"
    covering: PGD = field(default_factory=PGD)
    covered: int = 200


@dataclass(frozen=True, kw_only=True)
class ProtocolRun:
    """One run of the protocol.

    Attributes
    ----------
    profile : str
        Name of its settings.
    pretraining : SupervisedPretraining, ContrastivePretraining or ResNetPretraining
    train_images : int
        Images of pre-training at most.
    head : HeadPlan
    head_kind : {"clean", "adversarial", "finetune", "pretrained"}
    labels : {"same", "disjoint", "coarse"}
        How the labels of the head relate to those of pre-training.
    suite : SuitePlan
    seed : int

    Raises
    ------
    ValueError
        If the head of pre-training is requested but does not fit the labels, or if the norms differ.
    """

    profile: str
    pretraining: Pretraining
    train_images: int
    head: HeadPlan
    head_kind: Head = "clean"
    labels: Labels = "same"
    suite: SuitePlan
    seed: int

    def __post_init__(self) -> None:
        if self.pretraining.norm != self.suite.norm:
            raise ValueError(
                f"pretraining.norm is {self.pretraining.norm!r}; expected {self.suite.norm!r}, that of the attack suite"
            )
        if self.head_kind == "pretrained" and (self.labels != "same" or self.objective != "supervised"):
            raise ValueError(
                f"head is 'pretrained' with {self.objective} pre-training and {self.labels} labels; "
                "expected supervised pre-training and the same labels"
            )

    @property
    def encoder(self) -> Encoder:
        """The kind of encoder."""
        return "resnet18" if isinstance(self.pretraining, ResNetPretraining) else "gated"

    @property
    def objective(self) -> Objective:
        """The objective of pre-training."""
        if isinstance(self.pretraining, ResNetPretraining):
            return self.pretraining.objective
        return "contrastive" if isinstance(self.pretraining, ContrastivePretraining) else "supervised"

    @property
    def pretraining_facts(self) -> list[Any]:
        """The facts on which pre-training depends; runs that differ only in other facts share the encoder."""
        # Coarse labels are given to the head alone, so the encoder is that of the same labels.
        classes = "half" if self.labels == "disjoint" else "all"
        return [self.pretraining, self.train_images, classes, self.seed]

    @property
    def head_facts(self) -> list[Any]:
        """The facts on which the model under its head depends."""
        return [*self.pretraining_facts, self.head, self.head_kind, self.labels, self.suite.sizes[0]]

    @property
    def facts(self) -> list[Any]:
        """The facts on which the whole run depends."""
        return [*self.head_facts, self.suite]

    @property
    def words(self) -> str:
        """A short description of the run."""
        attack = self.pretraining.attack
        training = "clean" if attack == "none" else attack
        return f"{training} {self.objective}, {self.head_kind} head, {self.labels} labels, seed {self.seed}"


def digest(facts: Any) -> str:
    """Return a hash of facts that JSON can represent, including plans; the order of their fields does not matter."""
    plain = json.dumps(facts, sort_keys=True, default=_named_fields)
    return blake2b(plain.encode(), digest_size=8).hexdigest()


def _named_fields(plan: Any) -> dict[str, Any]:
    """Return the name of a plan's type and its fields, except those that its `repr` leaves out."""
    shown = {one.name: getattr(plan, one.name) for one in fields(plan) if one.repr}
    return {"type": type(plan).__name__, **shown}
