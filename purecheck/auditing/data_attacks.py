"""Attacks on a network at given inputs: FGM, PGD on several losses, PGD through smoothed gates, and random search.

Each starts from what the network makes of the input itself, and keeps the worst point that it visits. PGD towards
single classes is run only where the network still stands.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from numerics.arrays import Floats
from numerics.ball import Ball
from numerics.classification import LossName
from numerics.norms import Norm, project, vector_norm
from numerics.projected_ascent import Worst, worst_of_run
from numerics.streams import Streams
from purecheck.auditing.tasks import Task
from purecheck.networks.evaluation import Differentiable

STEPS = 100
"""Gradient steps of a run: those of APGD in AutoAttack (F. Croce and M. Hein, ICML 2020). Twice as many find no further
error on networks of digits."""
FIRST, LAST = 1.0, 0.02
"""Lengths of the first and the last step as shares of `eps`, falling geometrically: on networks of digits this finds
up to .6 points of accuracy more than steps of equal lengths."""
RIVALS = 3
"""Classes towards which observations are pushed one by one: those with the largest outputs beside the right one.

On networks of digits one misses up to one error in 200 inputs that three find, and nine find up to one more, in half as
much time again."""
TRIALS = 200
"""Proposals of the random search. It only has to show that gradients mislead; where they do not, five times as many
still find less than PGD, and take as long as all attacks together."""
BY_GRADIENTS = ("none", "fgm", "pgd", "pgd_margin", "pgd_targeted")
"""Attacks that follow gradients with the gates held fixed."""
WINDOWS = (1.0, 0.3, 0.1)
"""Widths of smoothed gates as shares of the thresholds, from wide to narrow, in equal parts of a run.

