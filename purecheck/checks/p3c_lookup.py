"""Checks of P3c: look-up networks in fractions on every input, against other fits, and in floating point."""

from collections.abc import Iterator
from fractions import Fraction
from functools import cache

import numpy as np
from numpy.typing import NDArray
from sympy import Expr, Rational

from numerics.backend import to_numpy
from numerics.exact import ExactArray, fractions, signed_supports, support_probabilities
from numerics.features import ConstantAmplitude, FeatureLaw
from numerics.lookup import exact_lookup_network, lookup_network, lookup_nodes
from numerics.mixtures import hadamard
from numerics.network import GatedNetwork, effective_map, forward
from purecheck.check import Control
from purecheck.comparison import Comparison
from purecheck.context import Context
from purecheck.methods.enumerated import Enumerated
from purecheck.methods.simulated import Simulated
from purecheck.models.exact_fits import constant_amplitude_fit
from theory.model import d as _d
from theory.model import p as _p
from theory.purification.p3c_lookup import ATTAINED, BOUND, CHEAPER, LEAST_SHARE, SEPARATION, VALUE

_RATES = (Fraction(1, 20), Fraction(1, 2), Fraction(9, 10))
_AMPLITUDE = Fraction(7, 10)
_SIZES = (1, 2, 3, 4)
_MIXTURES = tuple((d, m) for d in _SIZES for m in (1, 2, 4) if d % m == 0)


def _target(d: int) -> ExactArray:
    """A target with entries of different moduli and signs."""
    return fractions([Fraction((-1) ** i * (i + 1), 3) for i in range(d)])


def _share(formula: Expr, d: int, p: Fraction) -> Fraction:
    """The formula at `d` and `p`, exactly."""
    value = Rational(formula.subs({_d: d, _p: Rational(p.numerator, p.denominator)}))
    return Fraction(int(value.p), int(value.q))


def _energy(theta: ExactArray) -> Fraction:
    return sum((x * x for x in theta), Fraction(0))


@cache
def _lookup(d: int) -> tuple[ExactArray, ExactArray]:
    """Errors of the look-up network, and its squared effective maps, on every input."""
    theta = _target(d)
    net = exact_lookup_network(list(theta), _AMPLITUDE)
    X = signed_supports(d) * fractions(_AMPLITUDE)
    return forward(net, X) - X @ theta, np.sum(effective_map(net, X) ** 2, axis=-1)


def _mean(squares: ExactArray, d: int, p: Fraction) -> Fraction:
    return Fraction(np.sum(support_probabilities(signed_supports(d), p) * squares))


def _lookups(share: Expr) -> Iterator[Comparison]:
    """Look-up networks fit on every input, and their mean square is that share of `||theta||^2`."""
    for d in _SIZES:
        errors, squares = _lookup(d)
        for pattern, error in zip(signed_supports(d), errors, strict=True):
            yield Comparison(error, "==", Fraction(0), f"f(Mx) - theta^T x of the look-up network at {pattern}")
        for p in _RATES:
            predicted = _share(share, d, p) * _energy(_target(d))
            yield Comparison(_mean(squares, d, p), "==", predicted, f"E||beta||^2, d = {d}, p = {p}")


