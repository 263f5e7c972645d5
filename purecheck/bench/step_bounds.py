"""The adversarial training step in float64, with bounds on the result in float32 for any order of summation.

Away from the jumps of the gates the step is a short chain of sums. Each function below bounds the error of a sum from
the errors of its inputs and from the number of roundings of a term (`numerics.rounding.gamma`). An observation is
*decided* if no such error changes a gate of the clean pass or the sign of the residual. In the attacked pass a gate may
be undecided: the bounds then hold whether it is open or closed.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from numerics.arrays import Floats
from numerics.rounding import gamma, unit_roundoff


@dataclass(frozen=True, eq=False)
class ProblemNetwork:
    """Weights, shape (replicas, d, H), heads, shape (replicas, H), and threshold of the networks of a problem."""

    W: Floats
    a: Floats
    b: float


@dataclass(frozen=True, eq=False)
class Uncertain:
    """Numbers with a bound of the same shape on the error of each computed number."""

    value: Floats
    error: Floats

    @property
    def largest(self) -> Floats:
        """The largest modulus that may be computed."""
        return np.abs(self.value) + self.error


@dataclass(frozen=True, eq=False)
class Gates:
    """Which nodes fire, as numbers 0 and 1 of shape (replicas, n, H).

    Attributes
    ----------
    computed
        The gates in float64.
    undecided
        1 where rounding in the coarser precision may change the gate.
    """

    computed: Floats
    undecided: Floats

    @property
    def possible(self) -> Floats:
        """1 for the nodes that may fire."""
        return np.maximum(self.computed, self.undecided)


@dataclass(frozen=True, eq=False)
class AttackedPass:
    """The results of the attacked forward pass of a step, for observations of shape (replicas, n).

    Attributes
    ----------
    decided
        Where rounding changes no gate of the clean pass and the direction of the attack is determined.
    points
        Attacked observations, shape (replicas, n, d).
    gates
        The nodes that fire at the attacked observations.
    residual
        `f - y` at the attacked observations.
    """

    decided: NDArray[np.bool_]
    points: Uncertain
    gates: Gates
    residual: Uncertain


def attacked_pass(net: ProblemNetwork, Z: Floats, y: Floats, eps: float, dtype: str) -> AttackedPass:
    """The pass of the step under FGM in l2 with size `eps`, with bounds for arithmetic in `dtype`.

    The bounds hold for decided observations.
    """
    clean = Uncertain(Z, np.zeros_like(Z))
    gates = _gates(net, clean, dtype)
    residual = _residual(net, clean, gates, y, dtype)
    delta, has_direction = _perturbation(net, gates.computed, np.where(residual.value >= 0, eps, -eps), dtype)
    rounding = unit_roundoff(dtype) * (np.abs(Z + delta.value) + delta.error)
    points = Uncertain(Z + delta.value, delta.error + rounding)
    attacked = _gates(net, points, dtype)
    signed = np.abs(residual.value) > residual.error
    decided = ~gates.undecided.any(axis=-1) & signed & has_direction
    return AttackedPass(decided, points, attacked, _residual(net, points, attacked, y, dtype))


def weight_gradients(
    net: ProblemNetwork, found: AttackedPass, shares: Floats, n: int, dtype: str
) -> dict[str, Uncertain]:
    """Gradients of the mean squared error in `W` and `a`, over observations with the given `shares` of `n` rows.

    A term `(2/n) e_i z_ij a_h w_jh` takes part in fewer than `n + d + 8` roundings, in any order of summation.
    """
    e, z = found.residual, found.points
    once = gamma(n + z.value.shape[-1] + 8, dtype)
    products = e.largest[..., None] * z.largest
    spread = products - np.abs(e.value[..., None] * z.value) + once * products
    weights = 2 * shares[..., None]
    sums = np.swapaxes(weights * e.value[..., None] * z.value, -1, -2) @ found.gates.computed
    rounded = np.swapaxes(weights * spread, -1, -2) @ found.gates.possible
    turned = np.swapaxes(weights * products, -1, -2) @ found.gates.undecided
    # float64 computes sums and bounds with 2^-29 of the roundings bounded here: 2^-20 covers it many times over
    bounds = (rounded + turned) * (1 + 2.0**-20)
    a = net.a[..., None, :]
    return {
        "W": Uncertain(a * sums, np.abs(a) * bounds),
        "a": Uncertain(np.sum(net.W * sums, axis=-2), np.sum(np.abs(net.W) * bounds, axis=-2)),
    }


def _gates(net: ProblemNetwork, z: Uncertain, dtype: str) -> Gates:
    """The gates at `z`, where each pre-activation is a sum of `d` products."""
    V = z.value @ net.W
    error = (z.error + gamma(net.W.shape[-2], dtype) * z.largest) @ np.abs(net.W)
    undecided = np.abs(np.abs(V) - net.b) <= error
    return Gates((np.abs(V) >= net.b).astype(np.float64), undecided.astype(np.float64))


def _residual(net: ProblemNetwork, z: Uncertain, gates: Gates, y: Floats, dtype: str) -> Uncertain:
    """The residual `f - y`, in which a term `z_i w_ih a_h` takes part in fewer than `d + H + 6` roundings."""
    d, H = net.W.shape[-2:]
    once = gamma(d + H + 6, dtype)
    V, error = z.value @ net.W, (z.error + once * z.largest) @ np.abs(net.W)
    uncertain = gates.possible * error + gates.undecided * np.abs(V)
    value = _output(gates.computed * V, net.a) - y
    return Uncertain(value, _output(uncertain, np.abs(net.a)) + once * np.abs(y))


def _perturbation(net: ProblemNetwork, gates: Floats, size: Floats, dtype: str) -> tuple[Uncertain, NDArray[np.bool_]]:
    """`size g/||g||` for `g = sum_h gate_h a_h w_h`, and whether rounding preserves the direction of `g`.

    A term of `g` takes part in fewer than `H + 6` roundings. With `eta = ||dg||/||g||` its normalisation errs by `(|dg|
    + eta |g|)/(||g|| (1 - eta))`; norm, division and scaling cost fewer than `d + 8` further roundings.
    """
    d, H = net.W.shape[-2:]
    rows = np.swapaxes(net.a[..., None, :] * net.W, -1, -2)
    g = gates @ rows
    error = gamma(H + 6, dtype) * (gates @ np.abs(rows))
    least = np.finfo(np.float64).tiny
    length = np.maximum(np.linalg.norm(g, axis=-1), least)[..., None]
    eta = np.linalg.norm(error, axis=-1)[..., None] / length
    has_direction = (length > least) & (eta < 1 / 2)
    eta = np.minimum(eta, 1 / 2)
    delta = size[..., None] * g / length
    inherited = np.abs(size)[..., None] * (error + eta * np.abs(g)) / (length * (1 - eta))
    return Uncertain(delta, inherited + gamma(d + 8, dtype) * (np.abs(delta) + inherited)), has_direction[..., 0]


def _output(values: Floats, a: Floats) -> Floats:
    return np.asarray((values @ a[..., None])[..., 0])
