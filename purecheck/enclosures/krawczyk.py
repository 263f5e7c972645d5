"""Certified solutions of equations: a box that holds exactly one root, by Krawczyk's operator in ball arithmetic."""

from collections.abc import Sequence

import numpy as np
import scipy.optimize
import sympy
from flint import arb, arb_mat, ctx
from sympy import Expr, Symbol

from numerics.arrays import Floats
from purecheck.enclosures.certify import enclose_at
from purecheck.enclosures.problems import NotEnclosedError

_BITS = 128  # twice as many as a float has, so that the rounding of the start decides nothing


def critical_point(f: Expr, unknowns: Sequence[Symbol], start: Sequence[float], radius: float = 1e-8) -> list[arb]:
    """Balls that hold exactly one zero of the gradient of `f`, near the one that Newton's method finds from `start`.

    Parameters
    ----------
    f
        Twice differentiable near the zero; no other free symbols than `unknowns`.
    radius
        Of the box in which the zero is shown to exist and to be the only one.

    Raises
    ------
    NotEnclosedError
        If the box is not shown to hold exactly one zero.

    References
    ----------
    R. Krawczyk, "Newton-Algorithmen zur Bestimmung von Nullstellen mit Fehlerschranken", Computing 4 (1969).
    """
    gradient = sympy.Matrix([f]).jacobian(sympy.Matrix(unknowns))
    hessian = gradient.jacobian(sympy.Matrix(unknowns))
    slope, curvature = (sympy.lambdify(unknowns, matrix, "scipy") for matrix in (gradient, hessian))

    def newton_slope(x: Floats) -> Floats:
        return np.ravel(slope(*x))

    def newton_curvature(x: Floats) -> Floats:
        return np.asarray(curvature(*x))

    near = scipy.optimize.root(newton_slope, np.asarray(start, dtype=float), jac=newton_curvature).x
    before = ctx.prec
    ctx.prec = _BITS
    try:
        return _krawczyk(list(gradient), hessian, unknowns, near, radius)
    finally:
        ctx.prec = before


def _krawczyk(
    equations: list[Expr], jacobian: sympy.Matrix, unknowns: Sequence[Symbol], near: Floats, radius: float
) -> list[arb]:
    size = len(unknowns)
    point = [arb(float(x)) for x in near]
    box = [arb(float(x), radius) for x in near]
    at_point, over_box = (dict(zip(unknowns, values, strict=True)) for values in (point, box))
    value = arb_mat(size, 1, [enclose_at(equation, at_point, _BITS) for equation in equations])
    slopes = arb_mat(size, size, [enclose_at(entry, over_box, _BITS) for entry in jacobian])
    inverse = slopes.mid().inv().mid()
    identity = arb_mat(size, size, [int(i == j) for i in range(size) for j in range(size)])
    spread = arb_mat(size, 1, [arb(0, radius)] * size)
    image = arb_mat(size, 1, point) - inverse * value + (identity - inverse * slopes) * spread
    if not all(old.contains_interior(new) for old, new in zip(box, image.entries(), strict=True)):
        raise NotEnclosedError(f"no box of radius {radius:g} around {near} is shown to hold exactly one zero")
    return list(image.entries())
