"""A clause is one object: its sentence, its printed range, its proof and its variants come from the same fields."""

from dataclasses import replace

import pytest
from sympy import Eq, Gt, Integer, Le, Rational, Symbol

from theory.assumptions import Assumption
from theory.claims import Clause, NearMiss
from theory.derivation import StepError, begin, prove
from theory.quantities import QUANTITIES, quantity
from theory.ranges import ACTIVE, COUNT, Range, above, at_least, between, closed, integers_from
from theory.variants import near_miss, variants

x = Symbol("x", positive=True)
square = Symbol("q")
granted = Assumption("granted", "Taken for granted.")
setting = Assumption("setting", "There is a number $x$.", defines=True)


def derive(clause):
    start = begin(square, (x + 1) ** 2, "its definition", box={x: (Integer(0), Integer(3))})
    return prove(clause.formula, start.at_most(Integer(16), "x <= 3", gap=(3 - x) * (5 + x)))


CLAUSE = Clause(
    name="bound",
    says="For $[[range x]]$ the square is bounded: $[[formula]]$, below $[[high x]]$ and $[[twice]]$.",
    formula=Le(square, 16),
    over={x: between(0, 3)},
    assumes=(setting, granted),
    parts={"twice": lambda clause: 2 * clause.formula.rhs},
    derive=derive,
)


def test_every_number_of_a_sentence_moves_with_the_clause():
    moved = replace(CLAUSE, formula=Le(square, 25), over={x: between(0, 4)}, box={})
    assert CLAUSE.sentence == "For $0 < x < 3$ the square is bounded: $q \\leq 16$, below $3$ and $32$."
    assert moved.sentence == "For $0 < x < 4$ the square is bounded: $q \\leq 25$, below $4$ and $50$."


def test_a_slot_that_names_nothing_is_refused():
    with pytest.raises(ValueError, match=r"slot was \[\[left\]\]"):
        _ = replace(CLAUSE, says="It is $[[left]]$.").sentence


def test_a_proof_on_a_narrower_range_than_the_stated_one_is_refused():
    assert CLAUSE.proof().is_complete
    with pytest.raises(StepError, match=r"derived on \(0, 3\), stated for 0 < x < 4"):
        replace(CLAUSE, over={x: between(0, 4)}, box={}).proof()


@pytest.mark.parametrize(
    ("stated", "strict", "covered"),
    [
        (between(0, 3), True, True),
        (closed(0, 3), False, True),
        (closed(0, 3), True, False),
        (between(0, 2), True, True),
        (closed(1, 2), True, True),
        (between(-1, 3), False, False),
        (above(0), False, False),
    ],
)
def test_a_strict_inequality_says_nothing_of_the_ends_of_its_open_range(stated, strict, covered):
    assert stated.lies_within((Integer(0), Integer(3)), strict=strict) is covered


@pytest.mark.parametrize(
    ("stated", "printed"),
    [
        (between(0, Rational(2, 3)), r"0 < x < \frac{2}{3}"),
        (ACTIVE, r"0 < x \le 1"),
        (at_least(2), r"x \ge 2"),
        (above(2), "x > 2"),
        (Range(Integer(0), x + 1), r"0 \le x \le x + 1"),
    ],
)
def test_ranges_print_as_they_are(stated, printed):
    assert stated.latex(x) == printed


def test_the_near_miss_is_off_by_the_resolution_and_never_the_clause_itself():
    equation = replace(CLAUSE, formula=Eq(square, 16), resolution=Rational(1, 50))
    assert equation.varied(near_miss(equation)).formula == Eq(square, 16 * Rational(51, 50))
    assert CLAUSE.varied(near_miss(CLAUSE)).formula == Le(square, 16 - Rational(16, 100))
    zero = replace(CLAUSE, formula=Gt(square, 0))
    assert zero.varied(near_miss(zero)).formula == Gt(square, Rational(1, 100))


def test_variants_are_of_every_kind_and_differ_from_the_clause():
    found = list(variants(CLAUSE))
    assert {one.kind for one in found} == {"factor", "resolution", "strictness", "range", "assumption"}
    for one in found:
        changed = CLAUSE.varied(one.miss)
        assert (changed.formula, dict(changed.over), changed.assumes) != (
            CLAUSE.formula,
            dict(CLAUSE.over),
            CLAUSE.assumes,
        )


def test_what_defines_the_objects_of_a_clause_is_not_dropped():
    dropped = [one.miss.without for one in variants(CLAUSE) if one.kind == "assumption"]
    assert dropped == [granted]


def test_natural_ranges_are_not_widened():
    natural = replace(CLAUSE, over={x: COUNT}, box={})
    assert not [one for one in variants(natural) if one.kind == "range"]
    hypothesis = replace(CLAUSE, over={x: integers_from(2)}, box={})
    assert [one.miss.over[x].low for one in variants(hypothesis) if one.kind == "range"] == [1]


def test_a_range_with_a_natural_upper_end_is_widened_at_the_lower_one_alone():
    upper_end = replace(CLAUSE, over={x: replace(between(1, 2), natural_high=True)}, box={})
    assert [one.miss.over[x].low for one in variants(upper_end) if one.kind == "range"] == [Rational(19, 20)]


def test_numbers_inside_a_formula_are_doubled_one_at_a_time():
    clause = replace(CLAUSE, formula=Eq(square, x**2 + 2 * x + 1))
    changed = {clause.varied(one.miss).formula.rhs for one in variants(clause) if one.kind == "number"}
    assert changed == {x**4 + 2 * x + 1, x**2 + 4 * x + 1}


def test_a_variant_changes_what_it_names_and_keeps_the_rest():
    changed = CLAUSE.varied(NearMiss("wider", over={x: between(0, 5)}, without=granted))
    assert (changed.formula, changed.over[x], changed.assumes) == (CLAUSE.formula, between(0, 5), (setting,))
    assert changed.box == {x: (0, 5)}


def test_one_name_stands_for_one_thing():
    name = Symbol("only for this test")
    try:
        assert quantity(name, "A number.") is name
        assert quantity(name, "A number.") is name
        with pytest.raises(ValueError, match="as registered before"):
            quantity(name, "Another number.")
    finally:
        del QUANTITIES[name]
