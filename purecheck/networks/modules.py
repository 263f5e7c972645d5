"""PyTorch modules: sequences of linear layers as described networks, other modules as functions with gradients."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np

from numerics.arrays import Floats
from purecheck.networks.description import Layer, Network, linear, network_of, with_unit
from purecheck.networks.evaluation import Pullback
from purecheck.networks.tensors import finite_numbers
from purecheck.networks.units import UnitName

_UNITS: dict[str, UnitName] = {
    "ReLU": "relu",
    "LeakyReLU": "leaky_relu",
    "Tanh": "tanh",
    "Sigmoid": "sigmoid",
    "SiLU": "silu",
    "GELU": "gelu",
}
_NOTHING = ("Identity", "Dropout", "Flatten")


def is_module(model: Any) -> bool:
    """Whether `model` is a PyTorch module; PyTorch is not imported for the question."""
    return any(one.__module__.startswith("torch.nn.modules") for one in type(model).__mro__)


def described(module: Any) -> Network | None:
    """The network that a `Sequential` of linear layers and activations computes; None where it is another module."""
    if type(module).__name__ != "Sequential":
        return None
    layers: list[Layer] = []
    for name, child in module.named_modules():
        kind = type(child).__name__
        if kind == "Sequential" or kind in _NOTHING:
            continue
        if kind == "Linear":
            bias = None if child.bias is None else finite_numbers(f"{name}.bias", _host(child.bias))
            layers.append(linear(name, finite_numbers(f"{name}.weight", _host(child.weight)).T, bias))
        elif kind in _UNITS and layers and layers[-1].activation == "identity" and _is_exact(child):
            layers[-1] = with_unit(layers[-1], _UNITS[kind], slope=getattr(child, "negative_slope", 0.01))
        else:
            return None
    return network_of(layers) if layers and layers[-1].activation == "identity" else None


def _is_exact(child: Any) -> bool:
    """Whether a GELU is the function itself, not its approximation."""
    return getattr(child, "approximate", "none") == "none"


class Module:
    """A PyTorch module in evaluation mode as something to attack; inputs `(n, d)` take the shape that it expects.

    Parameters
    ----------
    module
        From inputs to outputs `(n, q)` or `(n,)`.
    shape
        Of one input; `(d,)` where None.
    """

    jumps = False

    def __init__(self, module: Any, shape: tuple[int, ...] | None = None) -> None:
        self._torch: Any = import_module("torch")
        self.module, self._shape = module, shape
        first = next(module.parameters(), None)
        self._dtype = self._torch.float32 if first is None else first.dtype
        self._device = "cpu" if first is None else first.device

    def outputs(self, Z: Floats) -> Floats:
        """Outputs `(n, q)`."""
        with self._torch.no_grad(), evaluation_mode(self.module):
            return _host(self._rows(self.module(self.tensor(Z))))

    def linearise(self, Z: Floats, smoothing: float | None = None) -> tuple[Floats, Pullback]:
        """Outputs, and their gradients by automatic differentiation."""
        points = self.tensor(Z).requires_grad_()
        with evaluation_mode(self.module), self._torch.enable_grad():
            found = self._rows(self.module(points))

        def pull(cotangent: Floats) -> Floats:
            given = self._torch.as_tensor(cotangent, dtype=found.dtype, device=found.device)
            (gradient,) = self._torch.autograd.grad(found, points, given)
            return _host(gradient).reshape(len(Z), -1)

        return _host(found), pull

    def tensor(self, Z: Floats) -> Any:
        """Inputs `(n, d)` in the shape, the precision and on the device of the module."""
        shape = Z.shape if self._shape is None else (len(Z), *self._shape)
        return self._torch.as_tensor(Z, dtype=self._dtype, device=self._device).reshape(shape)

    @staticmethod
    def _rows(found: Any) -> Any:
        return found.reshape(len(found), -1)


@dataclass(frozen=True, eq=False)
class ObservedLayer:
    """A linear layer inside a module, as it works on some inputs.

    Attributes
    ----------
    layer
        Its weights and biases, with the unit that follows it.
    below
        Its inputs `(n, d)`, what the layers below make of the inputs of the module.
    gradients
        Of every output of the module in the inputs of the layer, `(q, n, d)`.
    """

    layer: Layer
    below: Floats
    gradients: Floats


def observed(module: Any, name: str, activation: UnitName, Z: Any) -> ObservedLayer:
    """The linear layer called `name` at inputs `(n, ...)` of the module, which is left as it was.

    Parameters
    ----------
    module
        Any PyTorch module.
    name
        Of a `Linear` in `module.named_modules()`, which the module calls once.
    activation
        What the module applies to its outputs.
    Z
        Inputs in the shape that the module expects.

    Raises
    ------
    ValueError
        If there is no such layer, or the module does not call it on one vector for each input.
    """
    linears = {key: one for key, one in module.named_modules() if type(one).__name__ == "Linear"}
    if name not in linears:
        raise ValueError(
            f"layer is {name!r}; expected one of the linear layers, {', '.join(linears) or 'of which none'}"
        )
    torch: Any = import_module("torch")
    seen: list[Any] = []

    def keep(_module: Any, given: tuple[Any, ...]) -> tuple[Any, ...]:
        seen.append(given[0].detach().requires_grad_())
        return (seen[-1],)

    target = linears[name]
    handle = target.register_forward_pre_hook(keep)
    try:
        with evaluation_mode(module), torch.enable_grad():
            found = module(Module(module, np.shape(Z)[1:]).tensor(np.asarray(Z))).reshape(len(Z), -1)
    finally:
        handle.remove()
    if len(seen) != 1 or seen[0].ndim != 2 or len(seen[0]) != len(Z):
        shapes = ", ".join(str(tuple(one.shape)) for one in seen)
        raise ValueError(
            f"{name!r} is called with {shapes or 'nothing'}; expected one vector for each of {len(Z)} inputs"
        )
    gradients = [
        _host(torch.autograd.grad(found[:, j].sum(), seen[0], retain_graph=True)[0]) for j in range(found.shape[1])
    ]
    bias = None if target.bias is None else _host(target.bias)
    return ObservedLayer(
        with_unit(linear(name, _host(target.weight).T, bias), activation), _host(seen[0]), np.stack(gradients)
    )


@contextmanager
def evaluation_mode(module: Any) -> Iterator[None]:
    """Sets a module and its parts to evaluation, and afterwards each to the mode that it was in."""
    modes = [(one, one.training) for one in module.modules()]
    module.eval()
    try:
        yield
    finally:
        for one, training in modes:
            one.training = training


def _host(tensor: Any) -> Floats:
    return np.asarray(tensor.detach().cpu().double().numpy())
