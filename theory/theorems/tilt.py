"""`h(t) = sig(t) + t sig'(t)`, how fast the force `t sig(lambda t)` grows with `t`: symmetry, floor, and falls."""

from typing import Any

from sympy import Derivative, Expr, Function, Integer, Rational, Symbol, exp, log

from theory.algebra import Box, is_nonnegative, is_positive, reduces_to_zero
from theory.derivation import Derivation, Step, StepError, begin
from theory.theorems.indicators import Mean
from theory.theorems.logistic import sigmoid
from theory.theorems.roots import least_value

FLOOR = Rational(312, 3125)
"""`h >= -FLOOR`, 0.09984: the exact constant solves `log(1 + 1/FLOOR) = 2 + 4 FLOOR`."""

_t = Symbol("t", real=True)


class Tilt(Function):  # type: ignore[misc]
    """`h(t) = sig(t) + t sig'(t)`, the derivative of `t sig(t)`."""

    nargs = 1

    def doit(self, **hints: Any) -> Expr:
        """The same in terms of exponentials."""
        t = self.args[0].doit(**hints)
        return sigmoid(t) + t * sigmoid(t) * sigmoid(-t)

    def _latex(self, printer: Any, exp: Any = None) -> str:
        return rf"h\left({printer._print(self.args[0])}\right)"


def floor_chain(floor: Expr = FLOOR) -> Derivation:
    """Chain from `h(t)` to `-floor`, for every real `t`.

    `(h(-t) + c)(1 + e^t)^2 e^-t` is convex in `t`, and least at `t = log((1 + c)/c)`, where it is
    `2 + 4c - log(1 + 1/c)`.

    Raises
    ------
    StepError
        If the least value is negative: the floor is too high.
    """
    convex = floor * exp(-_t) + (2 * floor + 1 + _t) + (1 + floor) * exp(_t)
    share = exp(-_t) / (1 + exp(-_t)) ** 2
    scale, core = exp(-_t) * (1 + exp(_t)), (1 + floor) * exp(_t) - floor
    least = least_value(convex, _t, scale, core, -log((1 + floor) / floor))
    chain = begin(Symbol("h(t)"), Tilt(_t), "h(t) = sig(t) + t sig'(t)").equals(
        convex * share - floor, "common denominator"
    )
    bounded = chain.within(least)
    return bounded.at_least(-floor, "2 + 4c >= log(1 + 1/c)", gap=least.right * share)


def above_half(t: Expr, box: Box | None = None) -> Step:
    """The link `h(t) >= 1/2` for `t >= 0`.

    Raises
    ------
    StepError
        If `t >= 0` is not shown.
    """
    k = Symbol("k", nonnegative=True)
    x = Symbol("x", nonnegative=True)
    gap = k / (2 * (2 + k)) + x * (1 + k) / (2 + k) ** 2
    residue = (Tilt(x).doit() - Rational(1, 2) - gap).subs(k, exp(x) - 1)
    if not reduces_to_zero(residue) or not is_nonnegative(gap):
        raise StepError("h >= 1/2: the gap is another", residue)
    if not is_nonnegative(t, box):
        raise StepError("h >= 1/2: the argument may be negative", t)
    return Step(Tilt(t), ">=", Rational(1, 2), "sig >= 1/2 and sig' > 0", "theorem", (f"{t} >= 0",))


def falls_at_most(later: Expr, earlier: Expr, floor: Derivation, offset: Expr) -> Step:
    r"""The link `offset + h(a) - h(b) >= offset - c` for `a >= b >= 0`, from a chain that shows `h >= -c`.

    `h <= 1 + c` since `h(t) + h(-t) = 1`. As `t sig(t)` increases for `t >= 0` with derivative `h(t) > 0`: either
    `a sig(a) >= 1`, then `h(a) - 1 = sig(-a)(a sig(a) - 1) >= 0`; or `t sig(t) < 1` up to `a`, and there
    `h'(t) = sig'(t)(t + 2(1 - t sig(t))) >= 0`, so that `h(a) >= h(b)`.

    Raises
    ------
    StepError
        If one of the identities does not reduce, or the order of the points is not shown.
    """
    x = Symbol("x", nonnegative=True)
    s, s_mirrored = sigmoid(x), sigmoid(-x)
    identities = (
        Tilt(x).doit() + Tilt(-x).doit() - 1,
        Tilt(x).doit() - 1 - s_mirrored * (x * s - 1),
        (x * s).diff(x) - Tilt(x).doit(),
        Tilt(x).doit().diff(x) - s * s_mirrored * (x + 2 * (1 - x * s)),
    )
    for residue in identities:
        if not reduces_to_zero(residue):
            raise StepError("h falls: an identity fails", residue)
    for part in (earlier, later - earlier, Tilt(x).doit()):
        if not is_nonnegative(part):
            raise StepError("h falls: the points are not in order", part)
    if floor.steps[0].right != Tilt(_t) or floor.relation != ">=":
        raise StepError("h falls: the chain is about something else", floor.steps[0].right)
    left = offset + Tilt(later) - Tilt(earlier)
    hypotheses = ("h >= -c", f"{later} >= {earlier} >= 0", "h increases as long as it is below 1")
    return Step(left, ">=", offset + floor.end, "h never falls by more than c", "theorem", hypotheses)


