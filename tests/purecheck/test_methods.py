"""Every way of checking: the right statement is upheld, a wrong one refuted, a vacuous one undecided."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import assume
from hypothesis import strategies as st
from sympy import Basic, Eq, Ge, Integer, Rational, Symbol, erf, erfc

from purecheck.evaluators.registry import Scene
from purecheck.methods.agrees import agrees
from purecheck.methods.certified import Certified
from purecheck.methods.derived import derivation_of
from purecheck.methods.enumerated import Enumerated
from purecheck.methods.sampled import Sampled
from purecheck.methods.simulated import Simulated
from purecheck.methods.trained import Trained
from purecheck.runtime.context import Context
from purecheck.verdicts.check import Check, Control
from purecheck.verdicts.comparison import Comparison, IntervalComparison
from purecheck.verdicts.evidence import Level, Outcome
from tests.purecheck.small_ledger import context
from theory.claims import Claim, Clause
from theory.derivation import Proof, Step, begin, prove

x = Symbol("x", positive=True)
square = Symbol("q", positive=True)


def derive_square(clause: Clause) -> Proof:
    """Proof that (x + 1)^2 = x^2 + 2 x + 1."""
    return prove(clause.formula, begin(square, (x + 1) ** 2, "its definition").equals(x**2 + 2 * x + 1, "expand"))


def cite_square(clause: Clause) -> Proof:
    """The same with a link that is only cited."""
    start = begin(square, (x + 1) ** 2, "its definition")
    return prove(clause.formula, start.by(Step(start.end, "=", x**2 + 2 * x + 1, "someone says so", "cited")))


def derived(formula: Basic, derive: Any = derive_square) -> Check[Any]:
    """A derivation check of `formula`."""
    clause = Clause("square", "A square.", formula, derive=derive)
    model = agrees("T1", clause, lambda *_: [Scene("x = 1", {x: 1, square: 4})], 1)
    return derivation_of(Claim("T1", "Squares", (clause,), (), "none", "paper"), clause, model)


def common(right: Any, wrong: Any) -> dict[str, Any]:
    """What all checks of these tests share."""
    return {
        "claim": "T1",
        "clauses": ("c",),
        "name": "check",
        "statement": right,
        "control": Control("a wrong number", wrong),
    }


def enumerated(statement: int, cases: int = 3, declared: int = 3) -> Check[Any]:
    """Whether n + n makes `statement` n."""

    def compare(factor: int) -> Iterable[Comparison]:
        return [Comparison(n + n, "==", factor * n, f"n = {n}") for n in range(1, cases + 1)]

    return Enumerated(**common(statement, 3), cases=compare, declared=declared)


def certified(statement: Basic, cases: int = 1) -> Check[Any]:
    """Whether erf + erfc is at least `statement` at 2."""
    return Certified(
        **common(statement, Rational(3, 2)),
        relations=lambda bound: [(Ge(erf(x) + erfc(x), bound), {x: Integer(2)})] * cases,
        declared=1,
    )


def sampled(statement: float, *, vacuous: bool = False) -> Check[Any]:
    """Whether x - 1 stays below `statement` on [0, 1]."""

    def compare(bound: float, example: float, _context: Context) -> Iterable[Comparison]:
        assume(example >= 0)
        return [] if vacuous else [Comparison(example - 1, "<=", bound, f"x = {example}")]

    return Sampled(**common(statement, -0.5), examples=st.floats(0, 1), compare=compare)


def simulated(statement: float) -> Check[Any]:
    """Whether a fair coin has the mean `statement`."""
    return Simulated(
        **common(statement, 0.6),
        draw=lambda rng, n, _context: rng.integers(0, 2, n).astype(np.float64),
        span=(0.0, 1.0),
        predict=lambda mean: mean,
        smallest_error=0.1,
        where="a fair coin",
    )


def trained(statement: float, low: float = 1.0, high: float = 1.2) -> Check[Any]:
    """Whether an interval lies below `statement`."""
    return Trained(
        **common(statement, 0.5),
        observe=lambda _context: (low, high),
        compare=lambda bound, seen: [IntervalComparison(seen[0], seen[1], "<", bound, "participation ratio")],
    )


RIGHT = [
    (derived(Eq(square, x**2 + 2 * x + 1)), Level.PROVED),
    (enumerated(2), Level.ENUMERATED),
    (certified(Rational(9, 10)), Level.CERTIFIED),
    (sampled(0.0), Level.SAMPLED),
    (simulated(0.5), Level.SIMULATED),
    (trained(2.0), Level.TRAINED),
]
WRONG = [
    derived(Eq(square, x**2 + 3 * x + 1)),
    enumerated(4),
    certified(Rational(11, 10)),
    sampled(-0.1),
    simulated(0.4),
    trained(0.9),
]
OPEN = [
    derived(Eq(square, x**2 + 2 * x + 1), cite_square),
    enumerated(2, cases=0),
    enumerated(2, cases=2),
    enumerated(2, cases=0, declared=0),
    certified(Integer(1)),
    certified(Rational(9, 10), cases=0),
    sampled(0.0, vacuous=True),
    sampled(float("nan")),
    simulated(float("nan")),
    trained(1.1),
    replace(trained(2.0), compare=lambda _bound, _seen: []),  # type: ignore[call-arg]
    trained(2.0, low=float("nan")),
]


def named(parameter: Any) -> str:
    """Name of a check's class, for the test's id."""
    return type(parameter).__name__ if isinstance(parameter, Check) else str(parameter)


@pytest.mark.parametrize(("check", "level"), RIGHT, ids=named)
def test_a_right_statement_is_upheld_at_the_level_of_the_method(check: Check[Any], level: Level) -> None:
    evidence = check.run(context())
    assert (evidence.outcome, evidence.level) == (Outcome.UPHELD, level), evidence
    assert evidence.control.rejected
    assert evidence.cases >= 1


@pytest.mark.parametrize("check", WRONG, ids=named)
def test_a_wrong_statement_is_refuted_with_a_counterexample(check: Check[Any]) -> None:
    evidence = check.run(context())
    assert evidence.outcome is Outcome.REFUTED, evidence
    assert evidence.counterexample


@pytest.mark.parametrize("check", OPEN, ids=named)
def test_a_vacuous_or_open_statement_is_undecided_with_a_reason(check: Check[Any]) -> None:
    evidence = check.run(context())
    assert evidence.outcome is Outcome.UNDECIDED, evidence
    assert evidence.counterexample


@pytest.mark.parametrize("check", [check for check, _ in RIGHT], ids=named)
def test_a_run_repeats_itself(check: Check[Any]) -> None:
    first, second = check.run(context()), check.run(context())
    assert (first.outcome, first.cases, first.figure) == (second.outcome, second.cases, second.figure)


def test_an_enumerated_check_refuses_floating_point_numbers() -> None:
    check = Enumerated(**common(0.1, 0.2), cases=lambda bound: [Comparison(0.1, "==", bound, "once")], declared=1)
    with pytest.raises(TypeError, match="compares exact numbers"):
        check.run(context())


def test_a_sampled_counterexample_is_shrunk() -> None:
    evidence = sampled(-2.0).run(context())
    assert evidence.counterexample is not None
    assert "x = 0.0" in evidence.counterexample


def test_a_simulation_that_draws_outside_its_span_is_an_error() -> None:
    check = Simulated(
        **common(0.5, 0.6),
        draw=lambda _rng, n, _context: np.full(n, 2.0),
        span=(0.0, 1.0),
        predict=lambda mean: mean,
        smallest_error=0.1,
        where="outside",
    )
    with pytest.raises(ValueError, match="2"):
        check.run(context())
