"""Python batches are read or refused with one line, and nothing in them is ever executed."""

import os
import pickle
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpu_experiments.data.batches import read_batch
from gpu_experiments.data.published import PYTHON
from tests.gpu_experiments.manufactured import (
    batches,
    python_2_files,
    python_files,
    write_folder,
)
from tests.gpu_experiments.refusals import refused

RECORD = 3073
PIXELS = np.zeros((2, RECORD - 1), dtype=np.uint8)


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        ({"data": PIXELS}, "but no 'labels'"),
        ({"data": PIXELS, "fine_labels": [0, 1]}, "but no 'labels'"),
        ({"labels": [0, 1]}, "but no 'data'"),
        ({"data": PIXELS, "labels": [0]}, "'labels' in x has shape (1,); expected (2,)"),
        ({"data": PIXELS, "labels": [0, 10]}, "label of image 1 in x is 10; expected 0 ... 9"),
        ({"data": PIXELS, "labels": [-1, 0]}, "label of image 0 in x is -1"),
        ({"data": PIXELS, "labels": [0, 2**70]}, "'labels' in x holds no whole numbers"),
        ({"data": PIXELS, "labels": [0, "1"]}, "'labels' in x holds no whole numbers"),
        ({"data": PIXELS, "labels": [0, 1.5]}, "'labels' in x holds no whole numbers"),
        ({"data": PIXELS, "labels": [False, True]}, "'labels' in x holds no whole numbers"),
        ({"data": PIXELS.astype(float), "labels": [0, 1]}, "'data' in x holds no whole numbers"),
        ({"data": PIXELS.astype(object), "labels": [0, 1]}, "'data' in x holds no whole numbers"),
        ({"data": PIXELS.astype(np.int8), "labels": [0, 1]}, "'data' in x is int8 (2, 3072); expected uint8"),
        ({"data": PIXELS[:, :-1], "labels": [0, 1]}, "'data' in x is uint8 (2, 3071); expected uint8 (n, 3072)"),
        ({"data": PIXELS[:0], "labels": []}, "'data' in x is uint8 (0, 3072)"),
        ({"data": None, "labels": [0, 1]}, "'data' in x holds no whole numbers"),
        ([1, 2], "x holds a list; expected a dictionary"),
    ],
)
def test_a_python_batch_that_is_not_one_is_refused(entries, message):
    with pytest.raises(ValueError, match="expected") as caught:
        read_batch(PYTHON, pickle.dumps(entries, 4), "x")
    assert message in str(caught.value)


@given(data=st.data())
def test_a_damaged_pickle_is_read_or_refused_but_never_ends_otherwise(data):
    content = bytearray(python_2_files(batches(1, (1,) * 6))["test_batch"])
    for place in data.draw(st.lists(st.integers(0, 250), min_size=1, max_size=4)):
        content[place] = data.draw(st.integers(0, 255))
    end = data.draw(st.integers(0, len(content)))
    for damaged in (bytes(content), bytes(content[:end])):
        try:
            read_batch(PYTHON, damaged, "x")
        except ValueError as problem:
            message = str(problem)
            assert ("\n" in message, "expected" in message) == (False, True)


class Harmful:
    """Calls a function when it is unpickled."""

    def __init__(self, call, *arguments):
        self.call, self.arguments = call, arguments

    def __reduce__(self):
        return self.call, self.arguments


@pytest.mark.parametrize(
    ("call", "arguments", "named"),
    [
        (os.mkdir, ("{}",), "mkdir"),
        (eval, ("__import__('os').mkdir('{}')",), "eval"),
        (exec, ("import os; os.mkdir('{}')",), "exec"),
        (np.fromfile, ("{}",), "fromfile"),
        (np.array, ([1],), "array"),
        (getattr, ("text", "upper"), "getattr"),
    ],
)
@pytest.mark.parametrize("protocol", range(5))
def test_nothing_in_a_pickle_is_executed(call, arguments, named, protocol, tmp_path):
    mark = tmp_path / "mark"
    filled = tuple(one.format(mark) if isinstance(one, str) else one for one in arguments)
    harmful = Harmful(call, *filled)
    files = python_files(batches(2)) | {"test_batch": pickle.dumps({"data": harmful}, protocol)}
    message = refused(write_folder(tmp_path / "folder", files))
    assert message.startswith("test_batch calls ")
    assert named in message
    assert "nothing was executed" in message
    assert not mark.exists()
    pickle.loads(pickle.dumps(Harmful(os.mkdir, str(mark))))  # noqa: S301 - the control: unrestricted, it is executed
    assert mark.exists()


def test_the_functions_of_numpy_are_not_called_either():
    huge = 2**40
    kept = {"data": Harmful(np.ndarray, (huge,)), "labels": Harmful(np.dtype, "O")}
    tracemalloc.start()
    with pytest.raises(ValueError, match="'data' in x holds no whole numbers"):
        read_batch(PYTHON, pickle.dumps(kept), "x")
    assert tracemalloc.get_traced_memory()[1] < 2**20
    tracemalloc.stop()


def test_a_small_pickle_does_not_take_much_memory():
    for content in (
        b"\x80\x02}r\xff\xff\xff\xff.",
        b"\x80\x02}r\x00\x00\x00\x10.",
        b"\x80\x04\x8e" + b"\xff" * 7 + b"\x7f.",
        b"}p4000000000\n.",
    ):
        tracemalloc.start()
        with pytest.raises(ValueError, match=r"^x cannot be read"):
            read_batch(PYTHON, content, "x")
        assert tracemalloc.get_traced_memory()[1] < 2**20
        tracemalloc.stop()


@pytest.mark.parametrize("protocol", range(6))
def test_a_batch_is_read_in_every_protocol(protocol):
    batch = {b"data": PIXELS, b"labels": [3, 4], b"batch_label": b"one", b"filenames": [b"a.png", b"b.png"]}
    assert read_batch(PYTHON, pickle.dumps(batch, protocol), "x").labels.tolist() == [3, 4]


NESTED = b"\x85" * 200_000


@pytest.mark.parametrize(
    "content",
    [
        b"\x80\x02})" + NESTED + b"K\x01s.",  # a tuple of tuples for a key: hashing it overflows the stack of C
        b"\x80\x02})" + NESTED + b".",
        b"\x80\x02}U\x04data)" + NESTED + b"sU\x06labels]s.",
        b"\x80\x02" + b"(" * 200_000 + b"." * 9,
        b"\x80\x02]" + b"2" * 9 + b".",
        b"N" * (2**20 + 1) + b".",
        b"\x80\x02}(" + b"NN" * 9 + b"u.",
        b"K\x01.",
        b"\x80\x02u.",
        b"t.",
    ],
)
def test_pickles_without_end_or_sense_are_refused_at_little_cost(content):
    tracemalloc.start()
    with pytest.raises(ValueError, match=r"expected"):
        read_batch(PYTHON, content, "x")
    assert tracemalloc.get_traced_memory()[1] < 2**26
    tracemalloc.stop()


def test_the_same_text_is_not_made_into_bytes_over_and_over():
    text = b"\x80\x02X" + (2**20).to_bytes(4, "little") + b"a" * 2**20 + b"q\x000c_codecs\nencode\nq\x010"
    text += b"X\x06\x00\x00\x00latin1q\x020]"
    content = text + b"h\x01h\x00h\x02\x86Ra" * 500 + b"."
    tracemalloc.start()
    with pytest.raises(ValueError, match="makes more bytes than it has"):
        read_batch(PYTHON, content, "x")
    assert tracemalloc.get_traced_memory()[1] < 2**24
    tracemalloc.stop()