def any_offset(f: Expr, w: Symbol, u: Symbol, inside: Derivation, outside: Derivation) -> Step:
    """The link `f(w) >= bound` for every real `w`, `f` even, from the cases `|w| <= u` and `|w| >= u`.

    Parameters
    ----------
    inside
        A chain from `f(c u)` to the bound, `c` between 0 and 1, the first symbol of its box.
    outside
        A chain from `f(u + v)` to the bound, `v >= 0`.

    Raises
    ------
    StepError
        If `f` is not even, or a chain shows something else.
    """
    if not reduces_to_zero(f.subs(w, -w) - f):
        raise StepError("cases: not even", f.subs(w, -w) - f)
    (c, *_), v = inside.box, Symbol("v", nonnegative=True)
    if inside.box[c] != (Integer(0), Integer(1)):
        raise StepError("cases: the ranges do not meet", c)
    for chain, place in ((inside, c * u), (outside, u + v)):
        if not reduces_to_zero(chain.steps[0].right - f.subs(w, place)) or chain.relation not in (">=", ">"):
            raise StepError("cases: the chain is about something else", chain.steps[0].right)
    if not is_nonnegative(inside.end - outside.end):
        raise StepError("cases: the bounds are not in order", inside.end - outside.end)
    return Step(f, ">=", outside.end, "both cases", "theorem", (f"even in {w}", f"|{w}| <= {u} or |{w}| >= {u}"))


def slope_under_the_mean(
    mean: Mean, x: Symbol, slope: Expr, bound: Expr, floor: Derivation, box: Box | None = None
) -> Step:
    """The link `d/dx E f = E slope` by dominated convergence, `slope` a combination of values of `h`.

    Each coefficient of an `h` is not negative and free of `x`; as `-c <= h <= 1 + c`, `bound` is `1 + c` times
    their sum.

    Raises
    ------
    StepError
        If `slope` is not the derivative, or `bound` is another.
    """
    if not reduces_to_zero(slope.doit() - mean.args[0].diff(x)):
        raise StepError("dominated convergence: not the derivative", slope.doit() - mean.args[0].diff(x))
    coefficients = [slope.coeff(h) for h in slope.atoms(Tilt)]
    total = sum(coefficients, Integer(0)) * (1 - floor.end)
    if any(c.has(x) or not is_nonnegative(c, box) for c in coefficients) or not reduces_to_zero(bound - total):
        raise StepError("dominated convergence: not a bound", bound - total)
    hypotheses = (f"|d/d{x} f| <= {bound}", "whose expectation is finite")
    reason = "differentiation under the expectation"
    return Step(Derivative(mean, x), "=", Mean(slope), reason, "theorem", hypotheses)


def instance(chain: Derivation, at: dict[Symbol, Expr]) -> Step:
    """The link that a chain gives for particular values of its symbols.

    Raises
    ------
    StepError
        If a value is not shown to respect the assumption on its symbol.
    """
    for symbol, value in at.items():
        if not value.is_real or (symbol.is_positive and not is_positive(value)):
            raise StepError("instance: the value is not admissible", value)
        if symbol.is_nonnegative and not is_nonnegative(value):
            raise StepError("instance: the value may be negative", value)
    left, right = (expr.xreplace(at) for expr in (chain.steps[0].right, chain.end))
    return Step(left, chain.relation, right, "shown above, for these values", "theorem", chain.steps[-1].hypotheses)


def derived(chain: Derivation) -> Step:
    """The link that a chain gives as a whole, from its start to its end."""
    return Step(chain.start, chain.relation, chain.end, "shown above", "theorem", chain.steps[-1].hypotheses)
