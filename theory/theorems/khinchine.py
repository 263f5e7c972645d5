r"""The mean modulus of a sum of lazy signs, sharp in every dimension (a Khinchine inequality after Haagerup).

A lazy sign is 0 with probability `1 - p`, else a fair sign; its characteristic function is `1 - p + p cos u`, and

    H(s) = (2/pi) int_0^oo (1 - |1 - p + p cos v|^s)/v^2 dv

is the mean modulus of the sum of `s` of them where `s` is an even integer.

U. Haagerup, "The best constants in the Khintchine inequality", Studia Mathematica 70 (1981).
"""

from collections.abc import Sequence

from sympy import (
    QQ,
    Abs,
    Add,
    Dummy,
    Expr,
    Function,
    Indexed,
    IndexedBase,
    Integer,
    Integral,
    Max,
    Poly,
    Product,
    Si,
    Sum,
    Symbol,
    binomial,
    cos,
    erfc,
    exp,
    expand,
    factorial,
    ff,
    latex,
    oo,
    pi,
    simplify,
    sqrt,
)

from theory.algebra import Box, is_nonnegative, reduces_to_zero
from theory.assumptions import Assumption
from theory.derivation import Conclusion, Derivation, Step, StepError, theorem
from theory.laws import indicator, law_of
from theory.theorems.averages import half_line
from theory.theorems.indicators import Mean


class HaagerupIntegral(Function):  # type: ignore[misc]
    r"""$H_p(s) = \frac{2}{\pi}\int_0^\infty (1 - |1-p+p\cos v|^s) v^{-2} dv$: `HaagerupIntegral(p, s)`."""

    nargs = 2

    def _latex(self, printer: object, exp: object = None) -> str:
        p, s = (printer._print(x) for x in self.args)  # type: ignore[attr-defined]
        return rf"H_{{{p}}}\left({s}\right)"


@theorem(cites="Haagerup, The best constants in the Khintchine inequality, Studia Mathematica 70 (1981)")
def modulus_as_integral(mean: Mean, total: Sum, p: Expr, u: Symbol) -> Conclusion:
    r"""The link $E|Y| = \frac{2}{\pi}\int_0^\infty (1 - \prod_i (1-p+p\cos(u c_i))) u^{-2} du$, `Y` a sum of `c_i x_i`.

    The `x_i` are independent lazy signs. The scalar identity is checked by an antiderivative.

    Raises
    ------
    StepError
        If the expectation is not that of the modulus of `total`, or the scalar identity fails.
    """
    if mean.args[0] != Abs(total):
        raise StepError("modulus as an integral: another expectation", mean)
    area = half_line(Integral((1 - cos(u)) / u**2, (u, 0, oo)), Si(u) - (1 - cos(u)) / u).right
    if not reduces_to_zero(area - pi / 2):
        raise StepError("modulus as an integral: another value", area)
    sign = lazy(p)[total.limits[0][0]]
    weight = total.function / sign
    if weight.has(IndexedBase(sign.base.label)):
        raise StepError("modulus as an integral: not a sum of weighted lazy signs", total)
    factor = 1 - p + p * cos(u * weight)
    value = 2 / pi * Integral((1 - Product(factor, *total.limits)) / u**2, (u, 0, oo))
    hypotheses = ("the terms are independent and symmetric", "E cos(u c x) = 1 - p + p cos(u c)", "Tonelli's theorem")
    return Conclusion(mean, "=", value, "a modulus as an integral of cosines", hypotheses)


def lazy(p: Expr) -> IndexedBase:
    """Independent lazy signs, each 0 with probability `1 - p`, else a fair sign."""
    return IndexedBase(rf"x^{{({latex(p)})}}", real=True)


def kept(probability: Expr) -> IndexedBase:
    """Independent indicators of the terms that are kept, each with that probability."""
    return indicator(IndexedBase(rf"B^{{({latex(probability)})}}", nonnegative=True), probability, independent=True)


