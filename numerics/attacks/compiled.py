"""An ascent through the gates, compiled, on NumPy arrays."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numerics.attacks import kernels
from numerics.attacks.ascent import Ascent
from numerics.backend import Array
from numerics.compiled.ball import NORM_CODES
from numerics.compiled.lists import CACHED_BYTES, list_share, new_lists, new_slabs
from numerics.compiled.smoothing import smoothing_of
from numerics.compiled.types import Floats
from numerics.compiled.workers import lasting_workers
from numerics.network import GatedNetwork
from numerics.replica_streams import NormalSource

_FEWEST_ROWS, _MOST_ROWS = 128, 512
"""Observations computed at a time: the larger number where the weights do not stay in the cache between tiles."""

_WORK_FOR_A_THREAD = 2**23
"""Multiplications; fewer take less time than to wake a thread."""


def compiled_ascent(
    net: GatedNetwork, Z: Array, y: Array, ascent: Ascent, rng: NormalSource | None, origin: Array
) -> Array:
    """Return the worst perturbation, written to `origin`, zeros ``(..., n, d)``; all arrays have one precision.

    The other arguments are those of `numerics.attacks.choose.ascend`. Tiles follow from the shape of one replica alone,
    so that a perturbation depends neither on other replicas nor on the number of threads.
    """
    batch, (n, d), nodes = origin.shape[:-2], origin.shape[-2:], net.a.shape[-1]
    places = (_places(net.a.shape[:-1], batch), _places(Z.shape[:-2], batch), _places(y.shape[:-1], batch))
    data = kernels.Data(
        _stack(net.W, 2),
        _stack(net.a, 1),
        _stack(net.b, 1),
        _stack(Z, 2),
        _stack(np.broadcast_to(y, (*y.shape[:-1], n)), 1),
        _random_starts(ascent, rng, origin),
        np.stack(places, axis=-1),
    )
    worst = origin.reshape(-1, n, d)
    rows = _FEWEST_ROWS if d * nodes * origin.itemsize <= CACHED_BYTES else _MOST_ROWS
    tiles = math.ceil(n / rows)
    tasks = len(worst) * tiles
    work = 2 * origin.size * nodes * len(ascent.runs) * (len(ascent.strides) + 1)
    workers = lasting_workers(min(tasks, 1 + work // _WORK_FOR_A_THREAD))
    rule = _rule(ascent, d, origin.dtype)
    spaces = [_new_space(math.ceil(n / tiles), d, nodes, origin.dtype) for _ in range(workers.count)]

    def run(worker: int, first: int, last: int) -> None:
        kernels.attack_tiles(first, last, tiles, rule, data, spaces[worker], worst)

    workers.share_out(tasks, run)
    return origin


def _random_starts(ascent: Ascent, rng: NormalSource | None, origin: Array) -> Floats:
    """Return the starts of runs that draw theirs, shape ``(runs, replicas, n, d)``."""
    kept = np.empty((sum(run.random for run in ascent.runs), *origin.shape), origin.dtype)
    place = iter(kept)
    for run, start in zip(ascent.runs, ascent.starts(rng, origin), strict=True):
        if run.random:
            next(place)[...] = start
    return kept.reshape(len(kept), -1, *origin.shape[-2:]) if len(kept) else kept.reshape(0, 1, *origin.shape[-2:])


def _stack(x: Floats, core: int) -> Floats:
    """Return `x` with one axis before its `core` axes: writable, as compiled loops are made for, without need."""
    return np.require(x, requirements=["C", "W"]).reshape(-1, *x.shape[x.ndim - core :])


def _places(lead: tuple[int, ...], batch: tuple[int, ...]) -> NDArray[np.intp]:
    """Return, for every replica of the `batch`, its place in a stack whose axes `lead` broadcast to those."""
    return np.broadcast_to(np.arange(math.prod(lead)).reshape(lead), batch).ravel()


def _rule(ascent: Ascent, d: int, dtype: np.dtype[Any]) -> kernels.Rule:
    return kernels.Rule(
        norm=NORM_CODES[ascent.ball.norm],
        eps=dtype.type(ascent.ball.eps),
        strides=np.array(ascent.strides, dtype),
        widths=np.array(ascent.widths or [0.0] * len(ascent.strides), dtype),
        smooth=ascent.widths is not None,
        signs=np.array([run.sign for run in ascent.runs], dtype),
        random=np.array([run.random for run in ascent.runs]),
        list_share=list_share(d),
        smoothing=smoothing_of(dtype),
    )


def _new_space(rows: int, d: int, nodes: int, dtype: np.dtype[Any]) -> kernels.Space:
    return kernels.Space(
        V=np.empty((rows, nodes), dtype),
        G=np.empty((rows, d), dtype),
        points=np.empty((rows, d), dtype),
        delta=np.empty((rows, d), dtype),
        outputs=np.empty(rows, dtype),
        losses=np.empty(rows, dtype),
        reach=np.empty(nodes, dtype),
        bounds=np.empty(nodes, dtype),
        lists=new_lists(rows, nodes, dtype),
        slabs=new_slabs(d, nodes, dtype),
    )
