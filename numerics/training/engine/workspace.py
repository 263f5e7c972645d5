"""What a compiled step works on: the rule of the step, and the arrays of one thread, allocated once."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from numerics.training.engine.contract import StepShape
from numerics.training.step import TrainingAttack

Floats = NDArray[np.floating[Any]]
Ints = NDArray[np.int32]

L1, L2, LINF = 0, 1, 2


class Rule(NamedTuple):
    """The threshold and the attack of a step, numbers in the dtype of the data; no `steps` is no attack.

    Lists serve up to the share `quiet` of nodes.
    """

    b: Any
    kind: int
    eps: Any
    stride: Any
    steps: int
    quiet: float


class Lists(NamedTuple):
    """The nodes ``columns[starts[i]:starts[i + 1]]`` of observation ``i``, their preactivations and weights."""

    columns: Ints
    starts: Ints
    values: Floats
    weights: Floats


class Space(NamedTuple):
    """What one thread writes to: arrays of a tile ``(rows, ...)``, a product, lists and slabs."""

    V: Floats
    G: Floats
    moved: Floats
    delta: Floats
    product: Floats
    bounds: Floats
    lists: Lists
    slabs: Floats
    sums: Floats


_SLAB_BYTES = 2**20
"""Half of a common second-level cache."""

_KINDS = {"l1": L1, "l2": L2, "linf": LINF}


def rule_of(b: float, attack: TrainingAttack | None, d: int, dtype: np.dtype[Any]) -> Rule:
    """Return what compiled loops are told of a step."""
    if attack is None:
        return Rule(dtype.type(b), L2, dtype.type(0), dtype.type(0), 0, quiet_share(d))
    stride = attack.eps if attack.steps == 1 else 2.5 * attack.eps / attack.steps
    eps, kind = dtype.type(attack.eps), _KINDS[attack.kind]
    return Rule(dtype.type(b), kind, eps, dtype.type(stride), attack.steps, quiet_share(d))


def quiet_share(d: int) -> float:
    """Return the share of nodes up to which lists are faster than matrices.

    Measured, a listed node costs as much as about ``5 (1 + 100/d)`` nodes of a product.
    """
    return 0.2 / (1 + 100 / d)


def new_space(shape: StepShape, dtype: np.dtype[Any], tiles: int) -> Space:
    """Return the arrays of one thread for batches of `shape` in so many tiles."""
    rows, d, nodes = math.ceil(shape.batch / tiles), shape.d, shape.hidden
    width = min(d, max(32, _SLAB_BYTES // (nodes * dtype.itemsize)))
    slabs = (math.ceil(d / width), nodes, width)
    most = rows * nodes + 1  # a list is written one entry past its end
    return Space(
        V=np.empty((rows, nodes), dtype),
        G=np.empty((rows, d), dtype),
        moved=np.empty((rows, d), dtype),
        delta=np.empty((rows, d), dtype),
        product=np.empty((d, nodes), dtype),
        bounds=np.empty(nodes, dtype),
        lists=Lists(
            columns=np.empty(most, np.int32),
            starts=np.empty(rows + 1, np.int32),
            values=np.empty(most, dtype),
            weights=np.empty(most, dtype),
        ),
        slabs=np.empty(slabs, dtype),
        sums=np.empty(slabs, dtype),
    )
