"""`h(t) = sig(t) + t sig'(t)`, the growth rate of the force `t sig(lambda t)`: symmetry, least value, and decrease."""

from sympy import Derivative, Expr, Integer, Min, Rational, Symbol, exp, log

from theory.algebra import Box, is_nonnegative, is_positive, reduces_to_zero
from theory.derivation import Conclusion, Derivation, Relation, StepError, begin, theorem
from theory.quantities.pairs import Tilt
from theory.theorems.expectation import require_moment
from theory.theorems.indicators import Mean
from theory.theorems.logistic import sigmoid
from theory.theorems.roots import least_value

FLOOR = Rational(312, 3125)
"""`h > -FLOOR`, 0.09984: the exact constant solves `log(1 + 1/FLOOR) = 2 + 4 FLOOR`."""

_t = Symbol("t", real=True)


def floor_chain(floor: Expr = FLOOR) -> Derivation:
    """Chain from `h(t)` to `-floor`, for every real `t`.

    `(h(-t) + c)(1 + e^t)^2 e^-t` is convex in `t`, and least at `t = log((1 + c)/c)`, where it is
    `2 + 4c - log(1 + 1/c)`.

    Raises
    ------
    StepError
        If the least value is not positive: the floor is too high.
    """
    convex = floor * exp(-_t) + (2 * floor + 1 + _t) + (1 + floor) * exp(_t)
    share = exp(-_t) / (1 + exp(-_t)) ** 2
    scale, core = exp(-_t) * (1 + exp(_t)), (1 + floor) * exp(_t) - floor
    least = least_value(convex, _t, scale, core, -log((1 + floor) / floor))
    chain = begin(Symbol("h(t)"), Tilt(_t), "h(t) = sig(t) + t sig'(t)").equals(
        convex * share - floor, "common denominator"
    )
    bounded = chain.within(least)
    return bounded.at_least(-floor, "2 + 4c > log(1 + 1/c)", gap=least.right * share, strict=True)


@theorem(cites="Rudin, Principles of Mathematical Analysis, theorem 5.11")
def above_half(t: Expr, box: Box | None = None) -> Conclusion:
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
    return Conclusion(Tilt(t), ">=", Rational(1, 2), "sig >= 1/2 and sig' > 0", (f"{t} >= 0",))


@theorem(cites="Rudin, Principles of Mathematical Analysis, theorem 5.11")
def at_least_later(later: Expr, earlier: Expr) -> Conclusion:
    r"""The link `h(a) >= min(1, h(b))` for `a >= b >= 0`.

    With `g(t) = t sig(t)`, which increases, `h - 1 = sig(-t)(g - 1)` and `h' = sig'(t)(t + 2(1 - g))`: where
    `g(a) >= 1` the former is not negative; where `g(a) <= 1` so is `g` before, and `h` increases up to `a` (mean value
    theorem).

    Raises
    ------
    StepError
        If an identity does not reduce, a factor has another sign, or the points are not in order.
    """
    x = Symbol("x", nonnegative=True)
    below, over = Symbol("k", nonnegative=True), Symbol("l", nonnegative=True)
    h, g, slope = Tilt(x).doit(), x * sigmoid(x), sigmoid(x) * sigmoid(-x)
    identities = (
        g.diff(x) - h,
        h - 1 - (sigmoid(-x) * over).subs(over, g - 1),
        h.diff(x) - (slope * (x + 2 * below)).subs(below, 1 - g),
    )
    for residue in identities:
        if not reduces_to_zero(residue):
            raise StepError("h rises: an identity fails", residue)
    for part in (earlier, later - earlier, h, sigmoid(-x) * over, slope * (x + 2 * below)):
        if not is_nonnegative(part):
            raise StepError("h rises: no plain sign", part)
    hypotheses = (f"{later} >= {earlier} >= 0", "h >= 1 where t sig(t) >= 1", "h' >= 0 where t sig(t) <= 1")
    right = Min(1, Tilt(earlier))
    return Conclusion(Tilt(later), ">=", right, "h increases as long as it is below 1", hypotheses)


