"""The exporter: terms mean in Rocq what the expressions mean in SymPy, or are not made."""

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import (
    Abs,
    Expr,
    Function,
    IndexedBase,
    Integer,
    Le,
    Max,
    Min,
    Rational,
    Sum,
    Symbol,
    binomial,
    cos,
    exp,
    floor,
    log,
    sqrt,
)

from tests.theory.formal.reader import compared, evaluated
from theory.formal.export import natural_term, proposition, real_term
from theory.formal.names import Names, NotExportedError, identifiers
from theory.model import Q

x, y = Symbol("x", real=True), Symbol("y", positive=True)
m, n = Symbol("m", integer=True, nonnegative=True), Symbol("n", integer=True, positive=True)
i = Symbol("i", integer=True, nonnegative=True)
theta = IndexedBase("theta")
NAMES = Names(identifiers([x, y, m, n, theta]))
_VALUES = {x: Rational(-7, 3), y: Rational(5, 4), m: Integer(5), n: Integer(3)}
_ENTRIES = [None, Rational(1, 3), Rational(-2), Rational(4, 5)]
ENVIRONMENT: dict[str, Any] = {
    **{str(symbol): int(v) if v.is_Integer else Fraction(int(v.p), int(v.q)) for symbol, v in _VALUES.items()},
    "theta": lambda k: Fraction(int(_ENTRIES[k].p), int(_ENTRIES[k].q)),
}


def means_the_same(expr: Expr) -> bool:
    """Whether the term, read by Rocq's rules, has the value of the expression."""
    found = evaluated(real_term(expr, NAMES), ENVIRONMENT)
    wanted = expr.subs(_VALUES).doit()
    wanted = wanted.subs({theta[k]: _ENTRIES[k] for k in (1, 2, 3)})
    if isinstance(found, (int, Fraction)):
        return bool(wanted == Rational(found))
    return abs(float(wanted) - float(found)) <= 1e-9 * (1 + abs(float(wanted)))


_ATOMS = st.sampled_from([x, y, m, n, Rational(2, 3), Integer(3), Integer(-1), Rational(-5, 7)])


def _grown(inner: st.SearchStrategy[Expr]) -> st.SearchStrategy[Expr]:
    pairs = st.tuples(inner, inner)
    return st.one_of(
        pairs.map(lambda p: p[0] + p[1]),
        pairs.map(lambda p: p[0] - p[1]),
        pairs.map(lambda p: p[0] * p[1]),
        pairs.map(lambda p: p[0] / (1 + p[1] ** 2)),
        pairs.map(lambda p: Max(*p)),
        pairs.map(lambda p: Min(*p)),
        inner.map(Abs),
        inner.map(lambda e: -e),
        inner.map(lambda e: sqrt(1 + e**2)),
        inner.map(lambda e: exp(-(e**2) / (1 + e**2))),
        inner.map(lambda e: log(1 + e**2)),
        inner.map(cos),
        st.tuples(inner, st.sampled_from([2, 3, m, n, m + n, 2 * n])).map(lambda p: (p[0] / (1 + p[0] ** 2)) ** p[1]),
    )


@given(st.recursive(_ATOMS, _grown, max_leaves=7))
@settings(max_examples=300, deadline=None)
def test_random_terms_are_read_back_with_the_value_of_the_expression(expr: Expr) -> None:
    assert means_the_same(expr), real_term(expr, NAMES)


@pytest.mark.parametrize(
    "expr",
    [
        Sum(binomial(n, i) * x**i * (1 - x) ** (n - i), (i, 0, n)),
        Sum(
            binomial(m, 2 * i) * binomial(2 * i, i) * (y / 2) ** (2 * i) * (1 - y) ** (m - 2 * i), (i, 0, floor(m / 2))
        ),
        Sum(theta[i] ** 2, (i, 1, n)) / sqrt(n),
        Sum(theta[i] * i, (i, 1, Integer(0))),
        y ** (m - 2 * n) + 8 ** (-n),
        -x / (3 * y) - 2 / sqrt(y) + y ** Rational(3, 2),
        y**x,
        -(x**2) + (-x) ** 3,
    ],
    ids=str,
)
def test_terms_of_the_ledger_are_read_back_with_the_value_of_the_expression(expr: Expr) -> None:
    assert means_the_same(expr), real_term(expr, NAMES)


def test_a_relation_keeps_its_sides_and_its_strictness() -> None:
    left, relation, right = compared(proposition(x < y / 2, NAMES), ENVIRONMENT)
    assert (left, relation, right) == (Fraction(-7, 3), "<", Fraction(5, 8))
    assert compared(proposition(Le(x, y), NAMES), ENVIRONMENT)[1] == "<="


@pytest.mark.parametrize(
    ("expr", "reason"),
    [
        (binomial(m, n), "is not shown to be at most"),
        (x ** (m - n), "is not shown to be a natural number"),
        (sqrt(x), "the root of x"),
        (log(x), "is not shown to be positive"),
        (x**y, "a real power"),
        (Q(x), "has no Rocq term"),
        (Symbol("z"), "has no name"),
    ],
    ids=str,
)
def test_what_rocq_would_read_otherwise_is_refused(expr: Expr, reason: str) -> None:
    with pytest.raises(NotExportedError, match=reason):
        real_term(expr, NAMES)


def test_a_difference_of_naturals_that_may_be_cut_off_is_refused() -> None:
    assert natural_term(m + n, NAMES) == "m + n"
    with pytest.raises(NotExportedError):
        natural_term(m - n, NAMES)


def test_quantities_are_applied_to_the_arguments_that_they_have_in_the_formula() -> None:
    share = type("Share", (Function,), {"nargs": 2, "is_real": True})
    names = Names(NAMES.symbols, {share: "share_of"})
    assert real_term(2 * share(m + 1, x / 2), names) == "2 * share_of (1 + m)%nat (1 / 2 * x)"


def test_identifiers_are_different_and_none_is_a_word_of_rocq() -> None:
    wanted = [Symbol("in"), Symbol("x'"), Symbol("x_prime"), Symbol(r"\theta"), Symbol(r"\|w_{h}\|_*"), Symbol("1")]
    found = list(identifiers(wanted).values())
    assert len(set(found)) == len(wanted)
    assert all(name.isidentifier() and name != "in" for name in found)
