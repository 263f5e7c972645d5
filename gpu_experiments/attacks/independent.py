"""Attacks written by others: AutoPGD and Square of the Adversarial Robustness Toolbox, run on the PyTorch mirror.

Their results are moved into the ball and judged by our own model.
"""

from __future__ import annotations

import importlib.util
import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any, Literal, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

from gpu_experiments.attacks.ascent import WorstImages
from gpu_experiments.attacks.ball import ImageBall
from gpu_experiments.attacks.losses import margin
from gpu_experiments.models.classifier import PatchClassifier
from gpu_experiments.models.interface import ImageModel
from numerics.backend import Array, to_namespace_of, to_numpy

Method: TypeAlias = Literal["apgd_ce", "apgd_dlr", "square"]
DISTRIBUTION = "adversarial-robustness-toolbox"

_LOSS = {"apgd_ce": "cross_entropy", "apgd_dlr": "difference_logits_ratio"}
_COMPARED = 8  # images whose logits both models compute before anything is attacked


def why_no_suite() -> str | None:
    """Return why the independent suite cannot run here, or None where it can."""
    missing = [name for name in ("torch", "art") if importlib.util.find_spec(name) is None]
    return f"{' and '.join(missing)} not installed (extra 'deep')" if missing else None


def library() -> str:
    """Return name and version of the suite."""
    return f"{DISTRIBUTION} {version(DISTRIBUTION)}"


class TorchModel(ImageModel, Protocol):
    """An image model that is a PyTorch network from images in [0, 1] to logits."""

    @property
    def network(self) -> Any:
        """The network, in evaluation mode."""
        ...


@dataclass(frozen=True)
class Independent:
    """An attack of the Adversarial Robustness Toolbox.

    Attributes
    ----------
    method : {"apgd_ce", "apgd_dlr", "square"}
        AutoPGD on the cross-entropy or on the ratio of logit differences (at least 3 classes), or random squares.
    steps : int
        Gradient steps, or queries, an image and restart.
    restarts : int
    batch : int
        Images that it works on at a time.

    References
    ----------
    F. Croce and M. Hein, "Reliable evaluation of adversarial robustness with an ensemble of diverse parameter-free
    attacks", ICML 2020. M. Andriushchenko et al., "Square attack", ECCV 2020.
    """

    method: Method
    steps: int = 100
    restarts: int = 1
    batch: int = 64

    def __call__(
        self, model: PatchClassifier | TorchModel, x: Array, labels: Array, ball: ImageBall, rng: np.random.Generator
    ) -> WorstImages:
        """Return, for each image, the worse of the image itself and the result of the toolbox."""
        logits = model.logits(x)
        found = WorstImages.none_yet(x).joined_by(x, margin(logits, labels))
        if ball.eps == 0:
            return found
        images = to_numpy(x).astype(np.float32)
        classifier = _classifier(model, images, logits.shape[1])
        with _legacy_seed(int(rng.integers(2**32))), np.errstate(divide="ignore", invalid="ignore"):
            made = self._attack(classifier, ball).generate(x=images, y=np.eye(logits.shape[1])[to_numpy(labels)])
        delta = (made - images).reshape(len(made), -1)
        # Its Square divides by the norm of a patch of the perturbation, 0 over 0 where that has not been moved.
        delta[~np.isfinite(delta).all(axis=1)] = 0
        points = ball.inside(x, to_namespace_of(x, delta))
        return found.joined_by(points, margin(model.logits(points), labels))

    def _attack(self, classifier: Any, ball: ImageBall) -> Any:
        evasion = importlib.import_module("art.attacks.evasion")
        settings = {
            "norm": np.inf if ball.norm == "linf" else 2,
            "eps": ball.eps,
            "max_iter": self.steps,
            "batch_size": self.batch,
            "verbose": False,
        }
        if self.method == "square":
            return evasion.SquareAttack(classifier, nb_restarts=self.restarts, **settings)
        return evasion.AutoProjectedGradientDescent(
            classifier,
            eps_step=2 * ball.eps,  # the first step of AutoPGD, halved where progress stops
            nb_random_init=self.restarts,
            loss_type=_LOSS[self.method],
            **settings,
        )


def _classifier(model: PatchClassifier | TorchModel, images: npt.NDArray[np.float32], classes: int) -> Any:
    """Return `model` as the toolbox requires it: its own network, or a mirror whose logits were compared."""
    torch = importlib.import_module("torch")
    return importlib.import_module("art.estimators.classification").PyTorchClassifier(
        model=_mirror(model, images) if isinstance(model, PatchClassifier) else model.network,
        loss=torch.nn.CrossEntropyLoss(),
        input_shape=images.shape[1:],
        nb_classes=classes,
        clip_values=(0.0, 1.0),
        device_type="gpu" if torch.cuda.is_available() else "cpu",
    )


def _mirror(model: PatchClassifier, images: npt.NDArray[np.float32]) -> Any:
    mirrors = importlib.import_module("gpu_experiments.attacks.mirror")
    mirror = mirrors.Mirror(model)
    mirrors.require_agreement(model, mirror, images[:_COMPARED])
    return mirror


@contextmanager
def _legacy_seed(seed: int) -> Iterator[None]:
    """Seed the global generators from which the toolbox draws, and restore their states afterwards."""
    kept, kept_too = np.random.get_state(), random.getstate()  # noqa: NPY002 - the toolbox knows no other
    np.random.seed(seed)  # noqa: NPY002
    random.seed(seed)
    try:
        yield
    finally:
        np.random.set_state(kept)  # noqa: NPY002
        random.setstate(kept_too)
