"""Whether a network computes a linear function of the features, which one, and how far from it it is.

A random layer computes none, whatever its head; but behind low gates its output is nearly one. So a network is linear
if most of its variance is, and the rest is smaller than what noise does to the output anyway, or smaller than what a
random layer with nodes of the same norms, gates and heads leaves, up to a declared rate.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from scipy.stats import t as student

from numerics.arrays import Floats
from numerics.features import FeatureLaw, observe
from numerics.statistics import Interval, mean_interval
from numerics.streams import Streams
from purecheck.auditing.given_network import GivenNetwork
from purecheck.auditing.structure import MOST
from purecheck.verdicts.error_rates import FALSE_ALARM

Outputs: TypeAlias = Callable[[GivenNetwork, Floats], Floats]

RANDOM_LAYERS = 99
"""Drawn to learn what such layers leave: the quantile is then 3 % further out than if their law were known.

Their logarithms are taken as normal, as products of many causes are."""
_OBSERVATIONS = 1000  # the interval of `R^2` of a ReLU on every feature, 0.53, then ends below `MOST`
_TINY = 2.0**-106  # the square of the rounding of 1: less cannot be told from 0


@dataclass(frozen=True, eq=False)
class LinearPart:
    """The linear function of the features nearest to every output, in least squares.

    Attributes
    ----------
    theta
        Its coefficients `(replicas, q, d)`.
    offset
        Its constant `(replicas, q)`.
    """

    theta: Floats
    offset: Floats


@dataclass(frozen=True)
class Linearity:
    """How much of what a network computes is linear in the features, where they are observed without noise.

    Attributes
    ----------
    r2
        Share of the variance of the outputs on their linear part.
    interval
        Confidence interval that errs at a rate of `FALSE_ALARM`.
    noise
        What the noise of observations changes in the outputs, as a share of their variance.
    random
        What the `r2` of a random layer with nodes of the same norms, gates and heads exceeds at the rate
        `FALSE_ALARM`.
    explained
        Interval of the covariance of the outputs with their linear part, as a share of their variance: where it holds
        0, the linear part may be no more than the noise of its fit.
    """

    r2: float
    interval: Interval
    noise: float
    random: float
    explained: Interval

    @property
    def linear(self) -> bool:
        """Most is linear, and what is not is hidden in the noise, or it is less than in random layers."""
        return self.r2 > MOST and (1 - self.r2 <= self.noise or self.r2 > self.random)

    @property
    def has_linear_part(self) -> bool:
        """Whether outputs that were not fitted are shown to grow with the linear part."""
        return self.explained.low > 0


def linear_part(X: Floats, outputs: Floats) -> LinearPart:
    """The least-squares fit of `outputs` `(replicas, q, n)` on features `X` `(n, d)` and a constant."""
    coefficients = _fit(X) @ np.swapaxes(outputs, -1, -2)
    return LinearPart(np.swapaxes(coefficients[:, :-1], -1, -2), coefficients[:, -1])


def linear_observations(d: int) -> int:
    """The number of observations on which linearity is measured."""
    return _OBSERVATIONS + 2 * d


def linearities(
    network: GivenNetwork, part: LinearPart, law: FeatureLaw, sigma: float, streams: Streams, outputs: Outputs
) -> tuple[Linearity, ...]:
    """How linear every replica is.

    Parameters
    ----------
    network
        Of which `part` is the linear part.
    part
        Fitted to other observations than those drawn here.
    law, sigma
        Of the features and of the noise.
    streams
        For features, noise and random layers.
    outputs
        What a network `(replicas, q, n)` returns at observations `(n, d)`.
    """
    X = law.sample(streams.generator("features"), (linear_observations(law.d),)).astype(np.float64)
    clean = outputs(network, np.asarray(observe(X, network.M)))
    noisy = outputs(network, np.asarray(observe(X, network.M, sigma, streams.generator("noise"))))
    around, linear = clean - part.offset[..., None], part.theta @ X.T
    rest = np.sum((around - linear) ** 2, axis=1)
    total = np.sum(around**2, axis=1)
    together = np.sum(around * linear, axis=1)
    change = np.mean(np.sum((noisy - clean) ** 2, axis=1), axis=-1)
    random = _random_layers(network, X, streams, outputs)
    return tuple(map(_linearity, rest, total, together, change.tolist(), random.tolist()))


def _linearity(rest: Floats, total: Floats, together: Floats, change: float, random: float) -> Linearity:
    """From the squares at every observation; the interval of a quotient of means is that of its influences."""
    energy = float(np.mean(total))
    if energy == 0:
        return Linearity(0.0, Interval(0.0, 1.0), 0.0, random, Interval(0.0, 0.0))
    share = float(np.mean(rest)) / energy
    missed = mean_interval(share + (rest - share * total) / energy, "student", false_alarm=FALSE_ALARM)
    return Linearity(
        r2=1 - share,
        interval=Interval(1 - missed.high, 1 - missed.low),
        noise=change / energy,
        random=random,
        explained=mean_interval(together / energy, "student", false_alarm=FALSE_ALARM),
    )


def _random_layers(network: GivenNetwork, X: Floats, streams: Streams, outputs: Outputs) -> Floats:
    """The share of variance on the linear part that a random layer exceeds at the rate `FALSE_ALARM`, `(replicas,)`.

    It is that on the observations of the fit, which is larger than on others: the network has no help from it. The
    bound is the end of Student's prediction interval for the logarithm of the rest.
    """
    norms = np.linalg.norm(network.W, axis=1, keepdims=True)
    rng, fit = streams.generator("random layers"), _fit(X)
    columns = np.column_stack([X, np.ones(len(X))])
    logs = np.empty((RANDOM_LAYERS, len(network.W)))
    for row in logs:
        W = rng.standard_normal(network.W.shape)
        given = np.swapaxes(outputs(network.on(W * norms / np.linalg.norm(W, axis=1, keepdims=True)), X), -1, -2)
        rest = np.sum((given - columns @ (fit @ given)) ** 2, axis=(1, 2))
        total = np.sum((given - np.mean(given, axis=1, keepdims=True)) ** 2, axis=(1, 2))
        # a layer that never fires leaves everything
        row[:] = np.log(np.maximum(np.divide(rest, total, out=np.ones_like(total), where=total > 0), _TINY))
    quantile = float(student.isf(FALSE_ALARM, RANDOM_LAYERS - 1)) * np.sqrt(1 + 1 / RANDOM_LAYERS)
    return np.asarray(1 - np.exp(np.mean(logs, axis=0) - quantile * np.std(logs, axis=0, ddof=1)))


def _fit(X: Floats) -> Floats:
    """The matrix `(d + 1, n)` that takes outputs at `X` to coefficients and constant; in any unit of `X`."""
    unit = np.append(np.full(X.shape[1], float(np.max(np.abs(X))) or 1.0), 1.0)
    return np.asarray(np.linalg.pinv(np.column_stack([X, np.ones(len(X))]) / unit) / unit[:, None])
