"""What a file means: shapes, state dicts, and biases where they have a meaning."""

import json

import numpy as np
import pytest
from safetensors.numpy import save_file

from numerics.activations import BiasedReLU
from numerics.features import rotation
from numerics.rounding import unit_roundoff
from purecheck.auditing.given_network import read_network
from purecheck.cli import main
from purecheck.networks.state_dict import Names

D, H, Q, REPLICAS = 5, 8, 3, 2
RNG = np.random.default_rng(0)
W, B, M = RNG.standard_normal((D, H)), RNG.uniform(0.1, 0.2, H), rotation(D, RNG)
HEADS = RNG.standard_normal((Q, H))


def read(path, names=None, b=None, **more):
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
    found = read(npz(tmp_path, **arrays), b=None if "b" in arrays else 0.25)
    assert np.array_equal(found.heads, heads)
    assert np.array_equal(found.W, arrays["W"].reshape(-1, D, H))
    assert np.array_equal(found.b, np.broadcast_to(arrays.get("b", 0.25), found.b.shape))


@pytest.mark.parametrize("activation", ["relu", "biased_relu"])
@pytest.mark.parametrize("bias", [-B, B, B * (-1.0) ** np.arange(H)])
def test_a_relu_with_a_bias_is_a_biased_relu_of_the_opposite_threshold(activation, bias, tmp_path):
    found = read(state(tmp_path, linears(**{"0_bias": bias})), activation=activation)
    assert found.activation == "biased_relu"
    assert np.array_equal(found.b[0], -bias)
    v = RNG.standard_normal((4, H))
    assert np.array_equal(BiasedReLU(found.b[0]).value(v), np.maximum(v + bias, 0))


def test_a_bias_of_zero_means_nothing_and_one_may_hold_the_thresholds(tmp_path):
    assert read(state(tmp_path, linears(**{"0_bias": np.zeros(H)})), activation="relu").activation == "relu"
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
        ({"0_bias": B}, (), "expected zero: the gate has thresholds in its place (--threshold, --b)"),
        ({"0_bias": -B}, ("--activation", "soft_threshold"), "the soft_threshold has thresholds in its place"),
        ({"0_bias": B}, ("--activation", "gelu"), "expected zero: the gelu has no bias in the theory"),
        ({"0_bias": B}, ("--activation", "gelu"), "give --inputs and --labels to audit it on data of your own"),
        ({"0_bias": np.full(H, np.nan)}, ("--activation", "relu"), "'0.bias' has entries that are not finite"),
        ({"0_bias": np.full(H, -np.inf)}, ("--activation", "relu"), "'0.bias' has entries that are not finite"),
        ({"0_bias": np.ones(H + 1)}, ("--activation", "relu"), "expected (8,), real numbers"),
        ({"2_bias": np.ones(H)}, (), "expected (3,), real numbers"),
        ({"2_bias": np.full(Q, np.inf)}, (), "'2.bias' has entries that are not finite"),
        ({"0_bias": -B, "t": B}, ("--threshold", "t"), "the bias of '0.weight' is not zero"),
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
    assert "\nlayer: pure" in capsys.readouterr().out


@pytest.mark.parametrize("activation", ["relu", "leaky_relu", "tanh", "sigmoid", "silu", "gelu"])
def test_thresholds_that_an_activation_does_not_read_are_refused(activation, tmp_path, capsys):
    with_b, without = npz(tmp_path, W=W, C=HEADS.T, b=B, activation=activation), tmp_path / "plain.npz"
    np.savez(without, W=W, C=HEADS.T)
    assert main(["audit", str(with_b)]) == 2
    assert main(["audit", str(without), "--b", "0.4", "--activation", activation]) == 2
    told = capsys.readouterr().err
    assert told.count(f"{activation} has no thresholds") == 2


def test_a_threshold_beside_those_of_the_file_is_refused(tmp_path, capsys):
    assert main(["audit", str(npz(tmp_path, W=W, C=HEADS.T, b=B)), "--b", "0.4"]) == 2
    assert "holds its own thresholds" in capsys.readouterr().err


EXTRA = {
    "pruning": {"0.weight_mask": np.ones((H, D))},
    "weight norm": {"0.weight_g": np.ones((H, 1))},
    "batch norm": {f"1.{name}": np.ones(H) for name in ("running_mean", "running_var")} | {"1.weight": np.ones(H)},
    "skip connection": {"skip.weight": np.ones((Q, D))},
    "convolution": {"conv.weight": np.ones((3, 1, 3, 3))},
    "quantised scales": {"0.scale": np.ones(H)},
    "a low-rank addition": {"0.lora_A.weight": np.ones((2, D)), "0.lora_B.weight": np.ones((H, 2))},
    "a bias of nothing": {"7.bias": np.ones(Q)},
    "a parameter alone": {"temperature": np.ones(())},
}


@pytest.mark.parametrize("extra", EXTRA.values(), ids=EXTRA)
def test_a_file_with_a_tensor_that_is_not_understood_is_refused_by_its_name(extra, tmp_path, capsys):
    tensors = {"0.weight": W.T, "2.weight": HEADS}
    assert main(["audit", str(state(tmp_path, tensors | extra)), "--b", "0.1"]) == 2
    told = capsys.readouterr()
    assert (told.out, told.err.count("\n")) == ("", 1)
    assert any(name in told.err for name in extra)


