"""Whole files of every kind that the suite reads, small, as strategies."""

import gzip
import io
import json
import pickle
import tarfile
import zipfile
from dataclasses import asdict
from typing import Any

import numpy as np
import onnx
import safetensors.numpy
from hypothesis import strategies as st
from PIL import Image

from gpu_experiments.data.published import BINARY, CLASSES, PYTHON
from tests.gpu_experiments.manufactured import batches, binary_files, python_2_files, python_files
from tests.purecheck.records.manufactured import run_record, sparse_record

_DTYPES = ("f8", "f4", "f2", ">f8", "i1", "u8", "?", "c16", "U3", "S2", "O")
_NAMES = ("W", "a", "C", "b", "M", "activation", "Z", "x/y", "W\x1b[2J", "\ud800".encode("utf-8", "replace").decode())


@st.composite
def arrays(draw: st.DrawFn) -> np.ndarray[Any, Any]:
    """An array of few entries, of any kind."""
    shape = tuple(draw(st.lists(st.integers(0, 4), max_size=3)))
    dtype = draw(st.sampled_from(_DTYPES))
    values = draw(st.sampled_from((0, 1, -1, 0.3, float("nan"), float("inf"), 1e300)))
    with np.errstate(all="ignore"):
        return np.full(shape, str(values) if dtype[0] in "US" else values).astype(dtype)


@st.composite
def networks(draw: st.DrawFn) -> dict[str, Any]:
    """The arrays of a network that can be audited."""
    d, H = draw(st.integers(1, 5)), draw(st.integers(1, 6))
    rng = np.random.default_rng(draw(st.integers(0, 9)))
    network: dict[str, Any] = {"W": rng.standard_normal((d, H)), "a": rng.standard_normal(H)}
    if draw(st.booleans()):
        network["b"] = np.full(H, draw(st.sampled_from((0.0, 0.1, 50.0))))
    if draw(st.booleans()):
        network["M"] = np.eye(d)
    if draw(st.booleans()):
        network["activation"] = np.asarray(draw(st.sampled_from(("gate", "relu", "tanh", "silu"))))
        if network["activation"] != "gate" and draw(st.integers(0, 3)):
            network.pop("b", None)  # thresholds that the activation does not have are refused
    if draw(st.integers(0, 3)) == 0:
        network[draw(st.sampled_from(_NAMES))] = draw(arrays())
    return network


@st.composite
def npz(draw: st.DrawFn) -> bytes:
    """An `.npz` file, compressed in any way that ZIP knows."""
    out = io.BytesIO()
    methods = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
    method = draw(st.sampled_from((*methods[:2], *methods)))
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, array in draw(networks()).items():
            member = io.BytesIO()
            np.save(member, array)
            archive.writestr(f"{name}.npy", member.getvalue())
    return out.getvalue()


@st.composite
def observations(draw: st.DrawFn) -> bytes:
    """An `.npz` file of observations for a network of four inputs."""
    rng = np.random.default_rng(draw(st.integers(0, 9)))
    out = io.BytesIO()
    np.savez(out, Z=rng.standard_normal((draw(st.integers(0, 40)), 4)) * draw(st.sampled_from((1, 0, 1e-200, 1e200))))
    return out.getvalue()


@st.composite
def rows(draw: st.DrawFn) -> bytes:
    """An `.npy` file."""
    out = io.BytesIO()
    np.save(out, draw(arrays()), allow_pickle=True)
    return out.getvalue()


