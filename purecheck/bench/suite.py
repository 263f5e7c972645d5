"""The cases of a benchmark, and the results of running all of them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from purecheck.bench import ours
from purecheck.bench.case import Case, Row, run_case
from purecheck.bench.contestant import Contestant
from purecheck.bench.exponents import Exponent, measure_exponents, smallest_sizes
from purecheck.bench.goals import DEVICE, LARGE, MANY, Goal, judge
from purecheck.bench.head_case import head_case
from purecheck.bench.memory_use import Peak, measure_peaks
from purecheck.bench.network_cases import attack_case, step_case
from purecheck.bench.problem import CaseSize, make_problem
from purecheck.bench.report_case import report_case
from purecheck.bench.sampler_case import sampler_case
from purecheck.bench.settings import Settings
from purecheck.bench.timing import TURN

Progress = Callable[[int, int, str], None]

OTHER_STEPS = (
    CaseSize(1, 100, 200, 512),
    CaseSize(1, 512, 1024, 2048),
    CaseSize(256, 100, 200, 512),
    CaseSize(1, 1000, 10_000, 1024),
)
ATTACKED = CaseSize(1, 100, 200, 256)
HEADS = CaseSize(2, 0, 100, 500)
SAMPLES = CaseSize(16, 100, 0, 2048)
_QUICK_TURN = 0.1  # a third of `TURN`, so that `--quick` ends within 40 seconds


@dataclass(frozen=True)
class Plan:
    """What a run measures.

    Attributes
    ----------
    cases
        The cases, in order.
    seconds
        Seconds of rounds for each case, in addition to preparing, checking and compiling it.
    exponent_seconds
        Seconds of rounds for the exponents.
    turn
        Seconds of a turn.
    memory
        Whether the host memory of a command is measured too.
    """

    cases: tuple[Case, ...]
    seconds: float
    exponent_seconds: float
    turn: float
    memory: bool = False


@dataclass(frozen=True)
class Bench:
    """The results of a run.

    Attributes
    ----------
    settings
        The settings of the run.
    rows
        One row for each case.
    exponents
        One for each size with which the cost of a dense step grows.
    peaks
        Peak memory of a command; empty if the plan leaves it out.
    """

    settings: Settings
    rows: tuple[Row, ...]
    exponents: tuple[Exponent, ...]
    peaks: tuple[Peak, ...]

    @property
    def goals(self) -> tuple[Goal, ...]:
        """The goals, with what was measured."""
        return judge(self.settings.backend.name, self.rows, self.exponents, self.peaks)


def quick_plan() -> Plan:
    """The plan of `--quick`: every kind of case except the report, with steps at the sizes of the goals.

    Peers do not run on purified networks: silent nodes save them nothing, so they take as long as on dense ones.
    """
    return Plan(tuple(_cases((MANY, LARGE), purified_alone=True)), 0.5, 2.0, _QUICK_TURN)


def full_plan(settings: Settings) -> Plan:
    """The plan of everything, at all sizes."""
    on_device = settings.backend.name == "cupy"
    steps = (MANY, LARGE, *OTHER_STEPS, *((DEVICE,) if on_device else ()))
    return Plan((*_cases(steps, purified_alone=False), report_case()), 12.0, 20.0, TURN, memory=not on_device)


def run_bench(plan: Plan, settings: Settings, progress: Progress) -> Bench:
    """The results of all cases and the exponents.

    Raises
    ------
    DisagreementError
        If a contestant computes something other than its case requires.
    NotMeasuredError
        If the command whose memory is measured fails.
    """
    rows = []
    steps = len(plan.cases) + 1 + plan.memory
    for done, case in enumerate(plan.cases):
        progress(done, steps, case.name)
        rows.append(run_case(case, settings, plan.seconds, plan.turn))
    progress(len(plan.cases), steps, "exponents")
    bases = smallest_sizes(settings.cores)
    exponents = measure_exponents(partial(_dense_step, settings), plan.exponent_seconds, plan.turn, bases)
    if plan.memory:
        progress(steps - 1, steps, "memory")
    return Bench(settings, tuple(rows), exponents, measure_peaks() if plan.memory else ())


def _cases(steps: tuple[CaseSize, ...], *, purified_alone: bool) -> Iterator[Case]:
    yield from (step_case("dense", size) for size in steps)
    yield from (step_case("purified", size, alone=purified_alone) for size in steps)
    yield from (attack_case(name, ATTACKED) for name in ours.ATTACKS)
    yield head_case(HEADS)
    yield sampler_case(SAMPLES)


def _dense_step(settings: Settings, size: CaseSize) -> Contestant:
    return ours.step(make_problem("dense", size, settings.streams.generator(f"exponents/{size}")), settings.backend)
