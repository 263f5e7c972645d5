"""Checks of P4 beside its derivations: mixtures of several orders on every sign pattern, and at random amplitudes."""

from collections.abc import Iterator
from fractions import Fraction

import numpy as np
from hypothesis import strategies as st

from numerics.exact import ExactArray, fractions, signed_supports
from numerics.network import forward, preactivations
from purecheck.check import Control
from purecheck.comparison import Comparison
from purecheck.context import Context
from purecheck.methods.enumerated import Enumerated
from purecheck.methods.sampled import Sampled
from purecheck.models.exact_networks import CONFERENCE_6, fires, hadamard_block, mixture
from purecheck.strategies import rationals
from theory.purification.p4_mixtures_fit import DENSITY, FITS, PASS, TARGET_BY_NODES

BLOCKS = ((hadamard_block(1), 1), (hadamard_block(2), 2), (hadamard_block(4), 4), (CONFERENCE_6, 5))
"""Blocks of signs with what `U U^T` is a multiple by: orders 1, 2, 4 and the weighing matrix W(6, 5)."""

_AMPLITUDE = Fraction(3, 5)


def target(d: int) -> list[Fraction]:
    """A target without symmetries: 1, -1/2, 1/3, ..."""
    return [Fraction((-1) ** i, i + 1) for i in range(d)]


def _patterns(ratio: Fraction) -> Iterator[Comparison]:
    """Every network on every sign pattern, with thresholds of `ratio` amplitudes."""
    for U, weight in BLOCKS:
        theta = target(len(U))
        net = mixture(U, weight, theta, ratio * _AMPLITUDE)
        X = fractions(signed_supports(len(U)).tolist()) * _AMPLITUDE
        for x, f in zip(X, forward(net, X), strict=True):
            yield Comparison(f, "==", fractions(theta) @ x, f"order {len(U)}, x = {list(map(str, x))}")


@st.composite
def _amplitudes(draw: st.DrawFn) -> ExactArray:
    entry = st.one_of(st.just(Fraction(0)), rationals(Fraction(-3, 2), Fraction(3, 2), denominator=20))
    return fractions(draw(st.lists(entry, min_size=8, max_size=8)))


def _misses(factor: Fraction, x: ExactArray, _context: Context) -> Iterator[Comparison]:
    """The error of two groups of order 4 against `factor` times the bound."""
    b, theta = Fraction(1, 2), target(8)
    net = mixture(hadamard_block(4), 4, theta, b)
    touched = np.repeat(np.any(x.reshape(2, 4) != 0, axis=1), 4)
    silent = fires(net, x[None])[0] == 0
    bound = factor * b * sum((abs(a) for a in net.a[silent & touched]), Fraction(0))
    aim = fractions(theta) @ x
    where = f"x = {list(map(str, x))}"
    yield Comparison(preactivations(net, x[None])[0] @ net.a, "==", aim, where)
    yield Comparison(abs(forward(net, x[None])[0] - aim), "<=", bound, where)


CHECKS = (
    Enumerated(
        claim="P4",
        clauses=(PASS.name, FITS.name),
        name="every sign pattern of orders 1, 2, 4 and 6",
        statement=Fraction(1, 2),
        control=Control("b = 1.01 r", Fraction(101, 100)),
        cases=_patterns,
        declared=sum(3 ** len(U) for U, _ in BLOCKS),
    ),
    Sampled(
        claim="P4",
        clauses=(TARGET_BY_NODES.name, DENSITY.name),
        name="exact networks at random amplitudes",
        statement=Fraction(1),
        control=Control("mixtures are exact at random amplitudes too", Fraction(0)),
        examples=_amplitudes(),
        compare=_misses,
    ),
)
