"""Projected gradient ascent, the loop behind FGM, PGD and every attack of this project.

In the notation of Madry et al., for a loss ``L``, lengths ``s_k`` and the projection ``P`` on the allowed points,

    x_{k+1} = P(x_k + s_k argmax{ <grad L(x_k), u> : ||u|| <= 1 }).

Training takes the last point of one run (`projected_ascent`); an evaluation keeps the worst point of several runs
(`worst_of_run`). What a point is, where its gradient comes from and how a step is projected is the caller's: a
perturbation of observations, both sides of pairs, or images that stay in [0, 1]. The compiled loops of
`numerics.attacks` and `numerics.training.engine` write the same ascent for one network; tests hold them to this one.

References
----------
Madry, Makelov, Schmidt, Tsipras and Vladu, Towards deep learning models resistant to adversarial attacks (2018).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from array_api_compat import array_namespace

from numerics.backend import Array

Point = TypeVar("Point")
Gradient = TypeVar("Gradient")


def pgd_lengths(eps: float, steps: int) -> tuple[float, ...]:
    """Return the lengths of the steps of PGD, ``2.5 eps / steps`` each.

    Together they are longer than the diameter of the ball, so that a run can cross it (Madry et al. 2018).
    """
    return (2.5 * eps / steps,) * steps


def projected_ascent(
    start: Point,
    lengths: Iterable[float],
    gradient: Callable[[int, Point], Gradient],
    step: Callable[[Point, Gradient, float], Point],
) -> Point:
    """Return the last point of one run of steps, whatever its loss.

    Parameters
    ----------
    start : Point
        Where the run starts.
    lengths : iterable of float
        Length of each step; no step returns `start`.
    gradient : callable
        The direction in which the loss grows, from the number of the step (from 0) and the point before it.
    step : callable
        The point after the steepest step from a point along a gradient, of a given length, projected.
    """
    point = start
    for k, length in enumerate(lengths):
        point = step(point, gradient(k, point), length)
    return point


@dataclass(frozen=True)
class Worst:
    """The worst point found so far at each observation.

    Attributes
    ----------
    point : array
        Points, whose last axes are those of the losses and one more.
    loss : array
        Their losses ``(..., n)``.
    """

    point: Array
    loss: Array

    def joined_by(self, point: Array, loss: Array) -> Worst:
        """Return the record after `point` with its `loss` was evaluated too; of equal losses the first one stays."""
        xp = array_namespace(point)
        worse = loss > self.loss
        return Worst(xp.where(worse[..., None], point, self.point), xp.where(worse, loss, self.loss))


def worst_of_run(
    worst: Worst,
    start: Array,
    lengths: Iterable[float],
    loss_and_gradient: Callable[[int, Array], tuple[Array, Array]],
    loss: Callable[[Array], Array],
    step: Callable[[Array, Array, float], Array],
) -> Worst:
    """Return the worst of what was known before and of all points that one run visits, from its start to its end.

    Parameters
    ----------
    worst : Worst
        What was known before.
    start, lengths, step
        As in `projected_ascent`.
    loss_and_gradient : callable
        The losses ``(..., n)`` at a point, and the direction that the step of a given number follows from there.
    loss : callable
        The losses ``(..., n)`` at the end, where no gradient is needed.
    """

    def gradient(k: int, point: Array) -> Array:
        nonlocal worst
        losses, direction = loss_and_gradient(k, point)
        worst = worst.joined_by(point, losses)
        return direction

    end = projected_ascent(start, lengths, gradient, step)
    return worst.joined_by(end, loss(end))
