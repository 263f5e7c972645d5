"""Arrays from untrusted files: sizes are checked before anything is loaded, and nothing is ever executed."""

import io
import json
import math
import struct
import warnings
import zipfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from tokenize import TokenError
from typing import IO, Any, TypeAlias

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open

Arrays: TypeAlias = dict[str, NDArray[Any]]

LIMIT = 256 * 2**20
"""Default limit in bytes on the arrays of one file, counted as 64-bit numbers."""

_MOST_ARRAYS = 1024  # a ResNet-152 has 932 tensors; this suite stores a ResNet-18 as 127 arrays
_DIRECTORY = 2**18  # bytes of the table of contents of an archive; 1,024 members take 130 thousand
_HEADER = 2**14  # bytes of the header of an array; NumPy's parser takes 10 thousand characters
_TENSOR_HEADER = 2**22  # bytes of the header of a .safetensors file; 10 thousand tensors take 1 MiB
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""Compression methods that NumPy writes; others cannot be unpacked in parts, or grow by a factor of thousands."""
_NUMBERS_AND_TEXT = "biufSU"
_TENSOR_NUMBERS = ("F64", "F32", "F16", "BF16", "I64", "I32", "I16", "I8", "U8")
_READERS: Mapping[tuple[int, int], Callable[..., tuple[tuple[int, ...], bool, np.dtype[Any]]]] = {
    (1, 0): npy.read_array_header_1_0,
    (2, 0): npy.read_array_header_2_0,
}


def read_npz(path: Path, limit: int = LIMIT) -> Arrays:
    """The arrays of an `.npz` file by name; only numbers and text are accepted.

    The headers of all members are read before any member is loaded. The sizes that they declare must agree with the
    archive and add up to at most `limit` bytes, counted as 64-bit numbers, however small the file is.

    Raises
    ------
    ValueError
        If the file is not such an archive, is broken, or holds objects or more than `limit` bytes.
    """
    try:
        require_regular_file(path, limit)
        _require_small_directory(path)
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            if len(members) > _MOST_ARRAYS:
                raise ValueError(f"{path.name} holds {len(members)} arrays; expected at most {_MOST_ARRAYS}")
            headers = {one.filename: _header(archive, one, path) for one in members}
            if len(headers) < len(members):
                raise ValueError(f"{path.name} holds two arrays of one name; expected each once")
            _require_size(path, sum(_unpacked(shape, dtype) for shape, _, dtype in headers.values()), limit)
            return {one.filename.removesuffix(".npy"): _array(archive, one, headers[one.filename]) for one in members}
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError) as problem:
        raise ValueError(f"{path.name} cannot be read ({_short(problem)}); expected an .npz file") from problem


def read_npy(path: Path, limit: int = LIMIT) -> NDArray[Any]:
    """The array of an `.npy` file; only numbers and text are accepted.

    Raises
    ------
    ValueError
        If the file is not such an array, is broken, or holds objects or more than `limit` bytes.
    """
    try:
        require_regular_file(path, limit)
        content = path.read_bytes()
    except OSError as problem:
        raise ValueError(f"{path.name} cannot be read ({_short(problem)}); expected an .npy file") from problem
    file = io.BytesIO(content)
    shape, fortran, dtype = _header_of(file, path.name, len(content))
    _require_size(path, _unpacked(shape, dtype), limit)
    return np.ndarray(shape, dtype, content, offset=file.tell(), order="F" if fortran else "C")


def read_safetensors(path: Path, limit: int = LIMIT) -> Arrays:
    """The tensors of a `.safetensors` file by name.

    Raises
    ------
    ValueError
        If the file is broken, larger than `limit` bytes, or holds another type of numbers.

    Notes
    -----
    NumPy has no BF16, which is a 32-bit number without its last 16 bits; such tensors become 32-bit numbers.
    """
    try:
        require_regular_file(path, limit)
        begin, header = _small_header(path)
        with safe_open(path, framework="numpy") as file:
            size = 0
            for name in file.keys():  # noqa: SIM118 - not a mapping
                if (kind := file.get_slice(name).get_dtype()) not in _TENSOR_NUMBERS:
                    raise ValueError(f"{name[:80]!r} holds {kind}; expected one of {', '.join(_TENSOR_NUMBERS)}")
                size += 8 * math.prod(file.get_slice(name).get_shape())
            _require_size(path, size, limit)
            return {
                name: _widened(path, begin, header[name])
                if file.get_slice(name).get_dtype() == "BF16"
                else file.get_tensor(name)
                for name in file.keys()  # noqa: SIM118
            }
    except (SafetensorError, OSError) as problem:
        raise ValueError(f"{path.name} cannot be read ({_short(problem)}); expected a .safetensors file") from problem


_NO_HEADER = (ValueError, LookupError, TypeError, SyntaxError, TokenError, RecursionError, MemoryError, Warning)
"""What NumPy's parser of headers, which only accepts literals, raises for other bytes."""

