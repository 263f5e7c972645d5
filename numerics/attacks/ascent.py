"""The description that FGM, PGD and the gate-aware attack share: runs of steepest steps in a ball."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from numerics.backend import Array
from numerics.ball import Ball
from numerics.replica_streams import NormalSource


@dataclass(frozen=True)
class AscentRun:
    """One run of steps.

    Attributes
    ----------
    random : bool
        Whether it starts at random on the sphere; else at ``delta = 0``.
    sign : float
        1 pushes the output up, -1 down, 0 away from the target.
    """

    random: bool
    sign: float = 0.0


@dataclass(frozen=True)
class Ascent:
    """An attack that keeps the worst point of several runs; losses are those of the true gates.

    Attributes
    ----------
    ball : Ball
        Where the perturbations lie.
    runs : tuple of AscentRun
        In order; the first starts at ``delta = 0``, so that the loss is never lowered.
    strides : tuple of float
        Lengths of the steps of each run.
    widths : tuple of float or None
        Widths of the smoothed gates at each step, as a fraction of ``eps ||w_h||_*``. None holds gates fixed; other
        activations then use their own slopes.
    """

    ball: Ball
    runs: tuple[AscentRun, ...]
    strides: tuple[float, ...]
    widths: tuple[float, ...] | None = None

    def starts(self, rng: NormalSource | None, origin: Array) -> Iterator[Array]:
        """Yield where each run starts, in order; `rng` may be None where none starts at random."""
        for run in self.runs:
            yield self.ball.random(rng, origin) if run.random and rng is not None else origin
