"""Numbers and vectors that a gate leaves unchanged: integer multiples of an amplitude above its threshold."""

from collections.abc import Sequence

from sympy import Abs as Modulus
from sympy import Expr, Function, Lambda, MatMul, MatrixExpr, Piecewise, Symbol

from theory.algebra import Box, is_nonnegative, reduces_to_zero
from theory.derivation import Conclusion, StepError, theorem

_PASSES = "a nonzero multiple of r clears b"


class Gate(Function):  # type: ignore[misc]
    """The gate of threshold `b`: `Gate(v, b)` is `v` where `|v| >= b`, else 0."""

    nargs = 2

    def doit(self, **hints: object) -> Expr:
        """The same function by cases."""
        v, b = (x.doit(**hints) for x in self.args)
        return Piecewise((v, Modulus(v) >= b), (0, True))

    def _latex(self, printer: object, exp: object = None) -> str:
        v, b = (printer._print(x) for x in self.args)  # type: ignore[attr-defined]
        return rf"\mathrm{{gate}}_{{{b}}}\left({v}\right)"


@theorem(cites="Rudin, Principles of Mathematical Analysis, proposition 1.18")
def multiples_pass(gated: Gate, r: Expr, box: Box) -> Conclusion:
    """The link `gate_b(r n) = r n` for an integer `n` and `b <= r`: `n = 0` gives 0, and else `|r n| >= r >= b`.

    Raises
    ------
    StepError
        If the argument is not an integer multiple of `r`, or `0 <= b <= r` is not shown on `box`.
    """
    v, b = gated.args
    if not (v / r).is_integer:
        raise StepError("gate: not an integer multiple of the amplitude", v)
    _require_between(b, r, box)
    return Conclusion(gated, "=", v, _PASSES, ("v/r is an integer", "0 <= b <= r"))


@theorem(cites="Rudin, Principles of Mathematical Analysis, proposition 1.18")
def entries_pass(gated: MatrixExpr, v: MatrixExpr, gate: Gate, integers: Sequence[MatrixExpr], box: Box) -> Conclusion:
    """The link that removes a gate applied to every entry of `v`: `multiples_pass`, entry by entry.

    Parameters
    ----------
    gated
        `v.applyfunc(...)` of that gate.
    v
        An amplitude times a product of matrices of integers.
    gate
        The gate of one such entry: of the amplitude times a symbol for an integer.
    integers
        These matrices, whose entries are integers by assumption.

    Raises
    ------
    StepError
        If `gated` is another expression, `v` is not such a product, or `0 <= b <= r` is not shown on `box`.
    """
    x = Symbol("x")
    multiple, b = gate.args
    (count,) = (symbol for symbol in multiple.free_symbols if symbol.is_integer)
    r = multiple / count
    one = multiples_pass(gate, r, box)
    if gated != v.applyfunc(Lambda(x, Gate(x, b))):
        raise StepError("gate: another gate, or another vector", gated)
    if not reduces_to_zero(v - r * MatMul(*integers)):
        raise StepError("gate: not a product of matrices of integers", v)
    hypotheses = (*one.hypotheses, f"{', '.join(map(str, integers))}: matrices of integers")
    return Conclusion(gated, "=", v, "entry by entry: " + one.reason, hypotheses)


def _require_between(b: Expr, r: Expr, box: Box) -> None:
    if not (is_nonnegative(r - b, box) and is_nonnegative(b, box)):
        raise StepError("gate: the threshold is not between zero and the amplitude", r - b)
