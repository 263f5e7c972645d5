"""An estimate of the cost of a run, from a few timed steps."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gpu_experiments.paper_scale.sizes import ARMS, Sizes
from gpu_experiments.paper_scale.training import Block, Train
from numerics.streams import Streams

_STEPS = 2
"""Number of steps of the shorter trial; the longer one has three times as many."""


@dataclass(frozen=True)
class Cost:
    """Seconds of each arm for a block of replicas.

    Attributes
    ----------
    start
        Seconds before the first update: initial weights, compilation, measurements.
    step
        Seconds of each update.
    """

    start: Mapping[str, float]
    step: Mapping[str, float]

    def seconds(self, blocks: Sequence[Block], steps: int) -> float:
        """The estimate for all `blocks`, taken as if they had as many replicas as those that were timed."""
        return sum(self.start[block.arm] + steps * self.step[block.arm] for block in blocks)


def time_trial(sizes: Sizes, seed: int, train: Train, together: int) -> Cost:
    """The cost of a block of `together` replicas, by the difference of a short and a longer training of each arm."""
    streams = Streams(seed).child("trial")
    start, step = {}, {}
    for arm in ARMS:

        def seconds(steps: int, arm: str = arm) -> float:
            begin = time.perf_counter()
            train(sizes.during(steps).plan(arm), streams, together, first=0)
            return time.perf_counter() - begin

        seconds(1)  # compiles
        short, long = seconds(_STEPS), seconds(3 * _STEPS)
        step[arm] = max(0.0, long - short) / (2 * _STEPS)
        start[arm] = max(0.0, short - _STEPS * step[arm])
    return Cost(start, step)
