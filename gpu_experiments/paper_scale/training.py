"""Blocks of replicas: their training, and the results that are stored."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any, Protocol

from gpu_experiments.paper_scale.sizes import ARMS, Sizes
from numerics.backend import Backend
from numerics.streams import Streams
from numerics.training import History, train_supervised
from numerics.training.engine.device import Precision, cupy_device
from numerics.training.engine.device.training import train_on_device
from numerics.training.plan import SupervisedPlan


@dataclass(frozen=True)
class Block:
    """Replicas of one arm that are trained together.

    Attributes
    ----------
    arm
        One of `ARMS`.
    first, replicas
        Index of the first replica, and the number of replicas.
    """

    arm: str
    first: int
    replicas: int

    @property
    def name(self) -> str:
        """The name of the block, such as ``clean-0-19``."""
        return f"{self.arm}-{self.first}-{self.first + self.replicas - 1}"


class Train(Protocol):
    """Trains replicas, of which number `first` + k draws from ``streams.child(str(first + k))``."""

    def __call__(self, plan: SupervisedPlan, streams: Streams, replicas: int, *, first: int) -> History:
        """The history of the replicas."""


def on_host(backend: Backend) -> Train:
    """Training on the host, with data that are drawn there."""

    def train(plan: SupervisedPlan, streams: Streams, replicas: int, *, first: int) -> History:
        return train_supervised(plan, streams, replicas, backend, first=first).history

    return train


def on_device(backend: Backend, precision: Precision) -> Train:
    """Training on a CUDA device, with data that are drawn there: they are not the data of a run on the host."""
    device = partial(cupy_device, precision=precision)

    def train(plan: SupervisedPlan, streams: Streams, replicas: int, *, first: int) -> History:
        return train_on_device(plan, streams, replicas, device(plan.dtype), backend, first=first).record.history

    return train


def blocks(sizes: Sizes, together: int) -> list[Block]:
    """All replicas of both arms in blocks of at most `together`; the arms alternate, so that early results compare."""
    starts = range(0, sizes.replicas, together)
    return [Block(arm, first, min(together, sizes.replicas - first)) for first in starts for arm in ARMS]


def train_block(block: Block, sizes: Sizes, seed: int, train: Train) -> dict[str, Any]:
    """The history of a block and its wall-clock seconds; both arms share initial weights and data."""
    start = time.perf_counter()
    history = train(sizes.plan(block.arm), Streams(seed), block.replicas, first=block.first)
    return {
        "seconds": round(time.perf_counter() - start, 3),  # the history lies on the host: a device has finished
        "history": {name: x.tolist() for name, x in asdict(history).items()},
    }
