"""Expressions in matrices that are vectors or numbers, as Rocq terms over the definitions of `Model.v`."""

from functools import reduce

from sympy import Basic, MatAdd, MatMul, MatrixExpr, MatrixSymbol, Transpose
from sympy.matrices.expressions import DiagMatrix, Identity

from theory.formal.export import natural_term, real_term
from theory.formal.names import Names, NotExportedError

VECTOR, MATRIX = "vector", "matrix"


def matrix_type(symbol: MatrixSymbol) -> str:
    """The Rocq type of a matrix symbol: a vector if it is a column."""
    return VECTOR if symbol.shape[1] == 1 else MATRIX


def number_term(expr: MatrixExpr, names: Names) -> str:
    """A matrix expression of one entry as a term of type `R`: a sum of multiples of inner products.

    Raises
    ------
    NotExportedError
        If it is not such a sum.
    """
    if isinstance(expr, MatAdd):
        return " + ".join(number_term(term, names) for term in expr.args)
    scalar, factors = _factors(expr)
    row, *rest = factors
    if row.shape[0] != 1 or not rest:
        raise NotExportedError(f"{expr} is no row times a column")
    inner = f"dot {_size(row.shape[1], names)} {_inner(vector_term(row.T, names))} {_inner(_column(rest, names))}"
    return inner if scalar == 1 else f"{_scalar(scalar, names)} * {inner}"


def vector_term(expr: MatrixExpr, names: Names) -> str:
    """A column as a term of type `vector`: a sum of multiples of matrices applied to columns.

    Raises
    ------
    NotExportedError
        If it is not such a sum.
    """
    if isinstance(expr, MatAdd):
        return reduce(
            lambda sum_, term: f"plus {_inner(sum_)} {_inner(vector_term(term, names))}",
            expr.args[1:],
            vector_term(expr.args[0], names),
        )
    scalar, factors = _factors(expr)
    column = _column(factors, names)
    return column if scalar == 1 else f"scale {_scalar(scalar, names)} {_inner(column)}"


def entry_term(expr: MatrixExpr, row: str, column: str, names: Names) -> str:
    """An entry of a square matrix: of a multiple of the unit matrix, or of `A^T B`.

    Raises
    ------
    NotExportedError
        If the matrix is neither.
    """
    scalar, factors = _factors(expr)
    if len(factors) == 1 and isinstance(factors[0], Identity):
        entry = f"delta {row} {column}"
    elif len(factors) == 2 and isinstance(factors[0], Transpose):
        one, other = (_name(factor, names) for factor in (factors[0].arg, factors[1]))
        entry = f"dot {_size(factors[1].shape[0], names)} (column {one} {row}) (column {other} {column})"
    else:
        raise NotExportedError(f"{expr}: its entries have no Rocq term")
    return entry if scalar == 1 else f"{_scalar(scalar, names)} * {entry}"


def _factors(expr: MatrixExpr) -> tuple[Basic, list[MatrixExpr]]:
    scalar, factors = expr.as_coeff_matrices() if isinstance(expr, MatMul) else (1, [expr])
    return scalar, list(factors)


def _column(factors: list[MatrixExpr], names: Names) -> str:
    """A product that ends in a column, built from right to left: each matrix is applied to the product behind it."""
    *matrices, last = factors
    if last.shape[1] != 1:
        raise NotExportedError(f"{last} is no column")
    column = _name(last, names) if isinstance(last, MatrixSymbol) else vector_term(last, names)
    return reduce(lambda behind, factor: _applied(factor, behind, names), reversed(matrices), column)


def _applied(factor: MatrixExpr, behind: str, names: Names) -> str:
    if isinstance(factor, DiagMatrix):
        return f"diagonal {_name(factor.args[0], names)} {_inner(behind)}"
    matrix = f"(transpose {_name(factor.arg, names)})" if isinstance(factor, Transpose) else _name(factor, names)
    return f"apply {_size(factor.shape[1], names)} {matrix} {_inner(behind)}"


def _scalar(expr: Basic, names: Names) -> str:
    return _inner(real_term(expr, names))


def _size(expr: Basic, names: Names) -> str:
    return _inner(natural_term(expr, names))


def _inner(term: str) -> str:
    return term if " " not in term else f"({term})"


def _name(symbol: MatrixExpr, names: Names) -> str:
    if symbol not in names.symbols:
        raise NotExportedError(f"{symbol} has no name in Rocq")
    return names.symbols[symbol]
