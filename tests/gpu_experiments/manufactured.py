"""Small data sets with known images, written in every form that the readers read."""

import io
import pickle
import struct
import tarfile
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image

from gpu_experiments.data import Images
from gpu_experiments.data.images import joined
from gpu_experiments.data.published import BINARY, CLASSES, PYTHON, Layout

Batches = list[Images]
"""Five training batches and the test batch."""


def batches(seed: int, sizes: tuple[int, ...] = (2, 1, 3, 1, 2, 4)) -> Batches:
    """Random images with random labels."""
    rng = np.random.default_rng(seed)
    return [
        Images(rng.integers(0, 256, (n, 3, 32, 32), dtype=np.uint8), rng.integers(0, 10, n, dtype=np.int64))
        for n in sizes
    ]


def whole(parts: Batches) -> tuple[Images, Images]:
    """Training and test images of the batches."""
    return joined(parts[:-1]), parts[-1]


def binary_files(parts: Batches) -> dict[str, bytes]:
    """Binary batches by name."""
    files = {BINARY.meta: ("\n".join(CLASSES) + "\n\n").encode()}
    for name, one in zip(BINARY.batches, parts, strict=True):
        records = np.concatenate([one.labels[:, None].astype(np.uint8), one.pixels.reshape(len(one), -1)], axis=1)
        files[name] = records.tobytes()
    return files


def python_files(parts: Batches, protocol: int = 4) -> dict[str, bytes]:
    """Python batches as Python 3 and the NumPy installed write them."""
    files = {PYTHON.meta: pickle.dumps({"label_names": list(CLASSES)}, protocol)}
    for name, one in zip(PYTHON.batches, parts, strict=True):
        entries = {"labels": one.labels.tolist(), "data": one.pixels.reshape(len(one), -1)}
        files[name] = pickle.dumps(entries, protocol)
    return files


def python_2_files(parts: Batches) -> dict[str, bytes]:
    """Python batches operation by operation as Python 2 wrote the official ones, whose text is bytes."""
    names = b"\x80\x02}(" + _text(b"label_names") + b"](" + b"".join(_text(one.encode()) for one in CLASSES) + b"eu."
    files = {PYTHON.meta: names}
    for name, one in zip(PYTHON.batches, parts, strict=True):
        labels = b"](" + b"".join(b"K" + bytes([label]) for label in one.labels.tolist()) + b"e"
        entries = _text(b"labels") + labels + _text(b"data") + _array(one.pixels.reshape(len(one), -1))
        files[name] = b"\x80\x02}(" + entries + b"u."
    return files


def _array(array: np.ndarray) -> bytes:
    new = b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\nK\x00\x85" + _text(b"b") + b"tR"
    dtype = b"cnumpy\ndtype\n(" + _text(b"u1") + b"K\x00K\x01tR"
    dtype += b"(K\x03" + _text(b"|") + b"NNN" + 2 * _int(-1) + b"K\x00tb"
    shape = b"".join(map(_int, array.shape)) + b"\x86"
    return new + b"(K\x01" + shape + dtype + b"\x89" + _text(array.tobytes()) + b"tb"


def _text(content: bytes) -> bytes:
    return b"T" + struct.pack("<I", len(content)) + content


def _int(value: int) -> bytes:
    return b"J" + struct.pack("<i", value)


def write_folder(folder: Path, files: Mapping[str, bytes]) -> Path:
    """`files` in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return folder


def write_archive(path: Path, files: Mapping[str, bytes], *members: tarfile.TarInfo, folder: str = "batches/") -> Path:
    """A `.tar.gz` of `files`, with further members of no content."""
    with tarfile.open(path, "w:gz", compresslevel=1) as archive:
        for member in members:
            archive.addfile(member)
        for name, content in files.items():
            member = tarfile.TarInfo(folder + name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return path


def write_images(folder: Path, parts: Batches) -> Path:
    """PNG files in `train/<class>/` and `test/<class>/`, numbered in their order, with all classes in both."""
    for part, images in zip(("train", "test"), whole(parts), strict=True):
        for name in CLASSES:
            (folder / part / name).mkdir(parents=True)
        for number, (pixels, label) in enumerate(zip(images.pixels, images.labels, strict=True)):
            picture = Image.fromarray(pixels.transpose(1, 2, 0))
            picture.save(folder / part / CLASSES[label] / f"{number:05}.png")
    return folder


FORMS: Mapping[str, tuple[Layout, Callable[[Batches], dict[str, bytes]]]] = {
    "binary": (BINARY, binary_files),
    "python 2": (PYTHON, python_2_files),
    **{f"protocol {n}": (PYTHON, partial(python_files, protocol=n)) for n in range(5)},
}
"""Every form of official batches, with its layout and its writer."""
