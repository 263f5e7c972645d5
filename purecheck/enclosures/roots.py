"""Certified roots of finite sums that increase in one unknown: Newton steps, then signs decided by ball arithmetic."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flint import arb, arb_poly, ctx, fmpq, fmpz
from sympy import Add, Expr, Integer, Rational, Sum, Symbol, lambdify
from sympy.printing.pycode import PythonCodePrinter

from purecheck.enclosures.certify import LADDER, enclose
from purecheck.enclosures.problems import NotEnclosedError
from theory.claims import ImplicitForm

_STEPS = 200
"""More than enough halvings and Newton steps for the largest bracket at the highest precision."""


def enclose_root(form: ImplicitForm, values: Mapping[str, Rational], share: float) -> arb:
    """A ball around the quantity that `form` defines, its radius at most `share` of the value; exactly 0 where it is 0.

    Parameters
    ----------
    form
        Its equation increases strictly in the unknown.
    values
        Argument name to an exact number of its domain.
    share
        Largest ratio of radius and value, between 0 and 1/2.

    Raises
    ------
    NotEnclosedError
        If no precision of the ladder decides the signs.
    """
    placed = [(form.arguments[name], value) for name, value in values.items()]
    for bits in LADDER:
        before = ctx.prec
        ctx.prec = bits
        try:
            found = _root(_Equation.of(form, placed), enclose(form.high.subs(placed), bits), share)
        finally:
            ctx.prec = before
        if found is not None:
            return found
    if _exactly(form.equation.subs([*placed, (form.unknown, 0)])) == 0:  # at the edge, where no ball decides
        return arb(0)
    raise NotEnclosedError(f"no precision up to {LADDER[-1]} bits encloses {form.name} to a share of {share:g}")


def _root(equation: "_Equation", high: arb, share: float) -> arb | None:
    """The root between 0 and `high`, or None if this precision does not decide a sign."""
    start = equation.value(arb(0))
    if start >= 0:
        return arb(0)
    if not start < 0:
        return None
    guess = _newton(equation, arb(high.upper()), share)
    radius = guess * share / 2
    if not equation.value(guess - radius) < 0 or not equation.value(guess + radius) > 0:
        return None
    return arb(guess.mid(), radius.upper())


def _newton(equation: "_Equation", high: arb, share: float) -> arb:
    """A point that Newton steps, kept inside a shrinking bracket, no longer move by a quarter of the radius asked for.

    They end before that where this precision does not see on which side of the root they are.
    """
    low, x = arb(0), (high / 2).mid()
    for _ in range(_STEPS):
        value = equation.value(x)
        if value.contains(0):
            return x
        low, high = (low, x) if value > 0 else (x, high)
        step = (x - value / equation.slope(x)).mid()
        following = step if low < step < high else ((low + high) / 2).mid()
        if abs(following - x) < following * share / 8:
            return following
        x = following
    return x


Term = tuple[arb, Callable[..., arb], Callable[..., arb], tuple[int, ...]]
"""Weight, how the rest depends on the unknown and on the indices, its derivative, and the indices."""


@dataclass(frozen=True)
class _Equation:
    """The terms of the sum, their weights computed once."""

    terms: tuple[Term, ...]

    @classmethod
    def of(cls, form: ImplicitForm, placed: list[tuple[Symbol, Rational]]) -> "_Equation":
        parts = Add.make_args(form.equation.subs(placed))
        return cls(tuple(term for part in parts for term in _terms(part, form.unknown)))

    def value(self, x: arb) -> arb:
        return sum((weight * core(x, *index) for weight, core, _, index in self.terms), arb(0))

    def slope(self, x: arb) -> arb:
        return sum((weight * slope(x, *index) for weight, _, slope, index in self.terms), arb(0))


def _exactly(expr: Expr) -> Expr:
    """A linear combination of finite sums of numbers, added up."""
    found = Integer(0)
    for part in Add.make_args(expr):
        outside, inner = part.as_independent(Sum, as_Add=False)
        indices = [limit[0] for limit in inner.limits]
        terms = (inner.function.subs(dict(zip(indices, index, strict=True))) for index in _indices(inner.limits))
        found += outside * Add(*(term.doit() for term in terms))
    return found


def _terms(total: Expr, unknown: Symbol) -> Iterator[Term]:
    outside, inner = total.as_independent(Sum, as_Add=False)
    indices = [limit[0] for limit in inner.limits]
    fixed, varying = (inner.function * outside).as_independent(unknown, as_Add=False)
    weight = _compiled(indices, fixed)
    core, slope = (_compiled([unknown, *indices], f) for f in (varying, varying.diff(unknown)))
    for index in _indices(inner.limits):
        share = weight(*index)
        if not share.is_zero():
            yield share, core, slope, index


def _indices(limits: Iterable[Any]) -> Iterator[tuple[int, ...]]:
    """Every value of the indices; the last limit is the outermost, and inner ranges may depend on it."""
    *inner, (outer, low, high) = limits
    for i in range(int(low), int(high) + 1):
        if not inner:
            yield (i,)
            continue
        placed = [(x, lo.subs(outer, i), hi.subs(outer, i)) for x, lo, hi in inner]
        yield from ((*rest, i) for rest in _indices(placed))


class _BallPrinter(PythonCodePrinter):  # type: ignore[misc]
    """Prints rational numbers as balls, so that no constant is rounded to a float."""

    def _print_Rational(self, expr: Rational) -> str:
        return f"ball({expr.p}, {expr.q})"

    def _print_Integer(self, expr: Any) -> str:
        return str(int(expr))


def _compiled(arguments: list[Symbol], expr: Expr) -> Callable[..., arb]:
    functions = {
        "ball": lambda p, q: arb(fmpq(p, q)),
        "exp": lambda t: arb(t).exp(),
        "sqrt": lambda t: arb(t).sqrt(),
        "binomial": lambda n, k: arb(fmpz.bin_uiui(n, k)),
        "LazyWalk": _lazy_walk(),
    }
    printer = _BallPrinter({"fully_qualified_modules": False, "user_functions": {name: name for name in functions}})
    compiled = lambdify(arguments, expr, modules=[functions], printer=printer)
    return lambda *values: arb(compiled(*values))


def _lazy_walk() -> Callable[[int, int, arb], arb]:
    """The law of the walk, row by row: coefficients of powers of `p/2 + (1-p) t + (p/2) t^2`."""
    rows = [arb_poly([1])]

    def probability(n: int, v: int, p: arb) -> arb:
        p = arb(p)
        while len(rows) <= n:
            rows.append(rows[-1] * arb_poly([p / 2, 1 - p, p / 2]))
        return rows[n][n + v]

    return probability
