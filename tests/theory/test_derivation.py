"""A chain accepts only links that hold, and concludes only what it shows."""

import pytest
from sympy import Eq, Function, Ge, Integer, Le, Lt, Rational, Sum, Symbol, symbols

from tests.theory.granted import granted
from theory.derivation import Step, StepError, begin, definition, prove

A = Symbol("A")
x, y = symbols("x y", positive=True)
BOX = {x: (Integer(0), Integer(1))}


def chain():
    return begin(A, (x + y) ** 2, "the model")


def test_a_chain_ends_in_its_statement():
    expanded = chain().equals(x**2 + 2 * x * y + y**2, "expand")
    assert expanded.concludes(Eq(A, (x + y) ** 2)) is expanded
    assert expanded.is_complete
    assert expanded.definitions == {A: (x + y) ** 2}


def test_a_wrong_step_raises_with_what_is_left():
    with pytest.raises(StepError) as failure:
        chain().equals(x**2 + y**2, "expand")
    assert failure.value.residue.subs({x: 1, y: 1}) == -2


def test_a_step_must_change_the_expression():
    with pytest.raises(StepError, match="must change"):
        chain().equals((x + y) ** 2, "nothing")


def test_a_statement_may_not_be_its_own_definition():
    with pytest.raises(StepError, match="own definition"):
        chain().concludes(Eq(A, (x + y) ** 2))


def test_a_name_may_not_occur_in_what_it_stands_for():
    with pytest.raises(StepError, match="stands for"):
        begin(A, A + x, "circular")


def test_inequalities_need_a_gap_of_known_sign():
    bounded = begin(A, x * y, "the model", box=BOX).at_most(y, "x is at most one", strict=True)
    assert bounded.concludes(Lt(A, y))
    assert bounded.concludes(Le(A, y))
    with pytest.raises(StepError):
        bounded.concludes(Ge(A, y))
    with pytest.raises(StepError):
        bounded.concludes(Eq(A, y))
    with pytest.raises(StepError):
        begin(A, x * y, "the model", box=BOX).at_least(y, "the wrong way round")


def test_a_false_gap_is_caught():
    with pytest.raises(StepError, match="not the difference"):
        chain().at_most(Integer(3), "wrong gap", gap=y**2)


def test_up_and_down_do_not_chain():
    up = begin(A, x, "the model").at_most(x + y, "up")
    with pytest.raises(StepError, match="do not chain"):
        up.at_least(x, "down again")


def test_equality_and_inequality_chain_to_the_inequality():
    mixed = begin(A, x * (1 + y), "the model").equals(x + x * y, "expand").at_most(x + x * y + y, "add")
    assert mixed.relation == "<="


def test_an_inequality_inside_an_expression_turns_with_the_sign_of_its_coefficient():
    bound = granted(x, "<=", y)
    assert begin(A, 2 * x + 1, "the model").within(bound).relation == "<="
    assert begin(A, 1 - 2 * x, "the model").within(bound).relation == ">="
    with pytest.raises(StepError, match="not affine"):
        begin(A, x**2, "the model").within(bound)
    with pytest.raises(StepError, match="does not occur"):
        begin(A, y + 1, "the model").within(bound)
    sign = Symbol("c", real=True)
    with pytest.raises(StepError, match="no plain sign"):
        begin(A, sign * x, "the model").within(bound)


def test_a_theorem_that_starts_elsewhere_does_not_chain():
    with pytest.raises(StepError, match="starts elsewhere"):
        chain().by(granted(x, "=", y))


def test_a_cited_step_leaves_the_proof_incomplete():
    cited = begin(A, x, "the model").by(Step(x, "=", y, "somebody said so", "cited"))
    assert not prove(Eq(A, y), cited).is_complete


