"""Standings: computed from a claim's evidence and from what it depends on, weakest link first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import networkx as nx

from purecheck.evidence import Evidence, Level, Outcome
from theory.claims import Claim


@dataclass(frozen=True)
class Standing:
    """Where a claim stands.

    Attributes
    ----------
    outcome
        Worst of its evidence; not run where some clause was not, or a dependency; a claim whose dependency is not
        upheld for another reason is undecided.
    level
        For each clause the strongest evidence counts, for the claim its weakest clause or dependency; None where
        some clause has no evidence.
    limited_by
        The clause, the check or the claim that keeps the standing from being better; None if nothing does.
    """

    outcome: Outcome
    level: Level | None
    limited_by: str | None

    @property
    def rank(self) -> int:
        """Rank of the level, weakest where there is none."""
        return len(Level) if self.level is None else self.level.rank


def dependency_graph(claims: Sequence[Claim]) -> nx.DiGraph:
    """The graph with an arrow from each claim to every claim that it depends on.

    Raises
    ------
    ValueError
        If an id is used twice, a dependency is unknown, or dependencies run in a circle.
    """
    graph = nx.DiGraph()
    for claim in claims:
        if claim.id in graph:
            raise ValueError(f"claim id {claim.id!r}: used twice, expected unique ids")
        graph.add_node(claim.id)
    for claim in claims:
        for needed in claim.depends_on:
            if needed not in graph:
                raise ValueError(f"claim {claim.id} depends on {needed!r}: expected the id of a claim")
            graph.add_edge(claim.id, needed)
    if not nx.is_directed_acyclic_graph(graph):
        raise ValueError(f"dependencies run in a circle: {nx.find_cycle(graph)}")
    return graph


def standings(claims: Sequence[Claim], evidence: Mapping[str, Sequence[Evidence]]) -> dict[str, Standing]:
    """The standing of every claim that has evidence, by id; the evidence of its dependencies must be there too."""
    graph = dependency_graph(claims)
    by_id = {claim.id: claim for claim in claims}
    found: dict[str, Standing] = {}
    for identifier in reversed(list(nx.topological_sort(graph))):
        if identifier in evidence:
            own = _own(by_id[identifier], evidence[identifier])
            found[identifier] = _with_dependencies(own, by_id[identifier], found)
    return found


def _own(claim: Claim, evidence: Sequence[Evidence]) -> Standing:
    for outcome in (Outcome.REFUTED, Outcome.VOID, Outcome.UNDECIDED):
        for line in evidence:
            if line.outcome is outcome:
                return Standing(outcome, line.level, line.check)
    for line in evidence:
        if line.outcome is Outcome.NOT_RUN:
            return Standing(Outcome.NOT_RUN, None, line.clauses[0])
    weakest = Standing(Outcome.UPHELD, Level.PROVED, None)
    for clause in claim.clauses:
        levels = [line.level for line in evidence if clause.name in line.clauses and line.level is not None]
        if not levels:
            return Standing(Outcome.UNDECIDED, None, clause.name)
        best = min(levels, key=lambda level: level.rank)
        if best.rank > weakest.rank:
            weakest = Standing(Outcome.UPHELD, best, clause.name)
    return weakest


def _with_dependencies(own: Standing, claim: Claim, found: Mapping[str, Standing]) -> Standing:
    standing = own
    for needed in claim.depends_on:
        below = found[needed]
        if standing.outcome is not Outcome.UPHELD:
            break
        if below.outcome is Outcome.NOT_RUN:
            standing = Standing(Outcome.NOT_RUN, None, needed)
        elif below.outcome is not Outcome.UPHELD:
            standing = Standing(Outcome.UNDECIDED, standing.level, needed)
        elif below.rank > standing.rank:
            standing = Standing(Outcome.UPHELD, below.level, needed)
    return standing
