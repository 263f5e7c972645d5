"""Goals for the suite's speed, and whether a run met them; they do not affect the exit status."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from purecheck.bench.case import Row
from purecheck.bench.exponents import EXPECTED, NEAR, Exponent
from purecheck.bench.floor import FLOOR
from purecheck.bench.memory_use import Peak
from purecheck.bench.problem import CaseSize

MANY, LARGE, DEVICE = CaseSize(16, 100, 200, 512), CaseSize(1, 1024, 2048, 4096), CaseSize(64, 1000, 2000, 1024)


@dataclass(frozen=True)
class Ratio:
    """The largest acceptable ratio of the suite's time to another contestant's in one case."""

    case: str
    size: CaseSize
    against: str
    most: float


HOST = (
    Ratio("step, dense", MANY, "JAX jit", 0.75),
    Ratio("step, dense", MANY, "PyTorch eager", 0.30),
    Ratio("step, dense", MANY, FLOOR, 1.10),
    Ratio("step, dense", LARGE, "JAX jit", 0.85),
    Ratio("step, dense", LARGE, FLOOR, 1.08),
    Ratio("step, purified", MANY, FLOOR, 0.70),
    Ratio("step, purified", LARGE, FLOOR, 0.70),
)
ON_DEVICE = (
    Ratio("step, dense", DEVICE, FLOOR, 1.35),
    Ratio("step, dense", DEVICE, "torch.compile", 0.60),
)


@dataclass(frozen=True)
class Goal:
    """A goal and what was measured.

    Attributes
    ----------
    what
        A description of the goal.
    least, most
        The range in which the goal is met; `least` is None if the range has no lower end.
    found
        The number measured; None if this run did not measure it.
    """

    what: str
    least: float | None
    most: float
    found: float | None

    @property
    def met(self) -> bool | None:
        """Whether the measured number is in the range; None if nothing was measured."""
        if self.found is None:
            return None
        return self.found <= self.most and (self.least is None or self.found >= self.least)


def judge(backend: str, rows: Iterable[Row], exponents: Iterable[Exponent], peaks: Iterable[Peak]) -> tuple[Goal, ...]:
    """Every goal for the `backend`, with what was measured."""
    by_case = {(row.case.name, row.case.size): row for row in rows}
    return (*_ratios(ON_DEVICE if backend == "cupy" else HOST, by_case), *_exponents(exponents), *_memory(peaks))


def _ratios(goals: Iterable[Ratio], rows: dict[tuple[str, CaseSize], Row]) -> Iterator[Goal]:
    for goal in goals:
        row = rows.get((goal.case, goal.size))
        what = f"{goal.case} {goal.size.shown}: time relative to {goal.against}"
        yield Goal(what, None, goal.most, row.ratios.get(goal.against) if row else None)


def _exponents(exponents: Iterable[Exponent]) -> Iterator[Goal]:
    for one in exponents:
        yield Goal(f"power of {one.variable} in the cost of a step", EXPECTED - NEAR, EXPECTED + NEAR, one.exponent)


def _memory(peaks: Iterable[Peak]) -> Iterator[Goal]:
    for one in peaks:
        what = f"peak memory of simulate at {one.replicas} replicas relative to --memory"
        yield Goal(what, None, 1.0, one.bytes / one.budget)
