"""Bytes of supervised training, counted array by array; a test holds the counts against what is allocated."""

from __future__ import annotations

import numpy as np

from numerics.memory import MemoryEstimate, cores
from numerics.training.batches import BLOCK_NUMBERS
from numerics.training.plan import SupervisedPlan, TrainingPlan


def supervised_memory(plan: SupervisedPlan) -> MemoryEstimate:
    """Return the memory that training by `plan` takes.

    Notes
    -----
    Largest numbers of arrays alive at a time. ``(n, H)``: preactivations, gates and their product for the gate, up to
    eight passes for other activations. ``(n, d)``: points, perturbation, gradient and what a projection on the l1 ball
    sorts. ``(d, H)``: weights, moments and gradients before and after an update, with their temporaries; kept are the
    initial and final weights and feature weights, twice while the records of all replicas are joined.
    """
    d, H, n = plan.law.d, plan.hidden, plan.batch
    passes = (4 if plan.activation == "gate" else 8) * n * H + 10 * n * d
    step = passes + 20 * d * (H + 1)
    return training_memory(plan, step, kept=6 * d * H + 4 * H, observations=1)


def training_memory(plan: TrainingPlan, step: int, kept: int, observations: int) -> MemoryEstimate:
    """Return the memory of a training whose step holds `step` and whose record keeps `kept` numbers for each replica.

    Parameters
    ----------
    plan : TrainingPlan
        What is trained.
    step, kept : int
        Numbers of a replica.
    observations : int
        Arrays ``(n, d)`` in a batch: 1, or 2 for pairs.

    Notes
    -----
    A block of data is there three times: the last one, the new one replica by replica, and the new one stacked.
    Drawing it takes up to eight more arrays for each replica that draws; as many draw at a time as there are cores.
    """
    d, n = plan.law.d, plan.batch
    size = np.dtype(plan.dtype).itemsize
    block = observations * max(BLOCK_NUMBERS, n * d) * (d + 1) // d
    history = 2 * 8 * 8 * (1 + plan.steps // plan.record_every)
    return MemoryEstimate(8 * cores() * block * size, (step + 3 * block) * size, kept * size + history)
