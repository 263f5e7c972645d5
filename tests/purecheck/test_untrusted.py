"""Files of others: whatever is in them, they are refused in one line, at little cost, and nothing in them is run."""

import io
import pickle
import struct
import tracemalloc
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pytest
from numpy.lib import format as npy
from safetensors.numpy import save_file

from purecheck.cli import main
from purecheck.io.untrusted import read_npz, read_safetensors

GOOD = {"W": np.eye(3), "a": np.ones(3), "b": np.full(3, 0.3), "M": np.eye(3), "activation": np.asarray("gate")}


def refused(path, capsys, *options):
    """What the command says of the file, in its one line, after the status has been checked."""
    assert main(["audit", str(path), *options]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.count("\n") == 1
    assert "expected" in told.err
    return told.err


def npz(folder, **changes):
    """A file of good arrays with changes; None leaves an array out."""
    path = folder / "weights.npz"
    np.savez(path, **{name: value for name, value in (GOOD | changes).items() if value is not None})
    return path


def zipped(folder, members):
    path = folder / "weights.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return path


def array_bytes(value, shape=None):
    """A member as NumPy writes it, whose header may declare another shape."""
    out = io.BytesIO()
    header = {"descr": npy.dtype_to_descr(value.dtype), "fortran_order": False, "shape": shape or value.shape}
    npy.write_array_header_1_0(out, header)
    return out.getvalue() + value.tobytes()


class Touch:
    """Unpickling it makes a file."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


def test_what_numpy_wrote_is_read_as_it_was(tmp_path):
    fortran = np.asfortranarray(np.arange(6.0).reshape(2, 3))
    arrays = read_npz(npz(tmp_path, W=fortran, a=np.arange(3, dtype=np.float32)))
    assert np.array_equal(arrays["W"], fortran)
    assert arrays["a"].dtype == np.float32
    assert str(arrays["activation"]) == "gate"


def test_a_compressed_file_is_read_too(tmp_path):
    np.savez_compressed(tmp_path / "w.npz", **GOOD)
    assert np.array_equal(read_npz(tmp_path / "w.npz")["M"], np.eye(3))


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"W": None}, "expected W and either a or C"),
        ({"a": None}, "expected W and either a or C"),
        ({"C": np.ones((3, 2))}, "expected W and either a or C"),
        ({"bias": np.ones(3)}, "'bias'"),
        ({"W": np.ones(3)}, "W has shape (3,)"),
        ({"W": np.ones((3, 0))}, "W has shape (3, 0)"),
        ({"a": np.ones(4)}, "a has shape (4,)"),
        ({"W": np.ones((3, 4)), "a": np.ones(3)}, "one node a column; is it transposed?"),
        ({"a": np.ones((2, 3))}, "a has shape (2, 3)"),
        ({"a": None, "C": np.ones((2, 3))}, "C has shape (2, 3)"),
        ({"b": np.ones(2)}, "b has shape (2,)"),
        ({"b": np.array([0.1, -0.2, 0.3])}, "b has the entry -0.2"),
        ({"M": np.eye(2)}, "M has shape (2, 2)"),
        ({"M": 2 * np.eye(3)}, "orthogonal"),
        ({"W": np.full((3, 3), np.nan)}, "W has entries that are not finite"),
        ({"a": np.array([1, np.inf, 1])}, "a has entries that are not finite"),
        ({"W": np.full((3, 3), 1e200)}, "above 1e+30"),
        ({"W": np.full((3, 3), 1j)}, "dtype complex128"),
        ({"W": np.full((3, 3), "one")}, "W has dtype"),
        ({"activation": np.asarray("swish")}, "activation is 'swish'; expected one of gate"),
        ({"activation": np.asarray(b"\xff")}, "expected one of gate"),
        ({"activation": np.asarray("x" * 1000)}, "expected one of gate"),
        ({"activation": np.ones(3)}, "activation has dtype float64 and shape (3,)"),
        ({"activation": np.asarray(["gate", "relu"])}, "and shape (2,)"),
        ({"b": np.full(3, 50.0)}, "no node with a head fires"),
        ({"a": np.zeros(3)}, "no node has both"),
    ],
)
def test_arrays_that_make_no_network_are_named(changes, named, tmp_path, capsys):
    assert named in refused(npz(tmp_path, **changes), capsys)


def test_pickled_objects_are_never_loaded(tmp_path, capsys):
    trap = tmp_path / "trap"
    told = refused(npz(tmp_path, W=np.array([Touch(trap)], dtype=object)), capsys)
    assert "pickled objects" in told
    assert not trap.exists()


def test_a_pickle_under_the_name_of_an_archive_is_never_loaded(tmp_path, capsys):
    trap, path = tmp_path / "trap", tmp_path / "weights.npz"
    path.write_bytes(pickle.dumps(Touch(trap)))
    refused(path, capsys)
    refused(zipped(tmp_path, [("W.npy", pickle.dumps(Touch(trap)))]), capsys)
    assert not trap.exists()
    pickle.loads(pickle.dumps(Touch(trap)))  # noqa: S301 - the trap works
    assert trap.exists()


def bomb(path, header, mebibytes):
    """An archive of one member, `header` and that many MiB of zeros: one deflated block, over and over."""
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
    start = deflate.compress(header) + deflate.flush(zlib.Z_FULL_FLUSH)
    block = deflate.compress(bytes(2**20)) + deflate.flush(zlib.Z_FULL_FLUSH)
    content = start + block * mebibytes + deflate.flush(zlib.Z_FINISH)
    common = struct.pack("<5HIIIHH", 20, 0, 8, 0, 33, 0, len(content), len(header) + mebibytes * 2**20, 5, 0)
    local = b"PK\x03\x04" + common + b"W.npy" + content
    central = b"PK\x01\x02" + struct.pack("<H", 20) + common + struct.pack("<HHHII", 0, 0, 0, 0, 0) + b"W.npy"
    end = b"PK\x05\x06" + struct.pack("<4HIIH", 0, 0, 1, 1, len(central), len(local), 0)
    path.write_bytes(local + central + end)


def test_a_bomb_is_refused_by_what_it_declares(tmp_path, capsys):
    """2 GiB of zeros in 2 MiB; the same without a header; then 256 MiB that only the header speaks of."""
    path = tmp_path / "weights.npz"
    bomb(path, array_bytes(np.zeros(0), (2**14, 2**14)), 2**11)
    assert path.stat().st_size < 2**22
    tracemalloc.start()
    told = refused(path, capsys)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert "2048 MiB; expected at most 256 MiB" in told
    assert peak < 2**25
    bomb(path, b"", 2**11)
    assert "no readable header" in refused(path, capsys)
    assert "expected 268435" in refused(zipped(tmp_path, [("W.npy", array_bytes(np.zeros(1), (2**25,)))]), capsys)


def test_a_small_bomb_within_the_limit_is_an_array_of_zeros_with_a_wrong_checksum(tmp_path, capsys):
    bomb(tmp_path / "weights.npz", array_bytes(np.zeros(0), (2**7, 2**10)), 1)
    assert "cannot be read" in refused(tmp_path / "weights.npz", capsys)


def test_the_many_tensors_of_a_deep_network_are_read(tmp_path):
    """As many as a ResNet-152 has."""
    path = tmp_path / "stage.npz"
    np.savez(path, **{f"layer{number}.weight": np.full(2, number) for number in range(932)})
    assert len(read_npz(path)) == 932


def test_the_limit_can_be_set(tmp_path, capsys):
    path = npz(tmp_path, W=np.zeros((400, 400)), a=np.ones(400), b=None, M=None)
    assert "expected at most 1 MiB" in refused(path, capsys, "--max-mib", "1")


@pytest.mark.parametrize(
    "members",
    [
        [("W.npy", b"")],
        [("W.npy", b"\x93NUMPY\x09\x00")],
        [("W.npy", b"\x93NUMPY\x01\x00\x20\x00" + b"(" * 32)],
        [("W.npy", b"\x93NUMPY\x01\x00\x38\x00" + b"{'descr':('<f8',),'fortran_order':False,'shape':(1,)}".ljust(56))],
        [("W.npy", b"\x93NUMPY\x01\x00\x38\x00" + b"{'descr':'<f8','fortran_order':False,'shape':(1L,)}".ljust(56))],
        [("W.npy", b"\x93NUMPY\x01\x00\x38\x00" + b"{'descr':'<f8','fortran_order':False,'shape':('a',)}".ljust(56))],
        [("W.npy", array_bytes(np.zeros(4), (2, 3)))],
        [("W.npy", array_bytes(np.zeros(4), (2, -2)))],
        [("readme.txt", b"hello")],
        [(f"W{number}.npy", array_bytes(np.zeros(1))) for number in range(1025)],
        [],
    ],
)
def test_members_that_are_no_arrays_are_refused(members, tmp_path, capsys):
    refused(zipped(tmp_path, members), capsys)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_arrays_of_one_name_are_refused(tmp_path, capsys):
    assert "two arrays" in refused(zipped(tmp_path, [("W.npy", array_bytes(np.eye(2)))] * 2), capsys)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"not an archive\n", b"\x93NUMPY"])
@pytest.mark.parametrize("suffix", ["npz", "safetensors"])
def test_what_is_no_weight_file_is_refused(content, suffix, tmp_path, capsys):
    path = tmp_path / f"weights.{suffix}"
    path.write_bytes(content)
    refused(path, capsys)


def test_a_file_cut_short_or_damaged_anywhere_is_refused_or_read_as_it_was(tmp_path):
    """Every byte in turn is flipped; the checksum guards the content."""
    whole = npz(tmp_path, W=np.ones((2, 2)), a=np.ones(2), b=None, M=None, activation=None).read_bytes()
    path, rng = tmp_path / "damaged.npz", np.random.default_rng(0)
    damaged = [whole[:end] for end in range(0, len(whole), 7)]
    for at in range(len(whole)):
        damaged.append(whole[:at] + bytes([whole[at] ^ int(rng.integers(1, 256))]) + whole[at + 1 :])
    refusals = 0
    for content in damaged:
        path.write_bytes(content)
        try:
            arrays = read_npz(path)
        except ValueError:
            refusals += 1
            continue
        # a shorter directory loses members; what is left is what was written
        assert arrays.keys() <= {"W", "a"}
        assert all(np.array_equal(value, np.ones((2, 2) if name == "W" else 2)) for name, value in arrays.items())
    assert refusals >= len(damaged) // 2


def test_a_missing_file_is_told_in_one_line(tmp_path, capsys):
    assert "does not exist" in refused(tmp_path / "none.npz", capsys)


def state(folder, **tensors):
    path = folder / "model.safetensors"
    save_file({name.replace("__", "."): np.ascontiguousarray(value) for name, value in tensors.items()}, path)
    return path


def test_a_state_dict_is_read(tmp_path):
    tensors = read_safetensors(state(tmp_path, fc1__weight=np.ones((4, 3), np.float32)))
    assert tensors["fc1.weight"].shape == (4, 3)


@pytest.mark.parametrize(
    ("tensors", "options", "named"),
    [
        ({"fc1__weight": np.ones((4, 3))}, [], "follow from 'fc1.weight' (4, 3): no order fits"),
        ({"u": np.eye(3), "v": np.eye(3)}, [], "none is called weight or kernel"),
        ({"u": np.eye(3), "v": np.eye(3)}, ["--layer", "w"], "there is no tensor 'w'; expected one of u, v"),
        (
            {"u": np.ones((4, 3)), "v": np.ones((1, 4))},
            ["--layer", "u", "--head", "v", "--threshold", "t"],
            "no tensor 't'",
        ),
        ({"u": np.ones(4), "v": np.ones((1, 4))}, ["--layer", "u", "--head", "v"], "'u' has shape (4,)"),
        (
            {"0__weight": np.ones((4, 3)), "0__bias": np.ones(4), "2__weight": np.ones((1, 4))},
            [],
            "the bias of '0.weight' is not zero",
        ),
        (
            {"u": np.ones((4, 3)), "v": np.full((1, 4), np.nan)},
            ["--layer", "u", "--head", "v"],
            "'v' has entries that are not finite",
        ),
    ],
)
def test_a_state_dict_that_holds_no_network_is_told_in_one_line(tensors, options, named, tmp_path, capsys):
    assert named in refused(state(tmp_path, **tensors), capsys, *options)


def test_names_of_tensors_belong_to_state_dicts(tmp_path, capsys):
    assert "expected a state dict" in refused(npz(tmp_path), capsys, "--layer", "W")
