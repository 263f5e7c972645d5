"""White-box attacks on images: FGM, PGD with restarts, and PGD that is aware of the gates (BPDA).

Every attack is a frozen dataclass, called ``(model, x, labels, ball, rng)``; it returns the worst points found, whose
margins are never below those of the images themselves.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

import numpy as np

from gpu_experiments.attacks.ascent import AscentStep, WorstImages, ascend
from gpu_experiments.attacks.ball import ImageBall
from gpu_experiments.models.interface import GatedImageModel, ImageModel
from numerics.backend import Array
from numerics.classification import LossName
from numerics.projected_ascent import pgd_lengths


class WhiteBoxAttack(Protocol):
    """An attack on the images that a model classifies; some need more than an `ImageModel`."""

    def __call__(self, model: Any, x: Array, labels: Array, ball: ImageBall, rng: np.random.Generator) -> WorstImages:
        """Return the worst points that the attack finds within the `ball` around images `x`."""
        ...


@dataclass(frozen=True)
class FGM:
    """One step of the full length along the steepest direction of the loss.

    Attributes
    ----------
    loss : {"cross_entropy", "margin"}
        The loss that it raises.

    References
    ----------
    Goodfellow, Shlens and Szegedy, "Explaining and harnessing adversarial examples", ICLR 2015.
    """

    loss: LossName = "cross_entropy"

    def __call__(
        self, model: ImageModel, x: Array, labels: Array, ball: ImageBall, rng: np.random.Generator
    ) -> WorstImages:
        """Return, for each image, the worse of the image itself and its perturbation."""
        return ascend(
            model, x, labels, WorstImages.none_yet(x), x, [AscentStep(ball.eps, model.linearise)], ball, self.loss
        )


@dataclass(frozen=True)
class PGD:
    """Steps of equal length, from the image itself and then from random points of its ball.

    Attributes
    ----------
    steps : int
        Steps of each run, at least 1.
    restarts : int
        Runs, at least 1.
    losses : tuple of {"cross_entropy", "margin"}
        The losses that the runs raise, in turn.
    step_size : float, optional
        Length of a step; ``2.5 eps/steps`` if None.

    References
    ----------
    Madry et al., "Towards deep learning models resistant to adversarial attacks", ICLR 2018.
    """

    steps: int = 20
    restarts: int = 1
    losses: tuple[LossName, ...] = ("cross_entropy", "margin")
    step_size: float | None = None

    def __call__(
        self, model: ImageModel, x: Array, labels: Array, ball: ImageBall, rng: np.random.Generator
    ) -> WorstImages:
        """Return the worst points of all runs."""
        lengths = pgd_lengths(ball.eps, self.steps) if self.step_size is None else (self.step_size,) * self.steps
        way = [AscentStep(length, model.linearise) for length in lengths]
        found = WorstImages.none_yet(x)
        for run in range(self.restarts):
            start = x if run == 0 else ball.random(rng, x)
            found = ascend(model, x, labels, found, start, way, ball, self.losses[run % len(self.losses)])
        return found


@dataclass(frozen=True)
class GateAware:
    """PGD whose gradients see the gates through a window that narrows to the true gate.

    A gradient with gates held fixed does not see that an attack may open or close them, and a network can exploit that
    (claim E8). All points are judged by the true gates.

    Attributes
    ----------
    steps : int
        Steps of each run; their length falls geometrically from ``eps/2`` to ``eps/20``.
    restarts : int
        Runs, at least 1: from the image itself, then from random points.
    losses : tuple of {"cross_entropy", "margin"}
        The losses that the runs raise, in turn.
    widest, narrowest : float
        First and last width of the window, as a share of the attack's reach on each pre-activation.
    """

    steps: int = 40
    restarts: int = 2
    losses: tuple[LossName, ...] = ("cross_entropy", "margin")
    widest: float = 1.0
    narrowest: float = 0.02

    def __call__(
        self, model: GatedImageModel, x: Array, labels: Array, ball: ImageBall, rng: np.random.Generator
    ) -> WorstImages:
        """Return the worst points of all runs."""
        if ball.eps == 0:
            return ascend(model, x, labels, WorstImages.none_yet(x), x, [], ball, self.losses[0])
        way = list(self._way(model, ball))
        found = WorstImages.none_yet(x)
        for run in range(self.restarts):
            start = x if run == 0 else ball.random(rng, x)
            found = ascend(model, x, labels, found, start, way, ball, self.losses[run % len(self.losses)])
        return found

    def _way(self, model: GatedImageModel, ball: ImageBall) -> Iterator[AscentStep]:
        widths = ball.eps * np.geomspace(self.widest, self.narrowest, self.steps)
        lengths = ball.eps * np.geomspace(0.5, 0.05, self.steps)
        for width, length in zip(widths.tolist(), lengths.tolist(), strict=True):
            yield AscentStep(length, partial(model.linearise, smoothing=width))
