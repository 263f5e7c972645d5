"""Enumerated losses of random encoders against that of the isotropic one of their trace."""

from collections.abc import Callable, Iterable

import numpy as np
from sympy import Basic, Expr, Gt, Integer, Matrix, Rational, Symbol

from purecheck.check import Control
from purecheck.enclosures.certify import Values
from purecheck.methods.certified import Certified
from purecheck.models.populations import average, one_direction, population_loss

Minimiser = Callable[[Matrix], Matrix]
_unit = Symbol("c", positive=True)


def random_grams(seed: int, count: int, d: int) -> list[Matrix]:
    """Gram matrices of random encoders with entries in tenths, none of them isotropic."""
    rng = np.random.default_rng(seed)
    encoders = [Matrix(d, d, [Rational(int(i), 10) for i in rng.integers(-10, 11, d * d)]) for _ in range(count)]
    grams = [encoder.T * encoder for encoder in encoders]
    return [gram for gram in grams if gram != average(gram)]


def _larger(d: int, count: int, eps: Expr) -> Callable[[Minimiser], Iterable[tuple[Basic, Values]]]:
    def relations(minimiser: Minimiser) -> Iterable[tuple[Basic, Values]]:
        p, r = Rational(1, 3), Rational(9, 10)
        for gram in random_grams(d, count, d):
            here = population_loss(gram, p, r, eps, scale=_unit)
            yield Gt(here, population_loss(minimiser(gram), p, r, eps, scale=_unit)), {_unit: Integer(1)}

    return relations


def isotropic_is_best(claim: str, clauses: tuple[str, ...], d: int, count: int, eps: Expr) -> Certified[Minimiser]:
    """The check that the enumerated loss of random encoders exceeds that of the isotropic one of their trace."""
    return Certified(
        claim=claim,
        clauses=clauses,
        name=f"enumerated losses, d = {d}, eps = {eps}",
        statement=average,
        control=Control("one direction of the same trace", one_direction),
        relations=_larger(d, count, eps),
        declared=count,
    )
