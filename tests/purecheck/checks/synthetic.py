"""Observations on which a clause of relations holds: made by a linear programme, so that nothing is trained."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from typing import Any, cast
from zlib import crc32

import numpy as np
from scipy.optimize import linprog
from sympy import Rational

from numerics.backend import select_backend
from numerics.streams import Streams
from purecheck.experiments.readers import kept_as
from purecheck.runtime.context import Context, Profile
from purecheck.verdicts.relations import Points
from theory.claims import Clause
from theory.relations import Relation
from theory.statistics import Fall, Measurement, Named, Statistic, Term

SEEDS = 20
SPREAD = 1e-4
SLACK = 1e-9
LEAST, LARGEST = 0.01, 100.0


def context(kept=None) -> Context:
    """A run of twenty seeds that keeps these measurements."""
    made = Context(select_backend("numpy"), Streams(0), Profile("quick", 10, SEEDS, 1.0))
    made.keep(kept or {})
    return made


def measurements(term: Term) -> list[tuple[float, Measurement]]:
    """The term as a sum of measurements with coefficients."""
    return [(1.0, term.start), (-1.0, term.end)] if isinstance(term, Fall) else [(1.0, term)]


def values(measurement: Measurement, value: float, over: str):
    """What a reader would give: twenty seeds around `value`, or five observations that have it."""
    if over == "every observation":
        return Points(np.full(5, value), SLACK * np.ones(5))
    shape = (3, SEEDS) if over == "median at every update" else (SEEDS,)
    rng = np.random.default_rng(crc32(kept_as(measurement).encode()))
    return value + SPREAD * rng.uniform(-1, 1, shape)


def observations(clause: Clause) -> dict[str, object]:
    """Values of every measurement of the clause, by the name under which a context keeps them."""
    instances = [one for relation in clause.relations for _, one in relation.instances()]
    said = {}
    for one in instances:
        for term in (one.left, one.right):
            for _, measurement in measurements(term) if term is not None else ():
                said[kept_as(measurement)] = (measurement, one.over)
    place = {name: column for column, name in enumerate(said)}
    strict, rows, ends, equal = len(said), [], [], []
    for one in instances:
        row = np.zeros(strict + 1)
        for term, factor in ((one.left, 1.0), (one.right, -float(one.bound))):
            for sign, measurement in measurements(term) if term is not None else ():
                row[place[kept_as(measurement)]] += factor * sign
        end = float(one.bound) if one.right is None else 0.0
        if one.sign == "==":
            equal.append(row)
            continue
        turn = -1.0 if one.sign == ">" else 1.0
        row, end = turn * row, turn * end
        row[strict] = 1.0 if one.sign in "<>" else 0.0
        rows.append(row)
        ends.append(end)
        if one.right is not None:
            positive = np.zeros(strict + 1)
            for sign, measurement in measurements(one.right):
                positive[place[kept_as(measurement)]] -= sign
            rows.append(positive)
            ends.append(-LEAST)
    aim = np.zeros(strict + 1)
    aim[strict] = -1.0
    solved = linprog(
        aim,
        A_ub=rows or None,
        b_ub=ends or None,
        A_eq=equal or None,
        b_eq=np.zeros(len(equal)) if equal else None,
        bounds=[(LEAST, LARGEST)] * strict + [(None, 1.0)],
    )
    assert solved.success, f"{clause.name}: no observation satisfies it"
    assert solved.x is not None
    assert not any(one.sign in "<>" for one in instances) or solved.x[strict] > 4 * SPREAD
    return {name: values(*said[name][:1], solved.x[place[name]], said[name][1]) for name in said}


def moved(thing: Any) -> Iterator[Any]:
    """The same thing with one size, number or name inside it changed, one at a time."""
    if isinstance(thing, Rational):
        yield thing * Rational(11, 10) if thing else Rational(1, 10)
    elif isinstance(thing, Named):
        yield Named(f"{thing.name}'", f"{thing.says}, another one")
    elif isinstance(thing, tuple):
        for place, part in enumerate(thing):
            for changed in moved(part):
                yield (*thing[:place], changed, *thing[place + 1 :])
    elif is_dataclass(thing) and not isinstance(thing, Statistic):
        for one in fields(thing):
            for changed in moved(getattr(thing, one.name)):
                yield replace(cast(Any, thing), **{one.name: changed})


def moved_relations(relation: Relation) -> Iterator[Relation]:
    """The relation with one arm, attack, size or other argument of its terms changed, one at a time."""
    for name in ("left", "right"):
        for changed in moved(getattr(relation, name)):
            yield replace(relation, **{name: changed})
