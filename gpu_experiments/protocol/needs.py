"""What a run needs of the memory, estimated from its sizes before it starts."""

from __future__ import annotations

import os
from pathlib import Path

from gpu_experiments.data import Dataset
from gpu_experiments.ladder.rung import SECTION_BYTES
from gpu_experiments.models.encoder import ODD
from gpu_experiments.pretraining.initial import SAMPLE
from gpu_experiments.protocol.run import Run

_FLOAT32, _FLOAT64 = 4, 8
_INTERPRETER = 2**29  # the interpreter with its libraries, compiled code, and the linear algebra's buffers


def memory_needed(run: Run, dataset: Dataset) -> int:
    """Return the bytes that a run needs at its peak, beside the images as they were read.

    The larger of pre-training's sample of patches in double precision (patches, their centred copy, preactivations)
    and the head's features with the copy that L-BFGS's products may make of them; and a section under attack.
    """
    plan, pixels = run.pretraining.encoder, dataset.test.pixels
    parts = 2 if plan.activation in ODD else 1
    sample = min(SAMPLE, run.train_images) * plan.grid.positions * _FLOAT64
    initial = sample * (3 * plan.grid.dimension)
    width = plan.pool**2 * parts * plan.nodes
    features = 2 * min(run.head.images, len(dataset.train)) * width * _FLOAT32
    copies = int(dataset.train.pixels.nbytes) + run.ladder.images * int(pixels[0].size) * _FLOAT32
    return _INTERPRETER + copies + SECTION_BYTES + max(initial, features)


def memory_available() -> int | None:
    """Return the bytes that this process may still take, or None where the system does not tell."""
    found = [limit for limit in (_meminfo(), _cgroup()) if limit is not None]
    return min(found) if found else None


def _meminfo() -> int | None:
    try:
        lines = Path("/proc/meminfo").read_text("ascii").splitlines()
    except OSError:
        return None
    kilobytes = [int(line.split()[1]) for line in lines if line.startswith("MemAvailable:")]
    return 1024 * kilobytes[0] if kilobytes else None


def _cgroup() -> int | None:
    folder = Path(os.sep, "sys", "fs", "cgroup")
    try:
        limit, used = ((folder / name).read_text("ascii").strip() for name in ("memory.max", "memory.current"))
    except OSError:
        return None
    return None if limit == "max" else max(0, int(limit) - int(used))
