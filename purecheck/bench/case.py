"""One row of a benchmark: work of one size, done by every contestant that can do it, checked, and then timed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from purecheck.bench.contestant import Computed, Contestant
from purecheck.bench.floor import FLOOR
from purecheck.bench.ours import OURS
from purecheck.bench.problem import CaseSize
from purecheck.bench.settings import Settings
from purecheck.bench.timing import Times, time_alternately

Check = Callable[[str, Computed], None]
"""`check(name, outcome)` raises a DisagreementError if a contestant computes something other than the case requires."""


@dataclass(frozen=True)
class Match:
    """The contestants of a case, and the check of their results.

    The check is None at a precision at which rounding changes gates.
    """

    contestants: Sequence[Contestant]
    check: Check | None


@dataclass(frozen=True)
class Case:
    """Work of one size.

    Attributes
    ----------
    name
        A description of the work.
    size
        Its sizes; 0 where one does not apply.
    floor
        A description of the floor of this work; None if it has none.
    assemble
        Prepares the contestants: the suite, the floor, and the peers that can do this work.
    """

    name: str
    size: CaseSize
    floor: str | None
    assemble: Callable[[Settings], Match]


@dataclass(frozen=True, eq=False)
class Row:
    """The times of a case, by contestant, and whether the results were checked."""

    case: Case
    times: dict[str, Times]
    checked: bool

    @property
    def ours(self) -> Times:
        """The times of the suite."""
        return self.times[OURS]

    @property
    def floor(self) -> Times | None:
        """The times of the floor; None if the case has none."""
        return self.times.get(FLOOR)

    @property
    def peers(self) -> dict[str, Times]:
        """The times of the other contestants, by name."""
        return {name: times for name, times in self.times.items() if name not in (OURS, FLOOR)}

    @property
    def ratios(self) -> dict[str, float]:
        """The suite's time relative to that of each other contestant, the median over rounds."""
        return {name: self.ours.ratio_to(times) for name, times in self.times.items() if name != OURS}


def run_case(case: Case, settings: Settings, budget: float, turn: float) -> Row:
    """The row of `case`, from about `budget` seconds of rounds with turns of `turn` seconds.

    Raises
    ------
    DisagreementError
        If a contestant computes something other than the case requires.
    """
    match = case.assemble(settings)
    for one in match.contestants:
        found = one.run()
        if one.outcome is not None and match.check is not None:
            match.check(one.name, one.outcome(found))
    return Row(case, time_alternately(match.contestants, budget, turn=turn), match.check is not None)
