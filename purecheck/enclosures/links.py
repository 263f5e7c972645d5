"""A second opinion on algebra: both sides of a link in ball arithmetic, at random points of its range.

The first opinion is that of `theory.algebra`, which rewrites with SymPy. Here nothing is rewritten: sides that differ
as functions differ at a random point, unless it happens to be one of the rare points at which they agree. For
polynomials: J. Schwartz, "Fast probabilistic algorithms for verification of polynomial identities", Journal of the ACM
27 (1980).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from operator import add, mul
from typing import Any

import numpy as np
from flint import acb, acb_mat, arb, ctx
from sympy import Basic
from sympy.matrices import MatrixBase
from sympy.matrices.expressions import (
    BlockMatrix,
    DiagMatrix,
    Identity,
    MatAdd,
    MatMul,
    MatrixExpr,
    MatrixSymbol,
    Transpose,
)

from purecheck.enclosures.balls import ball
from purecheck.enclosures.points import RandomPoint
from purecheck.enclosures.problems import NotEnclosedError
from theory.algebra import Box
from theory.derivation import Derivation, Proof, Step

POINTS = 8
"""At which a link must hold: a slip about the sign of one symbol then passes once in 2^8 times."""
_TRIES = 32
"""Points that are drawn until there are as many at which both sides have values."""
_BITS = 256  # links lose tens of digits where they cancel; half of these are left to decide by
_RESOLUTION = arb(2) ** (-_BITS // 2)
"""Relative radius up to which a ball around zero counts as zero: half of the digits may be lost to cancellation."""


@dataclass(frozen=True)
class Link:
    """A link of a proof, with the range and the orthogonal matrices of its chain."""

    step: Step
    box: Box
    orthogonal: tuple[MatrixExpr, ...] = ()


@dataclass(frozen=True)
class Opinion:
    """What the points say of a link.

    Attributes
    ----------
    link
        The link.
    holds
        True if it holds at `POINTS` points, False if it certainly fails at one, None if it could not be evaluated at
        that many.
    where
        The point at which it fails, or why it could not be evaluated.
    """

    link: Link
    holds: bool | None
    where: str = ""


def chains_of(proof: Proof) -> list[Derivation]:
    """Every chain of a proof once, after those that its links rest on; lemmas first."""
    found: list[Derivation] = []
    for chain in (*proof.lemmas, *proof.chains):
        _collect(chain, found)
    return found


def _collect(chain: Derivation, found: list[Derivation]) -> None:
    for step in chain.steps:
        for lemma in step.rests_on:
            _collect(lemma, found)
    if not any(chain is other for other in found):
        found.append(chain)


def links_of(proof: Proof) -> list[Link]:
    """Every link of every chain of a proof."""
    return [Link(step, chain.box, chain.orthogonal) for chain in chains_of(proof) for step in chain.steps]


def examine(link: Link, rng: np.random.Generator) -> Opinion:
    """What ball arithmetic says of `link` at points drawn from `rng`."""
    held, reason = 0, "its sides could not be told apart"
    for _ in range(_TRIES):
        point = RandomPoint(rng, link.box, link.orthogonal)
        try:
            verdict = holds_at(link.step, point)
        except NotEnclosedError as failure:
            reason = str(failure)
            continue
        if verdict is False:
            return Opinion(link, False, str(point))
        held += verdict is True
        if held == POINTS:
            return Opinion(link, True)
    return Opinion(link, None, reason)


def holds_at(step: Step, point: RandomPoint) -> bool | None:
    """Whether a link holds at a point: False if it certainly fails, None if its sides could not be told apart.

    Raises
    ------
    NotEnclosedError
        If a side has no value there, or holds something that ball arithmetic does not know.
    """
    with ctx.workprec(_BITS):
        left, right = (_entries(side, point) for side in (step.left, step.right))
        verdicts = [_compare(a, step.relation, b) for a, b in zip(left, right, strict=True)]
    return False if False in verdicts else None if None in verdicts else True


def _entries(side: Basic, point: RandomPoint) -> list[acb]:
    if isinstance(side, (MatrixBase, MatrixExpr)):
        return list(_matrix(side, point).entries())
    return [ball(point.placed(side), point)]


def _compare(left: acb, relation: str, right: acb) -> bool | None:
    gap = right - left
    if not gap.is_finite():
        raise NotEnclosedError("a side is not finite")
    is_small = gap.rad() <= _RESOLUTION * (1 + abs(left).upper())
    if relation == "=":
        return False if not gap.contains(0) else True if is_small else None
    if not gap.imag.contains(0):
        raise NotEnclosedError("a side of an inequality is not real")
    rise = gap.real if relation[0] == "<" else -gap.real
    is_strict = len(relation) == 1
    if rise > 0:
        return True
    if rise < 0 or (is_strict and rise == 0):
        return False
    return True if is_small and not is_strict else None


def _matrix(expr: Basic, point: RandomPoint) -> acb_mat:
    """The value of a matrix expression.

    Raises
    ------
    NotEnclosedError
        If it holds something else than sums, products, transposes and blocks.
    """
    if isinstance(expr, MatrixSymbol):
        return point.matrix(expr)
    if isinstance(expr, MatrixBase):
        return acb_mat(expr.rows, expr.cols, [ball(point.placed(entry), point) for entry in expr])
    rule = _RULES.get(type(expr))
    if rule is None:
        raise NotEnclosedError(f"cannot enclose the matrix {expr}")
    found: acb_mat = rule(expr, point)
    return found


def _product(expr: MatMul, point: RandomPoint) -> acb_mat:
    scalar, factors = expr.as_coeff_matrices()
    return reduce(mul, (_matrix(factor, point) for factor in factors)) * ball(point.placed(scalar), point)


def _diagonal(expr: DiagMatrix, point: RandomPoint) -> acb_mat:
    entries = _matrix(expr.args[0], point).entries()
    size = len(entries)
    return acb_mat(size, size, [entries[i] if i == j else 0 for i in range(size) for j in range(size)])


def _blocks(expr: BlockMatrix, point: RandomPoint) -> acb_mat:
    rows: list[list[acb]] = []
    for i in range(expr.blockshape[0]):
        blocks = [_matrix(expr.blocks[i, j], point).tolist() for j in range(expr.blockshape[1])]
        rows.extend([entry for part in parts for entry in part] for parts in zip(*blocks, strict=True))
    return acb_mat(rows)


def _identity(expr: Identity, point: RandomPoint) -> acb_mat:
    size = point.size(expr.rows)
    return acb_mat(size, size, [int(i == j) for i in range(size) for j in range(size)])


_RULES: Mapping[type, Any] = {
    MatAdd: lambda e, point: reduce(add, (_matrix(term, point) for term in e.args)),
    MatMul: _product,
    Transpose: lambda e, point: _matrix(e.arg, point).transpose(),
    Identity: _identity,
    DiagMatrix: _diagonal,
    BlockMatrix: _blocks,
}
