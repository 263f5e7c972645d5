"""The only zero of a strictly increasing function, and how it moves with a parameter."""

from sympy import Basic, Derivative, Expr, Function, Integer, Subs, Symbol, oo

from theory.algebra import NOT_NEGATIVE, Box, is_nonnegative, is_positive, reduces_to_zero
from theory.derivation import Conclusion, Derivation, Step, StepError, theorem
from theory.signs import ANY, Signs, declared
from theory.theorems.calculus import ArgMin, require_smooth


class Root(Function):  # type: ignore[misc]
    """The zero on the half line from 0 of a strictly increasing expression in one variable: `Root(f, x)`."""

    nargs = 2

    @property
    def bound_symbols(self) -> list[Basic]:
        """The variable."""
        return [self.args[1]]

    @property
    def signs(self) -> Signs:
        """A zero on the half line is not negative."""
        return NOT_NEGATIVE

    def _latex(self, printer: object, exp: object = None) -> str:
        f, x = (printer._print(a) for a in self.args)  # type: ignore[attr-defined]
        return rf"\operatorname*{{root}}_{{{x} \ge 0}} {f}"


@theorem(cites="Rudin, Principles of Mathematical Analysis, theorem 4.23")
def root_above_zero(f: Expr, x: Symbol, slope: Derivation, at_zero: Derivation) -> Conclusion:
    """The link `Root(f, x) > 0` from chains that show `df/dx > 0` and `f(0) < 0`.

    Raises
    ------
    StepError
        If the chains show something else.
    """
    _require_increasing(f, x, slope)
    _require_about(at_zero, f.subs(x, 0))
    if not is_positive(-at_zero.end, at_zero.box):
        raise StepError("intermediate value theorem: not below zero at the start", at_zero.end)
    hypotheses = ("continuous and strictly increasing", "negative at 0")
    return Conclusion(Root(f, x), ">", Integer(0), "intermediate value theorem", hypotheses)


@theorem(cites="Rudin, Principles of Mathematical Analysis, theorem 4.23")
def root_at_most(f: Expr, x: Symbol, slope: Derivation, far: Derivation, high: Expr) -> Conclusion:
    """The link `Root(f, x) <= high` from chains that show `df/dx > 0` and a lower bound of `f`, not negative at `high`.

    The link is strict if `f` is shown to exceed its bound.

    Raises
    ------
    StepError
        If the chains show something else.
    """
    _require_increasing(f, x, slope)
    _require_about(far, f)
    if far.relation not in (">=", ">") or not is_nonnegative(far.end.subs(x, high)):
        raise StepError("intermediate value theorem: may be negative at the end", far.end.subs(x, high))
    strict = far.relation == ">"
    hypotheses = ("continuous and strictly increasing", f"{'positive' if strict else 'not negative'} at {high}")
    return Conclusion(Root(f, x), "<" if strict else "<=", high, "intermediate value theorem", hypotheses)


@theorem(cites="Rudin, Principles of Mathematical Analysis, theorem 5.11")
def minimum_is_root(
    argmin: ArgMin, slope: Expr, curvature: Derivation, at_zero: Derivation, far: Derivation, high: Expr
) -> Conclusion:
    """The link `ArgMin(f, x) = Root(slope, x)` over `x >= 0`, for a strictly convex `f` that falls at 0, not at `high`.

    Parameters
    ----------
    slope
        The derivative of `f`.
    curvature, at_zero, far
        Chains that show that the derivative of `slope` is positive, `slope` negative at 0, and a lower bound of `slope`
        that is not negative at `high`.

    Raises
    ------
    StepError
        If a chain shows something else.
    """
    _require_convex(argmin, slope, curvature, at_zero)
    x = argmin.args[1]
    root_above_zero(slope, x, curvature, at_zero)
    root_at_most(slope, x, curvature, far, high)
    hypotheses = ("strictly convex", "falls at 0", f"does not fall at {high}")
    reason = "least where the slope changes sign"
    return Conclusion(argmin, "=", Root(slope, x), reason, hypotheses)


