"""Atomic writes: a file is written under another name and then moved into place."""

import errno
import fcntl
import io
import json
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

_PREFIX = ".writing-"
"""Prefix of the folders in which files are written before they are moved into place."""


def as_json(content: Any) -> str:
    """`content` as JSON text with a final newline.

    Raises
    ------
    ValueError
        If a number is not finite.
    """
    return json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def as_npz(arrays: Mapping[str, npt.NDArray[np.generic]], *, compressed: bool = False) -> bytes:
    """`arrays` as the bytes of an `.npz` file, which never holds pickled objects.

    Raises
    ------
    ValueError
        If an array holds objects.
    """
    for name, array in arrays.items():
        # numpy.savez takes `allow_pickle` from NumPy 2.2 on; before that it is the name of one more array.
        if array.dtype.hasobject:
            raise ValueError(f"{name!r} holds objects; expected numbers or text")
    content = io.BytesIO()
    write = np.savez_compressed if compressed else np.savez
    write(content, **arrays)  # type: ignore[arg-type]  # NumPy's other keywords are no names of arrays here
    return content.getvalue()


def destination(path: Path) -> Path:
    """The file that writing to `path` replaces: `path` itself, or the target if it is a link.

    Raises
    ------
    OSError
        If it is not a regular file, or if a standard stream is connected to it.
    """
    place = Path(os.path.realpath(path))
    try:
        found = place.lstat()
    except FileNotFoundError:
        return place
    if not stat.S_ISREG(found.st_mode):
        raise OSError(errno.EINVAL, "is no regular file; expected a file to write, or the name of a new one", str(path))
    if _is_standard_stream(found):
        raise OSError(errno.EINVAL, "is one of the standard streams; expected another file", str(path))
    return place


def _is_standard_stream(found: os.stat_result) -> bool:
    for stream in (0, 1, 2):
        with suppress(OSError):  # one that is closed is no file
            if os.path.samestat(found, os.fstat(stream)):
                return True
    return False


def write_whole(path: Path, content: str | bytes) -> None:
    """Write `content` to `path` in one step: a reader sees the old file or the new one, never a part.

    Raises
    ------
    OSError
        If the folder of `path` does not exist or cannot be written, or `path` is not a regular file.
    """
    write_all(path.parent, {path.name: content})


def write_all(folder: Path, contents: Mapping[str, str | bytes]) -> None:
    """Write several files below `folder`, each in one step, after all of them are on the disk.

    An existing file keeps its permissions, and a link stays a link: its target is replaced.

    Parameters
    ----------
    folder
        An existing folder; other files in it are left alone.
    contents
        Relative path to content, text or bytes, moved into place in this order.

    Raises
    ------
    OSError
        If `folder` does not exist or cannot be written, or one of the files is not a regular file.
    """
    places = {name: destination(folder / name) for name in contents}
    with ExitStack() as stack:
        beside: dict[Path, Path] = {}  # files behind links may lie on other disks, between which nothing is moved
        written = []
        for number, (name, place) in enumerate(places.items()):
            ground = folder if (folder / name).resolve() == folder.resolve() / name else place.parent
            if ground not in beside:
                beside[ground] = stack.enter_context(_staging(ground))
            staged = beside[ground] / str(number)
            _write_synced(staged, contents[name], place)
            written.append((staged, place))
        for staged, place in written:
            place.parent.mkdir(parents=True, exist_ok=True)
            os.replace(staged, place)


@contextmanager
def _staging(folder: Path) -> Iterator[Path]:
    """A folder in `folder`, locked while this process lives, so that others can remove it if this process is killed."""
    _sweep(folder)
    while True:
        path = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=folder))
        try:
            lock = os.open(path, os.O_RDONLY)
        except FileNotFoundError:  # another process swept it away before it was opened
            continue
        try:
            with suppress(OSError):  # some network disks lock nothing
                fcntl.flock(lock, fcntl.LOCK_EX)
            if not path.exists():  # or before it was locked
                continue
            yield path
            return
        finally:
            shutil.rmtree(path, ignore_errors=True)
            os.close(lock)


def _sweep(folder: Path) -> None:
    """Remove the remains of processes that were killed while they wrote into `folder`."""
    for path in folder.glob(f"{_PREFIX}*"):
        with suppress(OSError):
            lock = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(path, ignore_errors=True)
            finally:
                os.close(lock)


def _write_synced(path: Path, content: str | bytes, place: Path) -> None:
    """Write a file with the permissions and the owner of the one at `place`, if there is one."""
    with path.open("wb") as file:
        # Half of a pair of surrogates, as in names that are no UTF-8, is spelled out: in JSON that is its escape.
        file.write(content.encode("utf-8", "backslashreplace") if isinstance(content, str) else content)
        with suppress(FileNotFoundError):
            old = place.stat()
            with suppress(PermissionError):
                os.fchown(file.fileno(), old.st_uid, old.st_gid)
            os.fchmod(file.fileno(), stat.S_IMODE(old.st_mode))
        file.flush()
        os.fsync(file.fileno())
