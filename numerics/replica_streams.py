"""Streams of several replicas that are drawn together, each from its own generator."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from numerics.streams import Streams


class NormalSource(Protocol):
    """A source of standard normal numbers: one generator, or one for each replica."""

    def standard_normal(self, size: Any, /) -> Any:
        """Return independent numbers of the shape `size`."""


class NamedSources(Protocol):
    """Sources of random numbers by name: `Streams`, or `ReplicaStreams`."""

    def generator(self, name: str) -> Any:
        """Return the source called `name`, at its beginning."""


@dataclass(frozen=True)
class ReplicaNormals:
    """Normal numbers whose first axis is that of replicas, each slice from the generator of its replica."""

    generators: Sequence[np.random.Generator]

    def standard_normal(self, size: tuple[int, ...], /) -> npt.NDArray[np.float64]:
        """Return independent standard normal numbers, shape ``(replicas, ...)``.

        Raises
        ------
        ValueError
            If the first axis has another length than there are generators.
        """
        if size[0] != len(self.generators):
            raise ValueError(f"size is {size}; expected {len(self.generators)} replicas first")
        return np.stack([own.standard_normal(size[1:]) for own in self.generators])


@dataclass(frozen=True)
class ReplicaStreams:
    """The streams of some replicas. The numbers of each do not depend on which others are drawn with it."""

    own: Sequence[Streams]

    def generator(self, name: str) -> ReplicaNormals:
        """Return the source called `name`, which joins the streams of that name of all replicas."""
        return ReplicaNormals([streams.generator(name) for streams in self.own])
