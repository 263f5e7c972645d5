"""Values of closed forms: exact where rational, within the bound elsewhere, bad input refused in one line."""

import math
from fractions import Fraction

import pytest
from flint import arb
from hypothesis import given
from hypothesis import strategies as st
from sympy import Eq, Expr, Integer, Le, Piecewise, Rational, Sum, Symbol, binomial, erfc, exp, log, sqrt

from purecheck.closed_forms import QUANTITIES, Value, evaluate, find_form, parse_arguments, parse_number, shown
from purecheck.enclosures.certify import enclose
from purecheck.enclosures.problems import NotEnclosedError
from theory.claims import Choice, ClosedForm
from theory.ledger import CLOSED_FORMS
from theory.ranges import COUNT, NONNEGATIVE, PROBABILITY, Range

m = Symbol("m", integer=True, positive=True)
p = Symbol("p", positive=True)
j = Symbol("j", integer=True)
kind = Symbol("kind", integer=True)

NODES = Choice(("gate", "tanh"))


def form(expression: Expr, **domain: Range | Choice) -> ClosedForm:
    """A closed form in `m`, `p` and `kind`, those that `domain` names."""
    symbols = {"m": m, "p": p, "kind": kind}
    return ClosedForm(
        name="example",
        arguments={name: symbols[name] for name in domain},
        expression=expression,
        domain=domain,
        claim="T1",
        words="an example",
        requires=((Le(p, 1 / m), "p at most 1/m"),) if set(domain) == {"m", "p"} else (),
    )


SUM = form(Sum(binomial(m, j) * p**j, (j, 0, m)), m=COUNT, p=PROBABILITY)
TAIL = form(erfc(p), p=NONNEGATIVE)


def test_a_rational_value_is_exact() -> None:
    value = evaluate(SUM, {"m": Integer(3), "p": Rational(1, 3)})
    assert value.exact == "64/27"
    assert value.value == float(Fraction(64, 27))
    assert 0 < value.error_bound <= math.ulp(value.value) / 2


def test_a_binary_fraction_has_no_error() -> None:
    value = evaluate(SUM, {"m": Integer(2), "p": Rational(1, 2)})
    assert (value.value, value.exact, value.error_bound) == (2.25, "9/4", 0.0)


def test_long_sums_stay_exact() -> None:
    value = evaluate(SUM, {"m": Integer(300), "p": Rational(1, 300)})
    assert value.exact == str(Rational(301, 300) ** 300)


@given(x=st.fractions(min_value=0, max_value=30, max_denominator=1000))
def test_the_error_bound_holds_at_four_times_the_precision(x: Fraction) -> None:
    at = Rational(x.numerator, x.denominator)
    value = evaluate(TAIL, {"p": at})
    truth = enclose(erfc(at), 1024)
    assert abs(truth - arb(value.value)) <= arb(value.error_bound)
    assert value.error_bound <= 2 * max(math.ulp(value.value), 5e-324)


def test_a_value_below_all_floats_is_zero_with_a_bound_above_zero() -> None:
    value = evaluate(TAIL, {"p": Integer(100)})
    assert value.value == 0.0
    assert value.exact is None
    assert 0 < value.error_bound < 1e-300


def test_a_value_beyond_all_floats_is_refused() -> None:
    for expression in (exp(exp(p)), p ** Integer(400)):
        with pytest.raises(NotEnclosedError, match="exceeds the range"):
            evaluate(form(expression, p=NONNEGATIVE), {"p": Integer(10)})


def test_a_word_chooses_a_branch() -> None:
    chosen = form(Piecewise((p**2, Eq(kind, NODES.number("gate"))), (sqrt(p), True)), kind=NODES, p=NONNEGATIVE)
    point = parse_arguments(chosen, ["p=1/2", "kind=gate"])
    value = evaluate(chosen, point)
    assert (value.exact, value.arguments) == ("1/4", {"kind": "gate", "p": 0.5})
    assert shown(chosen, point) == "kind = gate, p = 1/2"
    assert evaluate(chosen, parse_arguments(chosen, ["kind=tanh", "p=2"])).exact is None


@pytest.mark.parametrize(
    ("text", "number"),
    [("7/100", Rational(7, 100)), ("0.07", Rational(7, 100)), ("1e-3", Rational(1, 1000)), ("12", Integer(12))],
)
def test_numbers_are_taken_as_spelled(text: str, number: Rational) -> None:
    assert parse_number(text) == number


@given(st.fractions())
def test_every_fraction_reads_back(x: Fraction) -> None:
    assert parse_number(str(x)) == Rational(x.numerator, x.denominator)


@pytest.mark.parametrize(
    "text", ["nan", "inf", "-inf", "abc", "", "1/0", "1e999999999", "1e-99999", "0x10", "1,5", "1/2/3"]
)
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"^expected a number such as 7/100, 0\.07 or 1e-3$"):
        parse_number(text)


