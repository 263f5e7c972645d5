"""Values of closed forms: exact if they are known to be rational, and always with a certified error bound."""

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from flint import arb, fmpq
from sympy import Expr, Rational, Symbol

from purecheck.enclosures.at_point import enclose_at_point
from purecheck.enclosures.problems import NotEnclosedError
from purecheck.enclosures.rational import exact_value
from purecheck.enclosures.roots import enclose_root
from purecheck.runtime.choices import unknown
from theory.claims import Choice, ClosedForm, ImplicitForm
from theory.ledger import CLOSED_FORMS, IMPLICIT_FORMS
from theory.ranges import Range

Form = ClosedForm | ImplicitForm

QUANTITIES: Mapping[str, Form] = {**CLOSED_FORMS, **IMPLICIT_FORMS}
"""Every quantity that can be evaluated, by name."""

_EXAMPLES = "a number such as 7/100, 0.07 or 1e-3"
_SPELLED = re.compile(r"[+-]?([0-9]+(/[0-9]+)?|([0-9]+\.[0-9]*|\.?[0-9]+)([eE][+-]?[0-9]{1,4})?)")
_LONGEST = 1000  # digits of a number that is written out; floats have 309 before the point
_RELATIVE_BITS = 60  # beyond the 53 of a float, so that rounding to it dominates the error
_LADDER = (128, 256, 512, 1024, 2048, 4096)
"""Working precisions in bits, tried in turn; the last one resolves arguments of a thousand digits."""
_SHORT = 40  # digits of a number that a reader still takes in
_ROOT_SHARE = 2.0**-54  # as far as the first precisions of the ladder take a root


@dataclass(frozen=True)
class Value:
    """A quantity at a point.

    Attributes
    ----------
    quantity
        Its name.
    arguments
        Value of each argument, a number or a word, by name.
    value
        The value, rounded to a float.
    exact
        The value as `p/q` if it is known to be rational, else None.
    error_bound
        At least `|value - true value|`.
    """

    quantity: str
    arguments: Mapping[str, int | float | str]
    value: float
    exact: str | None
    error_bound: float


def parse_number(text: str) -> Rational:
    """The exact number that `text` denotes: a fraction, a decimal, or a decimal with an exponent.

    Raises
    ------
    ValueError
        If it does not denote a finite number, or one with more than 1000 digits.
    """
    try:
        if len(text) > _LONGEST or not _SPELLED.fullmatch(text):
            raise ValueError
        number = Fraction(text)
    except (ValueError, ZeroDivisionError):
        raise ValueError(f"expected {_EXAMPLES}") from None
    if max(abs(number.numerator), number.denominator) >= 10**_LONGEST:
        raise ValueError(f"expected {_EXAMPLES}, of at most {_LONGEST} digits when it is written out")
    return Rational(number.numerator, number.denominator)


def find_form(forms: Mapping[str, Form], name: str) -> Form:
    """The form of that name.

    Raises
    ------
    ValueError
        If there is none.
    """
    if name not in forms:
        raise ValueError(unknown("QUANTITY", name[:80], forms, one=True))
    return forms[name]


def parse_arguments(form: Form, assignments: Iterable[str]) -> dict[str, Rational]:
    """The arguments of `form` from `NAME=VALUE` texts, in the order of the form.

    Raises
    ------
    ValueError
        If a text has another form, a name is unknown, missing or given twice, or the values are outside
        the domain.
    """
    given: dict[str, Rational] = {}
    for assignment in assignments:
        name, equals, text = assignment.partition("=")
        if not equals or name not in form.arguments:
            raise ValueError(f"argument was {assignment[:80]!r}; expected NAME=VALUE with {_names(form)}")
        if name in given:
            raise ValueError(f"{name} was given twice; expected once")
        given[name] = _argument(form, name, text)
    missing = [name for name in form.arguments if name not in given]
    if missing:
        raise ValueError(f"{missing[0]} was not given; expected {missing[0]}=VALUE, {form.domain[missing[0]]}")
    point = {name: given[name] for name in form.arguments}
    unmet = form.unmet(point) if isinstance(form, ClosedForm) else None
    if unmet is not None:
        raise ValueError(f"arguments were {shown(form, point)}; expected {unmet}")
    return point


