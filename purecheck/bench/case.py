"""One row of a benchmark: work of one size, done by all who can do it, checked, then timed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from purecheck.bench.contestant import Computed, Contestant
from purecheck.bench.floor import FLOOR
from purecheck.bench.ours import OURS
from purecheck.bench.problem import Size
from purecheck.bench.settings import Settings
from purecheck.bench.timing import Times, time_alternately

Check = Callable[[str, Computed], None]
"""`check(name, outcome)` raises a DisagreementError where a contestant computes something else than was asked for."""


@dataclass(frozen=True)
class Match:
    """Who takes part in a case, and how their results are checked; None at a precision that turns gates."""

    contestants: Sequence[Contestant]
    check: Check | None


@dataclass(frozen=True)
class Case:
    """Work of one size.

    Attributes
    ----------
    name
        What is done.
    size
        Its sizes; 0 where one does not apply.
    floor
        What the floor of this work is, in words; None where it has none.
    assemble
        Prepares the contestants: the suite, the floor, and the peers that can do this work.
    """

    name: str
    size: Size
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
        """The suite's."""
        return self.times[OURS]

    @property
    def floor(self) -> Times | None:
        """The floor's, where there is one."""
        return self.times.get(FLOOR)

    @property
    def peers(self) -> dict[str, Times]:
        """The others'."""
        return {name: times for name, times in self.times.items() if name not in (OURS, FLOOR)}

    @property
    def ratios(self) -> dict[str, float]:
        """The suite's time relative to that of each other, the median over rounds."""
        return {name: self.ours.ratio_to(times) for name, times in self.times.items() if name != OURS}


def run_case(case: Case, settings: Settings, budget: float, turn: float) -> Row:
    """The row of `case`, from about `budget` seconds of rounds with turns of `turn` seconds.

    Raises
    ------
    DisagreementError
        If a contestant computes something else than the case asks for.
    """
    match = case.assemble(settings)
    for one in match.contestants:
        found = one.run()
        if one.outcome is not None and match.check is not None:
            match.check(one.name, one.outcome(found))
    return Row(case, time_alternately(match.contestants, budget, turn=turn), match.check is not None)
