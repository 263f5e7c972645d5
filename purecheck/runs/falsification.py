"""The search for a counterexample to a clause, as it stands or with an assumption dropped or a range widened.

Two methods take turns on the instances of the model that the checks of the clause build: first corners and near ends of
the ranges, then Hypothesis. The parameters of what they find are replaced by short fractions as long as the formula
stays false. An instance counts only if it is false there in exact fractions or in ball arithmetic.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from fractions import Fraction
from itertools import islice
from math import ceil, floor

from hypothesis import HealthCheck, Phase, find, settings
from hypothesis import strategies as st
from hypothesis.errors import NoSuchExample
from sympy import Expr, Integer, Rational, Symbol, oo, sympify

from numerics.streams import Streams
from purecheck.closed_forms import parse_number
from purecheck.enclosures.problems import NotEnclosedError
from purecheck.evaluators.points import candidates
from purecheck.evaluators.registry import Scene
from purecheck.methods.agrees import Agrees
from purecheck.methods.evaluation import failing, holds
from purecheck.runs.ledger import Ledger
from theory.claims import Clause, NearMiss
from theory.ranges import Range

_ROUNDS = 4
"""Times that the scenes of a check are drawn anew: the first points of each are the corners."""
_SCENES_AT_POINT = 24  # most checks draw no more, so that a smaller point is searched as a check would
_EXAMPLES = 100  # as many as a check draws in the quick profile
_LARGEST_INTEGER = 40  # above the least; sums over so many features are still evaluated exactly in milliseconds
_LARGEST_DENOMINATOR = 60  # a counterexample should be short, and the powers that a formula takes of it too
_SHORT = 12
"""Denominators below this are tried for a parameter of a counterexample, in their order."""

Point = Mapping[Symbol, Expr]
Values = tuple[Expr, ...]
"""The parameters of a clause in an order in which each follows those that its range names."""


@dataclass(frozen=True)
class Counterexample:
    """An instance on which the formula is false.

    Attributes
    ----------
    where
        The instance, for a reader.
    relation
        The relation that is false, with its sides evaluated.
    values
        The parameters of the clause there.
    """

    where: str
    relation: str
    values: Point


@dataclass
class Search:
    """What was looked for in one clause, and what was found.

    Attributes
    ----------
    claim, clause, change
        What was examined; the change is empty for the clause as it stands.
    instances, undecided
        How many instances decided the formula, and how many left it open.
    points
        How many points of the ranges Hypothesis tried.
    found
        The smallest counterexample.
    """

    claim: str
    clause: Clause
    change: str
    instances: int = 0
    undecided: int = 0
    points: int = 0
    found: Counterexample | None = None
    _seen: dict[Values, Counterexample | None] = field(default_factory=dict, repr=False)


def parse_target(ledger: Ledger, text: str) -> list[Agrees]:
    """The checks that compare the clauses of `CLAIM` or the clause of `CLAIM/CLAUSE` with the model.

    Raises
    ------
    ValueError
        If there is no such claim or clause, or no check compares it with the model.
    """
    claim, slash, name = text.partition("/")
    if claim not in ledger.claims:
        raise ValueError(f"CLAIM was {claim!r}; {_suggestion(claim, ledger.claims)}")
    names = [clause.name for clause in ledger.claims[claim].clauses]
    if slash and name not in names:
        raise ValueError(f"CLAUSE was {name!r}; {_suggestion(name, names)}")
    checks = [check for check in ledger.checks[claim] if isinstance(check, Agrees)]
    chosen = [check for check in checks if not slash or check.statement.name == name]
    if not chosen:
        compared = ", ".join(check.statement.name for check in checks) or "none"
        raise ValueError(f"no instance of the model is held against {text}; expected one of {claim}'s: {compared}")
    return chosen


def changed(clause: Clause, without: str | None, ranges: Mapping[str, tuple[Rational, Rational]]) -> Clause | None:
    """The clause without an assumption or a bound and on other ranges; None if it does not have one of them.

    Raises
    ------
    ValueError
        If the assumption defines what the clause is about.
    """
    over = dict(clause.over)
    for name, (low, high) in ranges.items():
        symbol = next((x for x in over if x.name == name), None)
        if symbol is None:
            return None
        single = low == high
        over[symbol] = replace(
            over[symbol],
            low=low,
            high=high,
            open_low=over[symbol].open_low and not single,
            open_high=over[symbol].open_high and not single,
        )
    if without is None:
        return clause.varied(NearMiss("other ranges", over=over)) if ranges else clause
    for symbol, bound, wider in bounds(clause):
        if bound == without:
            if symbol.name not in ranges:
                over[symbol] = wider
            return clause.varied(NearMiss(f"without {bound}", over=over))
    named = [one for one in clause.assumes if without == str(one)]
    named = named or [one for one in clause.assumes if without in str(one)]
    if len(named) != 1:
        return None
    (assumption,) = named
    if assumption.defines:
        raise ValueError(f"{assumption} defines what the clause is about; expected an assumption that can be dropped")
    return clause.varied(NearMiss(f"without {assumption}", over=over, without=assumption))


def bounds(clause: Clause) -> Iterator[tuple[Symbol, str, Range]]:
    """Each bound of a range that is a hypothesis, `b <= r`, with the range that is left without it."""
    for symbol, r in clause.over.items():
        if r.natural:
            continue
        if r.high != oo:
            yield symbol, f"{symbol} {'<' if r.open_high else '<='} {r.high}", replace(r, high=oo, open_high=False)
        if r.low != -oo and not symbol.is_nonnegative:
            yield symbol, f"{symbol} {'>' if r.open_low else '>='} {r.low}", replace(r, low=-oo, open_low=False)


def variants_of(
    checks: Sequence[Agrees], without: str | None, ranges: Mapping[str, tuple[Rational, Rational]]
) -> list[tuple[Agrees, Clause]]:
    """The checks whose clauses have the assumption and the parameters, each with its changed clause.

    Raises
    ------
    ValueError
        If no clause has them.
    """
    found = []
    for check in checks:
        clause = changed(check.statement, without, ranges)
        if clause is not None:
            found.append((check, clause))
    if not found:
        raise ValueError(_what_there_is(checks, without, ranges))
    return found


def _what_there_is(checks: Sequence[Agrees], without: str | None, ranges: Mapping[str, object]) -> str:
    clauses = [check.statement for check in checks]
    parameters = dict.fromkeys(x.name for clause in clauses for x in clause.over)
    for name in ranges:
        if name not in parameters:
            return f"--range was of {name!r}; {_suggestion(name, parameters)}"
    if without is None:
        return "--range: no clause has all of these parameters; expected those of one clause"
    names = dict.fromkeys(str(one) for clause in clauses for one in clause.assumes if not one.defines)
    names |= dict.fromkeys(bound for clause in clauses for _, bound, _ in bounds(clause))
    return f"--without was {without!r}; {_suggestion(without, names)}"


def parse_range(text: str) -> tuple[str, tuple[Rational, Rational]]:
    """The name and the ends of `NAME=LO..HI`.

    Raises
    ------
    ValueError
        If the text has another form.
    """
    name, equals, ends = text.partition("=")
    low, dots, high = ends.partition("..")
    try:
        numbers = parse_number(low), parse_number(high)
    except ValueError:
        numbers = (Integer(1), Integer(0))
    if not (name and equals and dots and numbers[0] <= numbers[1]):
        raise ValueError(f"--range was {text[:80]!r}; expected NAME=LO..HI with LO <= HI, such as p=0..1")
    return name, numbers


def search(check: Agrees, clause: Clause, streams: Streams, seconds: float) -> Search:
    """Look for a counterexample for about `seconds` of processor time, and shrink it for at most half of that more."""
    change = "" if clause is check.statement else "changed"
    looked = Search(check.claim, clause, change)
    until = time.process_time() + seconds
    for round_ in range(_ROUNDS):
        rng = streams.generator(f"falsify/{check.claim}/{clause.name}/{round_}")
        looked.found = _smallest(_examined(clause, check.scenes(clause, rng), looked, until))
        if looked.found is not None or time.process_time() > until:
            break
    at_point = _shrunk(check, clause, looked, streams, max(until, time.process_time() + seconds / 2))
    looked.found = min((x for x in (at_point, looked.found) if x is not None), key=_size, default=None)
    return looked


def _examined(clause: Clause, scenes: Iterable[Scene], looked: Search, until: float) -> Iterator[Counterexample]:
    for scene in scenes:
        if time.process_time() > until:
            return
        try:
            verdict = holds(clause.formula, scene, clause.resolution)
        except NotEnclosedError:
            verdict = None
        if verdict is None:
            looked.undecided += 1
            continue
        looked.instances += 1
        if not verdict:
            values = {x: sympify(scene.values[x]) for x in clause.over if x in scene.values}
            yield Counterexample(scene.where, failing(clause.formula, scene, clause.resolution), values)


def _smallest(found: Iterator[Counterexample]) -> Counterexample | None:
    return min(found, key=_size, default=None)


def _size(found: Counterexample) -> tuple[int, str]:
    """The shortest description is the smallest instance: few features, few nodes, short fractions."""
    return len(found.where), found.where


def _shrunk(check: Agrees, clause: Clause, looked: Search, streams: Streams, until: float) -> Counterexample | None:
    """The counterexample at the smallest point of the ranges that Hypothesis finds."""
    order = [x for x in clause.over if not clause.over[x].low.free_symbols | clause.over[x].high.free_symbols]
    order += [x for x in clause.over if x not in order]
    if not order:
        return None

    def fails(values: Values) -> bool:
        if values not in looked._seen:
            if time.process_time() > until:
                return False
            looked.points += 1
            looked._seen[values] = _at(check, clause, dict(zip(order, values, strict=True)), looked, streams, until)
        return looked._seen[values] is not None

    options = settings(
        max_examples=_EXAMPLES,
        database=None,
        derandomize=True,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.generate, Phase.target, Phase.shrink),
    )
    known = tuple(looked.found.values.get(x) for x in order) if looked.found is not None else None
    if known is None or None in known or not fails(known):
        try:
            known = find(_points(clause, order), fails, settings=options)
        except NoSuchExample:
            return None
    return looked._seen[_simplest(clause, order, known, fails)]


def _simplest(clause: Clause, order: Sequence[Symbol], start: Values, fails: Callable[[Values], bool]) -> Values:
    """The point with the shortest numbers that is reached by changing one parameter at a time, the first one first."""
    best = start
    for place, symbol in enumerate(order):
        for number in _short_numbers(clause.over[symbol].at(dict(zip(order, best, strict=True)))):
            if number == best[place]:
                break
            moved = (*best[:place], number, *best[place + 1 :])
            if _lies_within(clause, order, moved) and fails(moved):
                best = moved
                break
    return best


def _lies_within(clause: Clause, order: Sequence[Symbol], values: Values) -> bool:
    point = dict(zip(order, values, strict=True))
    return all(point[x] in clause.over[x].at(point) for x in order)


def _short_numbers(r: Range) -> Iterator[Rational]:
    """The numbers of a range by denominator and then by modulus, up to a few."""
    low = r.low if r.low != -oo else -_SHORT
    high = r.high if r.high != oo else low + _SHORT
    for denominator in range(1, 2 if r.integer else _SHORT):
        numbers = range(ceil(low * denominator), floor(min(high, low + _SHORT) * denominator) + 1)
        for numerator in sorted(numbers, key=lambda n: (abs(n), n < 0)):
            number = Rational(numerator, denominator)
            if number.q == denominator and number in r:
                yield number


def _at(
    check: Agrees, clause: Clause, point: Point, looked: Search, streams: Streams, until: float
) -> Counterexample | None:
    """A counterexample among the first scenes at one point."""
    only = {x: replace(clause.over[x], low=v, high=v, open_low=False, open_high=False) for x, v in point.items()}
    there = clause.varied(NearMiss("at a point", over=only))
    rng = streams.generator(f"falsify/{check.claim}/{clause.name}/point")
    scenes = islice(check.scenes(there, rng), _SCENES_AT_POINT)
    distinct = {s.where: s for s in scenes if all(s.values.get(x, value) == value for x, value in point.items())}
    return _smallest(_examined(there, distinct.values(), looked, until))


@st.composite
def _points(draw: st.DrawFn, clause: Clause, order: Sequence[Symbol]) -> Values:
    """A point of the ranges, each end evaluated at the parameters before it."""
    point: dict[Symbol, Expr] = {}
    for symbol in order:
        r = clause.over[symbol].at(point)
        choices = candidates(r)
        low, high = min(choices), max(choices)
        if r.integer:
            last = low + _LARGEST_INTEGER if r.high == oo else min(high, low + _LARGEST_INTEGER)
            point[symbol] = Integer(draw(st.integers(int(low), int(last))))
        elif low.is_Rational and high.is_Rational:
            number = draw(st.one_of(*_numbers(low, high), st.sampled_from([_fraction(x) for x in choices])))
            point[symbol] = Rational(number.numerator, number.denominator)
        else:
            point[symbol] = draw(st.sampled_from(choices))
    return tuple(point[symbol] for symbol in order)


def _numbers(low: Rational, high: Rational) -> Iterator[st.SearchStrategy[Fraction]]:
    """Short fractions between the ends, if there are any."""
    least, most = ceil(low * _LARGEST_DENOMINATOR), floor(high * _LARGEST_DENOMINATOR)
    if least <= most:
        ends = Fraction(least, _LARGEST_DENOMINATOR), Fraction(most, _LARGEST_DENOMINATOR)
        yield st.fractions(*ends, max_denominator=_LARGEST_DENOMINATOR)


def _fraction(number: Rational) -> Fraction:
    return Fraction(int(number.p), int(number.q))


def _suggestion(text: str, known: Iterable[str]) -> str:
    """What was expected: the nearest names if there are any, else all of them."""
    names = list(known)
    near = get_close_matches(text, names, n=3) or [name for name in names if text.lower() in name.lower()]
    return (
        f"did you mean {' or '.join(near)}? expected one of {', '.join(names)}"
        if near
        else (f"expected one of {', '.join(names)}")
    )