def evaluate(form: Form, arguments: Mapping[str, Rational]) -> Value:
    """The value of `form` at `arguments`, as `parse_arguments` gives them.

    Raises
    ------
    NotEnclosedError
        If ball arithmetic does not enclose the value, it exceeds the range of floats, or a sum is too long.
    """
    exact, (value, error_bound) = _root(form, arguments) if isinstance(form, ImplicitForm) else _closed(form, arguments)
    return Value(
        quantity=form.name,
        arguments={name: _plain(form.domain[name], x) for name, x in arguments.items()},
        value=value,
        exact=None if exact is None else str(exact),
        error_bound=error_bound,
    )


def _closed(form: ClosedForm, arguments: Mapping[str, Rational]) -> tuple[fmpq | None, tuple[float, float]]:
    words = {form.arguments[name]: arguments[name] for name, kind in form.domain.items() if isinstance(kind, Choice)}
    expression = form.expression.subs(words)
    point = {form.arguments[name]: value for name, value in arguments.items()}
    exact = exact_value(expression, point)
    if exact is not None:
        return exact, _rounded(exact)
    ball = _accurate_ball(expression, point)
    return (ball.mid().fmpq(), _rounded(ball.mid().fmpq())) if ball.is_exact() else (None, _as_float(ball))


def _root(form: ImplicitForm, arguments: Mapping[str, Rational]) -> tuple[fmpq | None, tuple[float, float]]:
    ball = enclose_root(form, arguments, _ROOT_SHARE)
    return (fmpq(0), (0.0, 0.0)) if ball.is_zero() else (None, _as_float(ball))


def shown(form: Form, arguments: Mapping[str, Rational]) -> str:
    """The arguments as a reader writes them: `m = 4, p = 3/10`."""
    choices = {
        name: domain.words[int(arguments[name])] for name, domain in form.domain.items() if isinstance(domain, Choice)
    }
    return ", ".join(f"{name} = {choices.get(name) or _in_short(value)}" for name, value in arguments.items())


def _in_short(value: Rational) -> str:
    """The exact number, or six digits of it if it is long."""
    return text if len(text := str(value)) <= _SHORT else f"about {value.evalf(6)}"


def _plain(domain: Range | Choice, value: Rational) -> int | float | str:
    if isinstance(domain, Choice):
        return domain.words[int(value)]
    return int(value) if value.is_Integer else float(value)


def _argument(form: Form, name: str, text: str) -> Rational:
    domain = form.domain[name]
    if isinstance(domain, Choice):
        if text not in domain.words:
            raise ValueError(f"{name} was {text[:80]!r}; expected {domain}")
        return domain.number(text)
    try:
        value = parse_number(text)
    except ValueError as problem:
        raise ValueError(f"{name} was {text[:80]!r}; {problem}") from None
    if value not in domain:
        raise ValueError(f"{name} was {text[:80]}; expected {domain}")
    return value


def _names(form: Form) -> str:
    return ", ".join(form.arguments)


def _rounded(exact: fmpq) -> tuple[float, float]:
    fraction = Fraction(int(exact.p), int(exact.q))
    try:
        value = float(fraction)
    except OverflowError:
        raise NotEnclosedError("the value exceeds the range of floating-point numbers") from None
    error = abs(Fraction(value) - fraction)
    bound = float(error)
    return value, bound if Fraction(bound) >= error else math.nextafter(bound, math.inf)


def _as_float(ball: arb) -> tuple[float, float]:
    value = float(ball)
    if not math.isfinite(value):
        raise NotEnclosedError("the value exceeds the range of floating-point numbers")
    return value, math.nextafter(float((ball - arb(value)).abs_upper()), math.inf)


def _accurate_ball(expr: Expr, point: Mapping[Symbol, Rational]) -> arb:
    """The ball at the first precision with enough accurate bits; around zero, at the last precision."""
    for bits in _LADDER:
        ball = enclose_at_point(expr, point, bits)
        if ball.rel_accuracy_bits() >= _RELATIVE_BITS or _is_negligible(ball):
            return ball
    if not ball.is_finite():
        raise NotEnclosedError(f"no precision up to {_LADDER[-1]} bits encloses {str(expr)[:200]}")
    return ball


def _is_negligible(ball: arb) -> bool:
    """Whether every number of the ball is below the least positive float."""
    return bool(abs(ball) < arb(math.ulp(0.0)))
