"""Equality of what two training runs leave behind."""

import dataclasses

import numpy as np

from numerics.backend import to_numpy


def assert_same_record(one, other):
    """Equality to the last bit: the same products in the same order."""
    for field in dataclasses.fields(one):
        mine, theirs = getattr(one, field.name), getattr(other, field.name)
        if field.name == "plan":
            assert mine is theirs
        elif dataclasses.is_dataclass(mine):
            assert_same_record(mine, theirs)
        else:
            assert np.array_equal(to_numpy(mine), to_numpy(theirs), equal_nan=True), field.name