@theorem(cites="Hardy, Littlewood and Polya, Inequalities, theorem 9")
def spread_over_entries(expr: Expr, p: Expr, weight: Expr) -> Conclusion:
    r"""The link $E|Y| \ge \sum_i c_i^3 H(1/c_i^2)$ from the integral form, for `c_i > 0` and $\sum c_i^2 = 1$.

    The weighted inequality of the means bounds the product of the factors by $\sum_i c_i^2 |\varphi(u c_i)|^{1/c_i^2}$;
    then `v = u c_i`.

    Raises
    ------
    StepError
        If the expression is not the integral form, an entry may vanish, or the substitution fails.
    """
    (product,) = expr.atoms(Product)
    (integral,) = expr.atoms(Integral)
    ((u, *_),) = integral.limits
    factor = product.function
    if not weight.is_positive or not reduces_to_zero(factor - (1 - p + p * cos(u * weight))):
        raise StepError("weighted means: the factors are others", factor)
    v, c = Dummy("v", positive=True), Dummy("c", positive=True)
    before, after = ((1 - cos(u * c)) / u**2).subs(u, v / c) / c, c * (1 - cos(v)) / v**2
    if not reduces_to_zero(before - after) or not reduces_to_zero(expr - 2 / pi * integral):
        raise StepError("substitution: another integral", expr)
    value = Sum(weight**3 * HaagerupIntegral(p, 1 / weight**2), *product.limits)
    hypotheses = ("the squares of the entries add up to 1", "geometric mean <= arithmetic mean", "v = u c_i")
    return Conclusion(expr, ">=", value, "weighted means under the integral", hypotheses)


def walk_moduli(p: Expr, last: int) -> list[Expr]:
    r"""`E|x_1 + ... + x_n|` of lazy signs for `n = 0, ..., last`, exactly, for an algebraic number `p`.

    One more step adds $p\,P(W_n = 0)$: away from 0 the modulus is a martingale. For even `n` this is `H_p(n)`.
    """
    field = QQ.algebraic_field(p)
    active, silent, half = field.from_sympy(p), field.from_sympy(1 - p), field.from_sympy(p / 2)
    law, modulus = [field.one, *[field.zero] * last], [field.zero]
    for _ in range(last):
        modulus.append(modulus[-1] + active * law[0])
        further = [*law[1:], field.zero]
        law = [silent * here + half * (law[abs(k - 1)] + further[k]) for k, here in enumerate(law)]
    return [field.to_sympy(value) for value in modulus]


@theorem(cites="Haagerup, The best constants in the Khintchine inequality, Studia Mathematica 70 (1981)")
def above_root(p: Expr, argument: Expr, low: Expr, box: Box) -> Conclusion:
    r"""The link $H_p(s) \ge p\sqrt{s}$ for $s \ge 2$, at `s = argument`, for a number `p` with $H_p(2) = p\sqrt{2}$.

    On `[2, 4]` by a binomial series (`_near_tie`). `H` is concave: between larger even integers it lies above its
    chord, and $p\sqrt{s}$ below a tangent; both are linear, so the ends decide. From `_LAST` on,
    $H_p(s) \ge \sqrt{2ps/\pi} - 2/\pi^2$ (`_poisson_tail`).

    Parameters
    ----------
    argument, low
        `s`, and the least value that `s - 2` is shown to have, not negative on `box`.

    Raises
    ------
    StepError
        If the argument may be below 2, or one of the inequalities between numbers fails.
    """
    if not is_nonnegative(low, box) or not reduces_to_zero(argument - 2 - low):
        raise StepError("Haagerup's integral: the argument may be below 2", argument)
    base, power = Symbol("y", positive=True), Symbol("s", positive=True)
    if not is_nonnegative((base**power).diff(power, 2)):
        raise StepError("Haagerup's integral: not shown to be concave", base**power)
    values = walk_moduli(p, _LAST)
    _near_tie(p, values)
    for n in range(4, _LAST, 2):
        middle = Integer(n + 1)
        for end in (n, n + 2):
            _require_not_negative(values[end] - p * (sqrt(middle) + (end - middle) / (2 * sqrt(middle))))
    _require_not_negative(_poisson_tail(p, Integer(_LAST)) - p * sqrt(Integer(_LAST)))
    hypotheses = ("s in [2, 4] by a series", "then by chords of a concave H", f"s >= {_LAST} by the tail")
    return Conclusion(
        HaagerupIntegral(p, argument),
        ">=",
        p * sqrt(argument),
        "a concave function above a root",
        hypotheses,
    )


