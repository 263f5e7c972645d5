"""Compiled functions contain what they approximate: every constant, every weight, every tail."""

from fractions import Fraction
from functools import partial
from math import comb

import pytest
from flint import arb, ctx, fmpq
from hypothesis import given
from hypothesis import strategies as st
from sympy import Add, Integer, Rational, Symbol, exp, sqrt

from purecheck.enclosures.binomial import weights_of
from purecheck.enclosures.compiled import compiled
from purecheck.enclosures.problems import NotEnclosedError
from purecheck.enclosures.roots import _Mean
from purecheck.enclosures.signs import SignTail
from theory.contrastive import CONTRASTIVE_SCALE
from theory.quantities.firing import FiringProbability
from theory.theorems.counts import Exceeds

k = Symbol("k", integer=True, nonnegative=True)
x = Symbol("x", positive=True)


def exactly(number: Fraction) -> fmpq:
    return fmpq(number.numerator, number.denominator)


def contains(ball: arb, true: fmpq) -> bool:
    """Whether a ball contains a fraction, decided in fractions: `arb.contains` would round the fraction first."""
    return bool(abs(ball.mid().fmpq() - true) <= ball.rad().fmpq())


@given(p=st.fractions("1/1000", 1, max_denominator=1000), n=st.integers(0, 40), bits=st.sampled_from((53, 64, 128)))
def test_every_weight_contains_its_exact_fraction(p: Fraction, n: int, bits: int) -> None:
    before, ctx.prec = ctx.prec, bits
    try:
        weights = weights_of(n, arb(exactly(p)), arb(exactly(1 - p)))
    finally:
        ctx.prec = before
    rest = Fraction(1)
    for count, weight in weights:
        true = comb(n, count) * p**count * (1 - p) ** (n - count)
        assert isinstance(weight, arb)
        assert contains(weight, exactly(true))
        rest -= true
    assert weights.rest.fmpq() >= exactly(rest)


@pytest.mark.parametrize("p", ["1/20", "1/10", "1/3", "0.05", "1e-300"])
def test_every_constant_of_the_contrastive_equation_contains_its_exact_fraction(p: str) -> None:
    """A weight such as (1/20)^N was once a float inside an enclosure."""
    at = {"d": Integer(10), "p": Rational(p), "r": Rational(1, 3), "eps": Rational(1, 7)}
    point = {CONTRASTIVE_SCALE.arguments[name]: value for name, value in at.items()}
    for part in Add.make_args(CONTRASTIVE_SCALE.equation):
        mean = _Mean.of(part, CONTRASTIVE_SCALE.unknown)
        for expr in (mean.force.chance, 1 - mean.force.chance, mean.step, mean.force.trials):
            constant, true = compiled(expr, [], point)(), expr.subs(point)
            assert isinstance(constant, arb)
            assert contains(constant, fmpq(int(true.p), int(true.q)))


def test_a_compiled_function_contains_its_values() -> None:
    function = compiled(Rational(1, 3) * sqrt(k) * exp(-k / 7) + k**2, [k], {})
    for n in range(9):
        with_more_bits = enclosed_at(n)
        assert function(arb(n)).overlaps(with_more_bits)
        assert function(arb(n)).rad() < 1e-13


def enclosed_at(n: int) -> arb:
    before, ctx.prec = ctx.prec, 200
    try:
        return arb(fmpq(1, 3)) * arb(n).sqrt() * (-arb(n) / 7).exp() + n**2
    finally:
        ctx.prec = before


def test_what_has_no_rule_is_refused() -> None:
    with pytest.raises(NotEnclosedError, match="cannot compile"):
        compiled(FiringProbability(k, x), [k], {x: Rational(1, 2)})


@given(start=st.integers(0, 300), share=st.fractions(0, 2, max_denominator=6))
def test_tails_of_signs_contain_their_exact_values_as_the_length_grows(start: int, share: Fraction) -> None:
    tail = SignTail()
    for n in range(start, start + 12):
        threshold = n * share / 3
        found = tail.exceeds(n, arb(exactly(threshold)), partial(exactly, threshold))
        exact = Exceeds(Integer(n), Rational(threshold.numerator, threshold.denominator)).doit()
        assert contains(found, fmpq(int(exact.p), int(exact.q)))
