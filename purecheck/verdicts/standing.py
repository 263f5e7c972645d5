"""The standing of each clause, computed from its evidence and its dependencies: the weakest link decides."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

from purecheck.verdicts.evidence import Evidence, Level, Outcome
from theory.claims import Claim, Clause

Part = tuple[str, str]
"""Id of a claim, and name of one of its clauses."""


@dataclass(frozen=True)
class Standing:
    """The standing of a clause or a claim.

    Attributes
    ----------
    outcome
        For a clause, the worst outcome of its evidence, or a contradiction if one check proves what another refutes. A
        clause with a dependency that is not upheld is undecided, or not run if the dependency was not run. For a claim,
        the outcome of its weakest clause.
    level
        The strongest evidence for the clause, or the level of its weakest dependency; None if there is no evidence.
    limited_by
        What keeps the standing from being better. For a clause: a check, the clause itself, or a dependency such as
        `P6/risk`. For a claim: the name of a clause. None if nothing does.
    """

    outcome: Outcome
    level: Level | None
    limited_by: str | None

    @property
    def rank(self) -> int:
        """Rank of the level; the weakest rank if there is no level."""
        return len(Level) if self.level is None else self.level.rank

    @property
    def is_proved(self) -> bool:
        """Whether the level is proved or formal. A missing proof assistant does not limit a standing."""
        return self.rank <= Level.PROVED.rank


def dependency_graph(claims: Sequence[Claim]) -> dict[Part, tuple[Part, ...]]:
    """The dependencies of each clause, its own and those of its claim, in topological order.

    Raises
    ------
    ValueError
        If an id is used twice, a dependency is unknown, or dependencies form a cycle.
    """
    parts: dict[str, list[Part]] = {}
    for claim in claims:
        if claim.id in parts:
            raise ValueError(f"claim id {claim.id!r}: used twice, expected unique ids")
        parts[claim.id] = [(claim.id, clause.name) for clause in claim.clauses]
    named = {**parts, **{_label(part): [part] for own in parts.values() for part in own}}
    graph: dict[Part, list[Part]] = {part: [] for own in parts.values() for part in own}
    for claim in claims:
        for clause in claim.clauses:
            for needed in (*claim.depends_on, *clause.depends_on):
                if needed not in named:
                    raise ValueError(
                        f"claim {claim.id}, clause {clause.name!r} depends on {needed!r}: "
                        "expected the id of a claim, or ID/CLAUSE"
                    )
                graph[claim.id, clause.name] += named[needed]
    try:
        order = tuple(TopologicalSorter(graph).static_order())
    except CycleError as circle:
        raise ValueError(f"dependencies run in a circle: {[_label(part) for part in circle.args[1]]}") from None
    return {part: tuple(graph[part]) for part in order}


def claims_below(claim: Claim) -> tuple[str, ...]:
    """Ids of the claims that a claim depends on directly, in any of its clauses."""
    every = (*claim.depends_on, *(needed for clause in claim.clauses for needed in clause.depends_on))
    ids = dict.fromkeys(needed.split("/", 1)[0] for needed in every)
    return tuple(identifier for identifier in ids if identifier != claim.id)


def clause_standings(claims: Sequence[Claim], evidence: Mapping[str, Sequence[Evidence]]) -> dict[Part, Standing]:
    """The standing of every clause of the claims that have evidence; their dependencies must have evidence too."""
    found: dict[Part, Standing] = {}
    for part, below in dependency_graph(claims).items():
        claim, clause = part
        if claim in evidence:
            own = _own(clause, [line for line in evidence[claim] if clause in line.clauses])
            found[part] = _with_dependencies(own, {_label(needed): found[needed] for needed in below})
    return found


def weakest(claim: Claim, standings: Mapping[str, Standing]) -> Standing:
    """The standing of a claim, which is that of its weakest clause, from the standings of its clauses by name."""

    def strength(clause: Clause) -> tuple[int, int]:
        standing = standings[clause.name]
        if not is_as_claimed(clause, standing):
            return _FAILURES.index(standing.outcome), -standing.rank
        # An open question that is answered "no" is answered: only what is upheld is stronger.
        return len(_FAILURES) + (standing.outcome is Outcome.UPHELD), -standing.rank

    limit = min(claim.clauses, key=strength)
    standing = standings[limit.name]
    nothing = standing.outcome is Outcome.UPHELD and standing.is_proved
    return Standing(standing.outcome, standing.level, None if nothing else limit.name)


def is_as_claimed(clause: Clause, standing: Standing) -> bool:
    """Whether a theorem is upheld; for an open question or a conjecture, whether it is decided either way."""
    if clause.kind == "theorem":
        return standing.outcome is Outcome.UPHELD
    return standing.outcome in (Outcome.UPHELD, Outcome.REFUTED)


def reading(clause: Clause, standing: Standing) -> str:
    """The outcome for readers: an open question has an answer."""
    answers = {Outcome.UPHELD: "answer: yes", Outcome.REFUTED: "answer: no"}
    return answers.get(standing.outcome, standing.outcome) if clause.kind == "open question" else standing.outcome


_FAILURES = (Outcome.CONTRADICTION, Outcome.REFUTED, Outcome.VOID, Outcome.UNDECIDED, Outcome.NOT_RUN)
"""Outcomes other than upheld, worst first."""


def _label(part: Part) -> str:
    return "/".join(part)


def _own(clause: str, evidence: Sequence[Evidence]) -> Standing:
    """The standing from the clause's own evidence, without dependencies."""
    evidence = [line for line in evidence if line.counts]
    by_outcome = {outcome: [line for line in evidence if line.outcome is outcome] for outcome in Outcome}
    refuted = by_outcome[Outcome.REFUTED]
    proved = [line for line in by_outcome[Outcome.UPHELD] if line.level in (Level.FORMAL, Level.PROVED)]
    if proved and refuted:
        return Standing(Outcome.CONTRADICTION, proved[0].level, f"{proved[0].check}, against {refuted[0].check}")
    for outcome in (Outcome.REFUTED, Outcome.VOID, Outcome.UNDECIDED, Outcome.NOT_RUN):
        for line in by_outcome[outcome]:
            return Standing(outcome, line.level, line.check)
    levels = [line.level for line in evidence if line.level is not None]
    if not levels:
        return Standing(Outcome.UNDECIDED, None, clause)
    best = min(levels, key=lambda level: level.rank)
    if best in (Level.FORMAL, Level.PROVED) and not any(line.on_model for line in evidence):
        return Standing(Outcome.UNDECIDED, best, "nothing evaluates it on the model")
    return Standing(Outcome.UPHELD, best, None if best.rank <= Level.PROVED.rank else clause)


def _with_dependencies(own: Standing, below: Mapping[str, Standing]) -> Standing:
    standing = own
    for name, needed in below.items():
        if standing.outcome is not Outcome.UPHELD:
            break
        if needed.outcome is Outcome.NOT_RUN:
            standing = Standing(Outcome.NOT_RUN, None, name)
        elif needed.outcome is not Outcome.UPHELD:
            standing = Standing(Outcome.UNDECIDED, standing.level, name)
        # The kernel accepted the statement from the definitions of the model alone: no level below it is its limit.
        elif needed.rank > standing.rank and own.level is not Level.FORMAL:
            standing = Standing(Outcome.UPHELD, needed.level, name)
    return standing