@st.composite
def graphs(draw: st.DrawFn) -> bytes:
    """An ONNX graph of a layer and a head, with operations that may or may not be understood."""
    helper, double = onnx.helper, onnx.TensorProto.DOUBLE
    d, H = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    unit = draw(st.sampled_from(("Relu", "Tanh", "Gelu", "Softmax", "Add", "Flatten")))
    given = ["v", "b"] if unit == "Add" else ["v"]
    nodes = [
        ("Gemm", ["x", "W", "b"], "v"),
        (unit, given, "h"),
        (draw(st.sampled_from(("MatMul", "Gemm"))), ["h", "a"], "y"),
    ]
    tensors = {"W": np.ones((d, H)), "b": np.ones(H), "a": np.ones((H, 1))}
    graph = helper.make_graph(
        [helper.make_node(kind, list(inputs), [output]) for kind, inputs, output in nodes],
        "g",
        [helper.make_tensor_value_info("x", double, [None, d])],
        [helper.make_tensor_value_info("y", double, [None, 1])],
        [onnx.numpy_helper.from_array(value, name) for name, value in tensors.items()],
    )
    return bytes(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)]).SerializeToString())


@st.composite
def tensors(draw: st.DrawFn) -> bytes:
    """A `.safetensors` file with a layer and a head, and what else there may be."""
    d, H, q = (draw(st.integers(1, 5)) for _ in range(3))
    found = {"layer.weight": np.ones((H, d)), "head.weight": np.ones((q, H), "f4"), "layer.bias": np.zeros(H, "f2")}
    for name in draw(st.lists(st.sampled_from(("M", "mask", "head.bias", "layer.weight_g")), max_size=2)):
        found[name] = np.ones(draw(st.integers(0, 4)), draw(st.sampled_from(("f8", "i1", "u1"))))
    return safetensors.numpy.save(found)


def records() -> st.SearchStrategy[bytes]:
    """The JSON of a record of either kind, or of something else."""
    facts: tuple[Any, ...] = (
        asdict(run_record()),
        asdict(sparse_record()),
        {"schema": "purecheck-report/1", "claims": []},
        [],
        {"schema": None},
    )
    return st.sampled_from([json.dumps(one).encode() for one in facts])


def pickles() -> st.SearchStrategy[bytes]:
    """A batch of CIFAR-10 in every protocol, or another object."""
    parts = batches(1, (1,) * 6)
    entries = {b"data": np.zeros((2, 3072), np.uint8), b"labels": [0, 1], b"filenames": [b"a", b"b"]}
    whole = [python_2_files(parts)["test_batch"], *(pickle.dumps(entries, protocol) for protocol in range(6))]
    others: tuple[Any, ...] = ([], {1: 2}, {"data": {}}, ((),), 10**400)
    return st.sampled_from([*whole, *(pickle.dumps(one) for one in others)])


def binary_batches() -> st.SearchStrategy[bytes]:
    """A binary batch."""
    return st.sampled_from([binary_files(batches(1, (1,) * 6))["test_batch.bin"], bytes(3073), b""])


def archives() -> st.SearchStrategy[bytes]:
    """A tar of batches, before it is compressed, in every format that Python writes."""
    return st.sampled_from(
        [
            _tar(files, form)
            for files in (binary_files(batches(1, (1,) * 6)), python_files(batches(1, (1,) * 6)))
            for form in (tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT)
        ]
    )


def _tar(files: dict[str, bytes], form: int) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form) as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(f"folder/{name}")
            member.size, member.mtime = len(content), 0.5
            archive.addfile(member, io.BytesIO(content))
    return out.getvalue()


def zipped(content: bytes) -> bytes:
    """The bytes compressed as an archive is."""
    return gzip.compress(content, 1)


@st.composite
def images(draw: st.DrawFn) -> bytes:
    """A PNG or JPEG image, most of them as large as those of CIFAR-10."""
    size = draw(st.sampled_from(((32, 32), (32, 32), (1, 1), (33, 32))))
    mode = draw(st.sampled_from(("RGB", "RGB", "L", "P", "RGBA")))
    form = draw(st.sampled_from(("PNG", "JPEG", "GIF")))
    out = io.BytesIO()
    Image.new("RGB" if form == "JPEG" else mode, size).save(out, form)
    return out.getvalue()


META = {BINARY.meta: "\n".join(CLASSES).encode(), PYTHON.meta: pickle.dumps({"label_names": list(CLASSES)})}
"""Names of the classes, as they come with the batches."""