# At `p = 2 - sqrt(2)`, where `H_p(2) = p sqrt(2)`, the tail bound exceeds `p sqrt(s)` from `s = 66.3` on.
_LAST = 68
# At that `p` three terms of the binomial series already suffice.
_TERMS = 4


def _near_tie(p: Expr, values: Sequence[Expr]) -> None:
    r"""Show $H_p(2 + 2x) \ge p\sqrt{2(1 + x)}$ on `0 <= x <= 1`, where both agree at `x = 0`.

    With $z = |\varphi|^2$ and $z^{1+x} = z (1 - (1-z))^x$, the binomial series of which all later coefficients are
    negative, $H(2 + 2x) \ge H(2) + \sum_{k \le K} |\binom{x}{k}| M_k$, `M_k` the integral of $z(1-z)^k$; and
    $\sqrt{1+x} \le 1 + x/2 - x^2/8 + x^3/16$.
    """
    x, t = Symbol("x", nonnegative=True), Symbol("t", nonnegative=True)
    if not reduces_to_zero(values[2] - p * sqrt(2)):
        raise StepError("Haagerup's integral: no tie at 2", values[2])
    cubic = 1 + x / 2 - x**2 / 8 + x**3 / 16
    if not is_nonnegative(expand(cubic**2 - 1 - x), {x: (Integer(0), Integer(1))}):
        raise StepError("Haagerup's integral: the cubic is not above the root", cubic)
    growth = Integer(0)
    for k in range(1, _TERMS + 1):
        moment = -Add(*((-1) ** j * binomial(k, j) * values[2 * j + 2] for j in range(k + 1)))
        growth += (-1) ** (k - 1) * ff(x, k) / factorial(k) * expand(moment)
    gap = Poly(expand((growth - values[2] * (cubic - 1)) / x), x)
    degree = gap.degree()
    for coefficient in Poly(sum(c * t**k * (1 + t) ** (degree - k) for (k,), c in gap.terms()), t).all_coeffs():
        _require_not_negative(coefficient)


def _poisson_tail(p: Expr, s: Expr) -> Expr:
    r"""The lower bound $\sqrt{2ps/\pi} - 2/\pi^2$ of `H_p(s)`; over `sqrt(s)` it increases.

    $|1-x| \le e^{-x}$ on $[0, 2p]$ leads to a walk with a Poisson number of steps, mean `lambda = ps`. Its mean modulus
    grows at the rate $P(W = 0) = \frac{1}{\pi}\int_0^\pi e^{-\lambda(1-\cos v)}dv \ge
    (1 - \mathrm{erfc}(\pi\sqrt{\lambda/2}))/\sqrt{2\pi\lambda}$, as $1 - \cos v \le v^2/2$. The part with erfc
    integrates to at most $2/\pi^2$.
    """
    _require_not_negative(exp(-2 * p) - (2 * p - 1))
    x = Symbol("x", positive=True)
    lost = half_line(Integral(erfc(pi * x), (x, 0, oo)), x * erfc(pi * x) - exp(-(pi**2) * x**2) / (pi * sqrt(pi)))
    missing = 2 / sqrt(pi) * lost.right
    if not reduces_to_zero(missing - 2 / pi**2):
        raise StepError("Poisson tail: another integral", missing)
    _require_not_negative(sqrt(2 * p / pi) - p)
    return sqrt(2 * p * s / pi) - missing


def _require_not_negative(number: Expr) -> None:
    if not number.is_nonnegative:
        raise StepError("Haagerup's integral: an inequality between numbers fails", number)


