"""What the fields of a record must satisfy together; each failure is one line that names the field."""

import math
import re
from collections.abc import Collection
from pathlib import PurePath


def require(condition: bool, found: str, expected: str) -> None:
    """Nothing where the condition holds.

    Raises
    ------
    ValueError
        `found`; expected `expected`.
    """
    if not condition:
        raise ValueError(f"{found}; expected {expected}")


def require_count(name: str, share: float, images: int) -> None:
    """Nothing where `share` is a count over `images`, up to the rounding of one division and one product.

    Raises
    ------
    ValueError
        If it is none, or not in [0, 1].
    """
    slack = 2 * images * math.ulp(1.0)
    is_count = 0 <= share <= 1 and abs(share * images - round(share * images)) <= slack
    require(is_count, f"{name} is {share}", f"a count divided by images, which is {images}")


def require_same_names(name: str, found: Collection[str], other: str, expected: Collection[str]) -> None:
    """Nothing where two mappings have the same keys.

    Raises
    ------
    ValueError
        If they have not.
    """
    require(set(found) == set(expected), f"{name} has {sorted(found)}", f"the names of {other}, {sorted(expected)}")


def require_file_beside(name: str, value: str, ending: str) -> None:
    """Nothing where `value` is the plain name of a file with this ending, which leads to no other folder.

    Raises
    ------
    ValueError
        If it is none.
    """
    is_plain = re.fullmatch(r"[\w][\w.+-]*", value) is not None and PurePath(value).suffix == ending
    require(is_plain, f"{name} is {value!r}", f"the name of a {ending} file beside the record")
