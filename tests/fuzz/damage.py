"""Bytes that were whole before they were damaged: flipped, cut, repeated, overwritten, inserted."""

from collections.abc import Callable

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


@st.composite
def damaged(draw: st.DrawFn, whole: st.SearchStrategy[bytes]) -> bytes:
    """What `whole` draws, after up to four edits, most of them near its ends, where headers and tables stand."""
    content = draw(whole)
    for edit, place, near, how in draw(
        st.lists(
            st.tuples(st.sampled_from(_EDITS), st.integers(0, 2**20), st.booleans(), st.integers(0, 63)), max_size=_MOST
        )
    ):
        if content:
            within = min(len(content), 300)
            at = place % within if near else len(content) - 1 - place % len(content)
            content = edit(content, at, how)
    return content
