"""Files and models of frameworks: read as the framework itself computes them, or refused by name."""

import warnings
from dataclasses import replace

import numpy as np
import pytest
from safetensors.numpy import save_file
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from purecheck.networks.description import linear
from purecheck.networks.estimators import from_estimator
from purecheck.networks.evaluation import Described
from purecheck.networks.reading import read_described
from purecheck.networks.state_dict import Names
from tests.purecheck.network_error import assert_within, output_error

RNG = np.random.default_rng(0)
X = RNG.standard_normal((60, 5))
D, H, Q = 5, 8, 3
Node = tuple[str, tuple[str, ...], str, dict[str, object]]
"""Operation, inputs, output and attributes."""


def outputs(network, Z=X):
    return Described(network).outputs(Z)


def read(path, **more):
    return read_described(path, names=Names(), **more)


# --- scikit-learn


@pytest.fixture(scope="module")
def fitted():
    """Perceptrons of both kinds, with as little training as gives them weights."""
    y = np.array(["blue", "green", "red"])[RNG.integers(0, 3, 60)]
    few = {"hidden_layer_sizes": (7, 6), "max_iter": 2, "random_state": 0}
    models = {
        "classes": (MLPClassifier(activation="tanh", **few), X, y),
        "sign": (MLPClassifier(activation="relu", **few), X, y == "red"),
        "regression": (MLPRegressor(activation="logistic", **few), X, RNG.standard_normal((60, 2))),
        "scaled": (make_pipeline(StandardScaler(), MLPClassifier(activation="relu", **few)), 3 * X + 1, y),
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return {name: model.fit(Z, labels) for name, (model, Z, labels) in models.items()}


@pytest.mark.parametrize("name", ["classes", "sign", "regression", "scaled"])
def test_an_estimator_decides_as_its_network(name, fitted):
    network, Z = from_estimator(fitted[name]), 3 * X + 1 if name == "scaled" else X
    found = outputs(network, Z)
    if name == "regression":
        assert_within(found, fitted[name].predict(Z), 2 * output_error(network, Z))
    elif name == "sign":
        assert np.array_equal(found[:, 0] > 0, fitted[name].predict(Z))
    else:
        assert np.array_equal(network.classes[found.argmax(axis=1)], fitted[name].predict(Z))


def test_an_estimator_is_read_from_skops_and_from_its_arrays(fitted, tmp_path):
    skops = pytest.importorskip("skops.io")
    model = fitted["classes"]
    skops.dump(model, tmp_path / "model.skops")
    arrays = {f"coefs_{at}": one for at, one in enumerate(model.coefs_)}
    arrays |= {f"intercepts_{at}": one for at, one in enumerate(model.intercepts_)}
    np.savez(tmp_path / "model.npz", **arrays, activation="tanh", classes=model.classes_)
    for name in ("model.skops", "model.npz"):
        network = read(tmp_path / name)
        assert np.array_equal(outputs(network), outputs(from_estimator(model)))
        assert np.array_equal(network.classes, model.classes_)


def test_other_estimators_and_steps_are_refused_by_name(fitted, tmp_path):
    from sklearn.linear_model import Ridge

    with pytest.raises(ValueError, match="a step of the pipeline is MinMaxScaler; expected StandardScaler"):
        from_estimator(make_pipeline(MinMaxScaler().fit(X), fitted["classes"]))
    with pytest.raises(ValueError, match="the model is Ridge; expected a fitted MLPClassifier"):
        from_estimator(make_pipeline(StandardScaler().fit(X), Ridge()))
    skops = pytest.importorskip("skops.io")
    skops.dump(Names(), tmp_path / "other.skops")
    with pytest.raises(ValueError, match=r"holds purecheck.networks.state_dict.Names; expected a perceptron"):
        read(tmp_path / "other.skops")


# --- sparse autoencoders


@pytest.mark.parametrize("threshold", [None, RNG.uniform(-0.5, 1.0, H)])
def test_an_autoencoder_reconstructs_as_its_definition_says(threshold, tmp_path):
    arrays = {"W_enc": RNG.standard_normal((D, H)), "b_enc": RNG.standard_normal(H)}
    arrays |= {"W_dec": RNG.standard_normal((H, D)), "b_dec": RNG.standard_normal(D)}
    v = X @ arrays["W_enc"] + arrays["b_enc"]
    codes = np.maximum(v, 0) if threshold is None else (v > threshold) * np.maximum(v, 0)
    arrays |= {} if threshold is None else {"threshold": threshold}
    np.savez(tmp_path / "sae.npz", **arrays)
    save_file(arrays, tmp_path / "sae.safetensors")
    for name in ("sae.npz", "sae.safetensors"):
        network = read(tmp_path / name)
        assert network.autoencoder
        assert_within(outputs(network), codes @ arrays["W_dec"] + arrays["b_dec"], 2 * output_error(network, X))


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"log_threshold": np.zeros(H)}, "'log_threshold' (8,)"),
        ({"W_dec": np.ones((D, H))}, "'W_dec' has shape (5, 8); expected (8, 5)"),
        ({"threshold": np.zeros(D)}, "'threshold' has shape (5,); expected (8,)"),
    ],
)
def test_what_is_not_understood_of_an_autoencoder_is_named(change, named, tmp_path):
    np.savez(tmp_path / "sae.npz", **{"W_enc": np.ones((D, H)), "W_dec": np.ones((H, D))} | change)
    with pytest.raises(ValueError, match="expected") as refusal:
        read(tmp_path / "sae.npz")
    assert named in str(refusal.value)


# --- ONNX


