"""Small laws of pairs of views, as the assumptions of a clause allow them."""

from fractions import Fraction

import numpy as np

from numerics.exact import fractions
from purecheck.evaluators.model import constant_law
from purecheck.evaluators.pairs import Law, Pairs, orbit_law
from theory.assumptions import (
    balanced_pairs,
    constant_amplitude,
    features_occur,
    independent_features,
    no_noise,
    signed_permutations,
    symmetric_features,
    views_occur,
)
from theory.claims import Clause

_HALF, _ONE = Fraction(1, 2), Fraction(1)
_UNBALANCED = Fraction(9, 10)  # so far from one half that formulas for balanced pairs fail by much
_LOPSIDED: Law = fractions([[3, 0]]), fractions([1])
"""One feature alone, always of one sign."""
_NEVER: Law = fractions([[0, 0]]), fractions([1])
_LAWS: tuple[tuple[Law, Law | None], ...] = (
    (orbit_law([_ONE]), None),
    (orbit_law([Fraction(3), Fraction(0)], _HALF), orbit_law([Fraction(4), Fraction(0)])),
    (orbit_law([Fraction(1, 10)], Fraction(1, 3)), None),
    (orbit_law([_ONE], Fraction(1, 4)), orbit_law([Fraction(1, 3)])),
    (constant_law(2, _HALF), None),
    (orbit_law([Fraction(1, 3), Fraction(2, 3), Fraction(2, 3)], Fraction(3, 4)), None),
    (constant_law(4, _ONE), None),
    (orbit_law([Fraction(20)], _HALF), None),
)
"""Features and noise. All norms are rational but those of two features of constant amplitude."""


def small_pairs(clause: Clause, largest: int = 4) -> tuple[Pairs, ...]:
    """Pairs of up to `largest` features; an assumption that the clause lacks is broken."""
    share = _HALF if balanced_pairs in clause.assumes else _UNBALANCED
    laws = _LAWS
    if signed_permutations not in clause.assumes:
        laws = ((_LOPSIDED, None), *laws)
    if no_noise in clause.assumes:
        laws = tuple((features, None) for features, _ in laws)
    if views_occur not in clause.assumes and features_occur not in clause.assumes:
        laws = ((_NEVER, None), *laws)
    return tuple(
        Pairs(features=features, noise=noise, share=share)
        for features, noise in laws
        if features[0].shape[1] <= largest
    )


def sparse_pairs(clause: Clause, d: int, p: Fraction, r: Fraction) -> Pairs:
    """Pairs of views of sparse features of amplitude `r`; an assumption that the clause lacks is broken."""
    values, probabilities = constant_law(d, p, r)
    if independent_features not in clause.assumes:
        values, probabilities = orbit_law([r] + [Fraction(0)] * (d - 1), p)
    if constant_amplitude not in clause.assumes:
        values = values * fractions([Fraction(1 + i, 2) for i in range(d)])
    if symmetric_features not in clause.assumes:
        values = np.abs(values)
    noise = None if no_noise in clause.assumes else orbit_law([r / 2] * d)
    share = _HALF if balanced_pairs in clause.assumes else _UNBALANCED
    return Pairs(features=(values, probabilities), noise=noise, share=share)


def shown(model: Pairs) -> str:
    """The model for a reader."""

    def law(one: Law | None) -> str:
        return "none" if one is None else f"{len(one[1])} values like {np.abs(one[0][0]).tolist()}"

    return f"features: {law(model.features)}, noise: {law(model.noise)}, share of similar pairs {model.share}"
