"""Theorems of one-variable calculus."""

from sympy import (
    Add,
    Basic,
    Expr,
    Function,
    Integer,
    Integral,
    Mul,
    Pow,
    Si,
    Symbol,
    atan,
    cos,
    cosh,
    erf,
    erfc,
    exp,
    limit,
    log,
    nan,
    oo,
    sin,
    sinh,
    tanh,
    zoo,
)

from theory.algebra import Box, is_nonnegative, is_positive, reduces_to_zero
from theory.derivation import Conclusion, Relation, Step, StepError, theorem
from theory.model import Phi, Q
from theory.signs import ANY, Signs, declared, is_whole

_SMOOTH_EVERYWHERE = (Add, Mul, exp, sin, cos, sinh, cosh, tanh, atan, erf, erfc, Si, Phi, Q)


class ArgMin(Function):  # type: ignore[misc]
    """The point at which an expression is least, in one variable: `ArgMin(f, x)`."""

    nargs = 2

    @property
    def bound_symbols(self) -> list[Basic]:
        """The variable."""
        return [self.args[1]]

    @property
    def signs(self) -> Signs | None:
        """A minimiser lies in the range of the variable."""
        return declared(self.args[1])

    def _latex(self, printer: object, exp: object = None) -> str:
        f, x = (printer._print(a) for a in self.args)  # type: ignore[attr-defined]
        return rf"\operatorname*{{arg\,min}}_{{{x}}} {f}"


@theorem(cites="Rudin, Principles of Mathematical Analysis, theorem 6.21")
def fundamental_theorem(integral: Integral, antiderivative: Expr, box: Box | None = None) -> Conclusion:
    r"""The link $\int_a^b f = F(b) - F(a)$, for an `antiderivative` that differentiates to the integrand.

    Parameters
    ----------
    box
        Ranges of the parameters.

    Raises
    ------
    StepError
        If its derivative is not the integrand, or it is not shown to be smooth between the ends and finite there.
    """
    ((x, low, high),) = integral.limits
    residue = antiderivative.diff(x) - integral.function
    if not reduces_to_zero(residue):
        raise StepError("fundamental theorem of calculus: not an antiderivative", residue)
    require_smooth(antiderivative, x, (low, high), box)
    ends = _end(antiderivative, x, high), _end(antiderivative, x, low)
    if any(end.is_finite is False or end.has(oo, -oo, zoo, nan) for end in ends):
        raise StepError("fundamental theorem of calculus: not finite at an end", ends[0] - ends[1])
    hypotheses = (f"d/d{x} of the antiderivative is the integrand", "it is smooth between the ends")
    return Conclusion(integral, "=", ends[0] - ends[1], "fundamental theorem of calculus", hypotheses)


def require_smooth(f: Expr, x: Symbol, ends: tuple[Expr, Expr], box: Box | None = None) -> None:
    """Check that an expression is a composition of functions that are smooth for `x` between the ends.

    Parameters
    ----------
    box
        Ranges of the parameters.

    Raises
    ------
    StepError
        At a power or a logarithm whose argument may vanish, or at another function.
    """
    if not f.has(x) or f == x:
        return
    if isinstance(f, Pow | log) and not (isinstance(f, Pow) and _is_natural(f.exp)):
        base = f.base if isinstance(f, Pow) else f.args[0]
        if not is_positive(base, _inside(x, ends, box)) and not (
            isinstance(f, Pow) and is_whole(f.exp) and is_positive(-base, _inside(x, ends, box))
        ):
            raise StepError("smoothness: a singularity may lie between the ends", base)
    elif not isinstance(f, (*_SMOOTH_EVERYWHERE, Pow)):
        raise StepError("smoothness: a function that may jump or bend", f)
    for argument in f.args:
        require_smooth(argument, x, ends, box)


def _is_natural(power: Expr) -> bool:
    return is_whole(power) and is_nonnegative(power)


def _inside(x: Symbol, ends: tuple[Expr, Expr], box: Box | None) -> Box:
    return {x: ends, **{symbol: r for symbol, r in (box or {}).items() if symbol != x}}


def _end(f: Expr, x: Symbol, end: Expr) -> Expr:
    return limit(f.doit(), x, end) if end.is_infinite else f.subs(x, end)


