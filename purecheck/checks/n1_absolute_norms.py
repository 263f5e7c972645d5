"""Checks of N1 besides its derivations: exact fits on every gate cell, in the norms dual to several attacks."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
from sympy import Add, Expr, Rational

from numerics.exact import ExactArray, fractions, signed_supports
from numerics.network import GatedNetwork
from purecheck.checks.p3_purification_bound import NORMS, cells_of, fits_of, law_of, on_cell, skew
from purecheck.evaluators.fits import effective, support
from purecheck.evaluators.norms import Norm, Normed, excesses
from purecheck.evaluators.numbers import fraction, rational
from purecheck.evaluators.points import candidates, points, shuffled
from purecheck.evaluators.registry import Chance, Scene
from purecheck.methods.agrees import agrees
from purecheck.models.exact_fits import cross_talk_fit
from purecheck.models.exact_networks import rational_rotation
from theory.assumptions import exact_fit
from theory.attack_norms.n1_absolute_norms import (
    BOUND,
    EXCESS,
    HIDDEN,
    MEAN_BOUND,
    MEAN_STRICT,
    c,
    identity_dictionary,
    kappa,
    prob,
    q,
    t_1,
)
from theory.claims import Clause
from theory.model import d
from theory.purification.p3_purification_bound import B, absolute_norm, beta, theta

_RATE = Fraction(2, 5)  # also the steepest cross-talk that `cross_talk_fit` admits


def l_q(exponent: Expr) -> Norm:
    """The l_q norm of fractions, as an exact SymPy number."""

    def norm(entries: Sequence[Any]) -> Expr:
        return Add(*(rational(abs(Fraction(x))) ** exponent for x in entries)) ** (1 / exponent)

    return norm


def _norms(clause: Clause) -> dict[str, Norm]:
    return NORMS if absolute_norm in clause.assumes else {"not absolute": skew}


def _dictionary(clause: Clause, features: int) -> ExactArray | None:
    return None if identity_dictionary in clause.assumes else rational_rotation(features, Fraction(1, 5))


def _gains(clause: Clause, rng: np.random.Generator) -> Iterator[Scene]:
    """Fits cell by cell in several norms."""
    for fit, x in cells_of(clause, rng):
        for name, norm in _norms(clause).items():
            model = Normed(net=fit.net, x=x, norm=norm, M=_dictionary(clause, len(x)))
            values = {d: len(x), B: support(model), theta: fit.theta}
            yield Scene(f"{on_cell(fit, x)}, norm {name}", values, model)


def _mean_gains(clause: Clause, rng: np.random.Generator) -> Iterator[Scene]:
    """Fits with every cell as an outcome, in several norms."""
    for fit in fits_of(clause, rng):
        features = len(fit.theta)
        inputs = fit.inner_points
        supports = fractions((inputs != 0).astype(int).tolist())
        for law, weights in law_of(clause, signed_supports(features), Fraction(1, 3)):
            outcomes = tuple(Chance(weight, {B: on}) for weight, on in zip(weights, supports, strict=True))
            for name, norm in _norms(clause).items():
                M = _dictionary(clause, features)
                model = Normed(net=fit.net, inputs=inputs, probabilities=weights, norm=norm, M=M)
                where = f"{fit.name}, theta = {fit.theta.tolist()}, features {law}, norm {name}"
                yield Scene(where, {d: features, theta: fit.theta}, model, outcomes)


def _excesses(clause: Clause, rng: np.random.Generator) -> Iterator[Scene]:
    """Fits cell by cell, in l_q norms for exponents from the range of the clause."""
    cells = list(cells_of(clause, rng))
    for (exponent,), (fit, x) in zip(shuffled(rng, len(cells), candidates(clause.over[q])), cells, strict=True):
        model = Normed(net=fit.net, x=x, norm=l_q(exponent))
        values = {q: exponent, d: len(x), B: support(model), theta: fit.theta, beta: effective(model)}
        yield Scene(f"{on_cell(fit, x)}, q = {exponent}", values, model)


def _events(clause: Clause, rng: np.random.Generator) -> Iterator[Scene]:
    """Fits with cross-talk, and each size of its excess with the probability of at least that size."""
    fits = fits_of(clause, rng)
    if exact_fit not in clause.assumes:
        # Half of the first head alone, so that cross-talk still lengthens the effective map somewhere.
        fit = cross_talk_fit((Fraction(1), Fraction(1)), _RATE)
        fits = [replace(fit, net=_with_half_of_the_first_head(fit.net))]
    for fit in fits:
        for law, weights in law_of(clause, signed_supports(len(fit.theta)), _RATE):
            for exponent in (Rational(1), Rational(2)):
                model = Normed(
                    net=fit.net, theta=fit.theta, inputs=fit.inner_points, probabilities=weights, norm=l_q(exponent)
                )
                found = excesses(model)
                for size in {excess for excess in found if excess > 0}:
                    reached = sum((w for w, excess in zip(weights, found, strict=True) if excess >= size), Fraction(0))
                    where = f"{fit.name}, theta = {fit.theta.tolist()}, features {law}, q = {exponent}, kappa = {size}"
                    yield Scene(where, {kappa: size, prob: reached}, model)


def _with_half_of_the_first_head(net: GatedNetwork) -> GatedNetwork:
    return GatedNetwork(net.W, fractions([net.a[0] / 2, *net.a[1:]]), net.b)


def _largest_entries(clause: Clause, rng: np.random.Generator) -> Iterator[Scene]:
    """One feature alone, in a network of one node and, if one exists, in an exact fit."""
    for point in points(clause, rng, 24):
        share, modulus = fraction(point[c]), fraction(point[t_1])
        nets = [GatedNetwork(fractions([[1], [share]]), fractions([modulus]), fractions(["1/2"]))]
        if share <= Fraction(2, 5):
            nets.append(cross_talk_fit((-modulus, Fraction(1)), share).net)
        for net in nets:
            yield Scene(f"{point}", point, Normed(net=net, x=fractions([1, 0]), norm=NORMS["l_inf"]))


CHECKS = (
    agrees("N1", BOUND, _gains, 400),
    agrees("N1", MEAN_BOUND, _mean_gains, 100),
    agrees("N1", EXCESS, _excesses, 100),
    agrees("N1", MEAN_STRICT, _events, 20),
    agrees("N1", HIDDEN, _largest_entries, 24),
)
