"""Numbers that are exact where possible, and balls otherwise."""

from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from math import isqrt
from typing import Any

import numpy as np
from flint import arb, ctx, fmpq, fmpq_mat
from sympy import Rational

from numerics.exact import ExactArray, fractions


def ball(x: Any) -> arb:
    """A ball that contains a fraction or an integer; a ball is returned unchanged."""
    return x if isinstance(x, arb) else arb(fmpq(int(x.numerator), int(x.denominator)))


def balls(values: ExactArray) -> ExactArray:
    """Balls that contain the entries of an array, in its shape."""
    return np.asarray(np.frompyfunc(ball, 1, 1)(values), dtype=object)


def root(square: Fraction) -> Fraction | arb:
    """The square root of a fraction: a fraction if it is rational, otherwise a ball."""
    square = Fraction(square)
    exact = Fraction(isqrt(square.numerator), isqrt(square.denominator))
    return exact if exact**2 == square else ball(square).sqrt()


def rational(x: Fraction) -> Rational:
    """The same number as a SymPy rational."""
    return Rational(x.numerator, x.denominator)


def fraction(x: Rational | fmpq) -> Fraction:
    """The same number as a Python fraction."""
    return Fraction(int(x.p), int(x.q))


def flint_matrix(values: ExactArray) -> fmpq_mat:
    """The same matrix, shape (m, n), as a FLINT matrix, which solves and inverts exactly."""
    return fmpq_mat(*values.shape, [fmpq(*Fraction(x).as_integer_ratio()) for x in values.flat])


def fraction_matrix(matrix: Any) -> ExactArray:
    """A matrix of FLINT or SymPy rationals as an array of Python fractions, shape (m, n)."""
    return fractions([[fraction(x) for x in row] for row in matrix.tolist()])


def squared(x: Any) -> Any:
    """`x` times itself: for a ball around zero, python-flint's power 2 is not a number."""
    return x * x


@contextmanager
def precision(bits: int) -> Iterator[None]:
    """Run the block with balls of `bits` bits of precision, and restore the previous precision afterwards."""
    before = ctx.prec
    ctx.prec = bits
    try:
        yield
    finally:
        ctx.prec = before
