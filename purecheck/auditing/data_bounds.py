"""What no attack on a described network exceeds at given inputs, by intervals that contain every preactivation."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from numerics.arrays import Floats
from numerics.norms import dual_norm
from numerics.rounding import gamma
from purecheck.auditing.data_attacks import Threat
from purecheck.auditing.tasks import Task
from purecheck.networks.description import Layer, Network
from purecheck.networks.evaluation import Described

_NOT_MONOTONE = ("silu", "gelu")
"""Units that fall before they rise: intervals of their preactivations are no intervals of their values."""


@dataclass(frozen=True, eq=False)
class DataBounds:
    """Bounds at every observation.

    Attributes
    ----------
    fixed
        Whether no attack of this size can open or close a gate in any layer, `(n,)`: the network is affine there. None
        where a unit has no gate.
    badness
        What no attack makes the margin or the squared error exceed, `(n,)`.
    """

    fixed: NDArray[np.bool_] | None
    badness: Floats


def bounds(network: Network, Z: Floats, task: Task, threat: Threat) -> DataBounds | None:
    """Bounds on every attack at inputs `(n, d)`; None with units that are not monotone.

    The box of the attack is left out of account: it only makes attacks weaker.
    """
    if any(layer.activation in _NOT_MONOTONE for layer in network.hidden):
        return None
    first = network.layers[0]
    reach = threat.eps * dual_norm(first.W.T, threat.norm)
    centre = Z @ first.W + first.bias
    slack = _rounding(first, np.abs(Z)) + gamma(4, "float64") * reach
    low, high = centre - reach - slack, centre + reach + slack
    fixed = np.ones(len(Z), dtype=bool)
    for at, layer in enumerate(network.hidden):
        fixed &= np.all(_same_piece(layer, low, high), axis=1)
        below, above = layer.unit.value(low), layer.unit.value(high)
        if at + 1 < len(network.hidden):
            low, high = _affine(network.layers[at + 1], below, above)
    gated = all(layer.opening is not None for layer in network.hidden)
    loose = _from_intervals(network.layers[-1], below, above, task) if network.hidden else np.full(len(Z), np.inf)
    tight = np.where(fixed & gated, _affine_worst(network, Z, task, threat), np.inf)
    return DataBounds(fixed if gated else None, np.minimum(loose, tight))


def _rounding(layer: Layer, sizes: Floats) -> Floats:
    """What rounding adds to preactivations at inputs of these `sizes`."""
    return np.asarray(gamma(len(layer.W) + 2, "float64") * (sizes @ np.abs(layer.W) + np.abs(layer.bias)))


def _affine(layer: Layer, low: Floats, high: Floats) -> tuple[Floats, Floats]:
    """Intervals behind an affine map of intervals."""
    up, down = np.maximum(layer.W, 0), np.minimum(layer.W, 0)
    slack = _rounding(layer, np.maximum(np.abs(low), np.abs(high)))
    return low @ up + high @ down + layer.bias - slack, high @ up + low @ down + layer.bias + slack


def _same_piece(layer: Layer, low: Floats, high: Floats) -> NDArray[np.bool_]:
    """Whether a unit has no kink or jump between two preactivations."""
    b = layer.threshold
    apart = (low > b) | (high < b)
    if layer.activation in ("gate", "soft_threshold"):
        apart = (low > b) | (high < -b) | ((low > -b) & (high < b)) | ((b == 0) & (layer.activation == "gate"))
    return np.asarray(apart)


def _from_intervals(head: Layer, low: Floats, high: Floats, task: Task) -> Floats:
    """The bound where hidden values lie in intervals, each independently of the others."""
    if task.name == "classes":
        found = np.full(len(low), -np.inf)
        for j in range(head.W.shape[1]):
            rows = np.flatnonzero(task.targets != j)
            slopes = head.W[:, j, None] - head.W[:, task.targets[rows]]  # (nodes, rows)
            up, down = np.maximum(slopes, 0).T, np.minimum(slopes, 0).T
            top = np.sum(high[rows] * up + low[rows] * down, axis=1) + head.bias[j] - head.bias[task.targets[rows]]
            size = np.sum(np.maximum(np.abs(low[rows]), np.abs(high[rows])) * np.abs(slopes).T, axis=1)
            found[rows] = np.maximum(found[rows], top + gamma(len(head.W) + 4, "float64") * (size + np.abs(top)))
        return found
    below, above = _affine(head, low, high)
    if task.name == "sign":
        return np.where(task.targets > 0, -below[:, 0], above[:, 0])
    error = np.maximum(np.abs(above - task.targets), np.abs(below - task.targets))
    return np.asarray(np.sum(error**2, axis=1))


def _affine_worst(network: Network, Z: Floats, task: Task, threat: Threat) -> Floats:
    """The largest badness where the network is affine in the ball; an upper bound for several regression outputs."""
    outputs, pull = Described(network).linearise(Z)
    n, q = outputs.shape
    error = _output_rounding(network, np.abs(Z) + threat.eps)
    gradients = [pull(np.broadcast_to(row, (n, q))) for row in np.eye(q)]
    slack = 1 + _roundings(network)
    if task.name == "classes":
        rows, right = np.arange(n), task.targets
        own, found = np.stack(gradients)[right, rows], np.full(n, -np.inf)
        for j, gradient in enumerate(gradients):
            growth = threat.eps * dual_norm(gradient - own, threat.norm) * slack
            margin = outputs[:, j] - outputs[rows, right] + growth + error[:, j] + error[rows, right]
            found = np.where(right == j, found, np.maximum(found, margin))
        return found
    growth = np.stack([threat.eps * dual_norm(one, threat.norm) for one in gradients], axis=1) * slack + error
    if task.name == "sign":
        return np.asarray(-task.targets * outputs[:, 0] + growth[:, 0])
    return np.asarray(np.sum((np.abs(outputs - task.targets) + growth) ** 2, axis=1) * slack)


def _output_rounding(network: Network, sizes: Floats) -> Floats:
    """A bound on what rounding may add to an output, here and where it is attacked, at inputs of these `sizes`.

    No unit with gates enlarges a preactivation, so that sums of moduli bound the values of all layers.
    """
    for layer in network.layers:
        sizes = sizes @ np.abs(layer.W) + np.abs(layer.bias)
    return 2 * _roundings(network) * sizes


def _roundings(network: Network) -> float:
    """The relative error of as many roundings as one output takes one after the other."""
    return gamma(sum(len(layer.W) + 3 for layer in network.layers), "float64")
