"""The check of every clause that states relations, on trained networks or on records of earlier runs."""

from abc import abstractmethod
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from sympy import Rational

from purecheck.experiments.readers import read
from purecheck.records.reading import Stored
from purecheck.runtime.context import Context
from purecheck.verdicts.check import Check, Control
from purecheck.verdicts.comparison import judge_intervals
from purecheck.verdicts.evidence import ControlResult, Finding, Level, Outcome
from purecheck.verdicts.relations import RelationVerdict, Sample, decided
from theory.claims import Claim, Clause
from theory.relations import Relation
from theory.statistics import words

NEXT_TO_IT: Control[Clause] = Control(
    "relations next to those of the clause (number past its interval, sign turned round, arms swapped)", Clause("", "")
)
"""The control of these checks: false relations next to those of the clause, by a rule that is fixed in advance."""


@dataclass(frozen=True)
class Seen:
    """A sample on which relations are decided.

    Attributes
    ----------
    sample
        The measurements.
    where
        A description of the sample for readers.
    """

    sample: Sample
    where: str


@dataclass(frozen=True, kw_only=True)
class Holds(Check[Clause]):
    """Decides every relation of a clause, for every value of its parameters.

    Each interval errs at a declared rate. A clause is upheld only if every interval lies on the claimed side, so the
    rate of a false pass is at most that of one interval. The probability that any of k intervals is wrong is at most k
    times as large.

    Attributes
    ----------
    answer
        A sentence, computed from the measurements, that answers an open question; it is printed before the comparisons.
    """

    level: ClassVar[Level]

    control: Control[Clause] = NEXT_TO_IT
    answer: Callable[[Context], str] | None = None

    def of(self, claim: Claim) -> "Holds":
        """This check on the clause of `claim`, so that the statement of the ledger is the only one."""
        return replace(self, statement=claim.clause(self.statement.name))

    @abstractmethod
    def seen(self, statement: Clause, context: Context) -> Sequence[Seen] | Finding:
        """The samples on which the relations of the statement are decided, or a finding if there are none."""

    @abstractmethod
    def cases(self, statement: Clause, context: Context) -> int:
        """The number of seeds or of records."""

    def verdicts(self, statement: Clause, context: Context) -> list[RelationVerdict]:
        """The verdict on every relation, for every sample."""
        seen = self.seen(statement, context)
        return [] if isinstance(seen, Finding) else list(_verdicts(statement.relations, seen))

    def examine(self, statement: Clause, context: Context) -> Finding:
        """Upheld if every relation holds; refuted if one is false; otherwise undecided or not run."""
        finding = self._judged(statement, context)
        return finding if self.answer is None else _answered(finding, self.answer(context))

    def _judged(self, statement: Clause, context: Context) -> Finding:
        seen = self.seen(statement, context)
        if isinstance(seen, Finding):
            return seen
        comparisons = [one.comparison for one in _verdicts(statement.relations, seen)]
        return judge_intervals(comparisons, self.level, self.cases(statement, context))

    def contrast(self, finding: Finding, context: Context) -> ControlResult:
        """Whether every false relation next to those of the clause is refuted by the same data."""
        if finding.outcome is Outcome.NOT_RUN:
            return ControlResult(self.control.mutation, None)
        verdicts = self.verdicts(self.statement, context)
        moved = [(near, one) for one in verdicts for near in one.next_to_it()]
        false = [near for near, _ in moved]
        if finding.outcome is Outcome.UPHELD:
            false += [opposite for one in verdicts for opposite in one.relation.opposites()]
        if not moved:
            return ControlResult(self.control.mutation, None)
        rejected = all(
            self._judged(replace(self.statement, relations=(one,)), context).outcome is Outcome.REFUTED for one in false
        )
        return ControlResult(f"{len(false)} {self.control.mutation}", rejected, _nearest(moved))


@dataclass(frozen=True, kw_only=True)
class HoldsTrained(Holds):
    """The relations of a clause on networks that are trained for it, over the seeds of the profile."""

    level: ClassVar[Level] = Level.TRAINED
    trains: ClassVar[bool] = True

    def seen(self, statement: Clause, context: Context) -> Sequence[Seen]:
        """The trained networks, as one sample."""
        return (Seen(lambda measurement: read(measurement, context), f"{context.profile.seeds} seeds"),)

    def cases(self, statement: Clause, context: Context) -> int:
        """The number of seeds."""
        return context.profile.seeds


@dataclass(frozen=True)
class Selected:
    """What the records contain for one clause.

    Attributes
    ----------
    groups
        The samples on which its relations are decided, one for each setting; empty if nothing was recorded.
    records
        The number of these records.
    obstacles
        The reasons why the records cannot be trusted, one sentence each, e.g. an attack that failed its own test.
    """

    groups: tuple[Seen, ...]
    records: int
    obstacles: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class HoldsMeasured(Holds):
    """The relations of a clause on records of earlier runs; nothing is run.

    Attributes
    ----------
    select
        Finds the runs that a clause is about, from the statistics and arms in the clause alone, never from results.
    wanted
        What would have to be recorded; it completes the sentence "no record of ...".
    """

    level: ClassVar[Level] = Level.MEASURED

    select: Callable[[Clause, Sequence[Stored]], Selected]
    wanted: str

    def seen(self, statement: Clause, context: Context) -> Sequence[Seen] | Finding:
        """The settings that were recorded; not run if there are none, undecided if the records cannot be trusted."""
        found = self.select(statement, context.records)
        if not found.groups:
            return Finding(Outcome.NOT_RUN, None, 0, None, f"no record of {self.wanted}")
        if found.obstacles:
            return Finding(Outcome.UNDECIDED, Level.MEASURED, found.records, None, "; ".join(found.obstacles))
        return found.groups

    def cases(self, statement: Clause, context: Context) -> int:
        """The number of records."""
        return self.select(statement, context.records).records


def _verdicts(relations: Iterable[Relation], seen: Sequence[Seen]) -> Iterable[RelationVerdict]:
    for group in seen:
        for relation in relations:
            for _, one in relation.instances():
                yield decided(one, group.sample, f"{one.compared}, {one.over}, {group.where}")


def _nearest(moved: Sequence[tuple[Relation, RelationVerdict]]) -> str:
    """The false relation whose number is nearest to that of the clause, and what was observed."""
    near, verdict = min(moved, key=lambda pair: abs(float(pair[0].number - pair[1].relation.number)))
    low, high = verdict.admitted.low, verdict.admitted.high
    # Two ends that agree to six digits are shown with all of their digits.
    ends = f"[{low:.6g}, {high:.6g}]" if f"{low:.6g}" != f"{high:.6g}" else f"[{low!r}, {high!r}]"
    required = f"{near.sign} {_shown(near.number)} instead of {words(verdict.relation.number)}"
    return f"the nearest requires {required}, where {ends} was observed: {verdict.relation.compared}"


def _shown(number: Rational) -> str:
    """A number next to an end: a short decimal, or all digits if only rounding separates the two."""
    text = words(number)
    return text if len(text) <= _SHORT else repr(float(number))


_SHORT = 12
"""Length of the longest number of six significant digits, such as -1.23456e-07."""


def _answered(finding: Finding, sentence: str) -> Finding:
    """The finding with a sentence before its comparisons."""
    figure, counterexample = (
        None if text is None else f"{sentence} {text}" for text in (finding.figure, finding.counterexample)
    )
    return replace(finding, figure=figure, counterexample=counterexample)
