"""Checks of C4 beside its derivations: enumerated increases of the loss under attack, and the exact condition."""

from collections.abc import Iterable

from sympy import Basic, Expr, Gt, Integer, Le, Rational, Symbol, eye, log, sqrt
from sympy import exp as exponential

from purecheck.check import Control
from purecheck.enclosures.certify import Values
from purecheck.methods.certified import Certified
from purecheck.models.populations import dissimilar_scores, similar_scores
from theory.contrastive import c4_dissimilar_pairs as c4
from theory.contrastive.c4_dissimilar_pairs import length, scale, similar_increase, size

_lam, _eps = Symbol("lambda", positive=True), Symbol("epsilon", positive=True)
_SIZES = (Rational(1, 10), Rational(1), Rational(3), Rational(20))


def increases(d: int, p: Rational) -> tuple[Expr, Expr]:
    """Expected increase of the loss of similar and of dissimilar pairs at `lambda I`, summed over every pair."""
    laws = ((-1, similar_scores(eye(d), p, Integer(1))), (1, dissimilar_scores(eye(d), p, Integer(1))))
    similar, dissimilar = (
        sum(
            (
                weight * (_softplus(_lam * (sign * score + _eps * sqrt(squared))) - _softplus(_lam * sign * score))
                for (score, squared), weight in law.items()
            ),
            Integer(0),
        )
        for sign, law in laws
    )
    return similar, dissimilar


def _softplus(t: Expr) -> Expr:
    return log(1 + exponential(t))


def _harder(factor: Rational) -> Iterable[tuple[Basic, Values]]:
    for d, p in ((1, Rational(1)), (2, Rational(1, 2)), (3, Rational(1, 5))):
        similar, dissimilar = increases(d, p)
        for eps in _SIZES:
            yield Gt(dissimilar, factor * similar), {_lam: Rational(3, 2), _eps: eps}


def _condition(factor: Rational) -> Iterable[tuple[Basic, Values]]:
    """The increase of a similar pair is at most half its first-order size iff `eps <= factor ||x||`."""
    half = size * scale * length / 2
    for eps in (Rational(1, 2), Rational(3, 2), Rational(19, 10), Rational(21, 10), Rational(5)):
        relation = Le if eps <= factor else Gt
        yield (
            relation(similar_increase(size, length), half),
            {scale: Integer(1), length: Integer(1), size: eps},
        )


CHECKS = (
    Certified(
        claim="C4",
        clauses=(c4.ON_AVERAGE.name, c4.GIVEN_VIEW.name, c4.FIRST_ORDER.name),
        name="enumerated increases",
        statement=Rational(1),
        control=Control("twice the increase of similar pairs", Rational(2)),
        relations=_harder,
        declared=12,
    ),
    Certified(
        claim="C4",
        clauses=(c4.SMALL_ATTACK.name, c4.LARGE_ATTACK.name),
        name="condition on the size of the attack",
        statement=Rational(2),
        control=Control("iff eps <= ||x|| (at 1.5: .661 < .75)", Rational(1)),
        relations=_condition,
        declared=5,
    ),
)
