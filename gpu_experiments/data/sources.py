"""Files of a data set, one by one in memory, from a folder or from a `.tar.gz` that is never unpacked to disk."""

import gzip
import hashlib
import tarfile
import zlib
from collections.abc import Collection, Iterator
from pathlib import Path, PurePosixPath

FILE_LIMIT = 64 * 2**20
"""Largest size of a file in bytes; an official batch has 31 million, and 45 million if rewritten as text."""
ARCHIVE_LIMIT = 320 * 2**20
"""Largest size of an archive in bytes, decompressed."""
MOST_MEMBERS = 64
"""An archive must have fewer members than this; an official one has nine."""

_BROKEN = (zlib.error, EOFError, OSError)
"""The errors that reading raises for bytes that are not a compressed archive."""

Entry = tuple[str, bytes]
"""Name and content of a file."""


def folder_entries(folder: Path, names: Collection[str]) -> Iterator[Entry]:
    """The files with these names in `folder`.

    Raises
    ------
    ValueError
        If one is not a regular file or is larger than `FILE_LIMIT`.
    OSError
        If one cannot be read.
    """
    for name in names:
        yield name, read_limited(folder / name)


def require_printable(what: str, name: str) -> None:
    """Raise an error for a name that a terminal would interpret or cannot show; names appear in all tables and records.

    Raises
    ------
    ValueError
        If it contains such characters.
    """
    if not name.isprintable():
        raise ValueError(f"{what} is {name[:80]!r}; expected characters that can be printed")


def read_limited(path: Path, limit: int | None = None) -> bytes:
    """The bytes of a file, at most `limit` of them, or `FILE_LIMIT` by default.

    Raises
    ------
    ValueError
        If it is not a regular file or is larger than the limit.
    OSError
        If it cannot be read.
    """
    most = FILE_LIMIT if limit is None else limit
    if not path.is_file():
        raise ValueError(f"{path} is no regular file; expected one")
    with path.open("rb") as file:
        content = file.read(most + 1)
    _require_size(str(path), len(content), most)
    return content


def archive_entries(path: Path, names: Collection[str]) -> Iterator[Entry]:
    """The members with these names, in any folder, of the `.tar.gz` at `path`, in its order.

    Other members are skipped, but none may be a link or a device, or have a name that leads out of a folder.

    Raises
    ------
    ValueError
        If the file is not such an archive, is truncated or too large, or has members that are refused.
    OSError
        If it cannot be opened.
    """
    seen: set[str] = set()
    with path.open("rb") as file:
        stream = _Limited(gzip.GzipFile(fileobj=file), path)
        for member in _members(stream, path):
            name = PurePosixPath(member.name).name
            if not member.isfile() or name not in names:
                stream.skip(_padded(member.size))
                continue
            if name in seen:
                raise ValueError(f"{path.name} holds {name} twice; expected each file once")
            seen.add(name)
            content = stream.read(member.size)
            stream.skip(_padded(member.size) - member.size)
            yield name, content
        stream.drain()


def archive_md5(path: Path) -> str:
    """MD5 of the file at `path`, without decompression.

    Raises
    ------
    OSError
        If it cannot be read.
    """
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()


class _Limited:
    """The bytes in a compressed file, at most `ARCHIVE_LIMIT` of them: a small file cannot fill the memory."""

    def __init__(self, stream: gzip.GzipFile, path: Path) -> None:
        self._stream, self._path, self._left = stream, path, ARCHIVE_LIMIT

    def read(self, size: int) -> bytes:
        """Exactly `size` bytes."""
        content = self._at_most(size)
        if len(content) < size:
            raise _unreadable(self._path, "it ends early")
        return content

    def skip(self, size: int) -> None:
        """Skip `size` bytes."""
        while size > 0:
            size -= len(self.read(min(size, 2**20)))

    def drain(self) -> None:
        """Read to the end, where the checksum of the compression is."""
        while self._at_most(2**20):
            pass

    def _at_most(self, size: int) -> bytes:
        try:
            content = self._stream.read(size)
        except _BROKEN as problem:
            raise _unreadable(self._path, problem) from problem
        self._left -= len(content)
        if self._left < 0:
            raise ValueError(f"{self._path.name}: more than {ARCHIVE_LIMIT // 2**20} MiB in it; expected less")
        return content


def _members(stream: _Limited, path: Path) -> Iterator[tarfile.TarInfo]:
    """The headers of the archive, one block each; the caller reads or skips what follows each header.

    Headers that extend the next one, as writers use them for times, are skipped unread: Python's parser of them takes
    time quadratic in their length before 3.11.10. They may contain names and sizes too, but only such as no batch has.
    """
    for number in range(MOST_MEMBERS + 1):
        block = stream.read(tarfile.BLOCKSIZE)
        if block == bytes(tarfile.BLOCKSIZE):
            if number == 0:
                raise _unreadable(path, "it is empty")
            return
        try:
            member = tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
        except tarfile.HeaderError as problem:
            raise _unreadable(path, problem) from problem
        if member.size < 0:
            raise _unreadable(path, f"a member has {member.size} bytes")
        if member.type in (tarfile.XHDTYPE, tarfile.XGLTYPE):
            _pass_over(stream, member, path)
        elif member.type in (tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK):
            raise _unreadable(path, "it has names of more than 100 characters")
        else:
            _require_harmless(member, path)
            yield member
    raise ValueError(f"{path.name} holds {MOST_MEMBERS} members or more; expected the six batches and little else")


def _pass_over(stream: _Limited, member: tarfile.TarInfo, path: Path) -> None:
    """Skip an extended header, unless it contains a size, which would be 8 GiB or more."""
    short = stream.read(min(_padded(member.size), 8 * tarfile.BLOCKSIZE))
    if b" size=" in short:
        raise ValueError(f"{path.name} holds a member that has more than {FILE_LIMIT // 2**20} MiB; expected batches")
    stream.skip(_padded(member.size) - len(short))


def _padded(size: int) -> int:
    return -(-size // tarfile.BLOCKSIZE) * tarfile.BLOCKSIZE


def _require_harmless(member: tarfile.TarInfo, path: Path) -> None:
    place = PurePosixPath(member.name)
    if place.is_absolute() or ".." in place.parts or "\\" in member.name:
        raise ValueError(f"{path.name} holds {member.name[:80]!r}; expected names inside of one folder")
    if not (member.isfile() or member.isdir()) or member.type == tarfile.GNUTYPE_SPARSE:
        raise ValueError(f"{path.name} holds {member.name[:80]!r}, a link or device; expected regular files alone")
    _require_size(f"{member.name[:80]!r} in {path.name}", member.size, FILE_LIMIT)


def _unreadable(path: Path, problem: object) -> ValueError:
    found = " ".join(str(problem).split())[:120]
    return ValueError(f"{path.name} cannot be read ({found}); expected a folder or a whole .tar.gz archive")


def _require_size(name: str, size: int, limit: int) -> None:
    if size > limit:
        raise ValueError(f"{name} has more than {limit // 2**20} MiB; expected a batch of 30 MiB, or a small image")
