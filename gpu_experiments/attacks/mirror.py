"""The gated network in PyTorch, for attacks written by others, which use PyTorch's own gradients.

Before it is attacked its logits are compared with ours, up to a bound on the rounding errors of both.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import torch
from torch.nn import functional

from gpu_experiments.models.classifier import PatchClassifier
from gpu_experiments.models.encoder import ODD
from numerics.activations import activation
from numerics.arrays import Floats
from numerics.backend import Array, to_namespace_of, to_numpy
from numerics.rounding import gamma

_ELEMENTARY = 8
"""Roundings that an exponential or a distribution function may cost: NumPy and PyTorch promise 4 units in the last
place for what they vectorise, each unit two roundings."""
_STEEPEST = 1.13
"""The largest slope of any activation: that of GELU, ``max Phi(v) + v phi(v) = 1.1289``, rounded up."""

_VALUES: dict[str, Callable[[torch.Tensor, torch.Tensor], torch.Tensor]] = {
    "gate": lambda v, b: torch.where(v.abs() >= b, v, torch.zeros_like(v)),
    "soft_threshold": lambda v, b: functional.relu(v - b) - functional.relu(-v - b),
    "biased_relu": lambda v, b: functional.relu(v - b),
    "relu": lambda v, _: functional.relu(v),
    "leaky_relu": lambda v, _: functional.leaky_relu(v, 0.01),
    "tanh": lambda v, _: torch.tanh(v),
    "sigmoid": lambda v, _: torch.sigmoid(v),
    "silu": lambda v, _: functional.silu(v),
    "gelu": lambda v, _: functional.gelu(v),
}


class Mirror(torch.nn.Module):  # type: ignore[misc]
    """A `PatchClassifier` as a PyTorch module with the same weights.

    Parameters
    ----------
    model : PatchClassifier
    """

    def __init__(self, model: PatchClassifier) -> None:
        super().__init__()
        encoder = model.encoder
        mean = 0 * encoder.W[:, 0] if encoder.preprocessing is None else encoder.preprocessing.mean
        self._grid, self._activation = encoder.grid, encoder.activation
        self.filters, self.b, self.mean = _constant(encoder.filters), _constant(encoder.b), _constant(mean)
        self.C, self.c0 = _constant(model.C), _constant(model.c0)
        self.averaging = _constant(encoder.cells.matrix.astype(to_numpy(model.C).dtype))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the logits of images `x`, shape (n, classes)."""
        columns = functional.unfold(x, self._grid.patch, stride=self._grid.stride)
        V = (columns.mT - self.mean) @ self.filters
        values = _VALUES[self._activation](V, self.b)
        parts = [functional.relu(values), functional.relu(-values)] if self._activation in ODD else [values]
        features = torch.stack([self.averaging @ part for part in parts], dim=2)
        return features.flatten(1) @ self.C + self.c0


def _constant(values: Array) -> torch.nn.Parameter:
    """Return an array as a parameter that moves with its module and is not trained."""
    return torch.nn.Parameter(torch.tensor(to_numpy(values)), requires_grad=False)


def require_agreement(model: PatchClassifier, mirror: Mirror, x: npt.NDArray[np.floating]) -> None:
    """Require that both have the same logits at images `x` ``(n, channels, size, size)``, up to rounding.

    Raises
    ------
    RuntimeError
        If they differ.
    """
    ours = to_numpy(model.logits(to_namespace_of(model.C, x)))
    with torch.no_grad():
        theirs = mirror(torch.tensor(x)).cpu().numpy()
    bound = logits_bound(model, x)
    if not np.all(np.abs(ours.astype(np.float64) - theirs) <= 2 * bound):
        worst = float(np.max(np.abs(ours - theirs) / bound))
        raise RuntimeError(f"the PyTorch mirror's logits are off by {worst:.3g} bounds; expected at most 2")


def logits_bound(model: PatchClassifier, x: npt.NDArray[np.floating]) -> Floats:
    """Return a bound on the rounding error of the logits at images `x`, shape (n, classes).

    A preactivation ``v`` is the sum of d products of a difference with a filter: ``e = gamma_{d+2} |z| |w|``. An
    activation passes on its steepest slope times that, and its own roundings; at a gate with ``||v| - b| <= e``
    rounding decides, and the whole of ``|v| + e`` may come or go. Averages and the head are sums of products, and
    take at most ``positions + F + 2`` more roundings of what they sum.
    """
    encoder, dtype = model.encoder, to_numpy(model.C).dtype
    filters, b = (to_numpy(a).astype(np.float64) for a in (encoder.filters, encoder.b))
    mean = 0.0 if encoder.preprocessing is None else to_numpy(encoder.preprocessing.mean).astype(np.float64)
    patches = encoder.grid.extract(x.astype(np.float64)) - mean
    V = patches @ filters
    e = gamma(encoder.grid.dimension + 2, dtype) * ((np.abs(patches) + 2 * np.abs(mean)) @ np.abs(filters))
    value = activation(encoder.activation, b).value(V)
    error = _STEEPEST * e + gamma(_ELEMENTARY, dtype) * (np.abs(V) + 1)
    if encoder.activation == "gate":
        error = np.where(np.abs(np.abs(V) - b) <= e, np.abs(V) + e, error)
    sizes = np.abs(value) + error
    roundings = gamma(encoder.grid.positions + encoder.width + 2, dtype)
    spread = encoder.cells.matrix @ (error + roundings * sizes)
    head = np.abs(to_numpy(model.C).astype(np.float64)).reshape(
        encoder.cells.cells, encoder.parts, -1, model.C.shape[1]
    )
    # an odd activation's value lies in one of both parts, and rounding may move it into the other
    error_of_head: Floats = np.einsum("nkh,kphc->nc", spread, head)
    error_of_head += roundings * np.abs(to_numpy(model.c0))
    return error_of_head
