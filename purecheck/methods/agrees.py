"""Agrees: the formula of a clause, evaluated on instances of the model within its ranges and assumptions."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import numpy as np

from purecheck.enclosures.problems import NotEnclosedError
from purecheck.evaluators.registry import Scene
from purecheck.methods.evaluation import holds
from purecheck.runtime.context import Context
from purecheck.verdicts.check import Check, enough, near
from purecheck.verdicts.evidence import Evidence, Finding, Level, Need, Outcome
from theory.claims import Clause, NearMiss
from theory.variants import variants

Scenes = Callable[[Clause, np.random.Generator], Iterable[Scene]]
"""`scenes(clause, rng)` yields instances within the ranges and assumptions of the clause, including corners."""


@dataclass(frozen=True, kw_only=True)
class Agrees(Check[Clause]):
    """Compares the formula of a clause with evaluators of the model, which do not use any formula of a claim.

    Attributes
    ----------
    scenes
        Builds the instances from the clause that it is given, which may be a variant with other ranges and assumptions.
    declared
        The least number of instances.
    """

    scenes: Scenes
    declared: int

    def run(self, context: Context) -> Evidence:
        """The evidence, including whether the clause becomes false when each of its assumptions is dropped."""
        evidence = super().run(context)
        if evidence.outcome is not Outcome.UPHELD:
            return replace(evidence, on_model=True)
        dropped = [one.miss for one in variants(self.statement) if one.kind == "assumption"]
        needs = tuple(Need(str(miss.without), self._witness(miss, context)) for miss in dropped)
        return replace(evidence, on_model=True, needs=needs)

    def _witness(self, miss: NearMiss, context: Context) -> str | None:
        finding = self.examine(self.statement.varied(miss), context)
        return finding.where if finding.outcome is Outcome.REFUTED else None

    def examine(self, statement: Clause, context: Context) -> Finding:
        """Upheld if the formula holds on every scene; refuted at the first scene on which it is false."""
        rng = context.streams.generator(f"{self.claim}/{self.name}")
        cases, undecided = 0, ""
        for scene in self.scenes(statement, rng):
            try:
                verdict = holds(statement.formula, scene, statement.resolution)
            except NotEnclosedError as reason:
                verdict, undecided = None, f"{reason} at {scene.where}"
            if verdict is False:
                found = f"{statement.formula} is false at {scene.where}"
                return Finding(Outcome.REFUTED, Level.SAMPLED, cases + 1, None, found, where=scene.where)
            cases += verdict is True
            undecided = undecided or ("" if verdict else f"not decided at {scene.where}")
        if undecided:
            return Finding(Outcome.UNDECIDED, Level.SAMPLED, cases, None, undecided)
        return enough(Finding(Outcome.UPHELD, Level.SAMPLED, cases), self.declared)


def agrees(claim: str, clause: Clause, scenes: Scenes, declared: int) -> Agrees:
    """The check that compares `clause` with the model; its control is the near miss of the clause."""
    return Agrees(
        claim=claim,
        clauses=(clause.name,),
        name=f"model: {clause.name}",
        statement=clause,
        control=near(clause),
        scenes=scenes,
        declared=declared,
    )
