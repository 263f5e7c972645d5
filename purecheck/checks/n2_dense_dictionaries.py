"""Checks of N2: linear programs certified in fractions over rational dictionaries, and the fit that beats purity."""

from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from itertools import combinations
from math import isqrt
from typing import Any

import numpy as np
from hypothesis import strategies as st
from sympy import Abs, And, Basic, Expr, Le, Lt, Rational, cos, pi, sin, tan

from numerics.exact import ExactArray, fractions, support_probabilities
from numerics.network import GatedNetwork, effective_map, forward, input_gradient
from purecheck.check import Check, Control
from purecheck.comparison import Comparison
from purecheck.context import Context
from purecheck.enclosures.certify import Values
from purecheck.methods.certified import Certified
from purecheck.methods.enumerated import Enumerated
from purecheck.methods.sampled import Sampled
from purecheck.models.exact_fits import ExactFit, cross_talk_fit
from purecheck.models.exact_programs import cayley, least_norm
from purecheck.strategies import rationals
from theory.attack_norms.n2_better_fit import (
    BEATS,
    COST,
    FIT_COST,
    GATES,
    MAPS,
    PURE_COST,
    PURIFIED_COST,
    k,
)
from theory.attack_norms.n2_dense_dictionaries import (
    ATTAINED,
    BOUND,
    DUALITY,
    LOWER,
    ROTATION,
    SIGNS_NEEDED,
    SIGNS_SUFFICE,
    SINGLE,
    UPPER,
    angle,
)
from theory.model import p

Criterion = Callable[[ExactArray, ExactArray], bool]
"""Whether the ratio should be one, from `v` and the optimal `y` in the range."""

_THIRD, _HALF = Fraction(1, 3), Fraction(1, 2)
_DICTIONARIES = (
    cayley([[_THIRD]]),
    cayley([[_HALF, -_THIRD], [Fraction(3, 4)]]),
    cayley([[_HALF, _HALF, -_HALF], [_HALF, _THIRD], [Fraction(-2)]]),
    fractions([[1, 1, 1, 1], [1, -1, 1, -1], [1, 1, -1, -1], [1, -1, -1, 1]]) / 2,
)
_TARGET = fractions([1, "-2", "1/2", 3])


def _l1(x: ExactArray) -> Fraction:
    return sum((abs(entry) for entry in x.flat), Fraction(0))


def _supports(d: int) -> Iterator[list[int]]:
    return (list(chosen) for size in range(1, d + 1) for chosen in combinations(range(d), size))


def _same_signs(v: ExactArray, y: ExactArray) -> bool:
    return all(y_i == (1 if v_i > 0 else -1) for v_i, y_i in zip(v, y, strict=True) if v_i != 0)


def _equal_moduli(v: ExactArray, _: ExactArray) -> bool:
    return len({abs(entry) for entry in v}) == 1


def _prices(V: ExactArray, theta: ExactArray, purity_costs: int) -> Iterator[Comparison]:
    """What the claim says of one support, `V` the active columns; `purity_costs` 0 lets purity be optimal always."""
    v = V @ theta
    best, d = least_norm(V, v), len(v)
    where = f"d = {d}, {V.shape[1]} active, v = {list(map(str, v))}"
    yield Comparison(best.value, "==", (v @ V) @ best.c, f"primal and dual, {where}")
    yield Comparison(max(np.abs(V @ best.c)), "<=", Fraction(1), f"the dual is feasible, {where}")
    yield Comparison(best.value * max(np.abs(v)), ">=", v @ v, f"lower bound, {where}")
    yield Comparison(best.value, "<=" if purity_costs else "==", _l1(v), f"purified, {where}")
    yield Comparison((2 * _l1(v) - best.value) ** 2, "<=", d * best.value**2, f"(1 + sqrt(d))/2, {where}")
    if V.shape[1] == 1:
        yield Comparison(_l1(v) * (v @ v), "==", best.value * _l1(v) * max(np.abs(v)), f"one feature, {where}")


def _all_supports(purity_costs: int) -> Iterator[Comparison]:
    for M in _DICTIONARIES:
        for A in _supports(len(M)):
            yield from _prices(M[:, A], _TARGET[A], purity_costs)


