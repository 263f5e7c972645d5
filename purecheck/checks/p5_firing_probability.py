"""Checks of P5 beside its derivations: all sign patterns, exact projections, quoted numbers, a simulated mixture."""

from collections.abc import Callable, Iterator
from fractions import Fraction

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray
from sympy import Abs, Basic, Eq, Expr, Gt, Integer, Lt, Rational

from numerics.backend import to_numpy
from numerics.exact import ExactArray, fractions, signed_supports, support_probabilities
from numerics.features import ConstantAmplitude, FeatureLaw
from numerics.mixtures import mixture_network
from numerics.network import GatedNetwork, effective_map
from purecheck.check import Control
from purecheck.checks.p4_mixtures_fit import target
from purecheck.comparison import Comparison
from purecheck.context import Context
from purecheck.enclosures.certify import Values
from purecheck.methods.certified import Certified
from purecheck.methods.enumerated import Enumerated
from purecheck.methods.sampled import Sampled
from purecheck.methods.simulated import Simulated
from purecheck.models.exact_networks import fires, hadamard_block, mixture, sixths
from theory.model import m, p
from theory.purification.p5_firing_probability import (
    BOUNDS,
    EVEN_GROWTH,
    GENERAL_ENERGY,
    GROWTH,
    INTEGRAL,
    MIXTURE,
    ONLY_BELOW,
    PROJECTION,
    SERIES,
    FiringProbability,
)

_ORDERS = (1, 2, 4)
_RATES = (Fraction(3, 10), Fraction(7, 10), Fraction(1))
_ANY_FEATURE = 1 - (1 - p) ** m


def _exact(formula: Expr, order: int, rate: Fraction) -> Fraction:
    value = formula.subs({m: order, p: Rational(rate.numerator, rate.denominator)}).doit()
    return Fraction(int(value.p), int(value.q))


def _patterns(formula: Expr) -> Iterator[Comparison]:
    """Firing probabilities of every node, and the mean energy, over all sign patterns of one group."""
    for order in _ORDERS:
        theta = target(order)
        net = mixture(hadamard_block(order), order, theta, Fraction(1, 2))
        patterns = signed_supports(order)
        X = fractions(patterns.tolist())
        energies = np.sum(effective_map(net, X) ** 2, axis=-1)
        for rate in _RATES:
            weights = support_probabilities(patterns, rate)
            value = _exact(formula, order, rate)
            where = f"m = {order}, p = {rate}"
            for node, probability in enumerate(weights @ fractions(fires(net, X).tolist())):
                yield Comparison(probability, "==", value, f"{where}, node {node + 1}")
            yield Comparison(weights @ energies, "==", value * sum(t * t for t in theta), f"{where}, energy")


def _rows_of_growth(rate: Rational) -> Iterator[tuple[Basic, Values]]:
    for order in range(1, 13):
        yield Gt(FiringProbability(order + 1, rate) - FiringProbability(order, rate), 0), {m: Integer(order)}


def _rows_of_even_growth(orders: tuple[int, int]) -> Iterator[tuple[Basic, Values]]:
    first, stride = orders
    for rate in (Rational(1, 5), Rational(7, 10), Integer(1)):
        for order in range(first, 12, 2):
            gain = FiringProbability(order + stride, rate) - FiringProbability(order, rate)
            yield Gt(gain, 0), {m: Integer(order), p: rate}


def _quoted(price: Expr) -> Iterator[tuple[Basic, Values]]:
    """The numbers beside the control, to the digits quoted, and the two closed forms at one point."""
    at = {m: Integer(4), p: Rational(3, 10)}
    half_a_digit = Rational(1, 2000)
    yield Lt(Abs(_ANY_FEATURE - Rational("0.760")), half_a_digit), at
    yield Lt(Abs(price - Rational("0.625")), half_a_digit), at
    yield Lt(Abs(price - INTEGRAL.formula.rhs), Rational(1, 10**15)), at
    yield Eq(FiringProbability(2, p) - FiringProbability(1, p), p * (1 - 3 * p / 2)), {p: Rational(2, 3)}


Energy = Callable[[Fraction, Fraction], Fraction]


@st.composite
def _orthogonal_cases(draw: st.DrawFn) -> tuple[GatedNetwork, ExactArray, ExactArray]:
    """Orthogonal nodes of unequal norms and thresholds, a target in their span, any observation; rational."""
    scales = draw(st.lists(sixths(1, 12), min_size=4, max_size=4))
    U = fractions(hadamard_block(4).tolist()) * fractions(scales)
    nodes = draw(st.integers(1, 4))
    U = U[:, :nodes]
    entry = sixths(-12, 12)
    theta = U @ fractions(draw(st.lists(entry, min_size=nodes, max_size=nodes)))
    thresholds = draw(st.lists(sixths(0, 18), min_size=nodes, max_size=nodes))
    net = GatedNetwork(U, (theta @ U) / np.sum(U * U, axis=0), fractions(thresholds))
    return net, theta, fractions(draw(st.lists(entry, min_size=4, max_size=4)))