@pytest.mark.parametrize("layers", [("0.weight", "2.weight"), ("2.weight", "4.weight")])
def test_two_layers_are_never_cut_out_of_three(layers, tmp_path, capsys):
    tensors = {"0.weight": W.T, "2.weight": np.ones((H, H)), "4.weight": HEADS}
    path = str(state(tmp_path, tensors))
    assert main(["audit", path, "--b", "0.1"]) == 2
    assert main(["audit", path, "--b", "0.1", "--layer", layers[0], "--head", layers[1]]) == 2
    told = capsys.readouterr().err.splitlines()
    assert all("give --inputs and --labels" in line or "no order fits" in line for line in told)
    assert all(name in told[0] for name in tensors)


@pytest.mark.parametrize("wrapper", ["module.", "_orig_mod.", "module._orig_mod."])
def test_the_wrappers_of_frameworks_are_no_part_of_a_name(wrapper, tmp_path):
    bias = np.ones(Q)
    plain = read(state(tmp_path, {"0.weight": W.T, "2.weight": HEADS, "2.bias": bias}), b=0.1)
    wrapped = {f"{wrapper}0.weight": W.T, f"{wrapper}2.weight": HEADS, f"{wrapper}2.bias": bias}
    found = read(state(tmp_path, wrapped), b=0.1)
    for name in ("W", "heads", "b", "offset"):
        assert np.array_equal(getattr(found, name), getattr(plain, name)), name


@pytest.mark.parametrize("names", [("dense/kernel:0", "dense_1/kernel:0"), ("Dense_0.kernel", "Dense_1.kernel")])
def test_kernels_are_kept_as_inputs_and_outputs(names, tmp_path):
    found = read(
        state(tmp_path, {names[0]: W, names[1]: HEADS.T, names[1].replace("kernel", "bias"): np.ones(Q)}), b=0.1
    )
    assert np.array_equal(found.W[0], W)
    assert np.array_equal(found.heads[0], HEADS)
    assert np.array_equal(found.offset[0], np.ones(Q))


@pytest.mark.parametrize(
    "tensors",
    [
        {"fc1.kernel": W.T, "fc2.kernel": HEADS},  # kernels kept as weights
        {"fc1.weight": W, "fc2.weight": HEADS.T},  # weights kept as kernels
        {"fc2.weight": W.T, "fc1.weight": HEADS},  # numbers against shapes
        {"one.weight": np.ones((4, 4)), "other.weight": np.ones((4, 4))},  # either may be the first
    ],
)
def test_what_does_not_follow_from_names_and_shapes_is_refused_with_both(tensors, tmp_path, capsys):
    assert main(["audit", str(state(tmp_path, tensors)), "--b", "0.1"]) == 2
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert all(f"{name!r} {value.shape}" in told for name, value in tensors.items())


def test_names_without_numbers_follow_from_the_shapes_in_any_order(tmp_path):
    found = read(state(tmp_path, {"decoder.weight": HEADS, "encoder.weight": W.T}), b=0.1)
    assert np.array_equal(found.W[0], W)


def test_eleven_layers_are_in_the_order_of_their_numbers(tmp_path):
    from purecheck.networks.reading import read_described

    maps = {f"{2 * at}.weight": np.full((4, 4), float(at + 1)) for at in range(11)}
    network = read_described(state(tmp_path, maps), names=Names(), activation="relu")
    assert [layer.W[0, 0] for layer in network.layers] == list(range(1, 12))


@pytest.mark.parametrize("dtype", ["float64", "float32", "float16", "bfloat16"])
def test_every_precision_of_safetensors_is_read_and_known(dtype, tmp_path):
    bits = {"bfloat16": 8}.get(dtype) or np.finfo(dtype).nmant + 1
    mantissa, exponent = np.frexp(W)
    rounded = np.ldexp(np.round(np.ldexp(mantissa, bits)), exponent - bits)
    path = tmp_path / "w.safetensors"
    if dtype == "bfloat16":
        save_bfloat16(path, {"0.weight": rounded.T, "2.weight": HEADS})
    else:
        state(tmp_path, {"0.weight": rounded.T.astype(dtype), "2.weight": HEADS})
    found = read(path, b=0.1)
    assert np.array_equal(found.W[0], rounded)
    assert found.roundoff == 2.0**-bits


def save_bfloat16(path, tensors):
    """Write a safetensors file by hand, whose numbers are the upper halves of 32-bit numbers."""
    header, content = {}, b""
    for name, value in tensors.items():
        data = (np.ascontiguousarray(value, np.float32).view(np.uint32) >> 16).astype("<u2").tobytes()
        header[name] = {"dtype": "BF16", "shape": value.shape, "data_offsets": [len(content), len(content) + len(data)]}
        content += data
    text = json.dumps(header).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text + content)


@pytest.mark.parametrize("scale", [1e-162, 1e-70, 1e40])
@pytest.mark.parametrize("which", ["W", "a"])
def test_numbers_whose_squares_are_lost_are_refused(which, scale, tmp_path, capsys):
    arrays = {"W": W, "a": HEADS[0], "b": B}
    assert main(["audit", str(npz(tmp_path, **arrays | {which: arrays[which] * scale}))]) == 2
    told = capsys.readouterr().err
    assert told.startswith(f"purecheck: {which} has ")
