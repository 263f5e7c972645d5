"""Bounds on the worst case in an l1, l2 or linf ball: sound at every size, tight where few gates are within reach."""

from numerics.bounds.enclosing import CLOSED, enclose, output_rounding

__all__ = ["CLOSED", "enclose", "output_rounding"]