def _mixture_squares(d: int, m: int) -> ExactArray:
    """Squared effective maps of the mixture of order `m` of neighbouring features, in fractions."""
    U = fractions(np.kron(np.eye(d // m), hadamard(m).T).astype(int).tolist())
    net = GatedNetwork(U, _target(d) @ U / m, fractions([Fraction(1, 2)] * d))
    return np.asarray(np.sum(effective_map(net, fractions(signed_supports(d).tolist())) ** 2, axis=-1))


@cache
def _means(p: Fraction) -> tuple[tuple[str, int, Fraction, Fraction], ...]:
    """Exact fits on constant amplitudes: name, `d`, `||theta||^2`, mean square at rate `p`."""
    control = constant_amplitude_fit()
    return (
        *((f"look-up, d = {d}", d, _energy(_target(d)), _mean(_lookup(d)[1], d, p)) for d in _SIZES),
        *(
            (f"mixture of order {m}, d = {d}", d, _energy(_target(d)), _mean(_mixture_squares(d, m), d, p))
            for d, m in _MIXTURES
        ),
        ("the control of P3", 2, control.target_energy, control.mean_energy(p)),
    )


def _none_below(share: Expr) -> Iterator[Comparison]:
    """No fit has a mean square below that share of `||theta||^2`."""
    for p in _RATES:
        for name, d, energy, mean in _means(p):
            yield Comparison(mean, ">=", _share(share, d, p) * energy, f"E||beta||^2 of {name}, p = {p}")


def _below_pure(factor: Fraction) -> Iterator[Comparison]:
    """From two features on, look-up nodes have less than `factor` times the mean square of pure ones."""
    for d in _SIZES[1:]:
        for p in _RATES:
            lookup, pure = _mean(_lookup(d)[1], d, p), _mean(_mixture_squares(d, 1), d, p)
            yield Comparison(lookup, "<", factor * pure, f"E||beta||^2 of look-up nodes, d = {d}, p = {p}")


def _gaps(grains: int) -> Iterator[Comparison]:
    """Least distance of another response from that of a direction's own pair, in units of `8^-d`."""
    for d in _SIZES:
        nodes = lookup_nodes(d)
        directions, patterns = nodes.directions[::2], nodes.patterns[::2]
        responses = np.abs(directions @ signed_supports(d).T)
        own = np.abs(np.sum(directions * patterns, axis=1))
        others = np.sort(np.abs(responses - own[:, None]), axis=1)[:, 2]
        for direction, gap in zip(directions, others, strict=True):
            yield Comparison(int(gap), ">=", grains, f"8^{d} u = {direction.tolist()}")


_LARGE, _LARGE_RATE = 6, Fraction(3, 10)


def _large_energies(rng: np.random.Generator, n: int, context: Context) -> NDArray[np.float64]:
    """Draws of `||beta||^2` of the floating-point network with d = 6 features, `theta` of unit norm.

    There are few different inputs, so the network is asked once for each.
    """
    on_device = context.backend.asarray
    law = FeatureLaw(_LARGE, float(_LARGE_RATE), ConstantAmplitude(float(_AMPLITUDE)))
    net = lookup_network(on_device(np.full(_LARGE, 1 / np.sqrt(_LARGE))), float(_AMPLITUDE))
    inputs, which = np.unique(law.sample(rng, (n,)), axis=0, return_inverse=True)
    beta = to_numpy(effective_map(net, on_device(inputs)))
    return np.asarray(np.sum(beta * beta, axis=-1)[which])


def _predicted(share: Expr) -> float:
    return float(_share(share, _LARGE, _LARGE_RATE))


CHECKS = (
    Enumerated[Expr](
        claim="P3c",
        clauses=(VALUE.name, ATTAINED.name),
        name="look-up networks on every input",
        statement=LEAST_SHARE,
        control=Control("p, as for a purified fit", _p),
        cases=_lookups,
        declared=sum(3**d for d in _SIZES) + len(_SIZES) * len(_RATES),
    ),
    Enumerated[Expr](
        claim="P3c",
        clauses=(BOUND.name, VALUE.name),
        name="no fit lies below",
        statement=LEAST_SHARE,
        control=Control("p, as for density amplitudes", _p),
        cases=_none_below,
        declared=len(_RATES) * (len(_SIZES) + len(_MIXTURES) + 1),
    ),
    Enumerated[Fraction](
        claim="P3c",
        clauses=(CHEAPER.name,),
        name="look-up nodes against pure ones",
        statement=Fraction(1),
        control=Control("half of what pure nodes have", Fraction(1, 2)),
        cases=_below_pure,
        declared=len(_SIZES[1:]) * len(_RATES),
    ),
    Enumerated[int](
        claim="P3c",
        clauses=(SEPARATION.name,),
        name="distances of responses",
        statement=1,
        control=Control("twice as far", 2),
        cases=_gaps,
        declared=sum(3**d - 1 for d in _SIZES),
    ),
    Simulated[Expr](
        claim="P3c",
        clauses=(VALUE.name, ATTAINED.name),
        name="sampled look-up network",
        statement=LEAST_SHARE,
        control=Control("p, as for a purified fit", _p),
        draw=_large_energies,
        span=(0.0, 1.25),
        predict=_predicted,
        smallest_error=0.05,
        where="d = 6, p = 3/10, theta = (1, ..., 1)/sqrt(6)",
    ),
)