A wide window sees gates that are far away; under a narrow one the network is nearly the one that is attacked."""
CHUNK = 1024
"""Observations attacked together; each chunk draws from streams of its own. Memory does not grow with the
data then, and products of more rows are no faster (`numerics.training.engine.gated.TILE_ROWS`)."""


@dataclass(frozen=True, kw_only=True)
class Threat:
    """The perturbations that an attack may choose from.

    Attributes
    ----------
    eps, norm
        Size and norm, in the units of the inputs.
    box
        Least and largest value of a coordinate of a perturbed input; None for any.

    Raises
    ------
    ValueError
        If `eps` is not a finite number of at least 0, or the box is empty.
    """

    eps: float
    norm: Norm
    box: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        Ball(self.eps, self.norm)
        if self.box is not None and not self.box[0] < self.box[1]:
            raise ValueError(f"box is {self.box}; expected two numbers, the second larger")

    def require_inside(self, Z: Floats) -> None:
        """Refuse inputs outside the box, which an attack of size 0 would move."""
        if self.box is not None and not (self.box[0] <= Z.min() and Z.max() <= self.box[1]):
            raise ValueError(f"inputs are {Z.min():g} to {Z.max():g}; expected all in the box, {self.box}")


@dataclass(frozen=True, eq=False)
class DataAttacked:
    """What the attacks did to every observation.

    Attributes
    ----------
    badness
        Attack to margin or squared error `(n,)`; `none` among them.
    points
        The worst perturbation that any attack found, `(n, d)`.
    task
        What the network is for.
    """

    badness: Mapping[str, Floats]
    points: Floats
    task: Task

    def under(self, attack: str) -> float:
        """Accuracy, or mean squared error, under an attack; `none` is without one, `worst` the worst of all."""
        return self.task.summary(self.worst if attack == "worst" else self.badness[attack])

    @property
    def worst(self) -> Floats:
        """The largest over all attacks, `(n,)`."""
        return np.asarray(np.max(np.stack(list(self.badness.values())), axis=0))

    @property
    def by_gradients(self) -> Floats:
        """The largest over the attacks that follow gradients with the gates held fixed, `(n,)`."""
        return np.asarray(np.max([self.badness[name] for name in self.badness if name in BY_GRADIENTS], axis=0))


def attack_data(model: Differentiable, Z: Floats, task: Task, threat: Threat, streams: Streams) -> DataAttacked:
    """The worst that the attacks find at every observation `Z` `(n, d)`.

    Observations that are misclassified as they are keep their margin and are not attacked.
    """
    threat.require_inside(Z)
    clean = np.concatenate([task.only(at).badness(model.outputs(Z[at])) for at in _chunks(np.arange(len(Z)))])
    attacked = np.flatnonzero(clean < 0) if task.classifies else np.arange(len(Z))
    found = {name: clean.copy() for name in _names(model, task)}
    points, worst = np.zeros_like(Z), clean.copy()
    for number, at in enumerate(_chunks(attacked)):
        one = _Attacked(model, Z[at], task.only(at), threat)
        for name, run in one.attacks(streams.child(f"chunk {number}")).items():
            found[name][at] = np.maximum(clean[at], run.loss)
            worse = run.loss > worst[at]
            points[at] = np.where(worse[:, None], run.point, points[at])
            worst[at] = np.maximum(worst[at], run.loss)
    return DataAttacked(found, points, task)


def _names(model: Differentiable, task: Task) -> tuple[str, ...]:
    targeted = ["pgd_targeted"] if task.name == "classes" else []
    return ("none", "fgm", "pgd", "pgd_margin", *targeted, *(["gate_aware"] if model.jumps else []), "random_search")


def _chunks(numbers: NDArray[np.intp]) -> list[NDArray[np.intp]]:
    return [numbers[start : start + CHUNK] for start in range(0, len(numbers), CHUNK)]


@dataclass(frozen=True, eq=False)
class _Attacked:
    """A network at some observations."""

    model: Differentiable
    Z: Floats
    task: Task
    threat: Threat

    def attacks(self, streams: Streams) -> dict[str, Worst]:
        """What each attack found."""
        eps, ball = self.threat.eps, Ball(self.threat.eps, self.threat.norm)
        lengths = tuple((eps * np.geomspace(FIRST, LAST, STEPS)).tolist())
        zero = np.zeros_like(self.Z)
        rng = streams.generator("starts")
        start = self._inside(ball.random(rng, zero))
        found = {
            "fgm": self._run(zero, (eps,), "cross_entropy"),
            "pgd": self._best(self._run(zero, lengths, "cross_entropy"), self._run(start, lengths, "cross_entropy")),
            "pgd_margin": self._best(self._run(zero, lengths, "margin"), self._run(start, lengths, "margin")),
        }
        if self.task.name == "classes":
            found["pgd_targeted"] = self._targeted(lengths, self._best(found["pgd"], found["pgd_margin"]))
        if self.model.jumps:
            found["gate_aware"] = self._best(
                self._run(zero, lengths, "margin", WINDOWS), self._run(start, lengths, "margin", WINDOWS)
            )
        found["random_search"] = self._random_search(streams.generator("random search"), ball)
        return found

    def _targeted(self, lengths: tuple[float, ...], worst: Worst) -> Worst:
        """The `worst` so far, and runs towards single classes where the network still stands."""
        at = np.flatnonzero(worst.loss < 0)
        if at.size == 0:
            return worst
        part = _Attacked(self.model, self.Z[at], self.task.only(at), self.threat)
        clean = self.model.outputs(part.Z)
        for rank in range(1, min(RIVALS, clean.shape[1] - 1) + 1):
            run = part._run(np.zeros_like(part.Z), lengths, part.task.towards(clean, rank))
            point, loss = worst.point.copy(), worst.loss.copy()
            point[at], loss[at] = run.point, run.loss
            worst = worst.joined_by(point, loss)
        return worst

    def _loss(self, delta: Floats) -> Floats:
        return self.task.badness(self.model.outputs(self.Z + delta))

    def _inside(self, delta: Floats) -> Floats:
        """The perturbation in the box, which only shortens it: the inputs lie there."""
        if self.threat.box is None:
            return delta
        return np.asarray(np.clip(self.Z + delta, *self.threat.box) - self.Z)

    def _run(
        self, start: Floats, lengths: tuple[float, ...], loss: LossName | Floats, windows: tuple[float, ...] = ()
    ) -> Worst:
        """One run of steps along the gradient of a loss, or of a cotangent that stays the same.

        With `windows` it goes through gates that are smoothed ever less.
        """
        ball = Ball(self.threat.eps, self.threat.norm)

        def loss_and_gradient(k: int, delta: Floats) -> tuple[Floats, Floats]:
            smoothing = windows[k * len(windows) // len(lengths)] if windows else None
            outputs, pull = self.model.linearise(self.Z + delta, smoothing)
            along = self.task.direction(outputs, loss) if isinstance(loss, str) else loss
            return self.task.badness(outputs), pull(along)

        nothing = Worst(np.zeros_like(self.Z), np.full(len(self.Z), -math.inf))
        return worst_of_run(
            nothing,
            start,
            lengths,
            loss_and_gradient,
            self._loss,
            lambda delta, gradient, length: self._inside(ball.step(delta, gradient, length)),
        )

    def _best(self, first: Worst, second: Worst) -> Worst:
        return first.joined_by(second.point, second.loss)

    def _random_search(self, rng: np.random.Generator, ball: Ball) -> Worst:
        """The worst of points on the sphere, then of ever smaller moves away from the worst one so far."""
        worst = Worst(np.zeros_like(self.Z), self._loss(np.zeros_like(self.Z)))
        for length in ball.eps * np.geomspace(2.0, 0.05, TRIALS):
            move = rng.standard_normal(self.Z.shape)
            move *= length / vector_norm(move, ball.norm)[:, None]
            delta = self._inside(project(worst.point + move, ball.eps, ball.norm))
            worst = worst.joined_by(delta, self._loss(delta))
        return worst