_Header: TypeAlias = tuple[tuple[int, ...], bool, np.dtype[Any]]


def _header(archive: zipfile.ZipFile, member: zipfile.ZipInfo, path: Path) -> _Header:
    """Shape, whether in Fortran order, and dtype of one member, after checking them against the archive."""
    name = member.filename
    if not name.endswith(".npy"):
        raise ValueError(f"{path.name} holds {name!r}; expected arrays alone, as numpy.savez writes them")
    if member.compress_type not in _METHODS:
        raise ValueError(f"{name[:80]!r} is compressed in an unusual way; expected stored or deflated members")
    with archive.open(member) as file:
        start_of_file = io.BytesIO(file.read(_HEADER))
    return _header_of(start_of_file, name, member.file_size)


def _header_of(file: IO[bytes], name: str, size: int) -> _Header:
    """The header at the start of an array that takes `size` bytes with it."""
    shape, fortran, dtype = _parsed(file, name)
    start = file.tell()
    if dtype.hasobject:
        raise ValueError(f"{name!r} holds pickled objects, which are never loaded; expected an array of numbers")
    if dtype.kind not in _NUMBERS_AND_TEXT:
        raise ValueError(f"{name!r} has dtype {dtype}; expected real numbers")
    if size != start + _bytes(shape, dtype):
        raise ValueError(f"{name!r} has {size} bytes; expected {start + _bytes(shape, dtype)} for {shape}")
    return shape, fortran, dtype


def _parsed(file: IO[bytes], name: str) -> _Header:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # NumPy warns of headers that only Python 2 wrote
            shape, fortran, dtype = _READERS[npy.read_magic(file)](file)
    except _NO_HEADER as problem:
        raise ValueError(f"{name!r} has no readable header; expected an array as numpy.savez writes it") from problem
    if any(side < 0 for side in shape):
        raise ValueError(f"{name!r} has shape {shape}; expected sides of at least 0")
    return shape, fortran, dtype


def _array(archive: zipfile.ZipFile, member: zipfile.ZipInfo, header: _Header) -> NDArray[Any]:
    shape, fortran, dtype = header
    size = _bytes(shape, dtype)
    with archive.open(member) as file:
        file.seek(member.file_size - size)
        content = file.read(size)
    if len(content) != size:
        raise ValueError(f"{member.filename!r} ends after {len(content)} bytes; expected {size}")
    return np.ndarray(shape, dtype, content, order="F" if fortran else "C")


def _bytes(shape: tuple[int, ...], dtype: np.dtype[Any]) -> int:
    return math.prod(shape) * dtype.itemsize


def _unpacked(shape: tuple[int, ...], dtype: np.dtype[Any]) -> int:
    """The size of an array in computations, where small integers become 64-bit numbers."""
    return math.prod(shape) * max(dtype.itemsize, 8)


def require_regular_file(path: Path, limit: int) -> None:
    """Refuse what is no regular file, or is larger than `limit` bytes.

    Raises
    ------
    ValueError
        With the name of the file and what was expected.
    """
    if path.exists() and not path.is_file():
        raise ValueError(f"{path.name} is no regular file; expected one")
    _require_size(path, path.stat().st_size, limit)


