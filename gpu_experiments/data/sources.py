"""Files of a data set, one by one in memory: from a folder or from a `.tar.gz`, which is never unpacked to the disk."""

import gzip
import hashlib
import io
import tarfile
import zlib
from collections.abc import Collection, Iterator
from pathlib import Path, PurePosixPath

FILE_LIMIT = 64 * 2**20
"""Bytes of one file, at most; an official batch has 31 million, written anew as text a batch has 45 million."""
ARCHIVE_LIMIT = 320 * 2**20
"""Bytes in an archive, at most, once decompressed."""
MOST_MEMBERS = 64
"""Members in an archive, fewer than that; an official one has nine."""

_BROKEN = (tarfile.TarError, zlib.error, EOFError, OSError, ValueError, OverflowError, RecursionError)
"""What reading bytes that are no compressed archive raises."""

Entry = tuple[str, bytes]
"""Name and content of a file."""


def folder_entries(folder: Path, names: Collection[str]) -> Iterator[Entry]:
    """The files of these names in `folder`.

    Raises
    ------
    ValueError
        If one is no regular file or is larger than `FILE_LIMIT`.
    OSError
        If one cannot be read.
    """
    for name in names:
        yield name, read_limited(folder / name)


def read_limited(path: Path) -> bytes:
    """The bytes of a file.

    Raises
    ------
    ValueError
        If it is no regular file or is larger than `FILE_LIMIT`.
    OSError
        If it cannot be read.
    """
    if not path.is_file():
        raise ValueError(f"{path} is no regular file; expected one")
    with path.open("rb") as file:
        content = file.read(FILE_LIMIT + 1)
    _require_size(str(path), len(content))
    return content


def archive_entries(path: Path, names: Collection[str]) -> Iterator[Entry]:
    """The members of these names, in whichever folder, of the `.tar.gz` at `path`, in its order.

    Other members are passed over, but none may be a link or a device, or have a name that leads out of a folder.

    Raises
    ------
    ValueError
        If the file is no such archive, is truncated or too large, or holds members that are refused.
    OSError
        If it cannot be opened.
    """
    seen: set[str] = set()
    with path.open("rb") as file:
        stream = _Limited(gzip.GzipFile(fileobj=file))
        for member, archive in _members(stream, path):
            name = PurePosixPath(member.name).name
            if name not in names:
                continue
            if name in seen:
                raise ValueError(f"{path.name} holds {name} twice; expected each file once")
            seen.add(name)
            yield name, _content(archive, member, path)
        _drain(stream, path)


def archive_md5(path: Path) -> str:
    """MD5 of the file at `path` as it lies there.

    Raises
    ------
    OSError
        If it cannot be read.
    """
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()


class _Limited(io.RawIOBase):
    """A stream that ends in an error after `ARCHIVE_LIMIT` bytes, so that a small file cannot fill the memory."""

    def __init__(self, stream: gzip.GzipFile) -> None:
        self._stream, self._left = stream, ARCHIVE_LIMIT

    def read(self, size: int = -1) -> bytes:
        """At most `size` bytes."""
        content = self._stream.read(size)
        self._left -= len(content)
        if self._left < 0:
            raise ValueError(f"more than {ARCHIVE_LIMIT // 2**20} MiB in it")
        return content


def _members(stream: _Limited, path: Path) -> Iterator[tuple[tarfile.TarInfo, tarfile.TarFile]]:
    """The regular members of the archive, each before the next is looked for."""
    archive = _first(stream, path)
    for _ in range(MOST_MEMBERS):
        if (member := _next(archive, path)) is None:
            return
        _require_harmless(member, path)
        if member.isfile():
            yield member, archive
    raise ValueError(f"{path.name} holds {MOST_MEMBERS} members or more; expected the six batches and little else")


def _first(stream: _Limited, path: Path) -> tarfile.TarFile:
    try:
        return tarfile.open(fileobj=stream, mode="r|")
    except _BROKEN as problem:
        raise _unreadable(path, problem) from problem


def _next(archive: tarfile.TarFile, path: Path) -> tarfile.TarInfo | None:
    try:
        return archive.next()
    except _BROKEN as problem:
        raise _unreadable(path, problem) from problem


def _require_harmless(member: tarfile.TarInfo, path: Path) -> None:
    place = PurePosixPath(member.name)
    if place.is_absolute() or ".." in place.parts or "\\" in member.name:
        raise ValueError(f"{path.name} holds {member.name[:80]!r}; expected names inside of one folder")
    if not (member.isfile() or member.isdir()) or member.issparse():
        raise ValueError(f"{path.name} holds {member.name[:80]!r}, a link or device; expected regular files alone")
    _require_size(f"{member.name[:80]!r} in {path.name}", member.size)


def _content(archive: tarfile.TarFile, member: tarfile.TarInfo, path: Path) -> bytes:
    try:
        file = archive.extractfile(member)
        return file.read() if file is not None else b""
    except _BROKEN as problem:
        raise _unreadable(path, problem) from problem


def _drain(stream: _Limited, path: Path) -> None:
    """Reads to the end, where the check sum of the compression stands."""
    try:
        while stream.read(2**20):
            pass
    except _BROKEN as problem:
        raise _unreadable(path, problem) from problem


def _unreadable(path: Path, problem: BaseException) -> ValueError:
    told = " ".join(str(problem).split())[:120]
    return ValueError(f"{path.name} cannot be read ({told}); expected a folder or a whole .tar.gz archive")


def _require_size(name: str, size: int) -> None:
    if size > FILE_LIMIT:
        raise ValueError(f"{name} has more than {FILE_LIMIT // 2**20} MiB; expected a batch of 30 MiB")
