"""P6, P7 and P8: derivations reject what is false, and closed forms agree with brute force."""

from collections.abc import Callable
from itertools import product
from math import sqrt

import numpy as np
import pytest
import sympy
from sympy import Abs, Basic, Integer, Integral, Matrix, Rational, Symbol, exp, oo

from numerics.mixtures import hadamard
from theory.claims import Clause
from theory.derivation import StepError
from theory.model import eps, p, r
from theory.purification.p6_adversarial_risk import MEAN_GAIN_FORM, P6, PURIFIED_RISK
from theory.purification.p7_cells import PATTERNS, ROWS, THETA
from theory.purification.p7_forces import P7
from theory.purification.p8_gate_ratio import P8
from theory.theorems.averages import half_line, mean_of_binomial, over_label_noise, root_as_integral, root_mean_square
from theory.theorems.forces import above_its_slopes, not_in_support
from theory.theorems.indicators import Mean
from theory.variants import near_miss

DERIVED = [clause for claim in (P6, P7, P8) for clause in claim.clauses if clause.derive is not None]
x = Symbol("x", real=True)
t = Symbol("t", positive=True)


@pytest.mark.parametrize("clause", DERIVED, ids=lambda clause: clause.name)
def test_derivation_is_complete(clause: Clause) -> None:
    assert clause.derive is not None
    assert clause.proof().is_complete


@pytest.mark.parametrize("clause", DERIVED, ids=lambda clause: clause.name)
def test_derivation_does_not_end_in_a_near_miss(clause: Clause) -> None:
    with pytest.raises(StepError):
        clause.varied(near_miss(clause)).proof()


def mean_gain_by_enumeration(d: int, m: int, prob: float) -> float:
    """`E||beta||` of the mixture with the target of ones, over every sign pattern."""
    U = np.kron(np.eye(d // m), hadamard(m))
    heads = U.sum(axis=1) / m
    total = 0.0
    for pattern in product((-1, 0, 1), repeat=d):
        fires = np.abs(U @ pattern) >= 0.5
        active = sum(entry != 0 for entry in pattern)
        total += (prob / 2) ** active * (1 - prob) ** (d - active) * float(np.linalg.norm((heads * fires) @ U))
    return total


@pytest.mark.parametrize(("d", "m"), [(1, 1), (3, 1), (4, 1), (4, 2), (4, 4), (6, 2)])
@pytest.mark.parametrize("prob", [Rational(0), Rational(3, 10), Rational(1)])
def test_mean_gain_agrees_with_enumeration(d: int, m: int, prob: Rational) -> None:
    place = {"d": Integer(d), "p": prob, "m": Integer(m)}
    value = MEAN_GAIN_FORM.expression.subs({MEAN_GAIN_FORM.arguments[k]: v for k, v in place.items()}).doit()
    # 3^d terms below sqrt(d), each after fewer than 10 d roundings, and as many to add them up
    bound = sqrt(d) * (3**d + 10 * d) * np.finfo(float).eps
    assert abs(float(value) - mean_gain_by_enumeration(d, m, float(prob))) <= bound


@pytest.mark.parametrize(("d", "m"), [(8, 3), (6, 6), (4, 8), (9, 3)])
def test_mean_gain_refuses_orders_without_a_mixture(d: int, m: int) -> None:
    assert MEAN_GAIN_FORM.unmet({"d": Integer(d), "p": Rational(1, 2), "m": Integer(m)}) is not None


def test_purified_risk_without_attack_is_the_label_noise() -> None:
    place = {"d": Integer(5), "p": Rational(1, 3), "tau": Rational(2), "eps": Integer(0)}
    value = PURIFIED_RISK.expression.subs({PURIFIED_RISK.arguments[k]: v for k, v in place.items()}).doit()
    assert value == 4


def test_patterns_of_two_features_have_the_probability_of_a_support_that_is_not_empty() -> None:
    total = sum(pattern.probability for pattern in PATTERNS)
    assert sympy.expand(total - (1 - (1 - p) ** 2)) == 0
    fitted = [sum((row * row.dot(THETA) / 2 for row in ROWS if k.fires(row)), start=Matrix([0, 0])) for k in PATTERNS]
    for beta, pattern in zip(fitted, PATTERNS, strict=True):
        assert sympy.expand((beta - THETA).dot(pattern.x)) == 0


BROKEN: dict[str, Callable[[], object]] = {
    "odd function of the noise": lambda: over_label_noise(Mean(sympy.exp(x) ** 2), x),
    "function that may be negative": lambda: over_label_noise(Mean(Abs(x) - 1), x),
    "wrong antiderivative": lambda: half_line(Integral(exp(-t), (t, 0, oo)), exp(-t)),
    "root of what may be negative": lambda: root_as_integral(x, t),
    "binomial law of a constant": lambda: mean_of_binomial(Mean(t), x, Integer(3), p, Symbol("k")),
    "Jensen for a sign": lambda: root_mean_square(Mean(x)),
    "steep subgradient": lambda: above_its_slopes(x, Integer(2), {}),
    "subgradient beyond the region": lambda: above_its_slopes(x, eps / r, {eps: (Integer(0), 2 * r)}),
    "support without the coordinate": lambda: not_in_support(x, t),
}


@pytest.mark.parametrize("build", BROKEN.values(), ids=BROKEN.keys())
def test_theorem_refuses_an_instance_without_its_hypotheses(build: Callable[[], Basic]) -> None:
    with pytest.raises(StepError):
        build()