@theorem(cites="Billingsley, Probability and Measure, section 21")
def largest_apart(mean: Mean, entry: Expr, rest: Expr, p: Expr, box: Box) -> Conclusion:
    r"""The link $E|c x + Y| \ge p c + (1-p) E|Y|$ for a lazy sign `x`, independent of a symmetric `Y`.

    With a fair sign $|cS + Y|$ averages to $\max(c, |Y|) \ge c$.

    Raises
    ------
    StepError
        If `mean` is another expectation, or the average over the sign is not the maximum.
    """
    x = lazy(p)[1]
    if mean.args[0] != Abs(entry * x + rest) or rest.has(x) or not is_nonnegative(entry, box):
        raise StepError("largest entry: another expectation", mean)
    low, step = Dummy("y", nonnegative=True), Dummy("k", nonnegative=True)
    for c, y in ((low, low + step), (low + step, low)):
        if not reduces_to_zero((Abs(c + y) + Abs(c - y)) / 2 - Max(c, y)):
            raise StepError("largest entry: the average over the sign is not the maximum", c - y)
    hypotheses = ("x is 0 with probability 1 - p, else a fair sign", "max(c, |Y|) >= c", "independence")
    return Conclusion(mean, ">=", p * entry + (1 - p) * Mean(Abs(rest)), "the largest entry apart", hypotheses)


def one_entry_less(mean: Mean, constant: Expr, length: Expr) -> Step:
    r"""The link $E|Y'| \ge \mathrm{constant} \cdot \mathrm{length}$ for `mean` $= E|Y|$ without its first entry.

    This is the hypothesis of the induction in `every_direction`, and may be used only there.
    """
    left, right = Mean(Abs(_but_the_first(mean.args[0].args[0]))), constant * length
    hypothesis = Assumption("one entry less", f"By induction, ${latex(left)} \\ge {latex(right)}$.", discharged=True)
    return Step(left, ">=", right, "induction over the number of entries", "assumption", given=(hypothesis,))


@theorem(cites="Haagerup, The best constants in the Khintchine inequality, Studia Mathematica 70 (1981)")
def every_direction(
    mean: Mean, constant: Expr, largest: tuple[Expr, Expr], dominated: Derivation, spread: Derivation
) -> Conclusion:
    r"""The link $E|Y| \ge constant$ for entries of unit norm, by induction over their number.

    The bound is homogeneous in the entries; without entries both sides vanish.

    Parameters
    ----------
    mean
        $E|\sum_i t_i x_i|$ over the entries `1, ..., d`.
    largest
        The largest entry and the norm of the others, through one parameter `u`: 1 and 0 at `u = 0`, and equal at the
        upper end of the range of `u`.
    dominated
        Shows the bound where the largest entry has at least half of the energy, from `one_entry_less`.
    spread
        Shows it where no entry has more than half of the energy: $t_i = 1/\sqrt{2 + k_i}$, $k_i \ge 0$.

    Raises
    ------
    StepError
        If one of the cases is about something else, does not cover its range, ends elsewhere or in the wrong direction.
    """
    total = mean.args[0].args[0]
    ((_, low, _),) = total.limits
    sign = next(iter(total.function.atoms(Indexed) - {x for x in total.function.atoms(Indexed) if x.is_positive}))
    entry, length = largest
    _require_two_cases(dominated, largest, spread, sign)
    if dominated.subject != Mean(Abs(entry * sign.base[low] + _but_the_first(total))):
        raise StepError("two cases: the first is about something else", dominated.subject)
    for case in (dominated, spread):
        if case.relation not in ("=", ">", ">="):
            raise StepError("two cases: a case bounds from the wrong side", case.end)
        if not reduces_to_zero(case.end - constant):
            raise StepError("two cases: a case ends elsewhere", case.end - constant)
    hypotheses = (
        "both sides are homogeneous in the entries",
        "no entries: both sides vanish",
        "the largest entry has at least half of the energy, or none has more",
    )
    reason = "induction over the number of entries, two cases"
    discharged = (*dominated.box, *one_entry_less(mean, constant, length).given)
    return Conclusion(mean, ">=", constant, reason, hypotheses, discharged)


