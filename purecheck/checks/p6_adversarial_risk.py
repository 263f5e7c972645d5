"""Checks of P6: attacked networks on every input, energies in fractions, enclosed integrals and quoted numbers."""

from collections.abc import Iterator
from fractions import Fraction
from itertools import product
from math import prod, sqrt

import numpy as np
import sympy
from flint import arb
from numpy.typing import NDArray
from sympy import Basic, Expr, Gt, Integer, Integral, Le, Rational, Symbol, exp, pi

from numerics.attacks.fgm import fgm
from numerics.attacks.losses import attacked_loss
from numerics.exact import signed_supports, support_probabilities
from numerics.mixtures import mixture_network
from numerics.network import GatedNetwork, effective_map
from numerics.rounding import gamma
from purecheck.check import Control
from purecheck.comparison import Comparison
from purecheck.context import Context
from purecheck.enclosures.certify import Values, enclose, enclose_to
from purecheck.methods.certified import Certified
from purecheck.methods.enumerated import Enumerated
from purecheck.methods.sampled import Sampled
from purecheck.models.square_mixtures import SquareMixture
from purecheck.strategies.risk import NoisyFit, noisy_fits
from theory.model import d as _d
from theory.model import eps as _eps
from theory.model import m as _m
from theory.model import p as _p
from theory.model import tau as _tau
from theory.purification.p5_firing_probability import FIRING
from theory.purification.p6_adversarial_risk import (
    BOUNDS,
    GAIN,
    GROUP,
    INTEGRAL,
    MIXTURE,
    NOT_MONOTONE,
    PURE,
    RISK_AT_FIT,
    UNIT,
    MixedGain,
    risk_at_fit,
)
from theory.theorems.indicators import Mean

Floats = NDArray[np.float64]

_VALUE_ERROR = 1e-13
"""Error to which closed forms are enclosed before they are compared with floating-point sums."""


def _rational(x: Fraction) -> Rational:
    return Rational(x.numerator, x.denominator)


def _population(fit: NoisyFit) -> tuple[GatedNetwork, Floats, Floats]:
    """The network, every input, and their probabilities."""
    patterns = signed_supports(len(fit.theta))
    P = support_probabilities(patterns, fit.p).astype(float)
    return mixture_network(np.array(fit.theta), fit.m, 0.5), patterns.astype(float), P


def _gains(fit: NoisyFit) -> tuple[Floats, Floats, float]:
    """`||beta||` on every input, the probabilities, and a bound on the rounding error of the mean."""
    net, X, P = _population(fit)
    largest = float(np.linalg.norm(np.abs(net.W) @ np.abs(net.a)))
    roundings = gamma(2 * sum(net.W.shape) + len(P) + 20, np.float64)
    return np.linalg.norm(effective_map(net, X), axis=1), P, roundings * largest


def _half_normal_rule() -> tuple[Floats, Floats]:
    """Nodes and weights of the two-point Gauss rule for `|n|`, `n` standard normal: exact up to the third power."""
    mean = sqrt(2 / np.pi)  # moments 1, mean, 1, 2 mean
    product_of_nodes = (2 * mean**2 - 1) / (1 - mean**2)
    half_sum = (2 + product_of_nodes) * mean / 2
    nodes = half_sum + np.array([1.0, -1.0]) * sqrt(half_sum**2 - product_of_nodes)
    upper = (mean - nodes[1]) / (nodes[0] - nodes[1])
    return nodes, np.array([upper, 1 - upper])


def _attacked(formula: Expr, fit: NoisyFit, _: Context) -> Iterator[Comparison]:
    """Mean loss under FGM over every input and the label noise, against the risk that the formula gives.

    Inside P2's region the loss is a quadratic in `|n|`, so the Gauss rule is exact. `S` bounds the numbers that the
    loss is made of; each takes part in fewer roundings than counted, those of the nodes (30) included.
    """
    net, X, P = _population(fit)
    gains, P, gain_error = _gains(fit)
    nodes, weights = _half_normal_rule()
    risk, allowance = 0.0, 0.0
    roundings = gamma(8 * sum(net.W.shape) + len(P) + 100, np.float64)
    for node, weight in zip(nodes, weights, strict=True):
        for sign in (1, -1):
            y = X @ np.array(fit.theta) + sign * fit.tau * node
            loss = attacked_loss(net, X, y, fgm(net, X, y, fit.eps, "l2"))
            S = np.abs(y) + (np.abs(X) + fit.eps) @ np.abs(net.W) @ np.abs(net.a)
            risk += weight / 2 * float(P @ loss)
            allowance += weight / 2 * roundings * float(P @ S**2)
    first, second = float(P @ gains), float(P @ gains**2)
    symbols = {Mean(GAIN): first, Mean(GAIN**2): second, _eps: fit.eps, _tau: fit.tau}
    predicted = float(formula.xreplace({k: sympy.Float(v, 30) for k, v in symbols.items()}))
    allowance += (2 * fit.eps * fit.tau + 2 * fit.eps**2 * float(gains.max())) * gain_error
    yield Comparison(risk, "==", predicted, str(fit), allowance)


