"""The doors of the suite: what goes in, and who reads it; a reader may refuse it with a ValueError alone."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from hypothesis import strategies as st

from gpu_experiments.data.batches import read_batch
from gpu_experiments.data.image_folder import read_image
from gpu_experiments.data.published import BINARY, LAYOUT_OF, PYTHON
from gpu_experiments.data.sources import archive_entries
from gpu_experiments.pretraining.checkpoint import load
from numerics.backend import select_backend
from purecheck.auditing.given_data import read_array
from purecheck.auditing.given_network import read_network, read_observations
from purecheck.closed_forms import QUANTITIES, parse_arguments
from purecheck.io.strict_json import read_json
from purecheck.networks.state_dict import Names
from purecheck.records.reading import parse_record
from purecheck.runtime.memory import parse_size
from tests.fuzz import files
from tests.fuzz.damage import damaged

CORPUS = Path(__file__).with_name("corpus")


@dataclass(frozen=True)
class Door:
    """One way in.

    Attributes
    ----------
    whole
        Inputs that the reader takes, or nearly takes.
    read
        Reads the file at a path.
    pack
        What is done to an input after it was damaged: a check sum or a compression keeps no damage from the reader.
    """

    whole: st.SearchStrategy[bytes]
    read: Callable[[Path], object]
    pack: Callable[[bytes], bytes] = bytes

    def inputs(self, name: str) -> st.SearchStrategy[bytes]:
        """Inputs to try, from the corpus as well, whole and damaged."""
        return damaged(self.undamaged(name)).map(self.pack)

    def undamaged(self, name: str) -> st.SearchStrategy[bytes]:
        """Inputs before they are damaged and packed, from the corpus as well."""
        kept = [path.read_bytes() for path in sorted(CORPUS.glob(f"{name}-*"))]
        return self.whole | st.sampled_from(kept) if kept else self.whole


def _text(path: Path) -> str:
    return path.read_bytes().decode("utf-8", "surrogateescape")


def _arguments(path: Path) -> object:
    name, *assignments = _text(path).split() or [""]
    if name not in QUANTITIES:
        raise ValueError(name)
    return parse_arguments(QUANTITIES[name], assignments)


def _points() -> st.SearchStrategy[bytes]:
    values = st.sampled_from(("1", "2", "1/2", "7/100", "0.5", "1e-3", "1e300", "0", "-1", "relu", "nan"))
    return st.builds(
        lambda form, given: " ".join([form.name, *(f"{name}={given[i % 5]}" for i, name in enumerate(form.arguments))]),
        st.sampled_from(list(QUANTITIES.values())),
        st.lists(values, min_size=5, max_size=5),
    ).map(str.encode)


DOORS: Mapping[str, Door] = {
    "npz": Door(files.npz(), lambda path: read_network(path, names=Names())),
    "observations": Door(files.observations(), lambda path: read_observations(path, 4)),
    "safetensors": Door(files.tensors(), lambda path: read_network(path, names=Names())),
    "npy": Door(files.rows(), read_array),
    "onnx": Door(files.graphs(), lambda path: read_network(path, names=Names())),
    "checkpoint": Door(files.npz(), lambda path: load(path, "owner", select_backend("numpy"))),
    "json": Door(files.records(), read_json),
    "record": Door(files.records(), lambda path: parse_record(_text(path))),
    "pickle": Door(files.pickles(), lambda path: read_batch(PYTHON, path.read_bytes(), "x")),
    "binary": Door(files.binary_batches(), lambda path: read_batch(BINARY, path.read_bytes(), "x")),
    "tar": Door(files.archives(), lambda path: list(archive_entries(path, LAYOUT_OF)), files.zipped),
    "gzip": Door(files.archives().map(files.zipped), lambda path: list(archive_entries(path, LAYOUT_OF))),
    "image": Door(files.images(), read_image),
    "arguments": Door(_points(), _arguments),
    "size": Door(st.sampled_from((b"2GiB", b"500 MB", b"1.5GiB", b"7")), lambda path: parse_size(_text(path))),
}

SUFFIXES = {
    "safetensors": ".safetensors",
    "onnx": ".onnx",
    "npy": ".npy",
    "image": ".png",
    "tar": ".tar.gz",
    "gzip": ".tar.gz",
    "json": ".json",
}
"""Where a reader, or who reads this, goes by the ending of a name."""


def path_for(name: str, folder: Path) -> Path:
    """Where the input of a door is put."""
    return folder / f"input{SUFFIXES.get(name, '.npz')}"


def refuses_or_reads(door: Door, path: Path) -> BaseException | None:
    """What the reader raised that it may not raise; None where it read the file or refused it."""
    try:
        door.read(path)
    except ValueError:
        return None
    except Exception as problem:
        return problem
    return None


def save(content: bytes, name: str, folder: Path) -> Path:
    """Keep an input that went wrong, to be made smaller and put into the corpus."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}-{os.getpid()}-{len(list(folder.iterdir()))}"
    with open(path, "wb") as file:
        file.write(content)
    return path
