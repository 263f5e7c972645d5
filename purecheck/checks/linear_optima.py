"""Checks of C1 to C3 by optimisation: a convex solver with its certificate, and encoders trained on sampled pairs."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
from hypothesis import strategies as st
from sympy import Integer, Rational

from numerics.arrays import Floats
from numerics.contrastive.gram import DiscreteLaw, GramLoss
from numerics.contrastive.gram_solver import minimise_gram
from numerics.statistics import median_interval
from purecheck.enclosures.roots import enclose_root
from purecheck.experiments.linear_arms import eigenvalues, row_participation
from purecheck.experiments.medians import median_compares
from purecheck.methods.sampled import Sampled
from purecheck.methods.trained import Trained
from purecheck.runtime.context import Context
from purecheck.verdicts.check import Control
from purecheck.verdicts.comparison import Comparison, IntervalComparison
from purecheck.verdicts.error_rates import FALSE_ALARM
from theory.contrastive import c1_gram_matrix as c1
from theory.contrastive import c2_scale as c2
from theory.contrastive import c3_collapse as c3
from theory.contrastive.c3_collapse import CONTRASTIVE_SCALE
from theory.contrastive_training import SIZES as TRAINED
from theory.contrastive_training import LinearArm, isometric

SIZES = (Integer(0), *(size.multiple for size in TRAINED))
"""No attack, and the sizes of E4 and E5."""
_ROOT_ERROR = 1e-12  # its effect on a loss is part of the slack of the comparisons
_UNIT = float(np.finfo(np.float64).eps) / 2


@dataclass(frozen=True)
class Setting:
    """A linear problem: `d` features of amplitude 1, active with probability `p`, attacked at size `eps`."""

    d: int
    p: Rational
    eps: Rational

    @property
    def scale(self) -> float:
        """`lambda_eps`, with a relative error of at most 1e-12."""
        point = {"d": Integer(self.d), "p": self.p, "r": Integer(1), "eps": self.eps}
        return float(enclose_root(CONTRASTIVE_SCALE, point, _ROOT_ERROR).mid())

    @property
    def loss(self) -> GramLoss:
        """The population loss."""
        law = DiscreteLaw.constant_amplitude(self.d, float(self.p), 1.0)
        return GramLoss(law, float(self.eps), float(self.eps))


def problems(largest_size: int) -> st.SearchStrategy[Setting]:
    """Settings with up to four features and attacks up to `largest_size` thousandths of the amplitude.

    An attack of 500 thousandths collapses a single feature.
    """
    return st.builds(
        lambda d, p, eps: Setting(d, Rational(p, 1000), Rational(eps, 1000)),
        st.integers(1, 4),
        st.integers(50, 1000),
        st.integers(0, largest_size),
    )


def largest_norm(loss: GramLoss) -> float:
    """The largest `||x||`."""
    return float(np.max(np.linalg.norm(loss.law.points, axis=1)))


def rounding(loss: GramLoss, G: Floats) -> float:
    """A bound on the rounding error of `loss.value(G)`.

    An exponent `t` is two products of length `d` and a square root: its error is at most `(4d + 8)` units of `||x||
    ||G|| (||x'|| + eps)`, and that of `sp(t)` is as large plus four units of `sp(t)`. Weights carry `2d + 4` roundings,
    and of `n` terms none is added more than `2n` times; all terms are positive.
    """
    points = loss.law.points
    n, d = points.shape
    size = largest_norm(loss)
    exponents = (4 * d + 8) * size * float(np.linalg.norm(G)) * (size + loss.eps_similar)
    # The factor 1.01 covers the terms of higher order in the unit roundoff.
    return float(1.01 * _UNIT * (exponents + (2 * n + 4 * d + 16) * loss.value(G)))


def _lands_on(factor: float, setting: Setting, context: Context) -> Iterable[Comparison]:
    """The loss at `factor` times the prediction, compared with that of the solver and with its certified gap."""
    loss, d = setting.loss, setting.d
    predicted = factor * setting.scale * np.eye(d)
    found = minimise_gram(loss, context.streams.generator(f"solver/{setting}"))
    least = loss.value(predicted)
    size = largest_norm(loss)
    # The loss changes with the scale by at most size (size + eps) a unit of lambda.
    off = size * (size + loss.eps_similar) * _ROOT_ERROR * setting.scale
    slack = rounding(loss, predicted) + rounding(loss, found.G) + off
    trace = max(float(np.trace(predicted)), float(np.trace(found.G)))
    gap = found.gap(trace) + _gradient_rounding(loss, found.G) * trace
    yield Comparison(least, "<=", found.loss, f"predicted against solved optimum, {setting}", slack)
    yield Comparison(found.loss - least, "<=", gap, f"solved optimum above the predicted one, {setting}", slack)


def _gradient_rounding(loss: GramLoss, G: Floats) -> float:
    """A bound on the rounding error of an entry-wise sum of the gradient, on which the solver's certificate rests.

    Each of at most `2n` weighted terms is below `size (size + eps)` and carries as many roundings as the loss, and the
    derivative of a logistic function is at most a quarter.
    """
    points = loss.law.points
    n, d = points.shape
    size = largest_norm(loss)
    largest = size * (size + loss.eps_similar)
    exponents = (4 * d + 8) * float(np.linalg.norm(G)) * largest / 4
    return float(1.01 * _UNIT * d * largest * (exponents + 2 * n + 4 * d + 16))


Measured = Mapping[LinearArm, Floats]


def _eigenvalues(sizes: tuple[Rational, ...], context: Context) -> Measured:
    return {arm: eigenvalues(arm, context) for arm in map(isometric, sizes)}


def _scale_of(arm: LinearArm) -> float:
    return float(enclose_root(CONTRASTIVE_SCALE, arm.point, _ROOT_ERROR).mid())


def _mean_eigenvalue(factor: float, seen: Measured) -> list[Comparison]:
    """The ends of the interval for the mean eigenvalue over seeds, compared with the predicted scale."""
    found = []
    for arm, values in seen.items():
        interval = median_interval(values.mean(axis=-1), false_alarm=FALSE_ALARM)
        predicted = factor * _scale_of(arm)
        found += [
            Comparison(interval.low, "<=", predicted, f"lower end for the mean eigenvalue, {arm}"),
            Comparison(interval.high, ">=", predicted, f"upper end for the mean eigenvalue, {arm}"),
        ]
    return found


def _isotropic(spread: float, seen: Measured) -> list[IntervalComparison]:
    """The least and the largest eigenvalue, which should differ from the predicted scale by less than `spread`.

    `spread` is relative to the predicted scale.
    """
    found = []
    for arm, values in seen.items():
        relative = values / _scale_of(arm) - 1
        found += [
            median_compares(relative[:, 0], ">", -spread, f"least eigenvalue off the scale, {arm}"),
            median_compares(relative[:, -1], "<", spread, f"largest eigenvalue off the scale, {arm}"),
        ]
    return found


def _rows(features: float, seen: Measured) -> list[IntervalComparison]:
    return [median_compares(ratio, ">", features, f"participation ratio of rows, {arm}") for arm, ratio in seen.items()]


def _observed_rows(context: Context) -> Measured:
    return {arm: row_participation(arm, context) for arm in map(isometric, SIZES)}


def _solved(claim: str, clauses: tuple[str, ...], largest_size: int, share: float) -> Sampled[float]:
    return Sampled(
        claim=claim,
        clauses=clauses,
        name="convex solver against the predicted scale",
        statement=1.0,
        control=Control("1.05 times the scale", 1.05),
        examples=problems(largest_size),
        compare=_lands_on,
        share=share,
    )


def _trained(claim: str, clauses: tuple[str, ...], sizes: tuple[Rational, ...]) -> tuple[Trained[float], ...]:
    observe: Callable[[Context], Measured] = partial(_eigenvalues, sizes)
    return (
        Trained(
            claim=claim,
            clauses=clauses,
            name="mean eigenvalue of trained encoders",
            statement=1.0,
            control=Control("1.05 times the scale", 1.05),
            observe=observe,
            compare=_mean_eigenvalue,
        ),
        Trained(
            claim=claim,
            clauses=clauses,
            name="least and largest eigenvalue of trained encoders",
            statement=0.25,
            control=Control("within a twenty-fifth", 0.04),
            observe=observe,
            compare=_isotropic,
        ),
    )


CHECKS = (
    Trained(
        claim="C1",
        clauses=(c1.IMPURE.name,),
        name="rows of trained encoders",
        statement=1.5,
        control=Control("more than three and a half features", 3.5),
        observe=_observed_rows,
        compare=_rows,
    ),
    _solved("C2", (c2.MINIMISER.name,), 0, 0.1),
    *_trained("C2", (c2.MINIMISER.name,), SIZES[:1]),
    _solved("C3", (c3.COLLAPSED.name, c3.BEFORE.name), 700, 0.3),
    *_trained("C3", (c3.BEFORE.name,), SIZES[1:]),
)
