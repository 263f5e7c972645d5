"""One run on images: pre-train an encoder, put a head on it, attack both; schema `purecheck-run/1`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from purecheck.records.consistency import require, require_count, require_file_beside, require_same_names
from purecheck.records.fields import (
    Architecture,
    Cost,
    Count,
    Environment,
    Names,
    NonNegative,
    Positive,
    Provenance,
    Ratio,
    Seed,
    Share,
    Shares,
    Strict,
    Text,
)

Schema = Literal["purecheck-run/1"]
SCHEMA: Schema = "purecheck-run/1"

Encoder = Literal["gated", "resnet18"]
Objective = Literal["supervised", "contrastive"]
TrainingAttack = Literal["none", "fgm", "pgd"]
Head = Literal["clean", "adversarial", "finetune", "pretrained"]
Labels = Literal["same", "disjoint", "coarse"]
Norm = Literal["linf", "l2"]


@dataclass(frozen=True)
class Pretraining(Strict):
    """How the encoder was pre-trained.

    Attributes
    ----------
    objective, attack
        What was minimised, and the attack on each training image.
    norm, eps
        Of that attack, pixels in [0, 1]; `eps` is 0 without an attack, and only then.
    epochs, images
        Passes over the training images, and how many these were.
    """

    objective: Objective
    attack: TrainingAttack
    norm: Norm
    eps: NonNegative
    epochs: Count
    images: Count

    def __post_init__(self) -> None:
        require(
            (self.eps > 0) == (self.attack != "none"),
            f"pretraining.eps is {self.eps} with the attack {self.attack!r}",
            "0 for 'none' and a size above 0 for every other attack",
        )


@dataclass(frozen=True)
class Classes(Strict):
    """Names of the classes that the encoder saw in pre-training, and of those that the head distinguishes."""

    pretraining: Names
    head: Names

    def __post_init__(self) -> None:
        for field, names in vars(self).items():
            require(len(set(names)) == len(names), f"classes.{field} is {list(names)}", "each name once")


@dataclass(frozen=True)
class Attack(Strict):
    """One attack of the ladder.

    Attributes
    ----------
    kind
        Whether it uses gradients of the model.
    library
        Who wrote it, with the version: `purecheck 0.1.0`, `adversarial-robustness-toolbox 1.20.1`.
    steps
        Gradient steps, or queries, an image and restart.
    restarts
        How often it starts afresh; the worst counts.
    """

    kind: Literal["white-box", "black-box"]
    library: Text
    steps: Count
    restarts: Count


@dataclass(frozen=True)
class Robustness(Strict):
    """Accuracy under attacks of one size.

    Attributes
    ----------
    eps
        Size of the attacks, pixels in [0, 1].
    robust_accuracy
        Attack to the share of images that stay right under it.
    worst_case
        Share of images that stay right under every attack of the ladder and without one.
    """

    eps: Positive
    robust_accuracy: Shares
    worst_case: Share


@dataclass(frozen=True)
class FilterPurity(Strict):
    """Purity of the encoder's filters.

    Attributes
    ----------
    participation_ratio
        Mean number of dictionary features that a filter holds, at least 1.
    dictionary
        The dictionary in words.
    """

    participation_ratio: Ratio
    dictionary: Text


@dataclass(frozen=True, kw_only=True)
class RunRecord(Strict):
    """What one run measured, on the same test images throughout.

    Attributes
    ----------
    dataset
        Its name as every table and figure shows it: `CIFAR-10`, `CIFAR-10, JPEG q75`.
    provenance
        What is known about its files: name to MD5 sum or to words.
    profile
        Name of the protocol's settings.
    encoder, architecture
        The model, and what it takes to build it again: `activation`, `patch`, `hidden`, `parameters`, ...
    pretraining
        How the encoder was trained.
    head
        `clean` or `adversarial` on frozen features, `finetune` with the encoder, `pretrained` as pre-training left it.
    labels, classes
        How the labels of the head relate to those of pre-training, and both by name.
    seed
        Root seed of the run; runs with the same seed and setting share data order and initial weights.
    norm, eps
        Of the attacks behind `robust_accuracy` and `worst_case`.
    images
        Test images that were classified and attacked; every accuracy is a count over them.
    clean_accuracy, robust_accuracy, worst_case
        Shares of the images, as in `Robustness`.
    attacks
        The ladder: name to details.
    by_eps
        The same at other sizes, each size once.
    sanity
        Flag to whether it came out as it should: `monotone_in_steps`, `loss_increases`, ...
    purity
        Purity of the filters, where it was measured.
    filters
        Name of an `.npz` file beside the record with `filters` `(n, channels, height, width)`, where there is one.
    cost
        What was spent: `seconds` of the whole run, and its parts by name.
    environment
        What it was computed with: `python`, `platform`, `packages`, `device`, `started`, ...
    """

    dataset: Text
    provenance: Provenance
    profile: Text
    encoder: Encoder
    architecture: Architecture
    pretraining: Pretraining
    head: Head
    labels: Labels
    classes: Classes
    seed: Seed
    norm: Norm
    eps: Positive
    images: Count
    clean_accuracy: Share
    robust_accuracy: Shares
    worst_case: Share
    attacks: Annotated[Mapping[str, Attack], Field(min_length=1)]
    sanity: Mapping[str, bool]
    cost: Cost
    environment: Environment
    by_eps: tuple[Robustness, ...] = ()
    purity: FilterPurity | None = None
    filters: str | None = None
    schema: Schema = SCHEMA

    def __post_init__(self) -> None:
        require_count("clean_accuracy", self.clean_accuracy, self.images)
        for place, rung in enumerate(self.rungs):
            self._require_rung("" if place == 0 else f"by_eps[{place - 1}].", rung)
        sizes = [rung.eps for rung in self.rungs]
        require(len(set(sizes)) == len(sizes), f"eps and by_eps hold the sizes {sizes}", "each size once")
        self._require_labels()
        if self.filters is not None:
            require_file_beside("filters", self.filters, ".npz")

    @property
    def rungs(self) -> tuple[Robustness, ...]:
        """Accuracy under attack at every size, that of the record first."""
        return (Robustness(self.eps, self.robust_accuracy, self.worst_case), *self.by_eps)

    def _require_rung(self, where: str, rung: Robustness) -> None:
        require_same_names(f"{where}robust_accuracy", rung.robust_accuracy, "attacks", self.attacks)
        for attack, share in rung.robust_accuracy.items():
            name = f"{where}robust_accuracy[{attack!r}]"
            require_count(name, share, self.images)
            # an image that is wrong as it is does not stay right
            require(
                share <= self.clean_accuracy, f"{name} is {share}", f"at most clean_accuracy, {self.clean_accuracy}"
            )
        require_count(f"{where}worst_case", rung.worst_case, self.images)
        least = min(self.clean_accuracy, *rung.robust_accuracy.values())
        require(rung.worst_case <= least, f"{where}worst_case is {rung.worst_case}", f"at most {least}")

    def _require_labels(self) -> None:
        seen, of_head = set(self.classes.pretraining), set(self.classes.head)
        agrees = {"same": seen == of_head, "disjoint": not seen & of_head, "coarse": seen != of_head}[self.labels]
        require(
            agrees,
            f"labels is {self.labels!r} with the classes {sorted(seen)} and {sorted(of_head)}",
            "the same classes for 'same', none in common for 'disjoint', others for 'coarse'",
        )
