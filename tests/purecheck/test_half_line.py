"""Integrals of exponentials over a power of the variable: enclosed, infinite, or refused."""

import pytest
from sympy import Integral, Rational, Symbol, exp, oo, pi, sqrt

from purecheck.enclosures.certify import enclose
from purecheck.enclosures.problems import NotEnclosedError

t = Symbol("t", positive=True)


@pytest.mark.parametrize("v", [Rational(1, 100), Rational(2), Rational(50)])
def test_root_as_an_integral(v: Rational) -> None:
    value = enclose(Integral((1 - exp(-t * v)) * t ** Rational(-3, 2), (t, 0, oo)) / (2 * sqrt(pi)))
    assert value.overlaps(enclose(sqrt(v)))
    assert value.rad() < 1e-3 * value.mid()


def test_slow_decay_at_zero_is_infinite() -> None:
    assert enclose(Integral((1 - exp(-t)) * t**-3, (t, 0, oo))) > 10**9


@pytest.mark.parametrize("f", [2 - exp(-t), 1 - exp(t), 1 - exp(-(t**2)), (1 - exp(-t)) * t])
def test_other_integrands_are_refused(f: Symbol) -> None:
    with pytest.raises(NotEnclosedError):
        enclose(Integral(f * t ** Rational(-3, 2), (t, 0, oo)))
