"""What a gate lets pass."""

from sympy import Abs as Modulus
from sympy import Expr, Function, Lambda, MatrixExpr, Piecewise, Symbol

from theory.algebra import Box, is_positive
from theory.derivation import Step, StepError


class Gate(Function):  # type: ignore[misc]
    """The gate of threshold `b`: `Gate(v, b)` is `v` where `|v| >= b`, else 0."""

    nargs = 2

    def doit(self, **hints: object) -> Expr:
        """The same by cases."""
        v, b = (x.doit(**hints) for x in self.args)
        return Piecewise((v, Modulus(v) >= b), (0, True))

    def _latex(self, printer: object, exp: object = None) -> str:
        v, b = (printer._print(x) for x in self.args)  # type: ignore[attr-defined]
        return rf"\mathrm{{gate}}_{{{b}}}\left({v}\right)"


def multiples_pass(gated: Gate, r: Expr, box: Box) -> Step:
    """The link `gate_b(r n) = r n` for an integer `n` and `b < r`: `n = 0` gives 0, and else `|r n| >= r > b`.

    Raises
    ------
    StepError
        If the argument is no integer multiple of `r`, or `0 < b < r` is not shown on `box`.
    """
    v, b = gated.args
    if not (v / r).is_integer:
        raise StepError("gate: not an integer multiple of the amplitude", v)
    if not (is_positive(r - b, box) and is_positive(b, box)):
        raise StepError("gate: the threshold is not between zero and the amplitude", r - b)
    return Step(gated, "=", v, "a nonzero multiple of r clears b", "theorem", ("v/r is an integer", "0 < b < r"))


def entries_pass(gated: MatrixExpr, v: MatrixExpr, one: Step) -> Step:
    """The link that takes away a gate applied to every entry of `v`, from what it does to one entry.

    Parameters
    ----------
    gated
        `v.applyfunc(...)` of that gate.
    v
        Vector whose entries are of the form in `one`.
    one
        A link from `multiples_pass`.

    Raises
    ------
    StepError
        If `gated` is another expression.
    """
    x = Symbol("x")
    if not isinstance(one.left, Gate) or gated != v.applyfunc(Lambda(x, Gate(x, one.left.args[1]))):
        raise StepError("gate: another gate, or another vector", gated)
    return Step(gated, "=", v, "entry by entry: " + one.reason, "theorem", one.hypotheses)
