"""Pure nodes of the numerics, as the checks of the gate use them."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from numerics.backend import to_numpy
from numerics.features import FeatureLaw, observe, rotation
from numerics.network import GatedNetwork, active, preactivations
from purecheck.context import Context

Gates = NDArray[np.bool_]


def pure_network(context: Context, M: NDArray[np.floating[Any]], omega: float, b: float) -> GatedNetwork:
    """One pure node a feature, `W = omega M`, on the backend of the run."""
    backend = context.backend
    return GatedNetwork(backend.asarray(omega * M), backend.asarray(np.ones(len(M))), b)


def observed_gates(
    rng: np.random.Generator, n: int, context: Context, *, law: FeatureLaw, omega: float, sigma: float, b: float
) -> tuple[Gates, Gates]:
    """Which features are active and which gates fire, `(n, d)` each, for one pure node a feature."""
    M = rotation(law.d, rng) if law.d > 1 else np.ones((1, 1))
    X = law.sample(rng, (n,))
    Z = context.backend.asarray(observe(X, M, sigma, rng))
    net = pure_network(context, M, omega, b)
    return X != 0, to_numpy(active(preactivations(net, Z), net.b))
