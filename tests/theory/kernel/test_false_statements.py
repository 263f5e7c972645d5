"""False statements that once passed as complete are refused, and so are all others of their kind."""

from dataclasses import replace

import pytest
from sympy import (
    Abs,
    Derivative,
    Eq,
    Function,
    Ge,
    IndexedBase,
    Integer,
    Integral,
    Le,
    MatrixSymbol,
    Sum,
    Symbol,
    exp,
    oo,
    sin,
    sqrt,
    symbols,
)

from tests.theory.granted import GRANTED, granted
from theory.derivation import THEOREMS, Derivation, Proof, Step, StepError, begin, definition, opening, prove, theorem
from theory.model import Phi
from theory.model import p as activity
from theory.quantities.firing import FiringProbability
from theory.theorems.calculus import ArgMin, decreases
from theory.theorems.expectation import ordered_means
from theory.theorems.indicators import Mean

A, B, C = symbols("A B C")
p, q = symbols("p q", positive=True)
x, t = Symbol("x", real=True), Symbol("t", real=True)
k, n = Symbol("k", integer=True), Symbol("n", integer=True, positive=True)
f = Function("f")
UNIT = {p: (Integer(0), Integer(1))}
M = MatrixSymbol("M", 2, 2)


@pytest.mark.parametrize(
    "name",
    [
        *(p**2, p + q, 2 * p, -p, Integer(1), Abs(x), exp(p), sin(x), sqrt(p), M * M, M.T),
        *(Sum(f(k), (k, 1, n)), Derivative(f(x), x), Mean(p), ArgMin(f(x), x), Phi(x)),
    ],
    ids=str,
)
def test_an_expression_is_no_name(name):
    with pytest.raises(StepError, match="no name"):
        begin(name, q, "the model")
    with pytest.raises(StepError, match="no name"):
        definition(name, q, "the model")


@pytest.mark.parametrize("name", [A, IndexedBase("y")[k], M, f(p), FiringProbability(n, p)], ids=str)
def test_an_atom_is_a_name(name):
    assert definition(name, q * MatrixSymbol("N", 2, 2) if name == M else q, "the model").left == name


def test_a_name_with_a_closed_form_is_not_evaluated_by_algebra():
    series = FiringProbability(Integer(1), p).doit()
    with pytest.raises(StepError):
        begin(A, FiringProbability(Integer(1), p), "the model").equals(series, "its closed form")


def test_definitions_are_not_cyclic_within_a_chain():
    with pytest.raises(StepError, match="stands for"):
        begin(A, A + 1, "the model")
    with pytest.raises(StepError, match="occurs in its own meaning"):
        begin(A, B + 1, "the model").within(definition(B, A, "the model"))


def test_definitions_are_not_cyclic_across_chains():
    one = begin(A, B + 1, "one")
    other = begin(B, C - 1, "two")
    third = begin(C, A, "three")
    with pytest.raises(StepError, match="occurs in its own meaning"):
        prove(Eq(A, C), one.within(other.as_step("two")).within(third.as_step("three")))
    beside = begin(B, A + 1, "two").by(granted(A + 1, "=", p))
    with pytest.raises(StepError, match="occurs in its own meaning"):
        prove(Eq(A, p), one.by(granted(B + 1, "=", p)), lemmas=(beside,))


def test_one_name_stands_for_one_thing_at_all_arguments():
    link = begin(A, f(p) + f(q), "the model").within(definition(f(p), p**2, "a square"))
    with pytest.raises(StepError, match="two meanings"):
        link.within(definition(f(q), q, "no square"))
    assert link.within(definition(f(q), q**2, "a square")).end == p**2 + q**2


@pytest.mark.parametrize(
    ("declared", "meaning"),
    [({"positive": True}, -p), ({"nonnegative": True}, x), ({"integer": True}, p), ({"negative": True}, x**2)],
)
def test_a_name_declares_no_more_than_what_it_stands_for(declared, meaning):
    with pytest.raises(StepError, match="declares"):
        begin(Symbol("A", **declared), meaning, "the model")


