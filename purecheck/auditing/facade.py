"""What `purecheck audit` and `purecheck.audit` do with data of the user: from a file or a model to the facts."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numerics.arrays import Floats
from numerics.memory import MemoryEstimate
from numerics.norms import Norm
from numerics.streams import Streams
from purecheck.auditing.data_attacks import CHUNK, Threat
from purecheck.auditing.data_layer import DICTIONARIES
from purecheck.auditing.given_data import inputs_of, read_array, require_one_label_each
from purecheck.auditing.given_network import expect_orthogonal, read_for_data
from purecheck.auditing.on_data import MAPPED, Question, audit_function, audit_on_data
from purecheck.auditing.tasks import task_of
from purecheck.io.untrusted import LIMIT
from purecheck.networks.description import Network
from purecheck.networks.estimators import from_estimator, is_estimator
from purecheck.networks.evaluation import Differentiable
from purecheck.networks.modules import Module, described, is_module, observed
from purecheck.networks.state_dict import Names
from purecheck.networks.units import UnitName, expect_unit


def audit_given(
    model: Any,
    inputs: NDArray[Any],
    labels: NDArray[Any] | None,
    *,
    norm: Norm,
    eps: float | None,
    streams: Streams,
    task: str | None = None,
    layer: str | None = None,
    dictionary: str | Floats | None = None,
    box: tuple[float, float] | None = None,
    activation: UnitName = "relu",
) -> dict[str, Any]:
    """The facts on a model at the inputs and labels of the user.

    Parameters
    ----------
    model
        A described network, a fitted perceptron of scikit-learn, a PyTorch module, or a function with gradients, see
        `as_differentiable`.
    inputs
        `(n, ...)`.
    labels
        One for each input; None for an autoencoder, whose targets are its inputs.
    norm, eps, box
        Attacks, in the units of the inputs.
    streams
        For random starts and proposals.
    task
        See `purecheck.auditing.tasks.task_of`.
    layer
        Name of the hidden layer, where there are several.
    dictionary
        Of the inputs of that layer: `none`, `identity`, `estimated` or a matrix; None for that of the network, if any.
    activation
        What follows the layer in a PyTorch module that is no sequence; others say themselves.

    Raises
    ------
    ValueError
        If a number or a shape is not as expected.
    """
    if eps is None:
        raise ValueError("eps is not given; expected the size of the attacks in the units of the inputs")
    threat, known = Threat(eps=eps, norm=norm, box=box), network_behind(model)
    if known is not None:
        Z = inputs_of(inputs, known.inputs)
        if labels is None and known.autoencoder:
            labels, task = Z, "regression"
        question = Question(Z, task_of(_labels(labels, len(Z)), known.outputs, known.classes, task), threat, layer)
        return audit_on_data(known, replace(question, dictionary=_dictionary(dictionary, known, layer)), streams)
    Z, function = inputs_of(inputs, None), as_differentiable(model, np.shape(inputs)[1:])
    outputs = function.outputs(Z[:2]).shape[1]
    question = Question(Z, task_of(_labels(labels, len(Z)), outputs, None, task), threat, layer)
    if layer is None and dictionary is None:
        return audit_function(function, question, streams, None)
    if layer is None or not is_module(model):
        raise ValueError("layer or dictionary was given for a function; expected a network whose layers are known")
    seen = observed(model, layer, expect_unit(activation), inputs)
    question = replace(question, dictionary=_checked(dictionary, seen.below.shape[1]))
    return audit_function(function, question, streams, seen)


def _labels(labels: NDArray[Any] | None, count: int) -> NDArray[Any]:
    """One label for each of `count` inputs."""
    if labels is None:
        raise ValueError("labels are not given; expected one for each input, unless the network is an autoencoder")
    given = np.asarray(labels)
    require_one_label_each(given, count)
    return given


def network_behind(model: Any) -> Network | None:
    """The described network that `model` is; None where it is a function of which no layers are known.

    Raises
    ------
    ValueError
        If it is an estimator of another kind.
    """
    if isinstance(model, Network):
        return model
    if is_estimator(model):
        return from_estimator(model)
    return described(model) if is_module(model) else None


def as_differentiable(model: Any, shape: tuple[int, ...]) -> Differentiable:
    """`model` as a function with gradients.

    A PyTorch module is one by automatic differentiation. Anything else has to return, at inputs `(n, d)`, its outputs
    `(n, q)` and a function from their cotangents `(n, q)` to the gradients in the inputs `(n, d)`, as `jax.vjp` does.
    """
    if is_module(model):
        return Module(model, shape)
    if not callable(model):
        raise ValueError(
            f"the model is {type(model).__name__}; expected a network, a module, an estimator or a function"
        )
    return _Function(model)


class _Function:
    """A function that returns its outputs and their pullback."""

    jumps = False

    def __init__(self, function: Any) -> None:
        self._function = function

    def outputs(self, Z: Floats) -> Floats:
        return self.linearise(Z)[0]

    def linearise(self, Z: Floats, smoothing: float | None = None) -> tuple[Floats, Any]:
        outputs, pull = self._function(Z)
        found = np.asarray(outputs, dtype=np.float64)
        if found.ndim != 2 or len(found) != len(Z):
            raise ValueError(f"the function returns outputs of shape {found.shape}; expected ({len(Z)}, q)")
        return found, lambda cotangent: np.asarray(pull(cotangent), dtype=np.float64)


def _dictionary(given: str | Floats | None, network: Network, layer: str | None) -> str | Floats:
    """The dictionary that was asked for, else that of the network for its first layer, else none."""
    place = network.place(layer)
    if given is None and place == 0 and network.M is not None:
        return network.M
    return _checked(given, network.layers[place].W.shape[0])


def _checked(given: str | Floats | None, d: int) -> str | Floats:
    """The name of a dictionary, `none` for None, or an orthogonal matrix `(d, d)`."""
    if given is None:
        return "none"
    return given if isinstance(given, str) else expect_orthogonal(np.asarray(given, dtype=np.float64), d)


def audit_files(
    weights: Path,
    inputs: Path,
    labels: Path | None,
    *,
    names: Names,
    activation: str | None,
    b: float | None,
    dictionary: str | None,
    limit: int = LIMIT,
    require: Callable[[MemoryEstimate], None] = lambda _work: None,
    **options: Any,
) -> dict[str, Any]:
    """The facts on the network in a file at the inputs and labels in others; `options` are those of `audit_given`.

    Parameters
    ----------
    weights, inputs, labels
        A file of a network, and `.npy` files; no labels for an autoencoder.
    names, activation, b
        As for `purecheck.auditing.given_network.read_for_data`; `names.layer` is also the layer that is audited.
    dictionary
        One of `DICTIONARIES`, the name of an `.npy` file, or None.
    limit
        Bytes of arrays that a file may declare.
    require
        Told the working set before anything is measured; raises where that is too much.

    Raises
    ------
    ValueError
        If a file is broken, or does not fit the others.
    """
    network = read_for_data(weights, names=names, activation=activation, b=b, limit=limit)
    given: str | Floats | None = dictionary
    if dictionary is not None and dictionary not in DICTIONARIES:
        if not Path(dictionary).is_file():
            raise ValueError(f"dictionary is {dictionary!r}; expected {', '.join(DICTIONARIES)} or an .npy file")
        given = read_array(Path(dictionary), limit)
    X = read_array(inputs, limit)
    require(working_set(network, len(X)))
    return audit_given(
        network,
        X,
        None if labels is None else read_array(labels, limit),
        layer=names.layer if len(network.hidden) > 1 or names.layer in [one.name for one in network.hidden] else None,
        dictionary=given,
        **options,
    )


def working_set(network: Network, n: int) -> MemoryEstimate:
    """The working set of an audit of a network at `n` inputs.

    Largest numbers of arrays alive at a time: inputs, perturbations, the worst ones and copies of them; values of all
    layers below the one audited; bounds on preactivations; the attacks on `CHUNK` inputs; the effective map on
    `MAPPED` of them; and the weights with their intervals.
    """
    d, widths = network.inputs, sum(layer.W.shape[1] for layer in network.layers)
    weights = sum(layer.W.size for layer in network.layers)
    attacked = CHUNK * (16 * d + 8 * widths)
    mapped = 2 * MAPPED * (network.outputs * max(d, widths) + 2 * widths)
    return MemoryEstimate(8 * (n * (12 * d + 10 * widths) + attacked + mapped + 8 * weights + 6 * d * d), 0, 0)