@theorem(cites="Rudin, Principles of Mathematical Analysis, theorem 9.28")
def root_decreases(
    root: Expr, f: Expr, x: Symbol, parameter: Symbol, slope: Derivation, mixed: Derivation
) -> Conclusion:
    """The link `d root/d parameter < 0` where `f(root, parameter) = 0`, `df/dx > 0` and `df/dparameter > 0`.

    By the implicit function theorem the derivative is `-(df/dparameter)/(df/dx)`.

    Raises
    ------
    StepError
        If a chain shows something else.
    """
    _require_increasing(f, x, slope)
    _require_about(mixed, Derivative(f, parameter))
    _require_positive(mixed)
    hypotheses = (f"df/d{x} > 0", f"df/d{parameter} > 0", "continuously differentiable")
    reason = "implicit function theorem"
    return Conclusion(Derivative(root, parameter), "<", Integer(0), reason, hypotheses)


@theorem(cites="Rudin, Principles of Mathematical Analysis, theorem 5.11")
def least_value(f: Expr, x: Symbol, scale: Expr, core: Expr, root: Expr, box: Box | None = None) -> Conclusion:
    """The link `f(x) >= f(root)` for every real `x`: `f' = scale * core`, `scale > 0`, `core` increasing, 0 at `root`.

    Raises
    ------
    StepError
        If one of the hypotheses is not shown.
    """
    for part in (f, core):
        require_smooth(part, x, (-oo, oo), box)
    residues = (f.diff(x) - scale * core, core.subs(x, root))
    for residue in residues:
        if not reduces_to_zero(residue):
            raise StepError("least value: not the derivative, or not its zero", residue)
    if not (declared(x) == ANY and is_positive(scale, box) and is_positive(core.diff(x), box)):
        raise StepError("least value: the derivative may change sign elsewhere", core.diff(x))
    hypotheses = ("f' = scale * core", "scale > 0", "core' > 0", f"core({root}) = 0")
    return Conclusion(f, ">=", f.subs(x, root), "least where the derivative changes sign", hypotheses)


def _require_increasing(f: Expr, x: Symbol, slope: Derivation) -> None:
    _require_about(slope, Derivative(f, x))
    _require_positive(slope)


def _require_positive(chain: Derivation) -> None:
    strict = chain.relation == ">" and is_nonnegative(chain.end, chain.box)
    if not strict and not (chain.relation in (">=", "=") and is_positive(chain.end, chain.box)):
        raise StepError("the chain does not end above zero", chain.end)


def _require_about(chain: Derivation, expr: Expr) -> None:
    if not chain.is_complete:
        raise StepError("the chain rests on a cited link", chain.end)
    if chain.subject != expr and not reduces_to_zero(chain.subject - expr):
        raise StepError("the chain is about something else", chain.subject)


@theorem(cites="Rudin, Principles of Mathematical Analysis, theorem 5.11")
def minimum_at_zero(argmin: ArgMin, slope: Expr, curvature: Derivation, at_zero: Derivation) -> Conclusion:
    """The link `ArgMin(f, x) = 0` over `x >= 0`, for a strictly convex `f` whose slope at 0 is not negative.

    Parameters
    ----------
    slope
        The derivative of `f`.
    curvature
        A chain that shows that the derivative of `slope` is positive.
    at_zero
        A chain from `slope` at 0.

    Raises
    ------
    StepError
        If a chain shows something else.
    """
    _require_convex(argmin, slope, curvature, at_zero)
    if not is_nonnegative(at_zero.end, at_zero.box):
        raise StepError("convexity: the slope at 0 may be negative", at_zero.end)
    hypotheses = ("strictly convex", "the slope at 0 is not negative")
    return Conclusion(argmin, "=", Integer(0), "a convex function is least where it starts to rise", hypotheses)


@theorem(cites="Rudin, Principles of Mathematical Analysis, theorem 5.11")
def minimum_inside(argmin: ArgMin, slope: Expr, curvature: Derivation, at_zero: Derivation) -> Conclusion:
    """The link `ArgMin(f, x) > 0` over `x >= 0`, for a strictly convex `f` that falls at 0; as `minimum_at_zero`."""
    _require_convex(argmin, slope, curvature, at_zero)
    if not is_positive(-at_zero.end, at_zero.box):
        raise StepError("convexity: the slope at 0 may not be negative", at_zero.end)
    hypotheses = ("strictly convex", "the slope at 0 is negative")
    return Conclusion(argmin, ">", Integer(0), "a function that falls at 0 is less behind it", hypotheses)


def _require_convex(argmin: ArgMin, slope: Expr, curvature: Derivation, at_zero: Derivation) -> None:
    f, x = argmin.args
    _require_increasing(slope, x, curvature)
    _require_about(at_zero, slope.subs(x, 0))
    means = zip(f.args, slope.args, strict=True)
    if any(not reduces_to_zero(inside.diff(x) - its_slope) for inside, its_slope in means):
        raise StepError("convexity: not the derivative", slope)