def _ratio_one(criterion: Criterion) -> Iterator[Comparison]:
    """Where the ratio is one: an optimal `y` has the signs of `v` exactly if some feasible one has."""
    ranges = [(M[:, A], _TARGET[A]) for M in _DICTIONARIES for A in _supports(len(M))]
    ranges.append((fractions([[1, 1], [1, -1], [1, 0]]), fractions([3, 1])))  # v = (4, 2, 3)
    for V, theta in ranges:
        v = V @ theta
        best = least_norm(V, v)
        where = f"ratio one, v = {list(map(str, v))}"
        yield Comparison(int(best.value == _l1(v)), "==", int(criterion(v, V @ best.c)), where)


def _attained(extra: int) -> Iterator[Comparison]:
    """Columns along (1 + sqrt(d), 1, ..., 1), d a square; `extra` is added to sqrt(d)."""
    for root in (1, 2, 3, 4):
        V = fractions([[1 + root], *([1] for _ in range(root**2 - 1))])
        ratio = _l1(V[:, 0]) / least_norm(V, V[:, 0]).value
        yield Comparison(ratio, "==", Fraction(1 + root + extra, 2), f"largest ratio, d = {root**2}")


_SKEW = (Fraction(0), Fraction(1, 5), _THIRD, Fraction(1), Fraction(-3, 7), Fraction(4))


def _rotations(formula: Expr) -> Iterator[Comparison]:
    """The ratio of each feature under rational plane rotations."""
    for entry in _SKEW:
        M = cayley([[entry]])
        at = {f: Rational(*x.as_integer_ratio()) for f, x in ((cos(angle), M[0, 0]), (sin(angle), M[1, 0]))}
        for i in (0, 1):
            v = M[:, i]
            ratio = _l1(v) / least_norm(v[:, None], v).value
            where = f"feature {i + 1}, cos t = {M[0, 0]}, sin t = {M[1, 0]}"
            yield Comparison(ratio, "==", formula.xreplace(at), where)


@st.composite
def _problems(draw: st.DrawFn) -> tuple[ExactArray, ExactArray]:
    """Active columns of a rational dictionary, with targets that are not zero."""
    d = draw(st.integers(2, 5))
    entry = rationals(Fraction(-2), Fraction(2), denominator=6)
    M = cayley([[draw(entry) for _ in range(d - 1 - i)] for i in range(d - 1)])
    A = draw(st.sampled_from(list(_supports(d))))
    size = rationals(Fraction(1, 4), Fraction(3), denominator=6)
    return M[:, A], fractions([draw(st.sampled_from((1, -1))) * draw(size) for _ in A])


def _sampled_prices(purity_costs: int, example: tuple[ExactArray, ExactArray], _: Context) -> Iterable[Comparison]:
    return _prices(*example, purity_costs)


_TANGENTS = (Fraction(12, 35), Fraction(7, 24))
"""Rational tangents below 5/12 whose cosines are rational."""
_RATE = Fraction(2, 5)


def _rotation(tangent: Fraction) -> ExactArray:
    """The rotation by `t`, `tan t` given, whose numerator and denominator are legs of a Pythagorean triangle."""
    adjacent, opposite = tangent.denominator, tangent.numerator
    length = Fraction(isqrt(adjacent**2 + opposite**2))
    c, s = adjacent / length, opposite / length
    return fractions([[c, -s], [s, c]])


def _responses(fit: ExactFit, M: ExactArray) -> Iterator[tuple[Comparison, Fraction]]:
    """On every cell: the fit behind the dictionary is exact, and the l1 norm of its input gradient."""
    net = GatedNetwork(M @ fit.net.W, fit.net.a, fit.net.b)
    for cell in fit.cells:
        Z = cell.X @ M.T
        outputs = forward(net, Z)
        gap = max(abs(x) for x in outputs - cell.targets)
        gain = _l1(input_gradient(net, Z)[0])
        beta = M @ effective_map(net, Z, M)[0]
        where = f"tan t = {fit.name}, support {cell.pattern.tolist()}"
        yield Comparison(gap + cell.split_gates + abs(gain - _l1(beta)), "==", Fraction(0), f"exact fit, {where}"), gain


