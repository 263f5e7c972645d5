"""Random points of the range of a link: a value for every symbol, sequence, unknown function and matrix in it."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

import numpy as np
from flint import acb, acb_mat, arb, fmpq, fmpq_mat
from sympy import Basic, Expr, Function, IndexedBase, Integer, Rational, Symbol, oo
from sympy.core.function import Application
from sympy.matrices.expressions import MatrixExpr, MatrixSymbol
from sympy.tensor import Indexed

from purecheck.enclosures.balls import ball
from purecheck.enclosures.problems import NotEnclosedError
from theory.algebra import Box

_TRIES = 200  # a fact that one number in ten has, such as being prime, is missed by all with probability below 1e-9
_MOST = 4
"""Sizes and orders stay below this or at it, other numbers within it, so that sums are short and powers moderate."""
_STEP = Rational(1, 2**20)
"""Of the grid that numbers are drawn from: so fine that two of them practically never agree by chance."""
_FACTS = ("real", "integer", "even", "odd", "prime", "zero", "positive", "negative", "nonnegative", "nonpositive")


class RandomPoint(Mapping[Basic, acb]):
    """The value of each atom of an expression: drawn when it is first looked up, and kept.

    Atoms are symbols, entries of sequences, and functions that nothing is known of but their assumptions: such a
    function has one value for one value of its arguments. Every value respects the assumptions of its atom, and the
    range of a symbol.

    Parameters
    ----------
    rng
        Where values are drawn from.
    box
        Open ranges of symbols.
    orthogonal
        Matrices that are orthogonal.
    """

    def __init__(self, rng: np.random.Generator, box: Box, orthogonal: Collection[MatrixExpr] = ()) -> None:
        self._rng = rng
        self._box = box
        self._orthogonal = frozenset(orthogonal)
        self._numbers: dict[Basic, Rational] = {}
        self._functions: list[tuple[type[Basic], list[acb], Rational]] = []
        self._matrices: dict[Basic, fmpq_mat] = {}

    def __contains__(self, expr: object) -> bool:
        return isinstance(expr, (Symbol, Indexed)) or _is_unknown(expr)

    def __getitem__(self, expr: Basic) -> acb:
        if expr not in self:
            raise KeyError(expr)
        number = self.number(expr)
        return acb(arb(fmpq(int(number.p), int(number.q))))

    def __iter__(self) -> Iterator[Basic]:
        return iter(self._numbers)

    def __len__(self) -> int:
        return len(self._numbers)

    def __str__(self) -> str:
        shown = {**self._numbers, **self._matrices}
        return ", ".join(f"{atom} = {value}" for atom, value in sorted(shown.items(), key=lambda item: str(item[0])))

    def number(self, atom: Basic) -> Rational:
        """The value of an atom.

        Raises
        ------
        NotEnclosedError
            If no number is found that respects what is known of it.
        """
        if atom not in self._numbers:
            self._numbers[atom] = self._of_function(atom) if _is_unknown(atom) else self._draw(atom)
        return self._numbers[atom]

    def placed(self, expr: Basic) -> Basic:
        """`expr` with a number for every free symbol that is an integer: sizes, limits of sums, indices, orders."""
        labels = {base.label for base in expr.atoms(IndexedBase)}
        whole = {x for x in expr.free_symbols if isinstance(x, Symbol) and x.is_integer} - labels
        return expr.subs({x: self.number(x) for x in sorted(whole, key=str)})

    def matrix(self, symbol: MatrixSymbol) -> acb_mat:
        """The value of a matrix.

        Raises
        ------
        NotEnclosedError
            If its shape is no pair of positive integers here.
        """
        if symbol not in self._matrices:
            draw = self._rotation if symbol in self._orthogonal else self._entries
            self._matrices[symbol] = draw(*(self.size(expr) for expr in symbol.shape))
        return acb_mat(self._matrices[symbol])

    def size(self, expr: Expr) -> int:
        """The value of a size of a matrix.

        Raises
        ------
        NotEnclosedError
            If it is no positive integer here.
        """
        size = self.placed(expr)
        if not (size.is_Integer and size > 0):
            raise NotEnclosedError(f"the size {expr} of a matrix is {size}")
        return int(size)

    def _of_function(self, expr: Function) -> Rational:
        arguments = [ball(argument, self) for argument in expr.args]
        for kind, others, value in self._functions:
            if kind == expr.func and all(a.overlaps(b) for a, b in zip(arguments, others, strict=True)):
                return value
        value = self._draw(expr)
        self._functions.append((expr.func, arguments, value))
        return value

    def _draw(self, atom: Basic) -> Rational:
        low, high = self._ends(atom)
        if low >= high:
            raise NotEnclosedError(f"the range of {atom} is empty")
        known = [(name, fact) for name in _FACTS if (fact := getattr(atom, f"is_{name}")) is not None]
        step = Integer(1) if atom.is_integer else min(_STEP, (high - low) * _STEP)
        first, last = int(low // step), int(high // step)
        for _ in range(_TRIES):
            value = step * int(self._rng.integers(first, last, endpoint=True))
            inside = low < value < high or atom not in self._box
            if inside and all(getattr(value, f"is_{name}") == fact for name, fact in known):
                return value
        raise NotEnclosedError(f"found no value of {atom} that respects its assumptions and its range")

    def _ends(self, atom: Basic) -> tuple[Rational, Rational]:
        """Ends of the range; one that is infinite is replaced by one not far from the other."""
        low, high = self._box.get(atom, (-oo, oo))
        if low == -oo and high == oo:
            return Integer(-_MOST), Integer(_MOST)
        if low == -oo:
            return (end := self._end(high)) - _MOST, end
        start = self._end(low)
        return start, start + _MOST if high == oo else self._end(high)

    def _end(self, expr: Expr) -> Rational:
        """A number next to the end of a range."""
        value = ball(expr, self)
        if value.imag != 0 or not value.is_finite():
            raise NotEnclosedError(f"{expr} is no end of a range")
        middle = value.real.mid().fmpq()
        return Rational(int(middle.p), int(middle.q))

    def _entries(self, rows: int, columns: int) -> fmpq_mat:
        return fmpq_mat(rows, columns, [fmpq(int(n), 8) for n in self._rng.integers(-32, 33, rows * columns)])

    def _rotation(self, rows: int, columns: int) -> fmpq_mat:
        """An orthogonal matrix of fractions: Cayley's transform `(I - A) (I + A)^-1` of a skew-symmetric `A`."""
        if rows != columns:
            raise NotEnclosedError(f"an orthogonal matrix of shape {rows}, {columns}")
        square = self._entries(rows, rows)
        skew = square - square.transpose()
        one = fmpq_mat(rows, rows, [int(i == j) for i in range(rows) for j in range(rows)])
        return (one - skew) * (one + skew).inv()


def _is_unknown(expr: object) -> bool:
    """Whether `expr` is a function that SymPy has no rule to evaluate or to unfold."""
    kind: Any = type(expr)
    return isinstance(expr, Function) and kind.eval.__func__ is Application.eval.__func__ and kind.doit is Basic.doit
