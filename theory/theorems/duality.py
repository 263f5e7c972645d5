"""Norms and their duals, moduli and squares, maxima over an interval."""

from collections.abc import Collection, Mapping
from itertools import combinations, product

from sympy import Abs, Add, Basic, Expr, Function, Indexed, Max, Mul, S, Sum, true
from sympy.core.relational import Relational

from theory.algebra import Box, is_nonnegative, reduces_to_zero
from theory.derivation import Conclusion, Derivation, StepError, theorem
from theory.signs import signs
from theory.theorems.calculus import require_smooth


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

    @property
    def bound_symbols(self) -> list[Basic]:
        """The variable."""
        return [self.args[1]]

    def _latex(self, printer: object, exp: object = None) -> str:
        f, x, low, high = (printer._print(a) for a in self.args)  # type: ignore[attr-defined]
        return rf"\max_{{{low} \le {x} \le {high}}} {f}"


@theorem(cites="Boyd and Vandenberghe, Convex Optimization, appendix A.1.6")
def bounded_by_dual(inner: Inner, size: Expr) -> Conclusion:
    r"""The link $|x^\top\delta| \le \mathrm{size} \, \|x\|_*$ for $\|\delta\| \le \mathrm{size}$.

    Raises
    ------
    StepError
        If the size may be negative.
    """
    if not is_nonnegative(size):
        raise StepError("dual norm: the size of the ball may be negative", size)
    hypotheses = (f"the norm of {inner.args[1]} is at most {size}", "a ball is symmetric")
    return Conclusion(Abs(inner), "<=", size * DualNorm(inner.args[0]), "definition of the dual norm", hypotheses)


@theorem(cites="Rudin, Principles of Mathematical Analysis, definition 1.36")
def inner_of_sum(total: Sum, whole: Derivation) -> Conclusion:
    r"""The link $\sum_h c_h w_h^\top\delta = x^\top\delta$, where the chain begins with $x = \sum_h c_h w_h$.

    Raises
    ------
    StepError
        If the sum is not linear in inner products with one vector, or the chain names another combination.
    """
    pushes = total.function.atoms(Inner)
    if len(pushes) != 1:
        raise StepError("linearity of the inner product: not one inner product", total)
    (push,) = pushes
    weight = total.function.coeff(push)
    if not reduces_to_zero(total.function - weight * push):
        raise StepError("linearity of the inner product: not linear in it", total)
    if whole.definitions.get(whole.start) != Sum(weight * push.args[0], *total.limits):
        raise StepError("linearity of the inner product: the name is of another combination", whole.start)
    right, hypotheses = Inner(whole.start, push.args[1]), (f"{whole.start} is the sum of {weight * push.args[0]}",)
    return Conclusion(total, "=", right, "linearity of the inner product", hypotheses)


Meanings = Mapping[Indexed, tuple[Basic, Basic]]
"""The inequalities that hold where an indicator is 0 and where it is 1; `true` if there is none."""


@theorem(cites="Graham, Knuth and Patashnik, Concrete Mathematics, section 2.3")
def termwise_by_cases(
    total: Sum, bound: Expr, meanings: Meanings, facts: Collection[Derivation] = (), weight: Expr = S.One
) -> Conclusion:
    """The link `sum_h f_h <= sum_h bound_h`, shown for all values of the indicators in `f` and `bound`.

    A case is left out where its inequalities contradict each other: some of them add up to `0 < 0`. In the others
    `bound - f` is not negative, or not less than `weight` times one of them.

    Parameters
    ----------
    total
        The sum.
    bound
        Bound of one term.
    meanings
        The indicators.
    facts
        Chains whose inequalities hold in every case.
    weight
        The multiple, not negative.

    Raises
    ------
    StepError
        If a case is not shown, or a fact has a cited link.
    """
    if not all(fact.is_complete for fact in facts) or not is_nonnegative(weight):
        raise StepError("bound of a term: a fact is cited, or the weight may be negative", weight)
    known = [_of_chain(fact) for fact in facts]
    for values in product((0, 1), repeat=len(meanings)):
        case = dict(zip(meanings, values, strict=True))
        said = [meanings[x][value] for x, value in case.items()]
        gaps = known + [_gap(relation) for relation in said if relation is not true]
        if _contradictory(gaps):
            continue
        term, limit = (_factors_apart(e.xreplace(case)) for e in (total.function, bound))
        spare = [(limit - term - weight * gap).expand() for gap, _ in ((S.Zero, False), *gaps)]
        if not any(is_nonnegative(rest) for rest in spare):
            raise StepError(f"bound of a term: not shown in the case {case}", limit - term)
    hypotheses = (
        "each indicator is 0 or 1",
        *(f"{x} = {value} where {said}" for x, pair in meanings.items() for value, said in enumerate(pair)),
    )
    return Conclusion(total, "<=", Sum(bound, *total.limits), "term by term, in every case", hypotheses)


def _gap(relation: Relational) -> tuple[Expr, bool]:
    """The expression that an inequality states to be nonnegative, and whether it states it to be positive."""
    return relation.gts - relation.lts, relation.rel_op in ("<", ">")


def _of_chain(chain: Derivation) -> tuple[Expr, bool]:
    start = chain.definitions.get(chain.start, chain.start)
    side = 1 if chain.relation in ("<", "<=") else -1
    return side * (chain.end - start), chain.relation in ("<", ">")


def _contradictory(gaps: Collection[tuple[Expr, bool]]) -> bool:
    """Whether some of these inequalities add up to `0 > 0`."""
    subsets = (chosen for size in range(1, len(gaps) + 1) for chosen in combinations(gaps, size))
    return any(
        any(strict for _, strict in chosen) and Add(*(gap for gap, _ in chosen)).expand() == 0 for chosen in subsets
    )


def _factors_apart(expr: Expr) -> Expr:
    """`expr` with `|x y|` written as `|x| |y|`."""
    return expr.replace(Abs, lambda x: Mul(*(Abs(factor) for factor in Mul.make_args(x))))


@theorem(cites="Rockafellar, Convex Analysis, theorem 32.2")
def convex_maximum(maximum: Maximum, box: Box | None = None) -> Conclusion:
    """The link `max f = max(f(low), f(high))` over an interval, for a convex `f`.

    Raises
    ------
    StepError
        If convexity or the order of the ends is not shown.
    """
    f, x, low, high = maximum.args
    require_smooth(f, x, (low, high), box)
    if not (is_nonnegative(f.diff(x, 2), box) and is_nonnegative(high - low, box)):
        raise StepError("convex maximum: not convex on an interval", f)
    ends = Max(f.subs(x, low), f.subs(x, high), evaluate=False)
    return Conclusion(maximum, "=", ends, "a convex function is largest at an end", ("f'' >= 0", "low <= high"))


@theorem(cites="Rudin, Principles of Mathematical Analysis, proposition 1.18")
def larger(pair: Max) -> Conclusion:
    """The link `max(x, y) = (x + y + |x - y|)/2`.

    Raises
    ------
    StepError
        If there are not two real numbers.
    """
    if len(pair.args) != 2 or any(signs(part) is None for part in pair.args):
        raise StepError("larger: not two real numbers", pair)
    x, y = pair.args
    return Conclusion(pair, "=", (x + y + Abs((x - y).expand())) / 2, "the larger of two numbers")
