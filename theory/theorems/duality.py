"""Norms and their duals, moduli and squares, maxima over an interval."""

from itertools import product

from sympy import Abs, Basic, Expr, Function, Indexed, Max, Mul, Sum

from theory.algebra import Box, is_nonnegative, reduces_to_zero
from theory.derivation import Derivation, Step, StepError


class Inner(Function):  # type: ignore[misc]
    """Inner product of two vectors: `Inner(x, y)`."""

    nargs = 2
    is_extended_real = True

    def _latex(self, printer: object, exp: object = None) -> str:
        x, y = (printer._print(a) for a in self.args)  # type: ignore[attr-defined]
        return rf"{x}^\top {y}" if exp is None else rf"\left({x}^\top {y}\right)^{{{exp}}}"


class DualNorm(Function):  # type: ignore[misc]
    r"""Norm dual to that of the attack, $\|x\|_* = \max\{x^\top\delta : \|\delta\| \le 1\}$."""

    nargs = 1
    is_extended_nonnegative = True
    is_extended_real = True
    is_finite = True

    def _latex(self, printer: object, exp: object = None) -> str:
        norm = rf"\left\|{printer._print(self.args[0])}\right\|_*"  # type: ignore[attr-defined]
        return norm if exp is None else rf"{norm}^{{{exp}}}"


class Maximum(Function):  # type: ignore[misc]
    """Largest value of an expression over a closed interval: `Maximum(f, x, low, high)`."""

    nargs = 4

    def _latex(self, printer: object, exp: object = None) -> str:
        f, x, low, high = (printer._print(a) for a in self.args)  # type: ignore[attr-defined]
        return rf"\max_{{{low} \le {x} \le {high}}} {f}"


def bounded_by_dual(inner: Inner, size: Expr) -> Step:
    r"""The link $|x^\top\delta| \le \mathrm{size} \, \|x\|_*$ for $\|\delta\| \le \mathrm{size}$.

    Raises
    ------
    StepError
        If the size may be negative.
    """
    if not is_nonnegative(size):
        raise StepError("dual norm: the size of the ball may be negative", size)
    hypotheses = (f"the norm of {inner.args[1]} is at most {size}", "a ball is symmetric")
    return Step(Abs(inner), "<=", size * DualNorm(inner.args[0]), "definition of the dual norm", "theorem", hypotheses)


def triangle(modulus: Abs) -> Step:
    """The link `|x + y + ...| <= |x| + |y| + ...` over the summands inside a modulus."""
    parts = modulus.args[0].as_ordered_terms()
    bound = sum((Abs(part) for part in parts[1:]), Abs(parts[0]))
    return Step(modulus, "<=", bound, "triangle inequality", "theorem")


def reverse_triangle(modulus: Abs, kept: Expr) -> Step:
    """The link `|x + y| >= |x| - |y|`, `x` the part that is kept."""
    other = modulus.args[0] - kept
    return Step(modulus, ">=", Abs(kept) - Abs(other), "reverse triangle inequality", "theorem")


def triangle_of_sum(modulus: Abs) -> Step:
    """The link `|sum_h f_h| <= sum_h |f_h|`.

    Raises
    ------
    StepError
        If the modulus is not of a sum.
    """
    (total,) = modulus.args
    if not isinstance(total, Sum):
        raise StepError("triangle inequality: not a sum", total)
    return Step(modulus, "<=", Sum(Abs(total.function), *total.limits), "triangle inequality", "theorem")


def inner_of_sum(total: Sum, pushes: Indexed, whole: Inner) -> Step:
    r"""The link $\sum_h c_h w_h^\top\delta = (\sum_h c_h w_h)^\top\delta$; `whole` names the right side.

    Raises
    ------
    StepError
        If the sum is not linear in the inner products `pushes`.
    """
    weight = total.function.coeff(pushes)
    if not reduces_to_zero(total.function - weight * pushes):
        raise StepError("linearity of the inner product: not linear in it", total)
    hypotheses = (f"{whole.args[0]} is the sum over nodes of {weight} w_h",)
    return Step(total, "=", whole, "linearity of the inner product", "theorem", hypotheses)


def termwise_by_cases(
    total: Sum,
    bound: Expr,
    indicators: tuple[Indexed, ...],
    excluded: tuple[tuple[dict[Basic, int], Derivation], ...],
    uppers: tuple[tuple[dict[Basic, int], Expr, Expr], ...] = (),
) -> Step:
    """The link `sum_h f_h <= sum_h bound_h`, shown for all values in {0, 1} of the indicators in `f` and `bound`.

    Parameters
    ----------
    total
        The sum of terms that are not negative.
    bound
        Bound of one term.
    indicators
        Quantities that are 0 or 1.
    excluded
        Values that cannot come together, with the derivation that says so.
    uppers
        In the case of these values, an expression in the term and what bounds it from above.

    Raises
    ------
    StepError
        If a case is not shown.
    """
    for values in product((0, 1), repeat=len(indicators)):
        case = dict(zip(indicators, values, strict=True))
        if any(derivation.is_complete and known.items() <= case.items() for known, derivation in excluded):
            continue
        term, limit = (_factors_apart(e.xreplace(case)) for e in (total.function, bound))
        for known, part, upper in uppers:
            if known.items() <= case.items():
                term = term.xreplace({part: upper})
        if not is_nonnegative((limit - term).expand()):
            raise StepError(f"bound of a term: not shown in the case {case}", limit - term)
    hypotheses = ("each indicator is 0 or 1", *(f"{known} cannot be" for known, _ in excluded))
    return Step(total, "<=", Sum(bound, *total.limits), "term by term, in every case", "theorem", hypotheses)


def _factors_apart(expr: Expr) -> Expr:
    """`expr` with `|x y|` written as `|x| |y|`."""
    return expr.replace(Abs, lambda x: Mul(*(Abs(factor) for factor in Mul.make_args(x))))


def squared(chain: Derivation) -> Step:
    """The link `x^2 <= y^2` from a chain `x <= y` with `x` a modulus.

    Raises
    ------
    StepError
        If the chain shows something else.
    """
    shown = chain.relation in ("=", "<", "<=") and chain.is_complete
    if not shown or not chain.steps[0].right.func == Abs:
        raise StepError("squares: not an upper bound of a modulus", chain.start)
    hypotheses = (f"0 <= {chain.start} <= {chain.end}",)
    return Step(chain.start**2, "<=", chain.end**2, "squares keep the order of moduli", "theorem", hypotheses)


def convex_maximum(maximum: Maximum, box: Box | None = None) -> Step:
    """The link `max f = max(f(low), f(high))` over an interval, for a convex `f`.

    Raises
    ------
    StepError
        If convexity or the order of the ends is not shown.
    """
    f, x, low, high = maximum.args
    if not (is_nonnegative(f.diff(x, 2), box) and is_nonnegative(high - low, box)):
        raise StepError("convex maximum: not convex on an interval", f)
    ends = Max(f.subs(x, low), f.subs(x, high), evaluate=False)
    return Step(maximum, "=", ends, "a convex function is largest at an end", "theorem", ("f'' >= 0", "low <= high"))


def larger(pair: Max) -> Step:
    """The link `max(x, y) = (x + y + |x - y|)/2`."""
    x, y = pair.args
    return Step(pair, "=", (x + y + Abs((x - y).expand())) / 2, "the larger of two numbers", "theorem")