def test_every_conjunct_needs_a_chain():
    B = Symbol("B")
    first = chain().equals(x**2 + 2 * x * y + y**2, "expand")
    second = begin(B, x - x * Rational(1, 2), "the model").at_least(x / 4, "half beats a quarter")
    both = Eq(A, (x + y) ** 2) & Ge(B, x / 4)
    assert prove(both, first, second).steps == 4
    with pytest.raises(StepError):
        prove(both, first)
    with pytest.raises(StepError) as failure:
        prove(Eq(A, (x + y) ** 2) & Ge(B, x / 2 + 1), first, second)
    assert failure.value.definitions[A] == (x + y) ** 2


def test_a_chain_is_one_link_of_another_and_stays_cited_if_it_was():
    squared = chain().equals(x**2 + 2 * x * y + y**2, "expand").as_step("lemma")
    assert begin(Symbol("B"), 3 * A, "the model").within(squared).end == 3 * x**2 + 6 * x * y + 3 * y**2
    assert chain().by(Step((x + y) ** 2, "=", y, "somebody said so", "cited")).as_step("lemma").kind == "cited"


def test_a_bound_under_a_sum_needs_a_coefficient_with_a_sign_for_every_index():
    f, k = Function("f"), Symbol("k", integer=True)
    bound = granted(f(k), "<=", Integer(1))
    assert begin(A, Sum(k**2 * f(k), (k, 1, 4)), "the model").within(bound).relation == "<="
    with pytest.raises(StepError, match="no plain sign"):
        begin(A, Sum((k - 2) * f(k), (k, 1, 4)), "the model").within(bound)
    both = Sum(k**2 * f(k), (k, 1, 4)) + Sum(k**4 * f(k), (k, 0, 2))
    assert begin(A, both, "the model").within(bound).end == Sum(k**2, (k, 1, 4)) + Sum(k**4, (k, 0, 2))
    mixed = Sum(k**2 * f(k), (k, 1, 4)) - Sum(k**4 * f(k), (k, 0, 2))
    with pytest.raises(StepError, match="no plain sign"):
        begin(A, mixed, "the model").within(bound)


def test_a_name_stands_for_one_thing():
    B = Symbol("B")
    one = begin(B, x * (x + 1), "one").equals(x**2 + x, "expand")
    other = begin(B, x * (x + 2), "another").equals(x**2 + 2 * x, "expand")
    first = begin(A, 2 * B, "the model").within(one.as_step("one"))
    second = begin(Symbol("C"), 3 * B, "the model").within(other.as_step("another"))
    statement = Eq(A, 2 * x**2 + 2 * x)
    assert prove(statement, first).steps == 2
    with pytest.raises(StepError, match="two meanings"):
        prove(statement, first, second)
    with pytest.raises(StepError, match="no name"):
        begin(Integer(1), x, "one")


def test_an_equation_is_found_inside_a_longer_sum():
    named = granted(x + y, "=", 2 * y)
    assert begin(A, x + y + 3, "the model").within(named).end == 2 * y + 3


def test_a_link_that_matches_nothing_is_no_step():
    with pytest.raises(StepError, match="does not occur"):
        begin(A, 2 * x * y, "the model").within(granted(x + y, "=", Integer(1)))


def test_a_definition_inside_a_chain_brings_a_name_of_its_own():
    B = Symbol("B")
    named = definition(B, x * y, "call it B")
    assert begin(A, 1 + x * y, "the model").within(named.turned()).end == 1 + B
    assert begin(A, 1 + B, "the model").within(named).end == 1 + x * y
    with pytest.raises(StepError, match="no name"):
        definition(x + y, x * y, "given as a definition")


def test_an_inequality_read_from_right_to_left_is_mirrored():
    x = Symbol("x", positive=True)
    link = begin(Symbol("A"), x, "the model").at_most(2 * x, "x > 0", strict=True).as_step("shown").turned()
    assert (link.left, link.relation, link.right) == (2 * x, ">", Symbol("A"))
    assert link.turned().relation == "<"