def _mean_gain(formula: Expr, fit: NoisyFit, _: Context) -> Iterator[Comparison]:
    """Mean gain of the network over every input, for the target of ones, against the closed form."""
    gains, P, error = _gains(fit)
    place = {_d: Integer(len(fit.theta)), _m: Integer(fit.m), _p: _rational(fit.p)}
    predicted = float(enclose_to(formula.subs(place), _VALUE_ERROR))
    yield Comparison(float(P @ gains), "==", predicted, str(fit), error + 2 * _VALUE_ERROR)


def _bounds(powers: tuple[float, float], fit: NoisyFit, _: Context) -> Iterator[Comparison]:
    """Mean gain over `||theta||` between two powers of the firing probability."""
    gains, P, error = _gains(fit)
    firing = float(enclose_to(FIRING.subs({_m: Integer(fit.m), _p: _rational(fit.p)}), _VALUE_ERROR))
    norm = float(np.linalg.norm(fit.theta))
    slack = error + norm * (4 * _VALUE_ERROR / firing + gamma(8, np.float64))
    yield Comparison(float(P @ gains), ">=", firing ** powers[0] * norm, str(fit), slack)
    yield Comparison(float(P @ gains), "<=", firing ** powers[1] * norm, str(fit), slack)


_THETA = tuple(Fraction(x) for x in ("1", "3/10", "-1/2", "2/5"))
_MIXTURES = tuple(SquareMixture(_THETA[:d], m, Fraction(3, 10)) for d, m in ((2, 1), (2, 2), (4, 1), (4, 2), (4, 4)))


def _group_energies(mixture: SquareMixture) -> np.ndarray:
    """`(u_h^T theta)^2/m` of every node that fires, added over each group, shape (n, groups)."""
    pulls = np.array(mixture.theta, dtype=object) @ mixture.network.W
    energies = mixture.gates * pulls**2 / mixture.m
    return np.asarray(energies.reshape(len(energies), -1, mixture.m).sum(axis=2))


def _energies(divisor: int) -> Iterator[Comparison]:
    """The energies of the groups add up to `||beta||^2` on every input."""
    for mixture in _MIXTURES:
        squares = (mixture.beta**2).sum(axis=1)
        for x, found, energy in zip(mixture.inputs, squares, _group_energies(mixture).sum(axis=1), strict=True):
            where = f"m = {mixture.m}, x = {[str(entry) for entry in x]}"
            yield Comparison(found, "==", energy / divisor, where)


_ENERGY_CASES = sum(3**mixture.d - 1 for mixture in _MIXTURES)

_u = Symbol("u", positive=True)
_NEAR_ZERO = Rational(1, 100)


def _group_law(mixture: SquareMixture, group: int) -> dict[Fraction, Fraction]:
    """Law of the energy of one group."""
    law = {Fraction(0): (1 - mixture.p) ** mixture.d}
    for energy, probability in zip(_group_energies(mixture)[:, group], mixture.probabilities, strict=True):
        law[energy] = law.get(energy, Fraction(0)) + probability
    return law


def _transform(law: dict[Fraction, Fraction]) -> Expr:
    """`E e^(-u^2 V)` of one group."""
    return sympy.Add(*(_rational(q) * exp(-(_u**2) * _rational(v)) for v, q in law.items()))


