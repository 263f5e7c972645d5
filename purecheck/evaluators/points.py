"""Points of the ranges of a clause: at the ends, near open ends, and inside."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice, product
from typing import Any

import numpy as np
from sympy import Expr, Integer, Rational, Symbol, ceiling, floor

from purecheck.evaluators.registry import Scene
from theory.claims import Clause
from theory.ranges import Range

_NEAR = Rational(1, 1000)
"""Distance to an open end, as a share of the range."""
# Short fractions keep exact evaluation cheap; on either side of the middle, since a formula may be symmetric about it.
_SHARES = (Rational(1, 2), Rational(1, 5), Rational(4, 5), Rational(1, 10))
_BEYOND = (Rational(1, 2), Rational(1), Rational(3), Rational(1, 10))
_FIRST = 4
"""Number of integers of an unbounded range that are always among the candidates."""
_LARGEST_DENOMINATOR = 60  # of shares of a range: powers of the fractions that they lead to stay short
_FINENESS = 10**6  # an irrational end is met more closely than `_NEAR` approaches it, by fractions of six digits

Point = Mapping[Symbol, Expr]


def points(clause: Clause, rng: np.random.Generator, count: int, **fixed: Range) -> Iterator[dict[Symbol, Expr]]:
    """`count` exact points of the ranges of `clause`: each symbol in turn at its ends and inside, the others at random.

    Parameters
    ----------
    clause
        A clause whose `over` gives the ranges; their ends may contain other parameters.
    rng
        Source of the random choices.
    count
        Number of points.
    fixed
        Ranges, by the name of the symbol, that replace those of the clause, e.g. to keep an instance small. They should
        lie within the ranges of the clause; this is not checked.
    """
    over = {x: fixed.get(x.name, r) for x, r in clause.over.items()}
    order = _by_dependence(over)
    yield from islice(_points(over, order, rng), count)


def crossed(
    clause: Clause, rng: np.random.Generator, count: int, *choices: Sequence[Any], **fixed: Range
) -> Iterator[tuple[Any, ...]]:
    """Every combination of one element of each of the `choices`, each with `count` points of its own as last element.

    A choice that alternated along one sequence of `points` could keep step with the symbol that leads there: each
    symbol would then run through its candidates under one choice alone. `fixed` is as in `points`.
    """
    for chosen in product(*choices):
        for point in points(clause, rng, count, **fixed):
            yield *chosen, point


def shuffled(rng: np.random.Generator, count: int, *choices: Sequence[Any]) -> Iterator[tuple[Any, ...]]:
    """`count` combinations of one element of each of the `choices`, beside `count` points that they must not follow.

    Each element occurs as often as any other of its choice, or once more, and each choice has an order of its own: a
    Latin hypercube. Where `crossed` is too expensive, no choice then keeps step with another or with the points.

    References
    ----------
    M. McKay, R. Beckman and W. Conover, "A comparison of three methods for selecting values of input variables in the
    analysis of output from a computer code", Technometrics 21 (1979).
    """
    orders = [rng.permutation(count) % len(choice) for choice in choices]
    for places in zip(*orders, strict=True):
        yield tuple(choice[at] for choice, at in zip(choices, places, strict=True))


def corners(clause: Clause, **fixed: Range) -> Iterator[dict[Symbol, Expr]]:
    """All exact points at which each symbol is at its lowest or at its highest candidate; parameters as in `points`.

    If parts of a formula are sharp at different corners, points in which one symbol at a time is at an end miss some.
    """
    over = {x: fixed.get(x.name, r) for x, r in clause.over.items()}
    found: list[dict[Symbol, Expr]] = [{}]
    for symbol in _by_dependence(over):
        found = [
            {**point, symbol: end}
            for point in found
            for choices in [candidates(over[symbol].at(point))]
            for end in dict.fromkeys((min(choices), max(choices)))
        ]
    yield from found


def at_points(
    count: int, model: Callable[[Clause], Any] = lambda _clause: None, **fixed: Range
) -> Callable[[Clause, np.random.Generator], Iterator[Scene]]:
    """A function that yields scenes at points of the ranges of a clause.

    `model` builds from the clause the instance that evaluators read.
    """

    def scenes(clause: Clause, rng: np.random.Generator) -> Iterator[Scene]:
        instance = model(clause)
        for point in points(clause, rng, count, **fixed):
            yield Scene(", ".join(f"{x} = {value}" for x, value in point.items()), point, instance)

    return scenes


def rational(r: Range) -> Range:
    """A range with rational ends that lies within `r` and nearly fills it, for parameters that must be rational."""
    low, high = ceiling(r.low * _FINENESS) / _FINENESS, floor(r.high * _FINENESS) / _FINENESS
    return replace(r, low=low if r.low.is_finite else r.low, high=high if r.high.is_finite else r.high)


def _points(
    over: Mapping[Symbol, Range], order: list[Symbol], rng: np.random.Generator
) -> Iterator[dict[Symbol, Expr]]:
    round_ = 0
    while True:
        # Every symbol runs through its candidates while the others are drawn, so that ends meet insides and ends.
        for leading in order or [None]:
            point: dict[Symbol, Expr] = {}
            for symbol in order:
                choices = candidates(over[symbol].at(point))
                if symbol is leading:
                    point[symbol] = choices[round_ % len(choices)]
                else:
                    point[symbol] = _drawn(over[symbol].at(point), choices, rng)
            yield point
        round_ += 1


def _drawn(r: Range, choices: list[Expr], rng: np.random.Generator) -> Expr:
    """A candidate or, half of the time for bounded ranges, a random fraction inside of the range."""
    if r.integer or r.low.is_infinite or r.high.is_infinite or rng.random() < 1 / 2:
        return choices[int(rng.integers(len(choices)))]
    parts = int(rng.integers(2, _LARGEST_DENOMINATOR))
    return r.low + (r.high - r.low) * Rational(int(rng.integers(1, parts)), parts)


def candidates(r: Range) -> list[Expr]:
    """Ends that belong to the range, points next to open ends, and points inside, without repetition."""
    if r.integer:
        first = ceiling(r.low) if not r.low.is_infinite else Integer(-_FIRST)
        last = floor(r.high) if not r.high.is_infinite else first + _FIRST
        first, last = first + (r.open_low and first == r.low), last - (r.open_high and last == r.high)
        few = [first, last, *(first + i for i in range(1, _FIRST))]
        return list(dict.fromkeys(x for x in few if first <= x <= last))
    if r.low.is_infinite and r.high.is_infinite:
        return [Integer(0), *(sign * x for x in _BEYOND for sign in (1, -1))]
    if r.high.is_infinite:
        inside = [r.low + x for x in (*_BEYOND, _NEAR)]
        return inside if r.open_low else [r.low, *inside]
    if r.low.is_infinite:
        inside = [r.high - x for x in (*_BEYOND, _NEAR)]
        return inside if r.open_high else [r.high, *inside]
    width = r.high - r.low
    ends = ([] if r.open_low else [r.low]) + ([] if r.open_high else [r.high])
    inside = [r.low + share * width for share in (*_SHARES, _NEAR, 1 - _NEAR)]
    return list(dict.fromkeys([*ends, *inside]))


def _by_dependence(over: Mapping[Symbol, Range]) -> list[Symbol]:
    """The symbols in an order in which each comes after those that its ends contain.

    Raises
    ------
    ValueError
        If the ranges depend on one another in a cycle.
    """
    order: list[Symbol] = []
    left = dict(over)
    while left:
        free = [x for x, r in left.items() if not ((r.low.free_symbols | r.high.free_symbols) & left.keys())]
        if not free:
            raise ValueError(f"ranges of {', '.join(map(str, left))} name one another in a circle")
        order += free
        for x in free:
            del left[x]
    return order