def test_a_name_captures_no_index():
    total = begin(A, Sum(k, (k, 1, n)), "the model")
    with pytest.raises(StepError, match="bound here"):
        total.within(definition(B, k, "call it B").turned())
    with pytest.raises(StepError, match="captures an index"):
        begin(A, Sum(k**2, (k, 1, n)), "the model").within(definition(B, k**2, "call it B").turned())
    named = begin(A, Sum(B, (k, 1, n)), "the model")
    with pytest.raises(StepError, match="bound here"):
        named.within(definition(B, k, "B is k"))
    with pytest.raises(StepError, match="bound here"):
        begin(A, Integral(x, (x, 0, 1)), "the model").within(definition(B, x, "call it B").turned())
    with pytest.raises(StepError, match="captures an index"):
        begin(A, Derivative(x**2, x), "the model").within(definition(B, x**2, "call it B").turned())


def test_a_name_captures_no_index_across_chains():
    hidden = begin(B, k**2, "hides k")
    total = begin(A, Sum(B, (k, 1, n)), "constant in k").equals(n * B, "n equal terms")
    with pytest.raises(StepError, match="captures an index"):
        prove(Eq(A, n * B), total, lemmas=(hidden.by(granted(k**2, "=", C)),))


def test_a_name_that_hides_a_symbol_has_no_instances():
    chain = begin(A, p + q**2, "the model").within(definition(B, q**2, "hides q").turned())
    with pytest.raises(StepError, match="hides a symbol"):
        opening(p + q**2).within(definition(B, q**2, "hides q").turned()).at({q: Integer(1)})
    assert chain.at({p: Integer(1)}).right == 1 + B


LOWER = granted(f(x), "<=", x**2)


@pytest.mark.parametrize(
    "context",
    [
        Derivative(f(x), x),
        f(x) ** 2,
        exp(f(x)),
        Abs(f(x)),
        Sum((k - 2) * f(x), (k, 1, 4)),
        Integral(f(x), (x, 1, 0)),
        Integral(f(x), (x, p, q)),
        Integral(x * f(x), (x, -1, 1)),
        Function("g")(f(x)),
        x * f(x),
        f(x) * f(2 * x),
        ArgMin(f(x), x),
    ],
    ids=str,
)
def test_an_inequality_goes_through_sums_of_multiples_alone(context):
    with pytest.raises(StepError):
        opening(context).within(LOWER)


@pytest.mark.parametrize(
    ("context", "relation"),
    [
        (3 * f(x) - 1, "<="),
        (1 - f(x), ">="),
        (Integral(f(x), (x, 0, 1)), "<="),
        (-Integral(f(x), (x, 0, 1)), ">="),
        (Sum(k**2 * f(x), (k, 1, 4)), "<="),
    ],
    ids=str,
)
def test_an_inequality_turns_with_the_sign_in_front(context, relation):
    assert opening(context).within(LOWER).relation == relation


def test_a_strict_inequality_stays_strict_only_where_something_is_bounded():
    strict = granted(f(x), "<", x**2)
    assert opening(2 * f(x)).within(strict).relation == "<"
    assert opening(Symbol("c", nonnegative=True) * f(x)).within(strict).relation == "<="
    assert opening(Sum(f(x), (k, 1, n))).within(strict).relation == "<"
    assert opening(Sum(f(x), (k, 1, n - 1))).within(strict).relation == "<="
    assert opening(Integral(f(x), (x, 0, 1))).within(strict).relation == "<"


def bounded():
    """A chain that holds below one only."""
    return begin(A, p**2, "the model", box=UNIT).at_most(p, "p <= 1", gap=p * (1 - p))


def test_a_chain_keeps_its_range_as_a_link():
    link = bounded().as_step("below one")
    assert link.box == UNIT
    with pytest.raises(StepError, match="smaller ranges"):
        begin(B, 2 * A, "everywhere", box={p: (Integer(0), Integer(2))}).within(link)
    assert begin(B, 2 * A, "below a half", box={p: (Integer(0), Integer(1) / 2)}).within(link).end == 2 * p


