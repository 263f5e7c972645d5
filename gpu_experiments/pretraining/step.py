"""One training step with derivatives by hand: images are attacked, and gradients are taken at the attacked images.

A batch is computed chunk by chunk, including the attack, so that pre-activations stay in the cache.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial, reduce

from array_api_compat import array_namespace

from gpu_experiments.attacks.ball import ImageBall
from gpu_experiments.models.classifier import ClassifiedImages, PatchClassifier
from numerics.backend import Array
from numerics.optimisers import Parameters
from numerics.projected_ascent import projected_ascent


@dataclass(frozen=True)
class StepSums:
    """Sums over a part of a batch, at the attacked images.

    Attributes
    ----------
    gradients : dict
        Gradients of the sum of the losses in ``W``, ``C`` and ``c0``.
    loss : float
        Sum of the losses.
    right : float
        Number of images classified correctly, or of pairs whose score has the correct sign.
    """

    gradients: Parameters
    loss: float
    right: float

    def __add__(self, other: StepSums) -> StepSums:
        return StepSums(added(self.gradients, other.gradients), self.loss + other.loss, self.right + other.right)


def added(first: Parameters, second: Parameters) -> Parameters:
    """Return the sum of two gradients."""
    return {name: g + second[name] for name, g in first.items()}


def total(parts: Iterable[StepSums]) -> StepSums:
    """Return the sums over all `parts`, added in their order."""
    return reduce(StepSums.__add__, parts)


def attacked(
    model: PatchClassifier,
    x: Array,
    start: Array,
    cotangent: Callable[[Array], Array],
    ball: ImageBall,
    strides: tuple[float, ...],
) -> ClassifiedImages:
    """Return the model at the last point that images reach by projected steps, even if its loss is not the largest.

    Parameters
    ----------
    model : PatchClassifier
    x, start : array, shape (n, channels, size, size)
        Images, and points of the ball around them.
    cotangent : callable
        Maps outputs to the direction in which the loss grows.
    ball : ImageBall
    strides : tuple of float
        Lengths of the steps; empty in clean training.
    """

    def gradient(_: int, points: Array) -> Array:
        here = model.at(points)
        return here.pull(cotangent(here.logits))

    return model.at(projected_ascent(start, strides, gradient, partial(ball.step, x)))


def how_many(condition: Array) -> float:
    """Return the number of entries where `condition` holds."""
    return float(array_namespace(condition).count_nonzero(condition))