@theorem(cites="Rudin, Principles of Mathematical Analysis, theorem 9.28")
def root_moves(f: Expr, x: Symbol, parameter: Symbol, at: Expr, root: Expr, box: Box) -> Conclusion:
    """The link from `d Root(f, x)/d parameter` at `parameter = at` to `-(df/dparameter)/(df/dx)` at the known root.

    Raises
    ------
    StepError
        If `f` is not smooth, does not vanish at the root, or is not shown to increase there, on `box`.
    """
    here = {x: root, parameter: at}
    require_smooth(f, x, (Integer(0), oo), box)
    if not is_nonnegative(root, box) or not reduces_to_zero(f.subs(here)):
        raise StepError("implicit function theorem: not a root", f.subs(here))
    rate = f.diff(x).subs(parameter, at)
    if not is_positive(rate, box):
        raise StepError("implicit function theorem: the function may not increase", rate)
    value = -f.diff(parameter).subs(here) / rate.subs(x, root)
    hypotheses = ("f = 0 there", f"df/d{x} > 0", "continuously differentiable")
    left = Subs(Derivative(Root(f, x), parameter), parameter, at)
    return Conclusion(left, "=", value, "implicit function theorem", hypotheses)


@theorem(cites="Rudin, Principles of Mathematical Analysis, theorem 5.11")
def minimum_before(argmin: ArgMin, point: Expr, curvature: Expr, rises: Derivation, box: Box) -> Conclusion:
    """The link `ArgMin(f, x) < point` over `x >= 0`, for a strictly convex `f` that rises at `point > 0`.

    Parameters
    ----------
    curvature
        A form of the second derivative whose sign can be read off.
    rises
        A chain from the derivative of `f` at the point to zero.

    Raises
    ------
    StepError
        If `f` is not shown to be smooth and strictly convex, the point may be 0, or the chain shows something
        else.
    """
    f, x = argmin.args
    require_smooth(f, x, (Integer(0), oo), box)
    _require_about(rises, f.diff(x).subs(x, point))
    if rises.relation != ">" or rises.end != 0:
        raise StepError("convexity: the function is not shown to rise at the point", rises.end)
    if not reduces_to_zero(f.diff(x, 2) - curvature):
        raise StepError("convexity: another second derivative", f.diff(x, 2) - curvature)
    if not is_positive(curvature) or not is_positive(point, box):
        raise StepError("convexity: not strictly convex, or the point may be 0", curvature)
    hypotheses = ("strictly convex", "rises at the point")
    return Conclusion(argmin, "<", point, "a convex function is least before it rises", hypotheses, discharged=(x,))


@theorem(cites="Rudin, Principles of Mathematical Analysis, theorem 5.11")
def rises_up_to(
    f: Expr, x: Symbol, scale: Expr, core: Expr, vanishes: Derivation, below: Step, start: Expr, box: Box
) -> Conclusion:
    """The link `f(end) - f(start) > 0` for `start < end <= top`, where `f' = scale * core` with `core` falling to zero.

    Parameters
    ----------
    scale, core
        A positive factor of the derivative, and one that decreases strictly on the real line.
    vanishes
        A chain from `core` at `top` to zero.
    below
        A link `end <= top`.

    Raises
    ------
    StepError
        If one of these is not shown.
    """
    end, top = below.left, below.right
    require_smooth(f, x, (-oo, oo))
    if not reduces_to_zero(f.diff(x) - scale * core) or not is_positive(scale) or declared(x) != ANY:
        raise StepError("rising function: the derivative does not factor so", f.diff(x))
    if not is_positive(-core.diff(x)):
        raise StepError("rising function: the core may not decrease", core.diff(x))
    _require_about(vanishes, core.subs(x, top))
    if vanishes.relation != "=" or vanishes.end != 0:
        raise StepError("rising function: the core does not vanish there", vanishes.end)
    if below.relation not in ("<", "<=") or not is_positive(end - start, box):
        raise StepError("rising function: the points are not in order", end - start)
    hypotheses = ("f' = scale * core", "scale > 0", f"core' < 0, core = 0 at {top}", f"{start} < {end} <= {top}")
    left = f.subs(x, end) - f.subs(x, start)
    return Conclusion(left, ">", Integer(0), "mean value theorem", hypotheses)
