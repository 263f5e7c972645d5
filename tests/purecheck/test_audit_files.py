"""What a file means: shapes, state dicts, and biases where they have a meaning."""

import json

import numpy as np
import pytest
from safetensors.numpy import save_file

from numerics.activations import BiasedReLU
from numerics.features import rotation
from numerics.rounding import unit_roundoff
from purecheck.auditing.given_network import read_network
from purecheck.auditing.state_dict import Names
from purecheck.cli import main

D, H, Q, REPLICAS = 5, 8, 3, 2
RNG = np.random.default_rng(0)
W, B, M = RNG.standard_normal((D, H)), RNG.uniform(0.1, 0.2, H), rotation(D, RNG)
HEADS = RNG.standard_normal((Q, H))


def read(path, names=None, b=0.0, **more):
    return read_network(path, names=names or Names(), b=b, **more)


def npz(folder, **arrays):
    np.savez(folder / "w.npz", **arrays)
    return folder / "w.npz"


def state(folder, tensors):
    save_file({name: np.ascontiguousarray(value) for name, value in tensors.items()}, folder / "w.safetensors")
    return folder / "w.safetensors"


def linears(**biases):
    """The tensors of `Sequential(Linear, activation, Linear)`."""
    return {"0.weight": W.T, "2.weight": HEADS} | {name.replace("_", "."): bias for name, bias in biases.items()}


def test_a_state_dict_means_the_same_as_the_arrays(tmp_path):
    arrays = read(npz(tmp_path, W=W, C=HEADS.T, b=B, M=M))
    tensors = {"fc1.weight": W.T, "fc2.weight": HEADS, "t": B, "M": M}
    found = read(state(tmp_path, tensors), Names("fc1.weight", "fc2.weight", "t"))
    for name in ("W", "heads", "b", "M", "offset"):
        assert np.array_equal(getattr(found, name), getattr(arrays, name)), name
    assert found.activation == arrays.activation == "gate"


@pytest.mark.parametrize(
    ("arrays", "heads"),
    [
        ({"W": W, "a": HEADS[0]}, HEADS[None, :1]),
        ({"W": W, "C": HEADS.T}, HEADS[None]),
        ({"W": np.stack([W, W + 1]), "a": HEADS[:2]}, HEADS[:2, None]),
        ({"W": np.stack([W, W]), "C": np.stack([HEADS.T, 2 * HEADS.T]), "b": B}, np.stack([HEADS, 2 * HEADS])),
        ({"W": np.stack([W, W]), "C": np.stack([HEADS.T] * 2), "b": np.stack([B, 2 * B])}, np.stack([HEADS] * 2)),
    ],
)
def test_every_shape_of_the_contract_is_read(arrays, heads, tmp_path):
    found = read(npz(tmp_path, **arrays), b=0.25)
    assert np.array_equal(found.heads, heads)
    assert np.array_equal(found.W, arrays["W"].reshape(-1, D, H))
    assert np.array_equal(found.b, np.broadcast_to(arrays.get("b", 0.25), found.b.shape))


@pytest.mark.parametrize("activation", ["relu", "biased_relu"])
def test_a_relu_whose_biases_are_at_most_zero_is_a_biased_relu(activation, tmp_path):
    found = read(state(tmp_path, linears(**{"0_bias": -B})), activation=activation)
    assert found.activation == "biased_relu"
    assert np.array_equal(found.b[0], B)
    v = RNG.standard_normal((4, H))
    assert np.array_equal(BiasedReLU(found.b[0]).value(v), np.maximum(v + -B, 0))


def test_a_bias_of_zero_means_nothing_and_one_may_hold_the_thresholds(tmp_path):
    assert read(state(tmp_path, linears(**{"0_bias": np.zeros(H)})), b=0.5, activation="relu").activation == "relu"
    path = state(tmp_path, linears(**{"0_bias": B}))
    assert np.array_equal(read(path, Names(threshold="0.bias")).b[0], B)


