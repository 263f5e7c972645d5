"""The evaluation of a formula on an instance of the model: exact if everything is rational, else in ball arithmetic."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import numpy as np
from flint import arb, fmpq
from sympy import (
    And,
    Basic,
    Dummy,
    Eq,
    Expr,
    ImmutableMatrix,
    Indexed,
    IndexedBase,
    Integer,
    MatrixBase,
    MatrixExpr,
    MatrixSymbol,
    Product,
    Rational,
    S,
    Sum,
    Symbol,
    Trace,
    sympify,
)
from sympy.concrete.expr_with_limits import ExprWithLimits
from sympy.core.relational import Relational

from purecheck.enclosures.certify import LADDER, enclose_at
from purecheck.enclosures.problems import NotEnclosedError, NotRealError
from purecheck.evaluators.registry import EVALUATORS, Scene
from theory.model import d
from theory.theorems.indicators import Mean

_ARGUMENT_BITS = 256
"""Precision, in bits, of the ball that is passed to an evaluator for an irrational argument."""
_SHARP = 8
"""A ball decides an equation if its radius is at most the resolution divided by this.

With exact ends 2 would be enough; 8 leaves room for the rounding of both ends.
"""


def holds(formula: Basic, scene: Scene, resolution: Rational) -> bool | None:
    """Whether a relation, or a conjunction of relations, holds on a scene; None if that is not decided.

    If values are balls, an equation holds if the ball of the difference contains zero and is small compared with the
    right-hand side times the resolution; it fails if that ball does not contain zero.

    Raises
    ------
    NotEnclosedError
        If a side cannot be evaluated there, and no other relation of the conjunction is false.
    """
    verdicts: list[bool | None] = []
    problem: NotEnclosedError | None = None
    for conjunct in And.make_args(formula):
        try:
            verdicts.append(_relation_holds(conjunct, scene, resolution))
        except NotEnclosedError as reason:
            problem = reason
    if False in verdicts:
        return False
    if problem is not None:
        raise problem
    return None if None in verdicts else True


def failing(formula: Basic, scene: Scene, resolution: Rational) -> str:
    """The first relation of a formula that is false on a scene, with both sides evaluated; empty if none is."""
    for conjunct in And.make_args(formula):
        try:
            if _relation_holds(conjunct, scene, resolution) is not False:
                continue
        except NotEnclosedError:
            continue
        placed = _Placed(scene)
        sides = [_digits(placed.place(side, {}), placed.balls) for side in conjunct.args]
        return f"{conjunct} is false: its sides are {' and '.join(sides)}"
    return ""


def _digits(value: Any, balls: Mapping[Symbol, arb]) -> str:
    """A value in digits: exactly if it is rational."""
    if isinstance(value, MatrixBase):
        return str(value.tolist())
    if value.is_Rational:
        return str(value)
    try:
        return str(enclose_at(value, balls, LADDER[1]).str(8, radius=False))
    except NotRealError:
        return "not a real number"


def _relation_holds(relation: Basic, scene: Scene, resolution: Rational) -> bool | None:
    placed = _Placed(scene)
    if not isinstance(relation, Relational):
        value = placed.place(relation, {})
        if value in (S.true, S.false):
            return bool(value)
        raise NotEnclosedError(f"{value} is no relation of numbers")
    left, right = (placed.place(side, {}) for side in (relation.lhs, relation.rhs))
    if isinstance(left, MatrixBase) or isinstance(right, MatrixBase):
        return _matrices_hold(relation, left, right, placed.balls, resolution)
    return _numbers_hold(relation, left, right, placed.balls, resolution)


def _matrices_hold(
    relation: Relational, left: Any, right: Any, balls: Mapping[Symbol, arb], resolution: Rational
) -> bool | None:
    if not isinstance(left, MatrixBase):
        left = ImmutableMatrix(right.rows, right.cols, lambda i, j: left if i == j or right.cols == 1 else S.Zero)
    if not isinstance(right, MatrixBase):
        right = ImmutableMatrix(left.rows, left.cols, lambda i, j: right if i == j or left.cols == 1 else S.Zero)
    if left.shape != right.shape:
        raise NotEnclosedError(f"shapes {left.shape} and {right.shape} differ")
    pairs = zip(list(left), list(right), strict=True)
    verdicts = [_numbers_hold(relation, x, y, balls, resolution) for x, y in pairs]
    return False if False in verdicts else None if None in verdicts else True


def _numbers_hold(
    relation: Relational, left: Expr, right: Expr, balls: Mapping[Symbol, arb], resolution: Rational
) -> bool | None:
    gap = left - right
    if gap.is_Rational:
        return bool(relation.func(gap, 0))
    for bits in LADDER:
        try:
            ball, size = enclose_at(gap, balls, bits), abs(enclose_at(right, balls, bits))
        except NotRealError:
            if isinstance(relation, Eq):
                return False  # quantities of the model are real
            raise
        if ball > 0 or ball < 0:
            return bool(relation.func(1 if ball > 0 else -1, 0))
        scale = size if size > 0 else arb(1)
        sharp = ball.is_finite() and ball.rad() * _SHARP <= scale * arb(fmpq(int(resolution.p), int(resolution.q)))
        # A tie decides an equation and a weak inequality, to within the resolution; it leaves a strict one open.
        if sharp and (isinstance(relation, Eq) or relation.rel_op in ("<=", ">=")):
            return True
    return None


class _Placed:
    """Replaces every symbol of a formula by its value on a scene; each value that is a ball becomes a dummy symbol."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.balls: dict[Symbol, arb] = {}

    def place(self, expr: Basic, local: Mapping[Basic, Any]) -> Any:
        """The value of `expr`, given the values in `local` of indices and outcomes of random symbols."""
        for known in (local, self.scene.values):
            if expr in known:
                return self._number(known[expr])
        if expr in EVALUATORS:
            return self._number(EVALUATORS[expr](self.scene.model))
        if isinstance(expr, Indexed):
            return self._entry(expr, local)
        if isinstance(expr, Mean):
            return self._mean(expr, local)
        head = getattr(expr, "func", None)
        if head in EVALUATORS:
            arguments = [self._argument(x, local) for x in expr.args]
            return self._number(EVALUATORS[head](self.scene.model, *arguments))
        if isinstance(expr, (Sum, Product)):
            return self._run(expr, local)
        if isinstance(expr, ExprWithLimits):
            return self._kept(expr, local)
        if not expr.args or isinstance(expr, (Symbol, MatrixSymbol, IndexedBase)):
            if isinstance(expr, (Symbol, MatrixSymbol)):
                raise NotEnclosedError(f"{expr} has no value at {self.scene.where}")
            return expr
        value = expr.func(*(self.place(x, local) for x in expr.args))
        # Every shape is a number by now, so that a matrix expression has entries.
        return _explicit(value.doit()) if isinstance(value, (MatrixExpr, Trace)) else value

    def _number(self, value: Any) -> Any:
        if isinstance(value, arb) and value.is_exact():
            mantissa, exponent = (int(part) for part in value.man_exp())
            return Integer(mantissa) * Integer(2) ** exponent
        if isinstance(value, arb):
            name = Dummy("ball", real=True)
            self.balls[name] = value
            return name
        if isinstance(value, (int, np.integer)):
            return Integer(int(value))
        if isinstance(value, Fraction):
            return Rational(value.numerator, value.denominator)
        if isinstance(value, np.ndarray):
            rows = value if value.ndim == 2 else value.reshape(-1, 1)
            return ImmutableMatrix([[self._number(x) for x in row] for row in rows.tolist()])
        if isinstance(value, float):
            raise TypeError("a float has no bound on its error; expected a fraction or a ball")
        return sympify(value)

    def _argument(self, expr: Basic, local: Mapping[Basic, Any]) -> Any:
        """An argument for an evaluator; a generic entry, whose index has no value, denotes the whole vector."""
        indices = {i for entry in expr.atoms(Indexed) for i in entry.indices} & expr.free_symbols
        unknown = indices - local.keys() - self.scene.values.keys()
        if not unknown:
            return self._plain(self.place(expr, local))
        (index,) = unknown
        entries = range(1, int(self.place(d, local)) + 1)
        return [self._plain(self.place(expr, {**local, index: Integer(i)})) for i in entries]

    def _plain(self, value: Any) -> Any:
        """An argument for an evaluator: balls and fractions unchanged, any other number as a ball."""
        if value in self.balls:
            return self.balls[value]
        if isinstance(value, Rational):
            return int(value) if value.is_Integer else Fraction(int(value.p), int(value.q))
        is_scalar = isinstance(value, Expr) and not value.is_Matrix
        return enclose_at(value, self.balls, _ARGUMENT_BITS) if is_scalar else value

    def _entry(self, expr: Indexed, local: Mapping[Basic, Any]) -> Any:
        indices = [int(self.place(i, local)) - 1 for i in expr.indices]
        for known in (local, self.scene.values):
            if expr.base in known:
                value = known[expr.base]
                for i in indices:
                    value = value[i]
                return self._number(value)
        if expr.base in EVALUATORS:
            value = EVALUATORS[expr.base](self.scene.model)
            for i in indices:
                value = value[i]
            return self._number(value)
        raise NotEnclosedError(f"{expr.base} has no value at {self.scene.where}")

    def _mean(self, expr: Basic, local: Mapping[Basic, Any]) -> Any:
        if not self.scene.outcomes:
            raise NotEnclosedError(f"{expr}: {self.scene.where} has no random outcomes")
        total = S.Zero
        for outcome in self.scene.outcomes:
            total += self._number(outcome.probability) * self.place(expr.args[0], {**local, **outcome.values})
        return total

    def _run(self, expr: ExprWithLimits, local: Mapping[Basic, Any]) -> Any:
        index, low, high = expr.limits[-1]
        inner = expr.function if len(expr.limits) == 1 else expr.func(expr.function, *expr.limits[:-1])
        first, last = self.place(low, local), self.place(high, local)
        if not (first.is_Integer and last.is_Integer):
            raise NotEnclosedError(f"the range of {expr} is not finite")
        terms = [self.place(inner, {**local, index: i}) for i in range(int(first), int(last) + 1)]
        total = S.Zero if isinstance(expr, Sum) else S.One
        for term in terms:
            total = total + term if isinstance(expr, Sum) else total * term
        return total

    def _kept(self, expr: ExprWithLimits, local: Mapping[Basic, Any]) -> Any:
        """An integral whose variables are kept while all other symbols are replaced."""
        kept = {limit[0]: limit[0] for limit in expr.limits}
        limits = [(limit[0], *(self.place(end, local) for end in limit[1:])) for limit in expr.limits]
        return expr.func(self.place(expr.function, {**local, **kept}), *limits)


def _explicit(value: Any) -> Any:
    """A matrix of known shape with its entries written out, e.g. an identity matrix."""
    known = isinstance(value, MatrixExpr) and all(sympify(size).is_Integer for size in value.shape)
    return value.as_explicit() if known else value
