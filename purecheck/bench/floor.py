"""The floor of a case: the matrix products that the work cannot do without, and nothing else."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from array_api_compat import array_namespace

from numerics.backend import Array, Backend
from purecheck.bench.contestant import Contestant
from purecheck.bench.device import synchronisation
from purecheck.bench.problem import Problem

FLOOR = "floor"
STEP = "four matrix products: forward, attack gradient, attacked forward, weight gradient"


def step_floor(problem: Problem, backend: Backend) -> Contestant:
    """The four matrix products of a training step, written into existing arrays."""
    Z, W, V = _operands(problem, backend)
    transposed = backend.xp.matrix_transpose
    gradient, weights = backend.xp.empty_like(Z), backend.xp.empty_like(W)
    products = ((Z, W, V), (V, transposed(W), gradient), (Z, W, V), (transposed(Z), V, weights))
    return Contestant(FLOOR, _multiplying(products, backend))


def attack_floor(problem: Problem, backend: Backend, products: int) -> Contestant:
    """The `products` matrix products of an attack, half of them forward passes and half of them gradients.

    One run does one product of each kind, which is `2/products` of the work.
    """
    Z, W, V = _operands(problem, backend)
    pair = ((Z, W, V), (V, backend.xp.matrix_transpose(W), backend.xp.empty_like(Z)))
    return Contestant(FLOOR, _multiplying(pair, backend), share=2 / products)


def _operands(problem: Problem, backend: Backend) -> tuple[Array, Array, Array]:
    """Observations, weights and preactivations."""
    Z, W = backend.asarray(problem.Z), backend.asarray(problem.W)
    return Z, W, array_namespace(Z).matmul(Z, W)


def _multiplying(products: tuple[tuple[Array, Array, Array], ...], backend: Backend) -> Callable[[], Any]:
    """A function that computes `products` in the order that suits the library.

    BLAS takes one replica after the other, while its last result is in the cache; cuBLAS takes all replicas at once.
    """
    finish = synchronisation(backend)
    batches = [products] if backend.name == "cupy" else list(_by_replica(products))

    def run() -> None:
        for batch in batches:
            for left, right, out in batch:
                np.matmul(left, right, out=out)
        finish()

    return run


def _by_replica(products: tuple[tuple[Array, Array, Array], ...]) -> Iterator[tuple[tuple[Array, ...], ...]]:
    for replica in range(products[0][0].shape[0]):
        yield tuple(tuple(array[replica] for array in product) for product in products)