@pytest.mark.parametrize("activation", ["gate", "relu", "gelu"])
def test_the_bias_of_a_head_is_a_constant_of_the_output(activation, tmp_path):
    bias = np.array([0.5, -1.0, 0.0])
    found = read(state(tmp_path, linears(**{"2_bias": bias})), activation=activation)
    assert np.array_equal(found.offset, bias[None])


def test_a_constant_of_the_output_counts_against_a_target_that_is_given(tmp_path):
    """Dyadic, and one feature that is always active: `f = x + 1/2` misses `x` by 1/2, so the risk is 1."""
    path = state(tmp_path, {"0.weight": np.eye(1), "2.weight": np.ones((1, 1)), "2.bias": np.array([0.5])})
    target = tmp_path / "facts.json"
    options = ("--layer", "0.weight", "--head", "2.weight", "--p", "1", "--r", "0.5", "--sigma", "0", "--b", "0.25")
    assert main(["audit", str(path), *options, "--theta", "1", "--json", str(target)]) == 0
    assert json.loads(target.read_text())["risk"]["clean"] == 1


@pytest.mark.parametrize(
    ("biases", "options", "named"),
    [
        ({"0_bias": B}, (), "expected zero: the gate has no bias but thresholds, see --threshold"),
        ({"0_bias": -B}, ("--activation", "soft_threshold"), "the soft_threshold has no bias but thresholds"),
        ({"0_bias": B}, ("--activation", "gelu"), "expected zero: the gelu has no bias in the theory"),
        ({"0_bias": B}, ("--activation", "relu"), "expected none above 0"),
        ({"0_bias": np.full(H, np.nan)}, ("--activation", "relu"), "expected none above 0"),
        ({"0_bias": np.full(H, -np.inf)}, ("--activation", "relu"), "b has entries that are not finite"),
        ({"0_bias": np.ones(H + 1)}, ("--activation", "relu"), "expected (8,), real numbers"),
        ({"2_bias": np.ones(H)}, (), "expected (3,), real numbers"),
        ({"2_bias": np.full(Q, np.inf)}, (), "offset has entries that are not finite"),
        ({"0_bias": -B, "t": B}, ("--threshold", "t"), "expected zero beside the thresholds 't'"),
    ],
)
def test_a_bias_without_a_meaning_is_told_in_one_line(biases, options, named, tmp_path, capsys):
    assert main(["audit", str(state(tmp_path, linears(**biases))), *options]) == 2
    told = capsys.readouterr()
    assert (told.out, told.err.count("\n")) == ("", 1)
    assert named in told.err


def test_an_activation_is_named_once(tmp_path, capsys):
    assert read(npz(tmp_path, W=W, C=HEADS.T), activation="tanh").activation == "tanh"
    path = npz(tmp_path, W=W, C=HEADS.T, activation="tanh")
    assert read(path).activation == "tanh"
    assert main(["audit", str(path), "--activation", "tanh"]) == 2
    assert "w.npz names its own" in capsys.readouterr().err


def test_weights_are_as_precise_as_the_file(tmp_path):
    single = read(npz(tmp_path, W=W.astype(np.float32), C=HEADS.T, M=M))
    assert single.roundoff == unit_roundoff("float32")
    assert np.all(single.resolution > 2.0**-24 * np.linalg.norm(single.W, axis=1))
    # Without a dictionary features are coordinates, whose zeros are exact.
    assert np.all(read(npz(tmp_path, W=W, C=HEADS.T)).resolution == 0)


def test_a_rotated_pure_layer_in_single_precision_is_pure(tmp_path, capsys):
    M32 = M.astype(np.float32)
    assert main(["audit", str(npz(tmp_path, W=M32, a=np.ones(D), b=np.full(D, 0.3), M=M32))]) == 0
    assert capsys.readouterr().out.startswith("layer: pure")