@theorem(cites="Rudin, Principles of Mathematical Analysis, theorem 5.11")
def unique_minimum(f: Expr, x: Symbol, scale: Expr, core: Expr, root: Expr, box: Box) -> Conclusion:
    """The link `ArgMin(f, x) = root`: `f' = scale * core`, `scale > 0`, `core` strictly increasing, zero at `root`.

    A strictly increasing factor of the derivative changes sign once, from minus to plus, so `f` decreases strictly
    before `root` and increases strictly after it. `x` ranges over `box[x]`, its lower end included.

    Raises
    ------
    StepError
        If one of these is not shown on `box`, or `root` is not shown to lie in the range.
    """
    require_smooth(f, x, box[x], box)
    _require_factors(f.diff(x), scale, core, box)
    require_smooth(core, x, box[x], box)
    if not is_positive(core.diff(x), box):
        raise StepError("unique minimum: the core is not strictly increasing", core.diff(x))
    low, high = box[x]
    if not (low == -oo or is_nonnegative(root - low, box)) or not (high == oo or is_positive(high - root, box)):
        raise StepError("unique minimum: the root may lie outside the range", root)
    if not reduces_to_zero(core.subs(x, root)):
        raise StepError("unique minimum: the core does not vanish at the root", core.subs(x, root))
    hypotheses = ("f' = scale * core", "scale > 0", "core' > 0", f"root >= {box[x][0]}", "core(root) = 0")
    return Conclusion(ArgMin(f, x), "=", root, "a strictly increasing derivative has one zero", hypotheses, (x,))


@theorem(cites="Rudin, Principles of Mathematical Analysis, theorem 5.11")
def minimum_at_start(f: Expr, x: Symbol, scale: Expr, core: Expr, box: Box) -> Conclusion:
    """The link `ArgMin(f, x) = box[x][0]`: `f' = scale * core` is positive beyond the start of the range.

    Raises
    ------
    StepError
        If the derivative does not factor in this way, or a factor is not shown to be positive on `box`.
    """
    require_smooth(f, x, box[x], box)
    _require_factors(f.diff(x), scale, core, box)
    if not is_positive(core, box):
        raise StepError("minimum at the start: the core is not positive", core)
    hypotheses = ("f' = scale * core", "scale > 0", "core > 0")
    return Conclusion(ArgMin(f, x), "=", box[x][0], "a positive derivative: least at the start", hypotheses, (x,))


@theorem(cites="Rudin, Principles of Mathematical Analysis, theorem 5.11")
def decreases(f: Expr, x: Symbol, start: Expr, end: Expr, box: Box | None = None) -> Conclusion:
    """The link `f(end) <= f(start)` for `end >= start`, since `f' <= 0` for every real `x`.

    Raises
    ------
    StepError
        If the sign of the derivative or the order of the points is not shown.
    """
    require_smooth(f, x, (-oo, oo))
    slope = f.diff(x)
    if declared(x) != ANY or not is_nonnegative(-slope):
        raise StepError("mean value theorem: the derivative may be positive", slope)
    if not is_nonnegative(end - start, box):
        raise StepError("mean value theorem: the points are not in order", end - start)
    hypotheses = ("f' <= 0", f"{end} >= {start}")
    return Conclusion(f.subs(x, end), "<=", f.subs(x, start), "mean value theorem", hypotheses)


@theorem(cites="Rudin, Principles of Mathematical Analysis, theorem 5.11")
def keeps_order(f: Expr, x: Symbol, link: Step, box: Box | None = None) -> Conclusion:
    """The link `f(a) <= f(b)` from a link `a <= b`, or the same with `>=`, for a function that never decreases.

    Parameters
    ----------
    f, x
        The function and its variable, which is real or declared not to be negative.
    link
        The link between `a` and `b`.
    box
        Ranges of the parameters.

    Raises
    ------
    StepError
        If `f' >= 0` is not shown on the range of `x`, the smaller side is not shown to lie in it, or `link` is an
        equation.
    """
    if link.relation == "=":
        raise StepError("increasing function: the link is an equation", link.right)
    smaller = link.left if link.relation in ("<", "<=") else link.right
    low = Integer(0) if x.is_nonnegative else -oo
    if low == -oo and declared(x) != ANY:
        raise StepError("increasing function: the variable is neither real nor declared to be nonnegative", x)
    if low == 0 and not is_nonnegative(smaller, box):
        raise StepError("increasing function: an argument may be negative", smaller)
    require_smooth(f, x, (low, oo), box)
    if not is_nonnegative(f.diff(x), {x: (low, oo), **(box or {})}):
        raise StepError("increasing function: it may decrease", f.diff(x))
    relation: Relation = "<=" if link.relation in ("<", "<=") else ">="
    left, right = (f.xreplace({x: side}) for side in (link.left, link.right))
    return Conclusion(left, relation, right, "an increasing function keeps the order", ("f' >= 0", link.reason))


def _require_factors(slope: Expr, scale: Expr, core: Expr, box: Box) -> None:
    if not reduces_to_zero(slope - scale * core):
        raise StepError("the derivative does not factor so", slope - scale * core)
    if not is_positive(scale, box):
        raise StepError("the factor in front of the derivative is not positive", scale)
