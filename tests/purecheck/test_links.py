"""The second opinion on algebra: it confirms what holds, finds every slip, and says what it cannot evaluate."""

import re
from typing import Any

import numpy as np
import pytest
from flint import arb, ctx
from sympy import (
    Abs,
    Basic,
    BlockMatrix,
    DiagMatrix,
    Dummy,
    Eq,
    Expr,
    Function,
    Identity,
    IndexedBase,
    Integer,
    MatrixSymbol,
    Piecewise,
    Product,
    Rational,
    S,
    Sum,
    Symbol,
    binomial,
    erf,
    erfc,
    exp,
    gamma,
    log,
    oo,
    sqrt,
    tanh,
)

from purecheck.enclosures.links import POINTS, Link, Opinion, chains_of, examine, holds_at, links_of
from purecheck.enclosures.points import RandomPoint
from purecheck.enclosures.problems import NotEnclosedError
from purecheck.evaluators.registry import Scene
from purecheck.methods.agrees import agrees
from purecheck.methods.derived import derivation_of
from purecheck.verdicts.evidence import Level, Outcome
from tests.purecheck.small_ledger import context
from theory.algebra import Box
from theory.claims import Claim, Clause
from theory.derivation import Proof, Relation, Step, begin, chains, prove
from theory.theorems.indicators import Mean
from theory.theorems.norms import Norm
from theory.theorems.tangents import Weight

x, y = Symbol("x", positive=True), Symbol("y", real=True)
n = Symbol("n", integer=True, positive=True)
i = Symbol("i", integer=True)
theta = IndexedBase("theta", real=True)
count = IndexedBase("c", integer=True)
f = Function("f", real=True)
V, D = MatrixSymbol("V", n, n), MatrixSymbol("D", n, n)
u, v = MatrixSymbol("u", n, 1), MatrixSymbol("v", n + 1, 1)


def opinion(left: Basic, right: Basic, relation: Relation = "=", box: Box | None = None) -> Opinion:
    """The opinion on a link in which `V` is orthogonal."""
    link = Link(Step(left, relation, right, "a reason", "cited"), box or {}, (V,))
    return examine(link, np.random.default_rng(7))


EQUATIONS: list[tuple[Basic, Basic]] = [
    ((x + y) ** 2, x**2 + 2 * x * y + y**2),
    (log(x**2), 2 * log(x)),
    (sqrt(x**2 * (1 + y**2)), x * sqrt(1 + y**2)),
    (1 / (1 + exp(-2 * y)), (1 + tanh(y)) / 2),
    (Sum(x**i * binomial(n, i), (i, 0, n)), (1 + x) ** n),
    (Sum(x * theta[i], (i, 1, n)), x * Sum(theta[i], (i, 1, n))),
    (Sum(x * count[i], (i, 1, n)), x * Sum(count[i], (i, 1, n))),
    (Product(x, (i, 1, n)), x**n),
    (Weight(y), 1 / (1 + exp(-y))),
    (f((x + 1) ** 2) - f(y), f(x**2 + 2 * x + 1) - f(y)),
    (Mean(x * exp(x)), Mean(x / exp(-x))),
    (Abs(y) + Piecewise((y, y >= 0), (-y, True)), 2 * Abs(y)),
    ((x * y).diff(y), x),
    (u.T * V.T * D * V * V.T * u, u.T * V.T * D * u),
    (V.T * V + Identity(n), 2 * Identity(n)),
    (DiagMatrix(u) * u - D * u, (DiagMatrix(u) - D) * u),
    (BlockMatrix([[u.T, v.T]]) * BlockMatrix([[u], [v]]), u.T * u + v.T * v),
]
"""Sides that agree."""


@pytest.mark.parametrize(("left", "right"), EQUATIONS, ids=str)
def test_an_equation_that_holds_is_confirmed(left: Basic, right: Basic) -> None:
    assert opinion(left, right).holds is True


@pytest.mark.parametrize(("left", "right"), EQUATIONS, ids=str)
def test_a_slip_far_below_double_precision_is_found(left: Any, right: Any) -> None:
    found = opinion(left, right * (1 + Rational(1, 10**30)))
    assert found.holds is False
    assert "=" in found.where


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (sqrt(y**2), y),
        (log(x * exp(y)) - log(x), 2 * y),
        (f(x), f(2 * x)),
        (Mean(x), Norm(x)),
        (theta[1] * theta[2], theta[1] ** 2),
        (V * D, D * V),
        (D.T * D, Identity(n)),
        (binomial(n, 2), n**2 / 2),
    ],
    ids=str,
)
def test_sides_that_differ_are_told_apart(left: Basic, right: Basic) -> None:
    assert opinion(left, right).holds is False


@pytest.mark.parametrize(
    ("left", "relation", "right", "box", "holds"),
    [
        (x, "<", S.One, {x: (S.Zero, S.One)}, True),
        (x, ">=", S.One, {x: (S.Zero, S.One)}, False),
        (x, "<", x, {}, False),
        (x, "<=", x, {}, True),
        ((1 + x) * (1 - x), "<=", 1 - x**2, {}, True),
        (erf(y) + erfc(y), "<", S.One, {}, None),
        (y, ">", x, {y: (x, oo), x: (Integer(3), oo)}, True),
        (y, "<", x, {y: (-oo, x)}, True),
        (Norm(y), ">=", S.Zero, {}, True),
        (n, "<", Integer(3), {n: (S.Zero, Integer(3))}, True),
    ],
    ids=str,
)
def test_an_inequality_is_examined_inside_its_range(
    left: Expr, relation: Relation, right: Expr, box: Box, holds: bool | None
) -> None:
    assert opinion(left, right, relation, box).holds is holds