def _beating(costs: tuple[Expr, Expr]) -> Iterator[Comparison]:
    """Mean gains of the fit and of the purified one against their closed forms."""
    for tangent in _TANGENTS:
        fit, M = cross_talk_fit((Fraction(1), Fraction(1)), tangent), _rotation(tangent)
        found = list(_responses(fit, M))
        yield from (comparison for comparison, _ in found)
        patterns = np.array([cell.pattern for cell in fit.cells])
        weights = support_probabilities(patterns, _RATE)
        pays = sum((w * gain for w, (_, gain) in zip(weights, found, strict=True)), Fraction(0))
        pure = sum((w * _l1(M @ np.abs(x)) for w, x in zip(weights, patterns, strict=True)), Fraction(0))
        at = {k: Rational(*tangent.as_integer_ratio()), p: Rational(*_RATE.as_integer_ratio())}
        for mean, cost in zip((pays, pure), costs, strict=True):
            yield Comparison(mean, "==", cost.subs(at), f"E||M beta||_1, tan t = {tangent}, p = {_RATE}")
        yield Comparison(pays, "<", pure, f"it beats the purified fit, tan t = {tangent}")


_FIGURES = ("0.81519", "0.92279")


def _quoted(figures: tuple[str, str]) -> Iterable[tuple[Basic, Values]]:
    point = {k: tan(pi / 8), p: Rational(2, 5)}
    half = Rational(1, 200000)
    yield Lt(k, Rational(5, 12)), point
    for cost, figure in zip((FIT_COST, PURE_COST), figures, strict=True):
        yield And(Le(Rational(figure) - half, cost), Le(cost, Rational(figure) + half)), point


_CASES = sum(5 * (2 ** len(M) - 1) + len(M) for M in _DICTIONARIES)
_WITHOUT_MAXIMUM = Abs(cos(angle)) + Abs(sin(angle))

CHECKS: tuple[Check[Any], ...] = (
    Enumerated(
        claim="N2",
        clauses=(DUALITY.name, LOWER.name, UPPER.name, BOUND.name, SINGLE.name),
        name="linear programs over all supports",
        statement=1,
        control=Control("purity is always optimal", 0),
        cases=_all_supports,
        declared=_CASES,
    ),
    Sampled(
        claim="N2",
        clauses=(DUALITY.name, LOWER.name, UPPER.name, BOUND.name, SINGLE.name),
        name="linear programs over random dictionaries",
        statement=1,
        control=Control("purity is always optimal", 0),
        examples=_problems(),
        compare=_sampled_prices,
    ),
    Enumerated(
        claim="N2",
        clauses=(SIGNS_SUFFICE.name, SIGNS_NEEDED.name),
        name="where the ratio is one",
        statement=_same_signs,
        control=Control("iff equal moduli", _equal_moduli),
        cases=_ratio_one,
        declared=1 + sum(2 ** len(M) - 1 for M in _DICTIONARIES),
    ),
    Enumerated(
        claim="N2",
        clauses=(ATTAINED.name, BOUND.name),
        name="columns of largest ratio",
        statement=0,
        control=Control("1 + sqrt(d)/2", 1),
        cases=_attained,
        declared=4,
    ),
    Enumerated(
        claim="N2",
        clauses=(ROTATION.name, SINGLE.name),
        name="rational plane rotations",
        statement=ROTATION.formula.rhs,
        control=Control("without the maximum", _WITHOUT_MAXIMUM),
        cases=_rotations,
        declared=2 * len(_SKEW),
    ),
    Enumerated(
        claim="N2",
        clauses=(GATES.name, MAPS.name, COST.name, PURIFIED_COST.name, BEATS.name),
        name="the fit that beats the purified one, in fractions",
        statement=(FIT_COST, PURE_COST),
        control=Control("what the two pay exchanged", (PURE_COST, FIT_COST)),
        cases=_beating,
        declared=2 * (9 + 3),
    ),
    Certified(
        claim="N2",
        clauses=(COST.name, PURIFIED_COST.name, BEATS.name),
        name=".81519 against .92279",
        statement=_FIGURES,
        control=Control("the figures exchanged", _FIGURES[::-1]),
        relations=_quoted,
        declared=3,
    ),
)
