"""The learning rate over a run."""

from __future__ import annotations

import math

from gpu_experiments.resnet.plan import Schedule

_PEAK = 0.4
"""The share of a run after which a one-cycle rate is largest: Wong, Rice and Kolter (2020)."""


def rate(largest: float, schedule: Schedule, step: int, steps: int) -> float:
    """Return the rate of update `step` of `steps`, counted from 0; the rate reaches 0 at the end of the run."""
    done = (step + 0.5) / steps
    if schedule == "cosine":
        return largest * (1 + math.cos(math.pi * done)) / 2
    return largest * min(done / _PEAK, (1 - done) / (1 - _PEAK))