@theorem(cites="Rudin, Principles of Mathematical Analysis, theorem 5.11")
def falls_at_most(later: Expr, earlier: Expr, floor: Derivation, offset: Expr) -> Conclusion:
    r"""The link `offset + h(a) - h(b) >= offset - c` for `a >= b >= 0`, from a chain that shows `h >= -c`, `c >= 0`.

    `h(a) >= min(1, h(b))`; either `h(a) >= h(b)`, or `h(a) >= 1` and `h(b) = 1 - h(-b) <= 1 + c`. It is strict if the
    floor is and `c > 0`.

    Raises
    ------
    StepError
        If the symmetry of `h` does not reduce, the order of the points is not shown, or the chain shows something else.
    """
    at_least_later(later, earlier)
    require_floor(floor)
    x = Symbol("x", real=True)
    mirrored = Tilt(x).doit() + Tilt(-x).doit() - 1
    if not reduces_to_zero(mirrored):
        raise StepError("h falls: h(t) + h(-t) is not 1", mirrored)
    left = offset + Tilt(later) - Tilt(earlier)
    hypotheses = ("h >= -c", "h <= 1 + c", f"h(a) >= min(1, h(b)) for {later} >= {earlier} >= 0")
    relation: Relation = ">" if floor.relation == ">" and is_positive(-floor.end) else ">="
    return Conclusion(left, relation, offset + floor.end, "h never falls by more than c", hypotheses)


def require_floor(chain: Derivation) -> None:
    """Check that a chain shows `h(t) >= -c` for every real `t` and a `c` that is not negative.

    Raises
    ------
    StepError
        If it shows something else.
    """
    about = chain.subject == Tilt(_t) and chain.relation in (">=", ">") and not chain.box
    if not about or chain.end.has(_t) or not is_nonnegative(-chain.end):
        raise StepError("the floor of h: the chain is about something else", chain.subject)


@theorem(cites="Rudin, Principles of Mathematical Analysis, proposition 1.18")
def any_offset(f: Expr, w: Symbol, u: Symbol, inside: Derivation, outside: Derivation) -> Conclusion:
    """The link `f(w) >= bound` for every real `w`, `f` even, from the cases `|w| <= u` and `|w| >= u`.

    Parameters
    ----------
    u
        The end of the two ranges, not negative.
    inside
        A chain from `f(c u)` to the bound for `0 <= c <= 1`, the only symbol of its box.
    outside
        A chain from `f(u + v)` to the bound, `v >= 0`.

    Raises
    ------
    StepError
        If `f` is not even, or a chain shows something else or for fewer points.
    """
    if not reduces_to_zero(f.subs(w, -w) - f) or not (w.is_real and u.is_nonnegative):
        raise StepError("cases: not even", f.subs(w, -w) - f)
    v = Symbol("v", nonnegative=True)
    if len(inside.box) != 1 or outside.box:
        raise StepError("cases: the ranges do not meet", f)
    ((c, ends),) = inside.box.items()
    if ends != (Integer(0), Integer(1)) or f.has(c):
        raise StepError("cases: the ranges do not meet", c)
    for chain, place in ((inside, c * u), (outside, u + v)):
        if not reduces_to_zero(chain.subject - f.subs(w, place)) or chain.relation not in (">=", ">"):
            raise StepError("cases: the chain is about something else", chain.subject)
        if chain.end.has(c, v):
            raise StepError("cases: the bound depends on the place", chain.end)
    if not is_nonnegative(inside.end - outside.end):
        raise StepError("cases: the bounds are not in order", inside.end - outside.end)
    hypotheses = (f"even in {w}", f"{w} = c {u} with c from 0 to 1, or {w} = {u} + v")
    strict = outside.relation == ">" and (inside.relation == ">" or is_positive(inside.end - outside.end))
    return Conclusion(f, ">" if strict else ">=", outside.end, "both cases", hypotheses, (c,))


@theorem(cites="Billingsley, Probability and Measure, theorem 16.8")
def slope_under_the_mean(
    mean: Mean, x: Symbol, slope: Expr, bound: Expr, floor: Derivation, box: Box | None = None
) -> Conclusion:
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
    require_floor(floor)
    coefficients = [slope.coeff(h) for h in slope.atoms(Tilt)]
    rest = slope - sum((slope.coeff(h) * h for h in slope.atoms(Tilt)), Integer(0))
    if not reduces_to_zero(rest):
        raise StepError("dominated convergence: not a combination of values of h", rest)
    require_moment(bound)
    total = sum(coefficients, Integer(0)) * (1 - floor.end)
    if any(c.has(x) or not is_nonnegative(c, box) for c in coefficients) or not reduces_to_zero(bound - total):
        raise StepError("dominated convergence: not a bound", bound - total)
    hypotheses = (f"|d/d{x} f| <= {bound}", "a finite moment of the views")
    reason = "differentiation under the expectation"
    return Conclusion(Derivative(mean, x), "=", Mean(slope), reason, hypotheses)
