"""Numbers that are exact where they can be, and balls where they cannot."""

from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from math import isqrt
from typing import Any

import numpy as np
from flint import arb, ctx, fmpq
from sympy import Rational

from numerics.exact import ExactArray


def ball(x: Any) -> arb:
    """A ball around a fraction or an integer; a ball as it is."""
    return x if isinstance(x, arb) else arb(fmpq(int(x.numerator), int(x.denominator)))


def balls(values: ExactArray) -> ExactArray:
    """Balls around the entries of an array, in its shape."""
    return np.asarray(np.frompyfunc(ball, 1, 1)(values), dtype=object)


def root(square: Fraction) -> Fraction | arb:
    """The square root of a fraction: a fraction where that is one, else a ball."""
    square = Fraction(square)
    exact = Fraction(isqrt(square.numerator), isqrt(square.denominator))
    return exact if exact**2 == square else ball(square).sqrt()


def rational(x: Fraction) -> Rational:
    """The same number for SymPy."""
    return Rational(x.numerator, x.denominator)


def fraction(x: Rational) -> Fraction:
    """The same number as a fraction of Python."""
    return Fraction(int(x.p), int(x.q))


def squared(x: Any) -> Any:
    """`x` times itself: python-flint makes no number of the power 2 of a ball around zero."""
    return x * x


@contextmanager
def precision(bits: int) -> Iterator[None]:
    """Balls have that many bits inside, and as many as before outside."""
    before = ctx.prec
    ctx.prec = bits
    try:
        yield
    finally:
        ctx.prec = before