def graph(folder, nodes, tensors, outputs=("out",), inputs=("x",)):
    """An ONNX file of `(operation, inputs, output, attributes)` and stored tensors."""
    onnx = pytest.importorskip("onnx")
    made = [onnx.helper.make_node(op, list(given), [out], name=out, **more) for op, given, out, more in nodes]
    value = onnx.helper.make_tensor_value_info
    model = onnx.helper.make_model(
        onnx.helper.make_graph(
            made,
            "g",
            [value(name, onnx.TensorProto.DOUBLE, [None, D]) for name in inputs],
            [value(name, onnx.TensorProto.DOUBLE, [None, None]) for name in outputs],
            [onnx.numpy_helper.from_array(np.asarray(one), name) for name, one in tensors.items()],
        ),
        opset_imports=[onnx.helper.make_opsetid("", 20)],
    )
    path = folder / "n.onnx"
    path.write_bytes(model.SerializeToString())
    return path


W, B = RNG.standard_normal((D, H)), RNG.standard_normal(H)
C, C0 = RNG.standard_normal((H, Q)), RNG.standard_normal(Q)
TENSORS = {"W": W, "B": B, "C": C, "C0": C0}
LAST: Node = ("Gemm", ("h", "C", "C0"), "out", {})


@pytest.mark.parametrize("unit", ["Relu", "LeakyRelu", "Tanh", "Sigmoid", "Gelu"])
def test_a_graph_computes_what_the_reference_of_onnx_computes(unit, tmp_path):
    reference = pytest.importorskip("onnx.reference")
    more = {"alpha": 0.25} if unit == "LeakyRelu" else {}
    nodes = [
        ("Flatten", ("x",), "f", {}),
        ("Gemm", ("f", "Wt", "B"), "v", {"transB": 1, "alpha": 0.5, "beta": 2.0}),
        (unit, ("v",), "u", more),
        ("MatMul", ("u", "E"), "m", {}),
        ("Add", ("B", "m"), "s", {}),
        ("Div", ("s", "two"), "h", {}),
        LAST,
    ]
    tensors = {"Wt": W.T.copy(), "B": B, "E": RNG.standard_normal((H, H)), "two": np.array([2.0]), "C": C, "C0": C0}
    path = graph(tmp_path, nodes, tensors)
    (theirs,) = reference.ReferenceEvaluator(str(path)).run(None, {"x": X})
    network = read(path)
    first = replace(network.layers[0], W=W / 2, bias=2 * B)
    stepwise = replace(network, layers=(first, linear("E", tensors["E"] / 2, B / 2), linear("C", C, C0)))
    # the reference computes a GELU in single precision
    assert_within(outputs(network), theirs, 2 * output_error(stepwise, X, "float32" if unit == "Gelu" else "float64"))


MAP: Node = ("MatMul", ("x", "W"), "v", {})
BROKEN = {
    "a branch": ([("MatMul", ("x", "W"), "h", {}), LAST, ("Relu", ("h",), "other", {})], "branches at 'h'"),
    "a skip": ([MAP, ("Relu", ("v",), "r", {}), ("Add", ("r", "v"), "h", {}), LAST], "branches at 'v'"),
    "a softmax": ([MAP, ("Softmax", ("v",), "out", {})], "operation Softmax 'out'"),
    "a convolution": ([("Conv", ("x", "W"), "h", {}), LAST], "operation Conv 'h'"),
    "a norm": ([MAP, ("LpNormalization", ("v",), "h", {}), LAST], "LpNormalization"),
    "two units": ([MAP, ("Relu", ("v",), "t", {}), ("Tanh", ("t",), "h", {}), LAST], "Tanh 'h'"),
    "an approximate GELU": ([MAP, ("Gelu", ("v",), "h", {"approximate": "tanh"}), LAST], "Gelu 'h'"),
    "a spare tensor": ([MAP, ("Relu", ("v",), "h", {}), LAST], "holds B, used by no layer"),
    "a unit at the end": ([MAP, ("Relu", ("v",), "out", {})], "the last layer and has the activation relu"),
}


def _used(nodes):
    """The tensors that the nodes name."""
    return {name: one for name, one in TENSORS.items() if any(name in given for _, given, _, _ in nodes)}


@pytest.mark.parametrize(("nodes", "named"), BROKEN.values(), ids=BROKEN)
def test_a_graph_that_is_not_understood_is_refused_by_the_names_of_its_nodes(nodes, named, tmp_path):
    with pytest.raises(ValueError, match="expected") as refusal:
        read(graph(tmp_path, nodes, TENSORS if "used by" in named else _used(nodes)))
    assert named in str(refusal.value)


@pytest.mark.parametrize("suffix", [".onnx", ".skops", ".pt", ".pth"])
@pytest.mark.parametrize("content", [b"", b"\x08", b"PK\3\4 not an archive", bytes(range(256)) * 40])
def test_bytes_that_are_no_file_are_refused_in_one_line(suffix, content, tmp_path):
    path = tmp_path / f"n{suffix}"
    path.write_bytes(content)
    with pytest.raises(ValueError, match="expected") as refusal:
        read(path)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("option", [{"activation": "relu"}, {"b": 0.4}])
def test_options_that_a_whole_file_leaves_no_room_for_are_refused(option, tmp_path):
    path = graph(
        tmp_path, [("MatMul", ("x", "W"), "v", {}), ("Relu", ("v",), "h", {}), LAST], {"W": W, "C": C, "C0": C0}
    )
    with pytest.raises(ValueError, match="says itself what it computes"):
        read(path, **option)
