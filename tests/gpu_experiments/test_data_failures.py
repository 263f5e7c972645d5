"""Readers: every problem gives a message of one line that states what was expected."""

import os
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpu_experiments.data import sources
from gpu_experiments.data.batches import read_batch
from gpu_experiments.data.published import BINARY, CLASSES, PAGE, PYTHON
from tests.gpu_experiments.manufactured import (
    batches,
    binary_files,
    python_files,
    write_archive,
    write_folder,
)
from tests.gpu_experiments.refusals import refused

RECORD = 3073


def test_where_nothing_is_the_line_tells_how_to_get_the_data(tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "wrong").mkdir()
    (tmp_path / "wrong" / "letter.txt").write_text("to whom it may concern")
    for name, words in (
        ("none", "nothing is there"),
        ("empty", "it is an empty folder"),
        ("wrong", "it holds letter.txt"),
    ):
        message = refused(tmp_path / name)
        assert message.startswith(f"{words}; expected ")
        assert PAGE in message
        assert PYTHON.archive in message


@pytest.mark.parametrize("layout", [BINARY, PYTHON], ids=["binary", "python"])
def test_a_missing_batch_is_named(layout, tmp_path):
    files = (python_files if layout.pickled else binary_files)(batches(0))
    del files[layout.batches[2]]
    assert f"lacks {layout.batches[2]}; expected all batches" in refused(write_folder(tmp_path / "folder", files))
    assert f"lacks {layout.batches[2]}; expected" in refused(write_archive(tmp_path / "a.tar.gz", files))


@given(length=st.integers(0, 3 * RECORD).filter(lambda n: n == 0 or n % RECORD))
def test_a_binary_batch_of_broken_records_is_refused(length):
    with pytest.raises(ValueError, match=rf"^x has {length} bytes; expected records of {RECORD} "):
        read_batch(BINARY, bytes(length), "x")


@given(label=st.integers(10, 255), place=st.integers(0, 2))
def test_a_binary_label_out_of_range_is_named_with_its_place(label, place):
    content = bytearray(3 * RECORD)
    content[place * RECORD] = label
    with pytest.raises(ValueError, match=rf"^label of image {place} in x is {label}; expected 0 \.\.\. 9$"):
        read_batch(BINARY, bytes(content), "x")


@pytest.mark.parametrize(("written", "layout"), [(binary_files, BINARY), (python_files, PYTHON)])
def test_names_of_other_classes_are_refused(written, layout, tmp_path):
    names = ["apple", *CLASSES[1:]]
    meta = pickle.dumps({"label_names": names}) if layout.pickled else "\n".join(names).encode()
    folder = write_folder(tmp_path, written(batches(3)) | {layout.meta: meta})
    assert f"{layout.meta} names the classes 'apple', 'automobile'" in refused(folder)


def test_what_is_no_file_is_refused(tmp_path):
    folder = write_folder(tmp_path / "folder", binary_files(batches(4)))
    (folder / "test_batch.bin").unlink()
    (folder / "test_batch.bin").mkdir()
    assert f"{folder / 'test_batch.bin'} is no regular file" in refused(folder)
    (folder / "test_batch.bin").rmdir()
    os.mkfifo(folder / "test_batch.bin")
    assert f"{folder / 'test_batch.bin'} is no regular file" in refused(folder)


def test_a_file_that_cannot_be_opened_is_told(monkeypatch, tmp_path):
    folder = write_folder(tmp_path, binary_files(batches(5)))

    def denied(path, *_):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("pathlib.Path.open", denied)
    assert (
        refused(folder) == f"{folder / 'data_batch_1.bin'} cannot be read (Permission denied); expected readable data"
    )


def test_a_file_that_is_too_large_is_refused(monkeypatch, tmp_path):
    monkeypatch.setattr(sources, "FILE_LIMIT", RECORD)
    assert "data_batch_1.bin has more than" in refused(write_folder(tmp_path, binary_files(batches(6))))
