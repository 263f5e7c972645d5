"""Archives that are damaged, dangerous or too large are refused with one line, and nothing is unpacked."""

import gzip
import io
import tarfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpu_experiments.data import sources
from tests.gpu_experiments.manufactured import (
    batches,
    binary_files,
    python_files,
    write_archive,
    write_folder,
)
from tests.gpu_experiments.refusals import refused


def test_a_file_that_is_no_archive_is_refused(tmp_path):
    path = tmp_path / "a.tar.gz"
    for content in (b"", b"text", b"\x1f\x8b", gzip.compress(b""), gzip.compress(b"text"), gzip.compress(bytes(4096))):
        path.write_bytes(content)
        assert refused(path).startswith(path.name)
    batch = write_folder(tmp_path, binary_files(batches(7))) / "test_batch.bin"
    assert f"{batch.name} cannot be read (Not a gzipped file" in refused(batch)


@given(share=st.floats(0, 1, exclude_max=True))
def test_a_truncated_archive_is_refused(share, tmp_path_factory):
    whole = write_archive(tmp_path_factory.mktemp("whole") / "a.tar.gz", binary_files(batches(8, (1,) * 6)))
    content = whole.read_bytes()
    cut = whole.with_name("cut.tar.gz")
    cut.write_bytes(content[: int(share * len(content))])
    assert refused(cut).startswith(cut.name)


def test_an_archive_whose_check_sum_is_wrong_is_refused(tmp_path):
    path = write_archive(tmp_path / "a.tar.gz", binary_files(batches(9)))
    content = bytearray(path.read_bytes())
    content[-8] ^= 1
    path.write_bytes(content)
    assert "CRC check failed" in refused(path)


def member(name, kind=tarfile.REGTYPE, size=0, target=""):
    """A member without content."""
    one = tarfile.TarInfo(name)
    one.type, one.size, one.linkname = kind, size, target
    return one


@pytest.mark.parametrize(
    ("harmful", "message"),
    [
        (member("../data_batch_1.bin"), "holds '../data_batch_1.bin'; expected names inside of one folder"),
        (member("a/../../b"), "holds 'a/../../b'; expected names inside"),
        (member("/etc/passwd"), "holds '/etc/passwd'; expected names inside"),
        (member("..\\b"), "expected names inside"),
        (member("a/test_batch.bin", tarfile.SYMTYPE, target="/etc/passwd"), "a link or device"),
        (member("a/test_batch.bin", tarfile.LNKTYPE, target="b"), "a link or device"),
        (member("a/test_batch.bin", tarfile.FIFOTYPE), "a link or device"),
        (member("a/test_batch.bin", tarfile.CHRTYPE), "a link or device"),
        (member("a/test_batch.bin", size=2**40), "has more than 64 MiB"),
    ],
)
def test_dangerous_members_are_refused(harmful, message, tmp_path):
    content = io.BytesIO(harmful.tobuf() + bytes(1024))
    path = tmp_path / "a.tar.gz"
    path.write_bytes(gzip.compress(content.getvalue()))
    assert message in refused(path)
    assert [one.name for one in tmp_path.iterdir()] == ["a.tar.gz"]


def test_an_archive_of_endless_content_or_headers_is_refused(monkeypatch, tmp_path):
    files = binary_files(batches(10))
    many = [member(f"a/{i}") for i in range(sources.MOST_MEMBERS)]
    assert "64 members or more" in refused(write_archive(tmp_path / "many.tar.gz", files, *many))
    nested = b"".join(member("x", tarfile.GNUTYPE_LONGNAME).tobuf(tarfile.GNU_FORMAT) for _ in range(5000))
    (tmp_path / "nested.tar.gz").write_bytes(gzip.compress(nested))
    assert "cannot be read" in refused(tmp_path / "nested.tar.gz")
    monkeypatch.setattr(sources, "ARCHIVE_LIMIT", 2**20)
    bomb = member("x", tarfile.XHDTYPE, size=2**30).tobuf() + bytes(2**22)
    (tmp_path / "bomb.tar.gz").write_bytes(gzip.compress(bomb))
    assert "more than 1 MiB in it" in refused(tmp_path / "bomb.tar.gz")


def test_an_archive_of_something_else_of_both_or_of_one_file_twice_is_refused(tmp_path):
    parts = batches(11)
    path = tmp_path / "a.tar.gz"
    assert "holds no batches of CIFAR-10" in refused(write_archive(path, {"letter.txt": b"dear"}))
    assert "both python and binary" in refused(write_archive(path, binary_files(parts) | python_files(parts)))
    twice = binary_files(parts) | {"again/test_batch.bin": binary_files(parts)["test_batch.bin"]}
    assert "holds test_batch.bin twice" in refused(write_archive(path, twice))
