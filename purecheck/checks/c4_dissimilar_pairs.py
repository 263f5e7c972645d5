"""Checks of C4 besides its derivations: losses of every pair of small laws, before and after the worst attack."""

from collections.abc import Iterator
from fractions import Fraction

import numpy as np

from numerics.exact import ExactArray, fractions
from purecheck.evaluators.increases import AttackedLaw
from purecheck.evaluators.increases import norm as norm_of
from purecheck.evaluators.model import constant_law
from purecheck.evaluators.numbers import fraction
from purecheck.evaluators.pairs import Law, Pairs, orbit_law
from purecheck.evaluators.points import points
from purecheck.evaluators.registry import Chance, Scene
from purecheck.methods.agrees import agrees
from theory.assumptions import features_occur, no_noise
from theory.claims import Clause
from theory.contrastive.c4_dissimilar_pairs import (
    FIRST_ORDER,
    GIVEN_NORM,
    GIVEN_VIEW,
    LARGE_ATTACK,
    ON_AVERAGE,
    SMALL_ATTACK,
    length,
    mirrored_laws,
    scale,
    size,
)
from theory.contrastive.pairs import norm, other_norm

_HALF, _ONE = Fraction(1, 2), Fraction(1)
_NEVER: Law = fractions([[0, 0]]), fractions([1])
_LOPSIDED: Law = fractions([[1, 0]]), fractions([1])
"""One feature alone, which always has the same sign."""
_LAWS: tuple[Law, ...] = (
    orbit_law([_ONE]),
    orbit_law([Fraction(3), Fraction(0)], _HALF),
    orbit_law([Fraction(1, 10)], Fraction(1, 3)),
    constant_law(2, _HALF),
    orbit_law([Fraction(1, 3), Fraction(2, 3), Fraction(2, 3)], Fraction(3, 4)),
    orbit_law([Fraction(20)], _HALF),
)
_FEATURES, _NOISE = orbit_law([Fraction(133, 20)]), orbit_law([Fraction(147, 20)])
"""Noise that nearly cancels one sign of a feature: views are long and agree, or short and of either sign."""


def _laws(clause: Clause) -> Iterator[Pairs]:
    """Laws of the views; an assumption that the clause does not make is violated."""
    if features_occur not in clause.assumes:
        yield Pairs(features=_NEVER)
    if mirrored_laws not in clause.assumes:
        yield Pairs(features=_LOPSIDED)
    if no_noise not in clause.assumes:
        yield Pairs(features=_FEATURES, noise=_NOISE)
    yield from (Pairs(features=law) for law in _LAWS)


def _along(d: int, value: Fraction) -> ExactArray:
    """A view of that norm, in a direction that is no axis unless there is only one feature."""
    first = fractions([1] if d == 1 else [Fraction(3, 5), Fraction(-4, 5), *[0] * (d - 2)])
    return np.asarray(first * value)


def _one_pair(clause: Clause, rng: np.random.Generator) -> Iterator[Scene]:
    """A similar pair with features of every norm."""
    for point in points(clause, rng, 36):
        if point[size] <= 0:
            continue
        features = _along(2, fraction(point[length]))[None], fractions([1])
        noise = None if no_noise in clause.assumes else orbit_law([Fraction(3), Fraction(0)])
        model = AttackedLaw(
            pairs=Pairs(features=features, noise=noise), scale=fraction(point[scale]), eps=fraction(point[size])
        )
        yield Scene(str(point), point, model)


def _given(clause: Clause, rng: np.random.Generator) -> Iterator[Scene]:
    """Every law of the attacked view, with other views of every norm."""
    for pairs in _laws(clause):
        for point in points(clause, rng, 6):
            model = AttackedLaw(
                pairs=pairs,
                scale=fraction(point[scale]),
                eps=fraction(point[size]),
                other=-_along(pairs.d, fraction(point[GIVEN_NORM])),
            )
            yield Scene(f"{_shown(pairs)}, {point}", point, model)


def _both(clause: Clause, rng: np.random.Generator) -> Iterator[Scene]:
    """Every law of the views."""
    for pairs in _laws(clause):
        for point in points(clause, rng, 4):
            model = AttackedLaw(pairs=pairs, scale=fraction(point[scale]), eps=fraction(point[size]))
            yield Scene(f"{_shown(pairs)}, {point}", point, model)


def _first_order(clause: Clause, rng: np.random.Generator) -> Iterator[Scene]:
    """Every law of the views, with the law of the norm of the features."""
    for pairs in _laws(clause):
        lengths = [norm_of(x) for x in pairs.features[0]]
        outcomes = tuple(
            Chance(probability, {norm: at, other_norm: at})
            for at, probability in zip(lengths, pairs.features[1], strict=True)
        )
        for point in points(clause, rng, 3):
            model = AttackedLaw(pairs=pairs, scale=fraction(point[scale]))
            yield Scene(f"{_shown(pairs)}, {point}", point, model, outcomes)


def _shown(pairs: Pairs) -> str:
    values, probabilities = pairs.features
    noise = "" if pairs.noise is None else ", with noise"
    return f"{len(probabilities)} values like {np.abs(values[-1]).astype(str).tolist()}{noise}"


CHECKS = (
    agrees("C4", ON_AVERAGE, _both, 24),
    agrees("C4", SMALL_ATTACK, _one_pair, 30),
    agrees("C4", LARGE_ATTACK, _one_pair, 30),
    agrees("C4", GIVEN_VIEW, _given, 36),
    agrees("C4", FIRST_ORDER, _first_order, 18),
)
