"""Checks of C6 on linear encoders: losses of every pair under attacks on pairs of one kind."""

from collections.abc import Iterator
from fractions import Fraction

import numpy as np
from sympy import Rational

import purecheck.evaluators.one_kind  # noqa: F401  (registers them)
from purecheck.checks.c3_collapse import around
from purecheck.evaluators.model import constant_law
from purecheck.evaluators.numbers import fraction
from purecheck.evaluators.pairs import Pairs, orbit_law
from purecheck.evaluators.points import points, rational, shuffled
from purecheck.evaluators.registry import Scene
from purecheck.methods.agrees import agrees
from theory.assumptions import balanced_pairs, no_noise
from theory.claims import Clause
from theory.contrastive import c6_attack_modes as c6
from theory.model import eps, p, r
from theory.ranges import closed


def _one_feature(clause: Clause, rng: np.random.Generator) -> Iterator[Scene]:
    """One feature under attacks of every size, those among them that raise the scale if any do."""
    noise = None if no_noise in clause.assumes else orbit_law([Fraction(2)])
    shares = (Fraction(1, 2),) if balanced_pairs in clause.assumes else (Fraction(1, 10), Fraction(9, 10))
    drawn = points(clause, rng, 18, p=rational(clause.over[p]), r=_AMPLITUDES)
    for (share,), point in zip(shuffled(rng, 18, shares), drawn, strict=True):
        for size in (point[eps], *(size * point[r] for size in _TELLING if size * point[r] in clause.over[eps])):
            law = constant_law(1, fraction(point[p]), fraction(point[r]))
            model = Pairs(features=law, noise=noise, share=share, eps=fraction(size))
            at = {**point, eps: size}
            yield Scene(str(at), at, model)


_AMPLITUDES = closed(Rational(1, 2), 3)
_TELLING = (Rational(177, 200), Rational(1, 200))
"""Shares of the amplitude at which attacks raise the scale of a rare feature most, and of a less rare one at all."""

CHECKS = (
    agrees("C6", c6.SLOPE, around, 40),
    agrees("C6", c6.COLLAPSED, around, 40),
    agrees("C6", c6.BEFORE, around, 40),
    agrees("C6", c6.LOWERS, around, 40),
    agrees("C6", c6.RAISE, _one_feature, 18),
    agrees("C6", c6.RAISE_ONLY, _one_feature, 18),
    agrees("C6", c6.THREEFOLD, _one_feature, 18),
)
