"""Random streams derived from one root seed by name."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np

_WORD_BYTES = 4
_KEY_WORDS = 4  # 128 bits: two of n names share a stream with probability below n^2 / 2^129


@dataclass(frozen=True)
class Streams:
    """Named random streams below one root seed.

    A stream depends on the seed and its own name alone, so a new name shifts no other. Names are paths:
    ``streams.child("a").generator("b")`` is ``streams.generator("a/b")``.

    Attributes
    ----------
    seed : int
        The root seed, at least 0.
    prefix : str
        The path that every name starts with; empty at the root.

    Raises
    ------
    ValueError
        If `seed` is negative.

    Examples
    --------
    A name draws the same numbers, independently of other draws:

    >>> streams = Streams(0)
    >>> first = streams.generator("data/train").random(3)
    >>> again = streams.child("data").generator("train").random(3)
    >>> bool((first == again).all())
    True
    """

    seed: int
    prefix: str = ""

    def __post_init__(self) -> None:
        if self.seed < 0:
            raise ValueError(f"seed is {self.seed}; expected an integer of at least 0")

    def generator(self, name: str) -> np.random.Generator:
        """Return the generator of the stream called `name`, at its beginning.

        Raises
        ------
        ValueError
            If `name` is empty.
        """
        digest = hashlib.blake2b(self._path(name).encode(), digest_size=_KEY_WORDS * _WORD_BYTES).digest()
        key = tuple(
            int.from_bytes(digest[start : start + _WORD_BYTES], "little")
            for start in range(0, len(digest), _WORD_BYTES)
        )
        sequence = np.random.SeedSequence(self.seed, spawn_key=key)
        return np.random.Generator(np.random.PCG64(sequence))

    def child(self, prefix: str) -> Streams:
        """Return the streams whose names start with `prefix`.

        Raises
        ------
        ValueError
            If `prefix` is empty.
        """
        return Streams(self.seed, self._path(prefix))

    def _path(self, name: str) -> str:
        if not name:
            raise ValueError("name is empty; expected a name of at least one character")
        return f"{self.prefix}/{name}" if self.prefix else name
