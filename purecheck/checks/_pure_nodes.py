"""Pure nodes for the checks of the gate: instances of the model, built from assumptions, and networks of `numerics`."""

from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numerics.backend import to_numpy
from numerics.exact import ExactArray
from numerics.features import FeatureLaw, observe, rotation
from numerics.network import GatedNetwork, active, preactivations
from numerics.norms import Norm
from purecheck.evaluators.attacked_gate import extreme_points
from purecheck.evaluators.gate import ROTATION, SKEW, PureNode
from purecheck.evaluators.noise import NORMAL, SKEWED
from purecheck.runtime.context import Context
from theory.assumptions import normal_noise, orthogonal_dictionary
from theory.claims import Clause

Gates = NDArray[np.bool_]


def pure_node_of(clause: Clause, amplitudes: tuple[Fraction, ...] = (Fraction(1),)) -> PureNode:
    """A pure node that satisfies the assumptions of the clause, with these values of the amplitude."""
    return PureNode(
        M=ROTATION if orthogonal_dictionary in clause.assumes else SKEW,
        noise=NORMAL if normal_noise in clause.assumes else SKEWED,
        amplitudes=amplitudes,
    )


def weights_of(direction: ExactArray, norm: Norm, dual: Fraction) -> ExactArray:
    """Weights in that direction with the dual norm `dual`, which is the largest shift by an attack of size 1."""
    return np.asarray(
        direction * (dual / max(Fraction(np.dot(direction, delta)) for delta in extreme_points(norm, direction)))
    )


def pure_network(context: Context, M: NDArray[np.floating[Any]], omega: float, b: float) -> GatedNetwork:
    """A network with one pure node for each feature, `W = omega M`, on the backend of the run."""
    backend = context.backend
    return GatedNetwork(backend.asarray(omega * M), backend.asarray(np.ones(len(M))), b)


def observed_gates(
    rng: np.random.Generator, n: int, context: Context, *, law: FeatureLaw, omega: float, sigma: float, b: float
) -> tuple[Gates, Gates]:
    """Which features are active and which gates fire, shape (n, d) each, with one pure node for each feature."""
    M = rotation(law.d, rng) if law.d > 1 else np.ones((1, 1))
    X = law.sample(rng, (n,))
    Z = context.backend.asarray(observe(X, M, sigma, rng))
    net = pure_network(context, M, omega, b)
    return X != 0, to_numpy(active(preactivations(net, Z), net.b))
