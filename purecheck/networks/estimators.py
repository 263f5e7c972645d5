"""Perceptrons of scikit-learn: as estimators, as skops files, or as the arrays `coefs_0, intercepts_0, ...`."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numerics.arrays import Floats
from purecheck.io.untrusted import require_regular_file, require_stored_archive
from purecheck.networks.description import Layer, Network, linear, network_of, with_unit
from purecheck.networks.extras import required
from purecheck.networks.tensors import Tensors, finite_numbers
from purecheck.networks.units import UnitName

_UNITS: Mapping[str, UnitName] = {"identity": "identity", "logistic": "sigmoid", "tanh": "tanh", "relu": "relu"}
_OUTPUTS = ("identity", "softmax", "logistic")
"""What scikit-learn applies to the outputs; their order, and so every decision, is that of the outputs before it."""
_SAFE = tuple(f"sklearn.neural_network._stochastic_optimizers.{name}Optimizer" for name in ("Adam", "SGD"))
"""State of the training that a fitted perceptron carries along; skops does not know that they are numbers alone."""


def is_estimator(model: Any) -> bool:
    """Whether `model` is a fitted perceptron of scikit-learn, alone or behind steps of a pipeline."""
    return hasattr(model, "coefs_") or hasattr(model, "steps")


def from_estimator(model: Any) -> Network:
    """The network that a fitted `MLPClassifier` or `MLPRegressor` computes, with `StandardScaler` steps before it.

    Outputs are logits, or the regression; `classes` are the labels of the classifier.

    Raises
    ------
    ValueError
        If it is another model, is not fitted, or a step of the pipeline is not understood.
    """
    *before, last = [step for _, step in model.steps] if hasattr(model, "steps") else [model]
    if not hasattr(last, "coefs_"):
        raise ValueError(f"the model is {type(last).__name__}; expected a fitted MLPClassifier or MLPRegressor")
    if last.activation not in _UNITS or last.out_activation_ not in _OUTPUTS:
        raise ValueError(f"the activation is {last.activation!r}; expected one of {', '.join(_UNITS)}")
    scalers = [_scaler(step) for step in before]
    network = _from_arrays(last.coefs_, last.intercepts_, _UNITS[last.activation], scalers)
    classes = getattr(last, "classes_", None)
    return network if classes is None else replace(network, classes=np.asarray(classes))


def read_skops(path: Path, limit: int) -> Network:
    """The network in a skops file, which is read without running code that it names.

    Raises
    ------
    ValueError
        If skops is not installed, or the file is broken, too large, or holds types that are not known to be safe.
    """
    require_regular_file(path, limit)
    require_stored_archive(path, limit)
    skops = required("skops.io", "skops", path)
    try:
        strange = sorted(set(skops.get_untrusted_types(file=path)) - set(_SAFE))
    except Exception as problem:  # parsers of other libraries fail in many ways on damaged bytes
        raise ValueError(f"{path.name} cannot be read ({type(problem).__name__}); expected a skops file") from problem
    if strange:
        raise ValueError(f"{path.name} holds {', '.join(strange[:6])}; expected a perceptron of scikit-learn alone")
    try:
        model = skops.load(path, trusted=list(_SAFE))
    except Exception as problem:
        raise ValueError(f"{path.name} cannot be read ({type(problem).__name__}); expected a skops file") from problem
    return from_estimator(model)


def is_arrays_of_estimator(tensors: Tensors) -> bool:
    """Whether the names are those of the arrays of a perceptron."""
    return "coefs_0" in tensors


def from_arrays_of_estimator(tensors: Tensors, activation: UnitName) -> Network:
    """The network of arrays `coefs_0, intercepts_0, coefs_1, ...`, and optionally `classes`.

    Raises
    ------
    ValueError
        If an array is missing or is not understood.
    """
    coefs: list[Floats] = []
    intercepts: list[Floats] = []
    while (name := f"coefs_{len(coefs)}") in tensors:
        coefs.append(tensors.take(name))
        intercepts.append(tensors.take(f"intercepts_{len(intercepts)}"))
    classes = tensors.raw("classes") if "classes" in tensors else None
    tensors.require_all_taken("coefs_0, intercepts_0, coefs_1, ..., classes and activation")
    network = _from_arrays(coefs, intercepts, activation, [])
    return network if classes is None else replace(network, classes=classes)


def _from_arrays(
    coefs: Sequence[NDArray[Any]], intercepts: Sequence[NDArray[Any]], activation: UnitName, before: Sequence[Layer]
) -> Network:
    layers = list(before)
    for at, (W, bias) in enumerate(zip(coefs, intercepts, strict=True)):
        name = f"coefs_{at}"
        if W.ndim != 2 or bias.shape != W.shape[1:]:
            raise ValueError(
                f"{name} has shape {W.shape}, its intercepts {bias.shape}; expected (inputs, nodes), (nodes,)"
            )
        layer = linear(name, finite_numbers(name, W), finite_numbers(f"intercepts_{at}", bias))
        layers.append(layer if at == len(coefs) - 1 else with_unit(layer, activation))
    return network_of(layers)


def _scaler(step: Any) -> Layer:
    """The affine map of a `StandardScaler`."""
    if type(step).__name__ != "StandardScaler":
        raise ValueError(
            f"a step of the pipeline is {type(step).__name__}; expected StandardScaler before the perceptron"
        )
    d = step.n_features_in_
    scale = np.ones(d) if step.scale_ is None else np.asarray(step.scale_)
    mean = np.zeros(d) if step.mean_ is None else np.asarray(step.mean_)
    return linear("StandardScaler", np.diag(1 / scale), -mean / scale)
