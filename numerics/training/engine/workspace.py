"""The rule of a compiled step, its threshold and attack, and the arrays of one thread, allocated once."""

from __future__ import annotations

from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from numerics.compiled.ball import L2, NORM_CODES
from numerics.compiled.lists import Lists, list_share, new_lists, new_slabs
from numerics.compiled.types import Floats
from numerics.training.step import TrainingAttack

Errors: TypeAlias = NDArray[np.float64]


class Rule(NamedTuple):
    """The threshold and the attack of a step, numbers in the dtype of the data; without `steps` there is no attack.

    Lists are used up to the share `list_share` of nodes.
    """

    b: Any
    norm: int
    eps: Any
    stride: Any
    steps: int
    list_share: float


class Space(NamedTuple):
    """The arrays that one thread writes: of a tile ``(rows, ...)``, a product, lists and slabs, and squared errors."""

    V: Floats
    G: Floats
    moved: Floats
    delta: Floats
    product: Floats
    bounds: Floats
    lists: Lists
    slabs: Floats
    sums: Floats
    clean: Errors
    attacked: Errors


def rule_of(b: float, attack: TrainingAttack | None, d: int, dtype: np.dtype[Any]) -> Rule:
    """Return the parameters of a step for compiled loops."""
    if attack is None:
        return Rule(dtype.type(b), L2, dtype.type(0), dtype.type(0), 0, list_share(d))
    eps, norm = dtype.type(attack.eps), NORM_CODES[attack.norm]
    return Rule(dtype.type(b), norm, eps, dtype.type(attack.lengths[0]), attack.steps, list_share(d))


def new_space(rows: int, d: int, nodes: int, dtype: np.dtype[Any], lists: Lists | None = None, slabs: int = 1) -> Space:
    """Return arrays for a number of observations at a time, with `lists` of its own unless some are given."""
    weights = new_slabs(d, nodes, dtype, slabs)
    return Space(
        V=np.empty((rows, nodes), dtype),
        G=np.empty((rows, d), dtype),
        moved=np.empty((rows, d), dtype),
        delta=np.empty((rows, d), dtype),
        product=np.empty((d, nodes), dtype),
        bounds=np.empty(nodes, dtype),
        lists=new_lists(rows, nodes, dtype) if lists is None else lists,
        slabs=weights,
        sums=np.empty_like(weights),
        clean=np.empty(rows),
        attacked=np.empty(rows),
    )