def _projection(
    energy: Energy, case: tuple[GatedNetwork, ExactArray, ExactArray], _context: Context
) -> Iterator[Comparison]:
    """What is left of the target is orthogonal to the firing nodes; the energy is the sum over them."""
    net, theta, z = case
    beta = effective_map(net, z[None])[0]
    firing = fires(net, z[None])[0]
    pulls = theta @ net.W
    norms = np.sum(net.W * net.W, axis=0)
    where = f"W = {net.W.tolist()}, theta = {theta.tolist()}, b = {net.b.tolist()}, z = {z.tolist()}"
    for node in np.flatnonzero(firing):
        yield Comparison((theta - beta) @ net.W[:, node], "==", Fraction(0), where)
    parts = [energy(c, n) for c, n, s in zip(pulls, norms, firing, strict=True) if s]
    yield Comparison(beta @ beta, "==", sum(parts, Fraction(0)), where)


def _energy_share(rng: np.random.Generator, n: int, context: Context) -> NDArray[np.float64]:
    """Draws of `||beta||^2/||theta||^2` of two groups of order 4."""
    X = FeatureLaw(8, 0.3, ConstantAmplitude(1.0)).sample(rng, (n,))
    theta = context.backend.asarray(np.ones(8))
    beta = to_numpy(effective_map(mixture_network(theta, 4, 0.5), context.backend.asarray(X)))
    # The projection of theta is no longer than theta; rounding may add to the last digits.
    return np.asarray(np.minimum(np.sum(beta**2, axis=-1) / 8, 1.0), dtype=np.float64)


def _at_simulated_point(formula: Expr) -> float:
    return float(_exact(formula, 4, Fraction(3, 10)))


CHECKS = (
    Enumerated(
        claim="P5",
        clauses=(SERIES.name, MIXTURE.name),
        name="every sign pattern of orders 1, 2 and 4",
        statement=SERIES.formula.rhs,
        control=Control("1 - (1-p)^m, the probability of an active feature", _ANY_FEATURE),
        cases=_patterns,
        declared=len(_RATES) * sum(order + 1 for order in _ORDERS),
    ),
    Certified(
        claim="P5",
        clauses=(SERIES.name, INTEGRAL.name, ONLY_BELOW.name),
        name="quoted numbers and both closed forms",
        statement=SERIES.formula.rhs,
        control=Control("1 - (1-p)^m", _ANY_FEATURE),
        relations=_quoted,
        declared=4,
    ),
    Certified(
        claim="P5",
        clauses=(GROWTH.name,),
        name="growth up to order 13",
        statement=Rational(66, 100),
        control=Control("p = 7/10", Rational(7, 10)),
        relations=_rows_of_growth,
        declared=12,
    ),
    Certified(
        claim="P5",
        clauses=(EVEN_GROWTH.name,),
        name="growth over even orders up to 14",
        statement=(2, 2),
        control=Control("over odd orders", (1, 2)),
        relations=_rows_of_even_growth,
        declared=15,
    ),
    Certified(
        claim="P5",
        clauses=(BOUNDS.name,),
        name="bounds at orders up to 12",
        statement=BOUNDS.formula,
        control=Control("half of both bounds", Lt(SERIES.formula.lhs, m * p / 2)),
        relations=lambda formula: (
            (formula, {m: Integer(order), p: rate})
            for order in range(1, 13)
            for rate in (Rational(1, 10), Rational(1, 2), Rational(9, 10))
        ),
        declared=36,
    ),
    Sampled(
        claim="P5",
        clauses=(PROJECTION.name, GENERAL_ENERGY.name),
        name="exact projections on the firing nodes",
        statement=lambda pull, norm: pull * pull / norm,
        control=Control("the squared norm forgotten", lambda pull, _norm: pull * pull),
        examples=_orthogonal_cases(),
        compare=_projection,
    ),
    Simulated(
        claim="P5",
        clauses=(MIXTURE.name,),
        name="simulated mixture network",
        statement=SERIES.formula.rhs,
        control=Control("1 - (1-p)^m", _ANY_FEATURE),
        draw=_energy_share,
        span=(0.0, 1.0),
        predict=_at_simulated_point,
        smallest_error=0.02,
        where="d = 8, m = 4, p = 0.3, r = 1, b = 0.5, theta = 1",
    ),
)