def require_stored_archive(path: Path, limit: int) -> None:
    """Refuse an archive that another library is to read and that could grow beyond `limit` bytes on unpacking.

    Raises
    ------
    ValueError
        If the file is no archive, or its members declare more than `limit` bytes.
    """
    try:
        if _directory_size(path) > _DIRECTORY:
            raise ValueError(f"{path.name} has a long table of contents")
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, OSError, ValueError, struct.error) as problem:
        raise ValueError(f"{path.name} cannot be read ({_short(problem)}); expected an archive of arrays") from problem
    for one in members:
        if one.compress_type not in _METHODS:
            raise ValueError(
                f"{one.filename[:80]!r} is compressed in an unusual way; expected stored or deflated members"
            )
    _require_size(path, sum(one.file_size for one in members), limit)


def _require_size(path: Path, size: int, limit: int) -> None:
    if size > limit:
        raise ValueError(f"{path.name} holds {size / 2**20:.0f} MiB; expected at most {limit / 2**20:.0f} MiB")


def _require_small_directory(path: Path) -> None:
    """Refuse a table of contents of millions of members before it is read; in the files of NumPy nothing follows it."""
    with path.open("rb") as file:
        end = file.seek(0, io.SEEK_END)
        file.seek(max(0, end - 42))
        tail = file.read()
    if tail[-22:-18] != b"PK\5\6" or tail[-2:] != b"\0\0":
        raise zipfile.BadZipFile("its end is no table of contents")
    if tail[:4] == b"PK\6\7" or struct.unpack("<L", tail[-10:-6])[0] > _DIRECTORY:
        raise ValueError(f"{path.name} has a long table of contents; expected at most {_MOST_ARRAYS} arrays")


def _widened(path: Path, begin: int, entry: Mapping[str, Any]) -> NDArray[np.float32]:
    """A BF16 tensor as 32-bit numbers; `safe_open` has checked its place and size."""
    start, end = entry["data_offsets"]
    with path.open("rb") as file:
        file.seek(begin + start)
        halves = np.frombuffer(file.read(end - start), "<u2")
    return (halves.astype("<u4") << 16).view("<f4").reshape(entry["shape"])


def _directory_size(path: Path) -> int:
    """The bytes of the table of contents, also of an archive in the 64-bit format, which PyTorch writes.

    References
    ----------
    PKWARE, "APPNOTE.TXT - .ZIP File Format Specification", sections 4.3.14 to 4.3.16.
    """
    with path.open("rb") as file:
        end = file.seek(0, io.SEEK_END)
        file.seek(max(0, end - 42))
        tail = file.read()
        if tail[-22:-18] != b"PK\5\6" or tail[-2:] != b"\0\0":
            raise zipfile.BadZipFile("its end is no table of contents")
        if tail[:4] != b"PK\6\7":
            return int(struct.unpack("<L", tail[-10:-6])[0])
        file.seek(min(end, struct.unpack("<Q", tail[8:16])[0]))
        return int(struct.unpack("<4s36xQ", file.read(48))[1])


def _small_header(path: Path) -> tuple[int, dict[str, Any]]:
    """Where the tensors begin, and their header.

    A header of many megabytes is refused before it is parsed, and one that `safe_open` would print in its complaint.
    """
    with path.open("rb") as file:
        start = file.read(8)
        length = int.from_bytes(start, "little")
        if len(start) < 8 or length > _TENSOR_HEADER:
            raise ValueError(f"{path.name} declares a header of {length} bytes; expected at most {_TENSOR_HEADER}")
        header = file.read(length)
    try:
        return 8 + length, dict(json.loads(header))
    except (ValueError, TypeError, RecursionError) as problem:
        raise ValueError(f"{path.name} has no readable header; expected a .safetensors file") from problem


def _short(problem: Exception) -> str:
    return " ".join(str(problem).split())[:120] or type(problem).__name__
