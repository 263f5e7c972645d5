"""The seeds of an experiment in batches that fit into memory; each seed has streams of its own."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from numerics.arrays import Floats
from numerics.features import FeatureLaw, observe
from numerics.memory import MemoryEstimate, chunks
from numerics.replica_streams import ReplicaStreams
from numerics.streams import Streams
from purecheck.runtime.context import Context

Dictionary = NDArray[np.floating[Any]]
Name = TypeVar("Name", bound=str)


def in_batches(
    measure: Callable[[range], Mapping[Name, NDArray[Any]]], work: MemoryEstimate, context: Context
) -> dict[Name, NDArray[Any]]:
    """The results of `measure` on all seeds of the profile, joined along the first axis, by name.

    Parameters
    ----------
    measure
        Measures some seeds; the result for one seed must not depend on the others.
    work
        An estimate of its memory.
    context
        Gives the number of seeds and the memory budget.
    """
    seeds = context.profile.seeds
    parts = [measure(chunk) for chunk in chunks(seeds, work.max_batch(seeds, context.memory_budget()))]
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def sources(streams: Streams, chunk: range) -> ReplicaStreams:
    """The streams of some seeds, one for each."""
    return ReplicaStreams([streams.child(str(k)) for k in chunk])


def observed(
    law: FeatureLaw, M: Dictionary | None, sigma: float, n: int, streams: Streams, chunk: range
) -> tuple[Floats, Floats]:
    """Features and observations of some seeds, shape (seeds, n, d), on the host."""
    X, Z = zip(*(_drawn(law, M, sigma, n, streams.generator(str(k))) for k in chunk), strict=True)
    return np.stack(X), np.stack(Z)


def _drawn(
    law: FeatureLaw, M: Dictionary | None, sigma: float, n: int, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    X = law.sample(rng, (n,)).astype(np.float64)
    return X, np.asarray(observe(X, M, sigma, rng))