def _integrals(constant: Expr) -> Iterator[tuple[Basic, Values]]:
    r"""The integral of the formula against the mean root itself, for groups with independent energies.

    With `t = u^2` it is $2 c \int_0^\infty (1 - L(u^2)) u^{-2} du$, `L` the product of the groups' transforms. Up to
    `a` the integrand lies between `E V - u^2 E V^2/2` and `E V`; beyond `b` it lies below `(1 - L(oo))/u^2` by at most
    `exp(-b^2 v)/u^2`, `v` the least energy above 0. The parts that are left out are bounded so.
    """
    for mixture in _MIXTURES[1:4]:
        laws = [_group_law(mixture, group) for group in range(mixture.d // mixture.m)]
        outcomes = [
            (prod((q for _, q in outcome), start=Fraction(1)), sum((v for v, _ in outcome), Fraction(0)))
            for outcome in product(*(law.items() for law in laws))
        ]
        mean_root = sum(_rational(q) * sympy.sqrt(_rational(v)) for q, v in outcomes)
        first, second = (_rational(sum((q * v**k for q, v in outcomes), Fraction(0))) for k in (1, 2))
        least = min(_rational(v) for law in laws for v in law if v > 0)
        transform = sympy.Mul(*(_transform(law) for law in laws))
        last = sympy.ceiling(8 / sympy.sqrt(least))
        middle = enclose(Integral((1 - transform) / _u**2, (_u, _NEAR_ZERO, last)), 128)
        silent = _rational(prod((law[Fraction(0)] for law in laws), start=Fraction(1)))
        beyond = (1 - silent) / last
        found = 2 * enclose(constant, 128) * (middle + enclose(_NEAR_ZERO * first + beyond, 128))
        left_out = enclose(_NEAR_ZERO**3 * second / 6 + exp(-(last**2) * least) / last, 128)
        allowance = 2 * enclose(constant, 128) * left_out
        difference = abs(found - enclose(mean_root, 128))
        yield (
            Le(_upper(difference), _upper(allowance), evaluate=False),
            {_d: Integer(mixture.d), _m: Integer(mixture.m)},
        )


def _upper(ball: arb) -> Rational:
    mantissa, exponent = ball.abs_upper().mid().man_exp()
    return Rational(int(mantissa)) * Rational(2) ** int(exponent)


_HALF, _THIRD = Rational(1, 2), Rational(3, 10)
Quotes = tuple[tuple[Expr, str], ...]

_QUOTES: Quotes = (
    (MixedGain(8, _HALF, 4), "2.2878"),
    (MixedGain(8, _HALF, 8), "2.2730"),
    (MixedGain(8, _THIRD, 1), "1.462"),
    (sympy.sqrt(8 * _THIRD), "1.549"),
)

_CONFUSED: Quotes = ((MixedGain(8, _THIRD, 1), "1.549"),)


def _quoted(quotes: Quotes) -> Iterator[tuple[Basic, Values]]:
    """Values round to what is quoted: they differ by at most half of its last digit."""
    for value, text in quotes:
        half_digit = Rational(1, 2 * 10 ** len(text.partition(".")[2]))
        yield Le(sympy.Abs(value - Rational(text)), half_digit, evaluate=False), {}


def _falls(formula: Basic) -> Iterator[tuple[Basic, Values]]:
    yield formula, {}


CHECKS = (
    Sampled(
        claim="P6",
        clauses=(RISK_AT_FIT.name,),
        name="attacked networks on every input",
        statement=RISK_AT_FIT.formula.rhs,
        control=Control(
            "the root of the mean energy for the mean gain", risk_at_fit(sympy.sqrt(Mean(GAIN**2)), Mean(GAIN**2))
        ),
        examples=noisy_fits(),
        compare=_attacked,
    ),
    Enumerated(
        claim="P6",
        clauses=(GROUP.name,),
        name="energies of the groups in fractions",
        statement=1,
        control=Control("half the energy", 2),
        cases=_energies,
        declared=_ENERGY_CASES,
    ),
    Certified(
        claim="P6",
        clauses=(INTEGRAL.name, PURE.name),
        name="enclosed integrals",
        statement=INTEGRAL.formula.rhs.as_independent(Integral)[0],
        control=Control("twice the constant", 1 / sympy.sqrt(pi)),
        relations=_integrals,
        declared=3,
    ),
    Sampled(
        claim="P6",
        clauses=(UNIT.name, MIXTURE.name),
        name="mean gain over every input",
        statement=MIXTURE.formula.rhs,
        control=Control("the root of the mean energy", sympy.sqrt(_d * FIRING)),
        examples=noisy_fits(unit_target=True),
        compare=_mean_gain,
    ),
    Sampled(
        claim="P6",
        clauses=(BOUNDS.name,),
        name="bounds over every input",
        statement=(1.0, 0.5),
        control=Control("the lower bound as an upper bound", (1.0, 1.0)),
        examples=noisy_fits(),
        compare=_bounds,
    ),
    Certified(
        claim="P6",
        clauses=(UNIT.name, MIXTURE.name),
        name="quoted mean gains",
        statement=_QUOTES,
        control=Control("the root of the mean energy for the mean gain", _CONFUSED),
        relations=_quoted,
        declared=len(_QUOTES),
    ),
    Certified(
        claim="P6",
        clauses=(NOT_MONOTONE.name,),
        name="orders 4 and 8",
        statement=NOT_MONOTONE.formula,
        control=Control("monotone in m", Gt(MixedGain(8, _HALF, 8), MixedGain(8, _HALF, 4))),
        relations=_falls,
        declared=1,
    ),
)
