"""Simulated: Monte Carlo against a closed form, with declared rates of both kinds of error."""

from collections.abc import Callable
from dataclasses import dataclass
from math import isfinite
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from sympy import Expr

from numerics.statistics import FALSE_ALARM, MISS, mean_interval, sample_size
from purecheck.enclosures.certify import enclose_to
from purecheck.runtime.context import Context
from purecheck.verdicts.check import Check
from purecheck.verdicts.evidence import Finding, Level, Outcome

S = TypeVar("S")

Draw = Callable[[np.random.Generator, int, Context], NDArray[np.float64]]
"""`draw(rng, n, context)` returns `n` independent draws, shape (n,)."""

_ENCLOSURE = 1e-12
"""Error to which predictions are enclosed; it is negligible beside the errors that simulations detect."""


def prediction(value: Expr) -> float:
    """The value of a closed form without free symbols, to an error that no simulation resolves.

    Raises
    ------
    purecheck.enclosures.problems.NotEnclosedError
        If it cannot be enclosed.
    """
    return float(enclose_to(value, _ENCLOSURE))


@dataclass(frozen=True, kw_only=True)
class Simulated(Check[S]):
    """Compares the mean of independent bounded draws with what a statement predicts.

    Attributes
    ----------
    draw
        `draw(rng, n, context)` returns `n` independent draws of the quantity; it must not use the statement.
    span
        The least and the largest value that a draw can take.
    predict
        The mean that a statement predicts.
    smallest_error
        The smallest error of the prediction that the check must detect.
    where
        A description of the parameters of the simulation for readers.
    """

    draw: Draw
    span: tuple[float, float]
    predict: Callable[[S], float]
    smallest_error: float
    where: str

    def examine(self, statement: S, context: Context) -> Finding:
        """Upheld if the prediction lies in Hoeffding's interval for the mean of the draws.

        A true prediction is refuted with probability at most `FALSE_ALARM`; one that is off by the smallest error
        passes with probability at most `MISS`.
        """
        name = f"{self.claim}/{self.name}"
        size = sample_size(self.smallest_error, self.span[1] - self.span[0])
        draws = context.once(name, lambda: self.draw(context.streams.generator(name), size, context))
        if draws.shape != (size,):
            raise ValueError(f"{name}: draws has shape {draws.shape}, expected ({size},)")
        interval = mean_interval(draws, "hoeffding", bounds=self.span)
        predicted = self.predict(statement)
        if not isfinite(predicted):
            return Finding(Outcome.UNDECIDED, Level.SIMULATED, 0, None, f"the prediction is {predicted}")
        found = f"mean in [{interval.low:.6g}, {interval.high:.6g}], predicted {predicted:.6g}"
        if predicted not in interval:
            return Finding(Outcome.REFUTED, Level.SIMULATED, size, None, f"{found}, at {self.where}")
        rates = f"detects errors >= {self.smallest_error:g}; false alarms {FALSE_ALARM:g}, misses {MISS:g}"
        return Finding(Outcome.UPHELD, Level.SIMULATED, size, f"{found}; {rates}")
