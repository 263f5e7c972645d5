"""Times of several contestants, taken in turns so that anything that slows the machine down affects all alike."""

from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter, sleep

import numpy as np
from numpy.typing import NDArray

from purecheck.bench.contestant import Contestant

FEWEST_ROUNDS, MOST_ROUNDS = 3, 41
_ALONE = 1.0
"""A run that takes at least this many seconds is timed once if there is no other contestant."""
TURN = 0.3
"""Least number of seconds of a turn, whose first half is not timed; longer work is timed once per turn, unwarmed.

A scheduler that wakes two threads on one core takes up to a tenth of a second to separate them, which a loop of steps
does not notice; in shorter turns times scatter more.
"""
REST = 0.06
"""Seconds of rest before a turn.

Threads of a BLAS library stay awake for tens of milliseconds after a product, and would take cores from the next
contestant. After the rest, the first half of a turn wakes the contestant's own threads and warms caches.
"""


@dataclass(frozen=True, eq=False)
class Times:
    """Seconds of one contestant, one number for each round."""

    seconds: NDArray[np.float64]

    @property
    def median(self) -> float:
        """The median over rounds."""
        return float(np.median(self.seconds))

    @property
    def quartiles(self) -> tuple[float, float]:
        """The lower and the upper quartile over rounds."""
        low, high = np.quantile(self.seconds, [0.25, 0.75])
        return float(low), float(high)

    def ratio_to(self, other: "Times") -> float:
        """The median over rounds of the ratio to `other` in the same round."""
        return float(np.median(self.seconds / other.seconds))


def time_alternately(
    contestants: Sequence[Contestant], budget: float, rest: float = REST, turn: float = TURN
) -> dict[str, Times]:
    """The times of each contestant, by name.

    Parameters
    ----------
    contestants
        Contestants that have run before, so that everything is compiled.
    budget
        Seconds to spend: as many rounds as fit, from `FEWEST_ROUNDS` to `MOST_ROUNDS`. Each round begins with the
        contestant after the one that began the last. If there is only one contestant, and one run takes more than a
        second and more than the budget, it is timed once.
    rest
        Seconds before each turn; needed if contestants have threads of their own.
    turn
        Seconds of a turn.
    """
    once = [_seconds(one, 1) for one in contestants]
    if len(contestants) == 1 and once[0] > max(_ALONE, budget):
        return {contestants[0].name: Times(np.array(once))}
    repeats = [max(1, round(turn / 2 / seconds)) for seconds in once]
    warming = [count if seconds < turn else 0 for seconds, count in zip(once, repeats, strict=True)]
    cost = sum(rest + seconds * sum(counts) for seconds, *counts in zip(once, repeats, warming, strict=True))
    rounds = int(np.clip(budget / cost, FEWEST_ROUNDS, MOST_ROUNDS))
    seconds = np.empty((len(contestants), rounds))
    for done in range(rounds):
        for place in range(len(contestants)):
            who = (done + place) % len(contestants)
            sleep(rest)
            _seconds(contestants[who], warming[who])
            seconds[who, done] = _seconds(contestants[who], repeats[who]) / repeats[who] / contestants[who].share
    return {one.name: Times(row) for one, row in zip(contestants, seconds, strict=True)}


def _seconds(contestant: Contestant, repeats: int) -> float:
    start = perf_counter()
    for _ in range(repeats):
        contestant.run()
    return perf_counter() - start