def test_a_chain_keeps_its_range_under_the_expectation():
    pointwise = begin(Symbol("s"), q**2, "", box={q: (Integer(0), Integer(1))}).at_most(q, "", gap=q * (1 - q))
    with pytest.raises(StepError, match="smaller ranges"):
        begin(B, Mean(q**2), "everywhere").by(ordered_means(pointwise))


def test_a_chain_keeps_its_range_at_particular_values():
    chain = begin(A, q**2, "", box={q: (Integer(0), Integer(1))}).at_most(q, "", gap=q * (1 - q))
    assert chain.at({q: Integer(1) / 2}).right == Integer(1) / 2
    with pytest.raises(StepError, match="outside its range"):
        chain.at({q: Integer(2)})
    with pytest.raises(StepError, match="declares"):
        chain.at({q: -q})


def test_a_proof_shows_the_range_on_which_all_of_its_chains_hold():
    wide = begin(B, q**2 + p, "").at_least(p, "a square", gap=q**2)
    both = prove(Le(A, p), bounded(), wide)
    assert both.box == UNIT
    assert bounded().narrowed({p: (Integer(0), Integer(1) / 2)}).box == {p: (Integer(0), Integer(1) / 2)}
    with pytest.raises(StepError, match="own ranges"):
        bounded().narrowed({p: (Integer(0), Integer(2))})


def test_a_strict_link_is_not_used_at_the_closed_ends_of_a_range():
    strict = begin(A, activity, "", box={activity: (Integer(0), Integer(1))}).at_most(Integer(1), "", strict=True)
    with pytest.raises(StepError, match="smaller ranges"):
        begin(B, A, "up to one").within(strict.as_step("below one"))


def test_no_link_that_counts_is_made_outside_the_kernel():
    for kind in ("theorem", "algebra", "definition"):
        with pytest.raises(StepError, match="kernel alone"):
            Step(p, "=", q, "because I say so", kind)
    with pytest.raises(StepError, match="must name it"):
        Step(p, "=", q, "because I say so", "assumption")
    shown = begin(A, p * (p + 1), "").equals(p**2 + p, "expand").steps[-1]
    with pytest.raises(StepError, match="kernel alone"):
        replace(shown, right=q)
    with pytest.raises(StepError, match="`begin` or `opening`"):
        replace(bounded(), end=q)
    with pytest.raises(StepError, match="`begin` or `opening`"):
        Derivation(p, q, "=", ())
    with pytest.raises(StepError, match="`prove`"):
        Proof(Eq(p, q), ())


def test_no_theorem_is_declared_outside_the_kernel_or_without_a_source():
    with pytest.raises(ImportError, match="source"):

        @theorem(cites="Somebody, A book")
        def mine() -> None:
            """A function of a test."""

    assert "calculus.decreases" in THEOREMS


def test_what_a_theorem_was_given_is_recorded_with_its_link():
    chain = begin(Symbol("s"), p + q, "", given=(GRANTED,)).at_least(q, "", gap=p)
    link = ordered_means(chain)
    assert link.given == (GRANTED,)
    assert link.rests_on == (chain,)
    assert decreases(-t, t, Integer(0), q, {q: (Integer(1), oo)}).box == {q: (Integer(1), oo)}
    assert ordered_means(opening(p).by(Step(p, "<=", q, "somebody says so", "cited"))).kind == "cited"


def test_an_author_sees_what_a_proof_rests_on():
    lemma = begin(B, p + q, "", given=(GRANTED,)).at_least(q, "leave out p", gap=p)
    chain = begin(A, 2 * B, "").within(lemma.as_step("lemma")).within(granted(q, ">=", p))
    proof = prove(Ge(A, 2 * p), chain)
    assert proof.given == (GRANTED,)
    assert proof.counts() == {"definition": 2, "algebra": 1, "assumption": 1}
