"""ONNX graphs of linear layers and elementwise activations, one behind the other.

Every node must lie on the one path from the input to the output, and every stored tensor must be used.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numerics.arrays import Floats
from purecheck.io.untrusted import require_regular_file
from purecheck.networks.description import Layer, Network, linear, network_of, with_unit
from purecheck.networks.extras import required
from purecheck.networks.tensors import finite_numbers
from purecheck.networks.units import LEAKY_SLOPE, UnitName

_UNITS: Mapping[str, UnitName] = {
    "Relu": "relu",
    "LeakyRelu": "leaky_relu",
    "Tanh": "tanh",
    "Sigmoid": "sigmoid",
    "Gelu": "gelu",
}
_NOTHING = ("Identity", "Flatten")
"""Operations that change no number of a batch of vectors in inference."""
_LINEAR = ("Gemm", "MatMul", "Add", "Sub", "Mul", "Div")


def read_onnx(path: Path, limit: int) -> Network:
    """The network that a graph computes.

    Raises
    ------
    ValueError
        If onnx is not installed, or the file is broken, too large, or has an operation, a branch or a tensor that is
        not understood.
    """
    require_regular_file(path, limit)
    onnx = required("onnx", "onnx", path)
    try:
        model = onnx.load_model_from_string(path.read_bytes())
        onnx.checker.check_model(model)
        stored = {one.name: _stored(onnx, one) for one in model.graph.initializer}
        return _Chain(onnx, model.graph, stored, path.name).network()
    except ValueError:
        raise
    except Exception as problem:  # the parser and the checker fail in many ways on damaged bytes
        raise ValueError(f"{path.name} cannot be read ({type(problem).__name__}); expected an ONNX graph") from problem


def _stored(onnx: Any, tensor: Any) -> NDArray[Any]:
    if tensor.data_location == onnx.TensorProto.EXTERNAL:
        raise ValueError(f"{tensor.name[:80]!r} lies in another file; expected a graph with all tensors inside")
    return np.asarray(onnx.numpy_helper.to_array(tensor))


class _Chain:
    """The layers of a graph, read from its input on."""

    def __init__(self, onnx: Any, graph: Any, stored: dict[str, NDArray[Any]], file: str) -> None:
        self.onnx, self.graph, self.stored, self.file = onnx, graph, stored, file
        self.used: set[str] = set()
        inputs = [one.name for one in graph.input if one.name not in stored]
        if len(inputs) != 1 or len(graph.output) != 1:
            raise ValueError(f"{file} has {len(inputs)} inputs and {len(graph.output)} outputs; expected one of each")
        self.at = inputs[0]

    def network(self) -> Network:
        layers: list[Layer] = []
        for node in self._path():
            layers = self._after(layers, node)
        left = sorted(set(self.stored) - self.used)
        if left:
            raise ValueError(
                f"{self.file} holds {', '.join(left[:12])}, used by no layer; expected every tensor in use"
            )
        return network_of(layers)

    def _path(self) -> list[Any]:
        """The nodes from the input to the output; constants are stored tensors."""
        left = []
        for node in self.graph.node:
            if node.op_type == "Constant" and "value" in (given := self._attributes(node)):
                self.stored[node.output[0]] = _stored(self.onnx, given["value"])
            else:
                left.append(node)
        path = []
        while left:
            following = [node for node in left if self.at in node.input]
            if len(following) != 1:
                names = ", ".join(f"{node.op_type} {node.name!r}" for node in (following or left)[:12])
                raise ValueError(f"{self.file} branches at {self.at!r}: {names}; expected one layer behind the other")
            path.append(following[0])
            left.remove(following[0])
            self.at = following[0].output[0]
        if self.at != self.graph.output[0].name:
            raise ValueError(f"{self.file} ends at {self.at!r}; expected its output {self.graph.output[0].name!r}")
        return path

    def _after(self, layers: list[Layer], node: Any) -> list[Layer]:
        given = self._attributes(node)
        if node.op_type in _NOTHING and given.get("axis", 1) == 1:
            return layers
        if node.op_type == "Gemm":
            return [*layers, self._gemm(node, given)]
        if node.op_type == "MatMul":
            return [*layers, linear(node.input[1], self._tensor(node, 1, ndim=2))]
        if node.op_type in _LINEAR and layers:
            return [*layers, self._elementwise(node, layers[-1].W.shape[1])]
        affine = bool(layers) and layers[-1].activation == "identity"
        if node.op_type in _UNITS and affine and given.get("approximate", b"none") == b"none":
            slope = given.get("alpha", LEAKY_SLOPE)
            return [*layers[:-1], with_unit(layers[-1], _UNITS[node.op_type], slope=float(slope))]
        raise ValueError(
            f"{self.file} has the operation {node.op_type} {node.name!r} with {given}; expected one of "
            f"{', '.join((*_LINEAR, *_UNITS, *_NOTHING))}, and outputs without a softmax"
        )

    def _gemm(self, node: Any, given: Mapping[str, Any]) -> Layer:
        """`alpha x B + beta C`, where `B` may be kept transposed."""
        if given.get("transA", 0):
            raise ValueError(f"{self.file} has Gemm {node.name!r} with transA; expected observations in rows")
        W = float(given.get("alpha", 1.0)) * self._tensor(node, 1, ndim=2)
        W = W.T if given.get("transB", 0) else W
        if len(node.input) < 3:
            return linear(node.input[1], W)
        bias = float(given.get("beta", 1.0)) * self._tensor(node, 2)
        return linear(node.input[1], W, self._for_each(bias, W.shape[1], node))

    def _elementwise(self, node: Any, width: int) -> Layer:
        """A constant that is added to every node, or with which it is multiplied; as a linear map of its own."""
        first = node.input[0] in self.stored
        if first and node.op_type in ("Sub", "Div"):
            raise ValueError(f"{self.file} has {node.op_type} {node.name!r} of a constant; expected a layer first")
        constant = self._for_each(self._tensor(node, 0 if first else 1), width, node)
        if node.op_type == "Div":
            if not np.all(constant):
                raise ValueError(f"{self.file} has Div {node.name!r} by 0; expected numbers other than 0")
            constant = 1 / constant
        name = node.input[0 if first else 1]
        if node.op_type in ("Mul", "Div"):
            return linear(name, np.diag(constant))
        return linear(name, np.eye(width), -constant if node.op_type == "Sub" else constant)

    def _tensor(self, node: Any, at: int, *, ndim: int | None = None) -> Floats:
        name = node.input[at]
        if name not in self.stored:
            raise ValueError(f"{self.file} has {node.op_type} {node.name!r} of {name!r}; expected a stored tensor")
        self.used.add(name)
        found = finite_numbers(repr(name), self.stored[name])
        if ndim is not None and found.ndim != ndim:
            raise ValueError(f"{name!r} has shape {found.shape}; expected {ndim} sides")
        return found

    def _for_each(self, constant: Floats, width: int, node: Any) -> Floats:
        """The constant of each node, from one for all or one for each."""
        if constant.size not in (1, width):
            raise ValueError(f"{self.file} has {node.op_type} {node.name!r} with {constant.shape}; expected ({width},)")
        return np.broadcast_to(constant.reshape(-1), (width,))

    def _attributes(self, node: Any) -> dict[str, Any]:
        return {one.name: self.onnx.helper.get_attribute_value(one) for one in node.attribute}