def _but_the_first(total: Sum) -> Sum:
    ((i, low, high),) = total.limits
    return Sum(total.function, (i, low + 1, high))


def _require_two_cases(first: Derivation, largest: tuple[Expr, Expr], spread: Derivation, sign: Indexed) -> None:
    entry, length = largest
    if len(first.box) != 1 or spread.box:
        raise StepError("two cases: a case has another range", entry)
    ((u, (start, end)),) = first.box.items()
    ends = (entry.subs(u, start) - 1, (entry - length).subs(u, end), entry**2 + length**2 - 1)
    if not (all(reduces_to_zero(residue) for residue in ends) and is_nonnegative(length, first.box)):
        raise StepError("two cases: the first does not cover its range", entry)
    spread_total = spread.subject.args[0].args[0]
    excess = simplify((spread_total.function / sign) ** -2 - 2)
    if not (isinstance(excess, Indexed) and excess.is_nonnegative):
        raise StepError("two cases: the second does not cover its range", spread_total)


@theorem(cites="Billingsley, Probability and Measure, theorem 18.3")
def thinned(mean: Mean, p: Expr, q: Expr, denser: Derivation, energy: Sum) -> Conclusion:
    r"""The link $E|Y| \ge E[\kappa \sqrt{\sum_i B_i c_i^2}]$ for lazy signs of activity `p`, from activity `q`.

    A sign of activity `p` is one of activity `q`, kept with `B_i = 1`, which has probability `p/q`. Given which are
    kept, the sum over them obeys `denser`: its modulus is on average at least `kappa` times their length.

    Raises
    ------
    StepError
        If `denser` is about another sum or bounds from above, or `energy` is another.
    """
    if denser.relation not in ("=", ">", ">=") or denser.subject != mean.xreplace({lazy(p): lazy(q)}):
        raise StepError("thinning: no lower bound for the denser sum", denser.end)
    total = mean.args[0].args[0]
    ((i, *_),) = total.limits
    (keep,) = {x for x in energy.function.atoms(Indexed) if x.is_nonnegative and not x.is_positive}
    law = law_of(keep)
    if law is None or law.probability != p / q or not law.independent:
        raise StepError("thinning: not declared to be kept independently with probability p/q", keep)
    if energy.limits != total.limits or not reduces_to_zero(
        energy.function - keep * (total.function / lazy(p)[i]) ** 2
    ):
        raise StepError("thinning: another energy of the kept entries", energy)
    hypotheses = (
        f"a feature is active where it is active in the denser law and kept, with probability {p / q}",
        "homogeneity",
        "Fubini's theorem",
    )
    right = Mean(denser.end * sqrt(energy))
    return Conclusion(mean, ">=", right, "thinning: given the kept entries", hypotheses)


UNIT_DIRECTION = Assumption("unit direction", "The squared entries of the direction add up to one.", defines=True)


def unit_length(total: Sum, weight: Expr) -> Step:
    """The link `total = 1` for the sum of the squared entries of a direction of unit norm.

    Raises
    ------
    StepError
        If the terms are not the squares of the entries.
    """
    if not reduces_to_zero(total.function - weight**2):
        raise StepError("unit norm: not the sum of the squared entries", total)
    return Step(total, "=", Integer(1), "the direction has unit norm", "assumption", given=(UNIT_DIRECTION,))


@theorem(cites="Rudin, Principles of Mathematical Analysis, proposition 1.18")
def at_most_concentrated(total: Sum) -> Conclusion:
    r"""The link $\sum_i t_i^4 \le 1$ for a direction of unit norm: $t_i^4 \le t_i^2$.

    Raises
    ------
    StepError
        If the terms are not fourth powers of nonnegative entries.
    """
    entry, power = total.function.as_base_exp()
    if power != 4 or not isinstance(entry, Indexed) or not is_nonnegative(entry):
        raise StepError("concentration: not a sum of fourth powers of entries", total)
    return Conclusion(
        total, "<=", Integer(1), "a direction of unit norm", ("t_i^2 <= sum_j t_j^2 = 1",), given=(UNIT_DIRECTION,)
    )