@pytest.mark.parametrize(
    ("given_arguments", "message"),
    [
        (["m=3"], "p was not given; expected p=VALUE, a number >= 0 and <= 1"),
        (["m=3", "p=nan"], "p was 'nan'; expected a number such as 7/100, 0.07 or 1e-3"),
        (["m=3", "p=3/2"], "p was 3/2; expected a number >= 0 and <= 1"),
        (["m=2.5", "p=0"], "m was 2.5; expected an integer >= 1"),
        (["m=3", "q=1"], "argument was 'q=1'; expected NAME=VALUE with m, p"),
        (["m3", "p=1"], "argument was 'm3'; expected NAME=VALUE with m, p"),
        (["m=3", "m=3", "p=0"], "m was given twice; expected once"),
        (["m=3", "p=1/2"], "arguments were m = 3, p = 1/2; expected p at most 1/m"),
    ],
)
def test_bad_arguments_are_told_in_one_line(given_arguments: list[str], message: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the whole message is compared
        parse_arguments(SUM, given_arguments)
    assert str(caught.value) == message


def test_an_unknown_word_and_an_unknown_quantity_are_refused() -> None:
    with pytest.raises(ValueError, match="kind was 'relu'; expected one of gate, tanh"):
        parse_arguments(form(p * kind, kind=NODES, p=NONNEGATIVE), ["kind=relu", "p=1"])
    with pytest.raises(ValueError, match="QUANTITY was 'nope'; expected one of example"):
        find_form({"example": SUM}, "nope")


@pytest.mark.parametrize("name", CLOSED_FORMS)
def test_a_closed_form_of_the_suite_says_what_each_argument_may_be(name: str) -> None:
    closed = CLOSED_FORMS[name]
    assert set(closed.arguments) == set(closed.domain)
    assert closed.expression.free_symbols <= set(closed.arguments.values())
    assert closed.words


def scale(**arguments: str) -> Value:
    """The value of `contrastive_scale`, arguments spelled as on the command line."""
    root = QUANTITIES["contrastive_scale"]
    return evaluate(root, parse_arguments(root, [f"{name}={text}" for name, text in arguments.items()]))


@pytest.mark.parametrize("p", ["1e-10", "1/20", "3/10", "1"])
def test_the_scale_of_one_feature_is_its_closed_form(p: str) -> None:
    value = scale(d="1", p=p, r="7/10", eps="0")
    truth = enclose(log(1 + 2 / Rational(p)) / Rational(7, 10) ** 2, 256)
    assert abs(truth - arb(value.value)) <= arb(value.error_bound)
    assert 0 < value.error_bound < 2 * math.ulp(value.value)
    assert value.exact is None


def test_the_scale_of_sixty_features_is_a_stationary_point() -> None:
    r = 0.5773502691896258
    value = scale(d="60", p="1/20", r=str(r), eps="0")

    def slope(lam: float) -> float:
        total = 0.0
        for active in range(61):
            weight = math.comb(60, active) * 0.05**active * 0.95 ** (60 - active)
            total -= weight * r**2 * active / (1 + math.exp(lam * r**2 * active))
        for common in range(61):
            weight = math.comb(60, common) * 0.0025**common * 0.9975 ** (60 - common) / 2**common
            for plus in range(common + 1):
                product = r**2 * (2 * plus - common)
                total += weight * math.comb(common, plus) * product / (1 + math.exp(-lam * product))
        return total

    assert slope(value.value * (1 - 1e-9)) < 0 < slope(value.value * (1 + 1e-9))
    assert 0 < value.error_bound < 2 * math.ulp(value.value)


@pytest.mark.parametrize(
    ("d", "p", "r", "eps"),
    [
        ("1", "3/10", "1", "1/2"),  # at the collapse radius, not a dyadic weight
        ("4", "1", "7/10", "7/10"),
        ("1", "3/10", "1", "0.500000000000000000000000000001"),
        ("60", "1/20", "0.5773502691896258", "2"),
    ],
)
def test_from_the_collapse_radius_on_the_scale_is_exactly_zero(d: str, p: str, r: str, eps: str) -> None:
    value = scale(d=d, p=p, r=r, eps=eps)
    assert (value.value, value.exact, value.error_bound) == (0.0, "0", 0.0)


def test_just_before_the_collapse_radius_the_scale_is_above_zero() -> None:
    value = scale(d="1", p="3/10", r="1", eps="0.49999999999999999999999999")
    assert value.exact is None
    assert 0 < value.value - value.error_bound <= value.value + value.error_bound < 1e-25


@pytest.mark.parametrize(
    ("argument", "message"),
    [
        ({"p": "0"}, "p was 0; expected a number > 0 and <= 1"),
        ({"p": "2"}, "p was 2; expected a number > 0 and <= 1"),
        ({"eps": "-1/10"}, "eps was -1/10; expected a number >= 0"),
        ({"r": "0"}, "r was 0; expected a number > 0"),
        ({"d": "0"}, "d was 0; expected an integer >= 1"),
    ],
)
def test_a_scale_outside_its_domain_is_refused(argument: dict[str, str], message: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the whole message is compared
        scale(**{"d": "1", "p": "1", "r": "1", "eps": "0"} | argument)
    assert str(caught.value) == message


def test_a_sum_beyond_the_stated_bound_is_refused_at_once() -> None:
    long = QUANTITIES["firing_probability"]
    with pytest.raises(NotEnclosedError, match="a sum runs over 1000000001 values; expected at most 1000001"):
        evaluate(long, parse_arguments(long, ["m=1000000000", "p=1/2"]))
    nested = QUANTITIES["contrastive_scale"]
    with pytest.raises(NotEnclosedError, match="the law runs over 100000 features; expected at most 10000"):
        evaluate(nested, parse_arguments(nested, ["d=100000", "p=1/8", "r=1", "eps=0"]))


def test_numbers_with_many_digits_are_shown_in_short() -> None:
    form = QUANTITIES["firing_probability"]
    assert shown(form, parse_arguments(form, ["m=4", "p=1e-400"])) == "m = 4, p = about 1.00000E-400"
