"""Memory of each computation on replicas, from one table: how many arrays of each shape are alive at a time.

It is counted and not measured: a budget that is too small must be refused before anything large is allocated, and one
replica of a large plan is large already. ``tests/numerics/test_memory.py`` traces every computation at sizes where each
shape in turn dominates, and holds the table between what was allocated and a small multiple of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from numerics.memory import MemoryEstimate, cores

if TYPE_CHECKING:  # plans are made for trainings, which ask here for their memory
    from numerics.contrastive.training.plan import ContrastivePlan
    from numerics.training.plan import SupervisedPlan, TrainingPlan

# Numbers drawn at once for a replica: large enough that a step costs next to no Python, small enough
# (2 MiB in double precision) to stay near the cache.
BLOCK_NUMBERS = 2**18

_BLOCKS = 3  # a block of data is there as the last one, the new one replica by replica, and the new one stacked
_DRAWN = 4  # blocks beside them for each replica that draws: features, noise, and what either is computed from
_HISTORY = 2 * 8  # numbers kept of a recorded step: eight series, twice while the records of all batches are joined


@dataclass(frozen=True)
class Arrays:
    """Most arrays of one replica that are alive at a time.

    Attributes
    ----------
    nodes : int
        Arrays ``(n, H)``: preactivations, gates, slopes and their products.
    features : int
        Arrays ``(n, d)``: observations, perturbations, gradients, and what a projection on the l1 ball sorts.
    weights : int
        Arrays of the size of all parameters, ``(d + q, H)``: weights, moments, gradients, and their copies.
    outputs : int
        Arrays ``(n, q)``.
    gram : int
        Arrays ``(H, H)``.
    """

    nodes: int = 0
    features: int = 0
    weights: int = 0
    outputs: int = 0
    gram: int = 0

    def numbers(self, d: int, H: int, n: int, q: int = 1) -> int:
        """Return how many numbers these arrays hold for `n` observations of `d` features, `H` nodes, `q` outputs."""
        of_data = n * (self.nodes * H + self.features * d + self.outputs * q)
        return of_data + H * (self.weights * (d + q) + self.gram * H)


# Traced counts, rounded up; the counts of the device alone are read off its kernels, which cannot be traced.
GATE_STEP = Arrays(nodes=3, features=10, weights=10)
ACTIVATION_STEP = Arrays(nodes=8, features=10, weights=10)  # a slope takes passes that a gate does not
PAIR_STEP = Arrays(nodes=10, features=20, weights=10, outputs=6)  # either side of a pair has points and a gradient
DEVICE_STEP = Arrays(nodes=1, features=4, weights=14, outputs=4)
ATTACKS = Arrays(nodes=8, features=16, weights=5)  # on the host and with what is drawn for them
PAIR_ATTACKS = Arrays(nodes=12, features=24, weights=3, outputs=6)  # both kinds of pairs are there
HEAD = Arrays(nodes=4, features=6, weights=4, outputs=4, gram=4)  # with a penalty, or on a device, R is decomposed
NETWORK_KEPT = Arrays(weights=6)  # initial and final weights, feature weights; twice while records are joined
ENCODER_KEPT = Arrays(weights=8)


def supervised_memory(plan: SupervisedPlan) -> MemoryEstimate:
    """Return the memory that supervised training by `plan` takes."""
    step = GATE_STEP if plan.activation == "gate" else ACTIVATION_STEP
    return _training(plan, step, NETWORK_KEPT, plan.hidden, 1, observations=1)


def contrastive_memory(plan: ContrastivePlan) -> MemoryEstimate:
    """Return the memory that contrastive training by `plan` takes."""
    return _training(plan, PAIR_STEP, ENCODER_KEPT, *plan.encoder.widths, observations=2)


def device_replica_bytes(plan: SupervisedPlan) -> int:
    """Return the bytes of one replica that is trained by `plan` in the kernels of a device."""
    return DEVICE_STEP.numbers(plan.law.d, plan.hidden, plan.batch) * np.dtype(plan.dtype).itemsize


def attack_memory(d: int, H: int, n: int) -> MemoryEstimate:
    """Return the memory that a suite of attacks in float64 takes on `n` observations of each replica."""
    return MemoryEstimate(0, 8 * ATTACKS.numbers(d, H, n), 0)


def pair_attack_memory(d: int, H: int, q: int, n: int) -> MemoryEstimate:
    """Return the memory that attacks in float64 take on `n` pairs of either kind of each replica."""
    return MemoryEstimate(0, 8 * PAIR_ATTACKS.numbers(d, H, n, q), 0)


def head_memory(d: int, H: int, n: int) -> MemoryEstimate:
    """Return the memory that a head in float64 takes that is fitted to `n` drawn observations of each replica."""
    return MemoryEstimate(0, 8 * HEAD.numbers(d, H, n), 0)


def _training(plan: TrainingPlan, step: Arrays, kept: Arrays, H: int, q: int, observations: int) -> MemoryEstimate:
    """Return the memory of a training with `observations` arrays ``(n, d)`` in a batch.

    As many replicas draw at a time as there are cores, however many are trained.
    """
    d, n = plan.law.d, plan.batch
    size = np.dtype(plan.dtype).itemsize
    block = observations * max(BLOCK_NUMBERS, n * d) * (d + 1) // d
    records = 1 + plan.steps // plan.record_every
    return MemoryEstimate(
        shared=cores() * _DRAWN * block * size,
        each=(step.numbers(d, H, n, q) + _BLOCKS * block) * size,
        kept=kept.numbers(d, H, n, q) * size + 8 * _HISTORY * records,
    )