@pytest.mark.parametrize(
    ("left", "right", "reason"),
    [
        (Sum(f(i), (i, 1, oo)), S.Zero, "the range of .* is not finite"),
        (Sum(theta[i], (i, 5, Integer(2))), S.Zero, "the range of .* is not finite"),
        (1 / (erf(y) + erfc(y) - 1), S.One, "a side is not finite"),
        (10**90 * (erf(y) + erfc(y) - 1), S.Zero, "could not be told apart"),  # no digit of the sum is left
        (V.I * u, V.T * u, "cannot enclose the matrix"),
        (gamma(x), gamma(x), "cannot enclose gamma"),
    ],
    ids=str,
)
def test_what_has_no_value_is_left_open_with_its_reason(left: Basic, right: Basic, reason: str) -> None:
    found = opinion(left, right)
    assert found.holds is None
    assert re.search(reason, found.where)


def test_one_atom_has_one_value_and_each_respects_what_is_known_of_it() -> None:
    even, below = Symbol("e", even=True), Symbol("q", negative=True)
    point = RandomPoint(np.random.default_rng(3), {x: (below, S.Zero)} | {y: (x, 2 * x)})
    assert point.number(theta[2]) == point.number(theta[2]) != point.number(theta[1])
    assert point.number(even) % 2 == 0
    assert point.number(below) < 0
    with pytest.raises(NotEnclosedError, match="found no value of x"):
        point.number(x)


@pytest.mark.parametrize("high", [Integer(1), Integer(2)])
def test_an_empty_range_has_no_point(high: Expr) -> None:
    with pytest.raises(NotEnclosedError, match="the range of y is empty"):
        RandomPoint(np.random.default_rng(3), {y: (Integer(2), high)}).number(y)


def test_integers_are_placed_and_names_of_sequences_of_integers_are_not() -> None:
    point = RandomPoint(np.random.default_rng(3), {n: (Integer(2), Integer(4))})
    assert point.placed(Sum(count[n + i], (i, 1, n))) == Sum(count[3 + i], (i, 1, 3))


def test_a_range_may_end_at_what_comes_later() -> None:
    box = {x: (y**2, 2 * y**2), y: (Integer(1), exp(Integer(1)))}
    for seed in range(20):
        point = RandomPoint(np.random.default_rng(seed), box)
        assert point.number(y) ** 2 < point.number(x) < 2 * point.number(y) ** 2
        assert 1 < point.number(y) < exp(1)


def test_precision_is_left_as_it_was() -> None:
    before = ctx.prec
    step = Step(f(x), "=", f(x) + S.Zero, "nothing", "cited")
    holds_at(step, RandomPoint(np.random.default_rng(0), {}))
    assert ctx.prec == before
    assert arb(2).sqrt().rad() > arb(2) ** -100


def test_chains_that_links_sum_up_are_examined_too() -> None:
    name, other = Dummy("a", nonnegative=True), Dummy("b", nonnegative=True)
    inner = begin(other, (x + 1) ** 2, "its definition").equals(x**2 + 2 * x + 1, "expand")
    outer = begin(name, other, "its definition").by(inner.as_step("as shown"))
    statement = Eq(name, x**2 + 2 * x + 1)
    proof = prove(statement, outer, lemmas=(inner,))
    assert chains_of(proof) == [inner, outer]
    assert chains_of(prove(statement, outer)) == [inner, outer]
    assert [link.step.kind for link in links_of(proof)] == ["definition", "algebra", "definition", "theorem"]


square = Symbol("q", nonnegative=True)


def derive(clause: Clause) -> Proof:
    """A proof of `q = (x + 1)^2 = ...` whatever the right side is, if algebra lets it pass."""
    assert isinstance(clause.formula, Eq)
    return prove(clause.formula, begin(square, (x + 1) ** 2, "its definition").equals(clause.formula.rhs, "expand"))


def check(right: Expr) -> Any:
    """The derivation check of `q = right`."""
    clause = Clause("square", "A square.", Eq(square, right), derive=derive)
    model = agrees("T1", clause, lambda *_: [Scene("x = 1", {x: 1, square: 4})], 1)
    return derivation_of(Claim("T1", "Squares", (clause,), (), "none", "paper"), clause, model)


def test_evidence_counts_links_by_what_was_done() -> None:
    found = check(x**2 + 2 * x + 1).run(context())
    assert (found.outcome, found.cases) == (Outcome.UPHELD, 2)
    assert found.figure == (
        f"2 links: 1 algebra, 1 definition; 1 of 1 algebra links confirmed by ball arithmetic at {POINTS} points each"
    )


def test_a_slip_of_the_simplifier_refutes_the_derivation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chains, "reduces_to_zero", lambda *_: True)
    found = check(x**2 + 2 * x + 1 + Rational(1, 10**30)).run(context())
    assert (found.outcome, found.level) == (Outcome.REFUTED, Level.PROVED)
    assert found.counterexample is not None
    assert "(expand) fails at x = " in found.counterexample


def test_a_slip_about_a_sign_refutes_the_derivation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chains, "is_positive", lambda *_: True)
    proof = prove(square > y, begin(square, x, "its definition").at_least(y, "plain", strict=True))
    assert any(examine(link, np.random.default_rng(0)).holds is False for link in links_of(proof))


def test_a_link_that_cannot_be_evaluated_is_counted_and_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chains, "reduces_to_zero", lambda *_: True)
    found = check(gamma(x)).run(context())
    assert found.figure is not None
    assert "0 of 1 algebra links confirmed" in found.figure
    assert "not evaluated: (x + 1)**2 = gamma(x) (expand)" in found.figure
