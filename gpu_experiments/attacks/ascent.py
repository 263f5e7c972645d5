"""Projected gradient ascent on images: an image is attacked until the model misclassifies it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from array_api_compat import array_namespace

from gpu_experiments.attacks.ball import ImageBall
from gpu_experiments.chunks import map_chunks
from gpu_experiments.models.interface import ImageModel, Pullback
from numerics.backend import Array
from numerics.classification import LossName, ascent_direction, margin
from numerics.projected_ascent import projected_ascent

Linearise: TypeAlias = Callable[[Array], tuple[Array, Pullback]]


@dataclass(frozen=True)
class WorstImages:
    """The worst perturbed image found so far, for each image.

    Attributes
    ----------
    points : array, shape (n, channels, height, width)
        The perturbed images.
    margin : array, shape (n,)
        Their margins: an image is misclassified if its margin is at least 0. Minus infinity before any point is
        evaluated.
    """

    points: Array
    margin: Array

    @staticmethod
    def none_yet(x: Array) -> WorstImages:
        """Return the record of images `x` before any point was evaluated."""
        xp = array_namespace(x)
        return WorstImages(x, xp.full((x.shape[0],), -xp.inf, dtype=x.dtype, device=x.device))

    @property
    def fooled(self) -> Array:
        """Whether the model misclassifies each image, booleans ``(n,)``."""
        return self.margin >= 0

    def joined_by(self, points: Array, margins: Array) -> WorstImages:
        """Return the record after `points` with these `margins` were evaluated as well."""
        xp = array_namespace(points)
        worse = margins > self.margin
        return WorstImages(
            xp.where(worse[:, None, None, None], points, self.points), xp.where(worse, margins, self.margin)
        )


@dataclass(frozen=True)
class AscentStep:
    """One step of an ascent: its length, and the gradient it follows."""

    length: float
    linearise: Linearise


def ascend(
    model: ImageModel,
    x: Array,
    labels: Array,
    found: WorstImages,
    start: Array,
    steps: Sequence[AscentStep],
    ball: ImageBall,
    loss: LossName,
) -> WorstImages:
    """Return the worst points of one run of steps, together with those `found` before.

    Parameters
    ----------
    model : ImageModel
        Computes the margins at the last points.
    x, labels : array
        Images ``(n, channels, height, width)`` and classes ``(n,)``.
    found : WorstImages
        The results of earlier runs: an image that they fooled is not attacked again.
    start : array
        The points at which the run starts, in the shape of `x`.
    steps : sequence of AscentStep
        The steps of the run; the margin at every point is computed from the true logits.
    ball : ImageBall
        The allowed perturbations.
    loss : {"cross_entropy", "margin"}
        The loss that the attack raises.
    """
    done: list[_Part] = []

    def judged_with_gradient(k: int, part: _Part) -> tuple[_Part, Array]:
        part = part.without_fooled(done)
        if part.size == 0:
            return part, part.points
        logits, gradient = _logits_and_gradient(steps[k].linearise, part.points, part.labels, loss, model.chunk)
        return part.judged(logits), gradient

    def step(_: _Part, judged_with: tuple[_Part, Array], length: float) -> _Part:
        part, gradient = judged_with
        return part.at(ball.step(part.x, part.points, gradient, length))

    everything = _Part(array_namespace(x).arange(x.shape[0], device=x.device), x, labels, start, found)
    end = projected_ascent(everything, [one.length for one in steps], judged_with_gradient, step).without_fooled(done)
    if end.size:
        done.append(end.judged(model.logits(end.points)))
    return _together(done)


def _logits_and_gradient(
    linearise: Linearise, points: Array, labels: Array, loss: LossName, chunk: int
) -> tuple[Array, Array]:
    """Return the logits at `points` and the direction in which the `loss` grows there, computed in chunks."""
    xp = array_namespace(points)

    def one_chunk(some: Array, known: Array) -> tuple[Array, Array]:
        logits, pull = linearise(some)
        return logits, pull(ascent_direction(loss, logits, known))

    logits, gradients = zip(*map_chunks(one_chunk, chunk, points, labels), strict=True)
    return xp.concat(logits), xp.concat(gradients)


@dataclass(frozen=True)
class _Part:
    """Some of the images, with their indices among all."""

    numbers: Array
    x: Array
    labels: Array
    points: Array
    found: WorstImages

    @property
    def size(self) -> int:
        return int(self.x.shape[0])

    def judged(self, logits: Array) -> _Part:
        """Return this part after its points were evaluated and had these `logits`."""
        found = self.found.joined_by(self.points, margin(logits, self.labels))
        return _Part(self.numbers, self.x, self.labels, self.points, found)

    def at(self, points: Array) -> _Part:
        """Return this part at other points."""
        return _Part(self.numbers, self.x, self.labels, points, self.found)

    def without_fooled(self, done: list[_Part]) -> _Part:
        """Return the images that are still classified correctly; append the others to `done`."""
        xp = array_namespace(self.x)
        if not bool(xp.any(self.found.fooled)):
            return self
        done.append(self._only(xp.nonzero(self.found.fooled)[0]))
        return self._only(xp.nonzero(~self.found.fooled)[0])

    def _only(self, chosen: Array) -> _Part:
        xp = array_namespace(self.x)

        def take(values: Array) -> Array:
            return xp.take(values, chosen, axis=0)

        found = WorstImages(take(self.found.points), take(self.found.margin))
        return _Part(take(self.numbers), take(self.x), take(self.labels), take(self.points), found)


def _together(parts: list[_Part]) -> WorstImages:
    """Return the records of all parts together, images in the order of their indices."""
    xp = array_namespace(parts[0].x)
    order = xp.argsort(xp.concat([part.numbers for part in parts]))
    points = xp.concat([part.found.points for part in parts])
    margins = xp.concat([part.found.margin for part in parts])
    return WorstImages(xp.take(points, order, axis=0), xp.take(margins, order, axis=0))
