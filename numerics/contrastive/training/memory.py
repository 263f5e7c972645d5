"""Bytes of contrastive training, counted array by array; a test holds the counts against what is allocated."""

from __future__ import annotations

from numerics.contrastive.training.architecture import Gated
from numerics.contrastive.training.plan import ContrastivePlan
from numerics.memory import MemoryEstimate
from numerics.training.memory import training_memory


def contrastive_memory(plan: ContrastivePlan) -> MemoryEstimate:
    """Return the memory that training by `plan` takes.

    Notes
    -----
    Kept are the initial and final parameters and feature weights, twice while the records of all replicas are joined.
    """
    encoder, d = plan.encoder, plan.law.d
    nodes = encoder.hidden if isinstance(encoder, Gated) else 0
    parameters = nodes * (d + encoder.outputs) + d * encoder.outputs
    step = encoder.numbers(d, plan.batch) + 14 * parameters
    return training_memory(plan, step, kept=8 * parameters, observations=2)
