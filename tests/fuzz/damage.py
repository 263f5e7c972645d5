"""Bytes that were whole before they were damaged: flipped, cut, repeated, overwritten, inserted."""

import random
from collections.abc import Callable, Iterator

from hypothesis import strategies as st

_MOST = 4  # edits of one input: with more of them little is left that gets past the first check
_TELLING = (b"\xff" * 4, b"\x00" * 4, b"\xff\xff\xff\x7f", b"9" * 20, b"-1", b"nan", b"1e999", b"\x1b[2J", b"(" * 50)


def _flip(content: bytes, at: int, how: int) -> bytes:
    return content[:at] + bytes([content[at] ^ (1 << how % 8)]) + content[at + 1 :]


def _cut(content: bytes, at: int, _how: int) -> bytes:
    return content[:at]


def _drop(content: bytes, at: int, how: int) -> bytes:
    return content[:at] + content[at + 1 + how :]


def _repeat(content: bytes, at: int, how: int) -> bytes:
    return content[:at] + content[at : at + 1 + how] * (1 + how) + content[at + 1 + how :]


def _overwrite(content: bytes, at: int, how: int) -> bytes:
    telling = _TELLING[how % len(_TELLING)]
    return content[:at] + telling + content[at + len(telling) :]


def _insert(content: bytes, at: int, how: int) -> bytes:
    return content[:at] + _TELLING[how % len(_TELLING)] + content[at:]


_EDITS: tuple[Callable[[bytes, int, int], bytes], ...] = (_flip, _cut, _drop, _repeat, _overwrite, _insert)


def edited(content: bytes, edit: int, place: int, near: bool, how: int) -> bytes:
    """`content` after one edit, near its beginning or anywhere."""
    if not content:
        return content
    at = place % min(len(content), 300) if near else len(content) - 1 - place % len(content)
    return _EDITS[edit % len(_EDITS)](content, at, how)


@st.composite
def damaged(draw: st.DrawFn, whole: st.SearchStrategy[bytes]) -> bytes:
    """What `whole` draws, after up to four edits, many of them near its beginning, where headers stand."""
    content = draw(whole)
    edits = st.tuples(st.integers(0, 5), st.integers(0, 2**20), st.booleans(), st.integers(0, 63))
    for edit in draw(st.lists(edits, max_size=_MOST)):
        content = edited(content, *edit)
    return content


def variants(content: bytes, rng: random.Random, count: int) -> Iterator[bytes]:
    """`content` damaged in so many ways, which takes less time than to draw each of them."""
    for _ in range(count):
        found = content
        for _ in range(rng.randint(0, _MOST)):
            found = edited(found, rng.randrange(6), rng.randrange(2**20), rng.random() < 0.5, rng.randrange(64))
        yield found
