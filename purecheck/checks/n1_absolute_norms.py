"""Checks of N1: exact fits in fractions on every gate cell, in the norms dual to several attacks."""

from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

import numpy as np

from numerics.exact import ExactArray, support_probabilities
from purecheck.check import Check, Control
from purecheck.comparison import Comparison
from purecheck.methods.enumerated import Enumerated
from purecheck.models.exact_fits import (
    Cell,
    ExactFit,
    constant_amplitude_fit,
    converse_fit,
    cross_talk_fit,
    pure_fit,
)
from theory.attack_norms.n1_absolute_norms import BOUND, EQUALITY, HIDDEN, MEAN_BOUND, MEAN_STRICT, STRICT

_TARGETS = (
    (Fraction(1), Fraction(1)),
    (Fraction(2), Fraction(-3, 7)),
    (Fraction(0), Fraction(5, 3)),
)
DENSITY_FITS: tuple[ExactFit, ...] = (
    pure_fit((Fraction(1), Fraction(-2), Fraction(1, 3))),
    *(converse_fit(theta) for theta in _TARGETS),
    *(cross_talk_fit(theta, k) for theta in _TARGETS for k in (Fraction(-2, 5), Fraction(1, 4))),
)
Norm = Callable[[ExactArray], Fraction]


def _power_sum(q: int) -> Norm:
    return lambda entries: sum((abs(x) ** q for x in entries.flat), Fraction(0))


def _largest(entries: ExactArray) -> Fraction:
    return max((abs(x) for x in entries.flat), default=Fraction(0))


DUALS: dict[str, Norm] = {"l1": _power_sum(1), "l2, squared": _power_sum(2), "l3, cubed": _power_sum(3)}
"""Dual to l_inf, l2 and l_3/2; a power keeps the order."""
_RATE = Fraction(2, 5)


def _target(fit: ExactFit, cell: Cell) -> ExactArray:
    return np.asarray(fit.theta * (cell.pattern != 0))


def _bounds(fits: tuple[ExactFit, ...]) -> Iterator[Comparison]:
    """On every cell no norm is below that of the active part of the target; nor is the mean of the l1 norm."""
    for fit in fits:
        for cell in fit.cells:
            for name, norm in {**DUALS, "l_inf": _largest}.items():
                where = f"{name} norm, {fit.name}, support {cell.pattern.tolist()}"
                yield Comparison(norm(cell.beta), ">=", norm(_target(fit, cell)), where)
        found, least = _means(fit)
        yield Comparison(found, ">=", least, f"mean l1 norm, {fit.name}, p = {_RATE}")


def _means(fit: ExactFit) -> tuple[Fraction, Fraction]:
    weights = support_probabilities(np.array([cell.pattern for cell in fit.cells]), _RATE)
    l1 = DUALS["l1"]
    pairs = [(w * l1(cell.beta), w * l1(_target(fit, cell))) for w, cell in zip(weights, fit.cells, strict=True)]
    return sum((x for x, _ in pairs), Fraction(0)), sum((x for _, x in pairs), Fraction(0))


def _equality(norms: dict[str, Norm]) -> Iterator[Comparison]:
    """The bound is attained on a cell exactly where there is no cross-talk; so are the means."""
    for fit in DENSITY_FITS:
        for cell in fit.cells:
            silent = not np.any(cell.beta[cell.pattern == 0] != 0)
            for name, norm in norms.items():
                attained = norm(cell.beta) == norm(_target(fit, cell))
                where = f"equality in {name}, {fit.name}, support {cell.pattern.tolist()}"
                yield Comparison(int(attained), "==", int(silent), where)
        found, least = _means(fit)
        yield Comparison(int(found == least), "==", int(not fit.has_cross_talk), f"equality of means, {fit.name}")


_CELLS = sum(len(fit.cells) for fit in DENSITY_FITS)
_HIDING = cross_talk_fit((Fraction(1), Fraction(1)), Fraction(2, 5))


def _hidden(norm: Norm) -> Iterator[Comparison]:
    """Cross-talk that a norm does not see: one feature alone in a fit, and the vector (1, 1/2)."""
    for cell in _HIDING.cells:
        if np.sum(cell.pattern != 0) == 1:
            where = f"{_HIDING.name}, support {cell.pattern.tolist()}, cross-talk 2/5"
            yield Comparison(norm(cell.beta), "==", norm(_target(_HIDING, cell)), where)
    vector = np.array([Fraction(1), Fraction(1, 2)], dtype=object)
    yield Comparison(norm(vector), "==", norm(vector[:1]), "A = {1}, beta = (1, 1/2)")


CHECKS: tuple[Check[Any], ...] = (
    Enumerated(
        claim="N1",
        clauses=(BOUND.name, MEAN_BOUND.name),
        name="exact fits in dual norms",
        statement=DENSITY_FITS,
        control=Control("a constant amplitude instead of a density", (constant_amplitude_fit(),)),
        cases=_bounds,
        declared=(len(DUALS) + 1) * _CELLS + len(DENSITY_FITS),
    ),
    Enumerated(
        claim="N1",
        clauses=(EQUALITY.name, STRICT.name, MEAN_STRICT.name),
        name="equality takes no cross-talk",
        statement=DUALS,
        control=Control("for an l1 attack too", {**DUALS, "l_inf": _largest}),
        cases=_equality,
        declared=len(DUALS) * _CELLS + len(DENSITY_FITS),
    ),
    Enumerated(
        claim="N1",
        clauses=(HIDDEN.name,),
        name="cross-talk that an l1 attack does not use",
        statement=_largest,
        control=Control("the equality case of the others", DUALS["l1"]),
        cases=_hidden,
        declared=5,
    ),
)
