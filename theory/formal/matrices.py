"""Products of matrices that end in a vector, as Rocq terms over the definitions of `Model.v`."""

from functools import reduce

from sympy import Basic, MatMul, MatrixExpr, MatrixSymbol, S, Transpose
from sympy.matrices.expressions import DiagMatrix

from theory.formal.export import Names, NotExportedError, natural_term, real_term

VECTOR, MATRIX = "vector", "matrix"


def matrix_type(symbol: MatrixSymbol) -> str:
    """The Rocq type of a matrix symbol: a vector if it is a column."""
    return VECTOR if symbol.shape[1] == 1 else MATRIX


def product_term(expr: Basic, names: Names) -> str:
    """A product of matrices as a Rocq term: a number if it begins with a row, else a vector.

    It is written from right to left, as a matrix applied to what stands behind it.

    Raises
    ------
    NotExportedError
        If it is no such product, or does not end in a column.
    """
    scalar, factors = expr.as_coeff_matrices() if isinstance(expr, MatMul) else (S.One, [expr])
    *first, last = factors
    if not (isinstance(last, MatrixSymbol) and last.shape[1] == 1):
        raise NotExportedError(f"{expr} does not end in a column")
    head, rest = (first[0], first[1:]) if first and first[0].shape[0] == 1 else (None, first)
    term = reduce(lambda behind, factor: _applied(factor, behind, names), reversed(rest), _name(last, names))
    if head is not None:
        if not isinstance(head, Transpose):
            raise NotExportedError(f"{head} is no row")
        term = f"dot {_size(head.shape[1], names)} {_name(head.arg, names)} {_inner(term)}"
    if scalar == 1:
        return term
    factor = real_term(scalar, names)
    factor = factor if factor.replace("_", "").isalnum() else f"({factor})"
    return f"{factor} * {term}" if head is not None else f"scale {factor} {_inner(term)}"


def _applied(factor: MatrixExpr, behind: str, names: Names) -> str:
    if isinstance(factor, DiagMatrix):
        return f"diagonal {_name(factor.args[0], names)} {_inner(behind)}"
    matrix = f"(transpose {_name(factor.arg, names)})" if isinstance(factor, Transpose) else _name(factor, names)
    return f"apply {_size(factor.shape[1], names)} {matrix} {_inner(behind)}"


def _size(expr: Basic, names: Names) -> str:
    return _inner(natural_term(expr, names))


def _inner(term: str) -> str:
    return term if " " not in term else f"({term})"


def _name(symbol: MatrixExpr, names: Names) -> str:
    if symbol not in names.symbols:
        raise NotExportedError(f"{symbol} has no name in Rocq")
    return names.symbols[symbol]
