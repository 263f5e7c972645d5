"""A step whose products are so large that threads share the rows, and the nodes, of a single replica."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np

from numerics.compiled.lists import into_slabs, new_lists
from numerics.compiled.types import Floats
from numerics.compiled.workers import Workers
from numerics.training.engine import kernels, update_kernels
from numerics.training.engine.contract import StepShape
from numerics.training.engine.workspace import Errors, Rule, Space, new_space

BLOCK_ROWS = 4096
"""Observations computed together: memory does not grow with the batch."""

_FEWEST_ROWS = 64
"""Fewer observations for a thread make its products slow."""


class WideProducts:
    """Products in which all threads share one replica after the other: first its observations, then nodes or features.

    Only the last product sums over observations, and each of its entries is computed by one thread. The shares do not
    depend on the other replicas. BLAS may round the rows of a small share differently from those of a large one; then
    the number of threads changes last digits.

    Parameters
    ----------
    shape : StepShape
        Sizes of one batch.
    rule : Rule
        Threshold and attack of the step.
    dtype : dtype
        Dtype of the data.
    """

    def __init__(self, shape: StepShape, rule: Rule, dtype: np.dtype[np.floating]) -> None:
        self._rule, self._blocks = rule, math.ceil(shape.batch / BLOCK_ROWS)
        rows, d, nodes = math.ceil(shape.batch / self._blocks), shape.d, shape.hidden
        self._workers = Workers(math.ceil(rows / _FEWEST_ROWS))
        count = self._workers.count
        self._lists = [new_lists(math.ceil(rows / count), nodes, dtype) for _ in range(count)]
        self._space = new_space(rows, d, nodes, dtype, self._lists[0], slabs=count)

    def run(self, Z: Floats, y: Floats, W: Floats, a: Floats, gradients: tuple[Floats, Floats], losses: Errors) -> None:
        """Write the gradients and squared errors that `Products.run` of the gated step describes."""
        losses[:] = 0
        for r in range(len(W)):
            self._replica(Z[r], y[r], W[r], a[r], gradients[0][r], gradients[1][r], losses[r])

    def _replica(self, Z: Floats, y: Floats, W: Floats, a: Floats, dW: Floats, da: Floats, losses: Errors) -> None:
        n, space = len(Z), self._space
        cuts = [block * n // self._blocks for block in range(self._blocks + 1)]
        for low, high in pairwise(cuts):
            self._multiply(n, Z[low:high], y[low:high], W, a, space.product if low else dW)
            losses += space.clean[: high - low].sum(), space.attacked[: high - low].sum()
            if low:
                dW += space.product

        def finish(_: int, first: int, last: int) -> None:
            update_kernels.finish(first, last, W, a, dW, da)

        self._workers.share_out(len(a), finish)

    def _multiply(self, n: int, z: Floats, y: Floats, W: Floats, a: Floats, product: Floats) -> None:
        """Write ``sum_i (2/n) e_i 1{active} z_i`` over the rows of a block, and leave their squared errors."""
        V = self._space.V[: len(z)]

        def see(_: int, low: int, high: int) -> None:
            np.matmul(z[low:high], W, out=V[low:high])

        self._workers.share_out(len(z), see)
        way = kernels.choose_way(self._rule, W, V, self._space.bounds)
        if way == kernels.MATRICES:
            self._by_matrices(n, z, y, W, a, product)
        else:
            self._by_lists(n, z, y, W, a, product, way == kernels.CERTIFIED)

    def _by_matrices(self, n: int, z: Floats, y: Floats, W: Floats, a: Floats, product: Floats) -> None:
        V, moved = self._space.V[: len(z)], self._space.moved[: len(z)]

        def attack(worker: int, low: int, high: int) -> None:
            view = self._view(worker, low, high)
            kernels.attack_by_matrices(self._rule, n, z[low:high], y[low:high], W, a, view)

        def sum_up(_: int, low: int, high: int) -> None:
            np.matmul(moved.T, V[:, low:high], out=product[:, low:high])

        self._workers.share_out(len(z), attack)
        self._workers.share_out(len(a), sum_up)

    def _by_lists(self, n: int, z: Floats, y: Floats, W: Floats, a: Floats, product: Floats, certified: bool) -> None:
        slabs, sums, width = self._space.slabs, self._space.sums, self._space.slabs.shape[2]
        views: dict[int, Space] = {}

        def turn(_: int, low: int, high: int) -> None:
            into_slabs(W[low * width : high * width], slabs[low:high])

        def attack(worker: int, low: int, high: int) -> None:
            views[worker] = view = self._view(worker, low, high)
            kernels.attack_by_lists(self._rule, n, z[low:high], y[low:high], W, a, view, certified)

        def sum_up(_: int, low: int, high: int) -> None:
            sums[low:high] = 0
            for worker in sorted(views):
                kernels.scatter(low, views[worker].lists, views[worker].moved, sums[low:high])
            kernels.from_slabs(sums[low:high], product[low * width : high * width])

        self._workers.share_out(len(slabs), turn)
        self._workers.share_out(len(z), attack)
        self._workers.share_out(len(slabs), sum_up)

    def _view(self, worker: int, low: int, high: int) -> Space:
        """Return the rows of a worker, with lists of its own."""
        space, rows = self._space, slice(low, high)
        return space._replace(
            V=space.V[rows],
            G=space.G[rows],
            moved=space.moved[rows],
            delta=space.delta[rows],
            clean=space.clean[rows],
            attacked=space.attacked[rows],
            lists=self._lists[worker],
        )
