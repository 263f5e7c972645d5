"""Simulated: Monte Carlo against a closed form, with both error rates declared."""

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil, log
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from purecheck.check import Check
from purecheck.comparison import Comparison, judge
from purecheck.context import Context
from purecheck.evidence import Finding, Level

S = TypeVar("S")

Draw = Callable[[np.random.Generator, int, Context], NDArray[np.float64]]
"""`draw(rng, n, context)` gives `n` independent draws."""

FALSE_ALARM = 1e-9
"""Probability that a true statement is refuted, a check; also that the smallest error is missed."""


def hoeffding_size(span: float, smallest_error: float, false_alarm: float = FALSE_ALARM) -> int:
    """Number of draws from a range of length `span` that tells a mean from one `smallest_error` away.

    Half the smallest error is the threshold: by Hoeffding (1963, Theorem 2) the mean of `n` draws strays further than
    `t` with probability at most `2 exp(-2 n t^2 / span^2)`.
    """
    return ceil(log(2 / false_alarm) * span**2 / (2 * (smallest_error / 2) ** 2))


@dataclass(frozen=True, kw_only=True)
class Simulated(Check[S]):
    """Compares the mean of independent bounded draws with what a statement predicts.

    Attributes
    ----------
    draw
        `draw(rng, n, context)` gives `n` independent draws of the quantity; it must not look at the statement.
    span
        Least and largest value that a draw can take.
    predict
        The mean that a statement predicts.
    smallest_error
        The smallest error of the prediction that the check must detect.
    where
        The parameters of the simulation, for a reader.
    """

    draw: Draw
    span: tuple[float, float]
    predict: Callable[[S], float]
    smallest_error: float
    where: str

    def examine(self, statement: S, context: Context) -> Finding:
        """Upheld when the mean lies within half the smallest error of the prediction."""
        name = f"{self.claim}/{self.name}"
        low, high = self.span
        size = hoeffding_size(high - low, self.smallest_error)
        draws = context.once(name, lambda: self.draw(context.streams.generator(name), size, context))
        if draws.shape != (size,) or not (low <= draws.min() and draws.max() <= high):
            raise ValueError(f"{name}: expected {size} draws in [{low}, {high}], got shape {draws.shape}")
        slack = self.smallest_error / 2
        comparison = Comparison(float(draws.mean()), "==", self.predict(statement), self.where, slack)
        finding = judge([comparison], Level.SIMULATED)
        figure = f"detects errors >= {self.smallest_error:g}; {finding.figure}" if finding.figure else None
        return Finding(finding.outcome, Level.SIMULATED, size, figure, finding.counterexample, finding.share)
