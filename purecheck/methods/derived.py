"""Proved: a derivation whose every step reduces by exact algebra, or rests on a checked theorem.

Each link of exact algebra is confirmed a second time by ball arithmetic, which shares no code with it.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from purecheck.enclosures.links import POINTS, Link, Opinion, examine, links_of
from purecheck.methods.agrees import Agrees
from purecheck.runtime.context import Context
from purecheck.verdicts.check import Check, near
from purecheck.verdicts.evidence import Finding, Level, Outcome
from theory.claims import Claim, Clause
from theory.derivation import Kind, Proof, StepError


@dataclass(frozen=True, kw_only=True)
class Derived(Check[Clause]):
    """Builds the derivation of a clause; if it fails, a counterexample is searched for on the model.

    Attributes
    ----------
    model
        The check that evaluates the clause on instances of the model; if None, a failed derivation stays undecided.
    """

    model: Agrees | None = None

    def examine(self, statement: Clause, context: Context) -> Finding:
        """Upheld if the derivation builds without a cited step, refuted if it fails and the model disagrees.

        If the derivation fails, the clause is evaluated on the model; a counterexample refutes it. A link of exact
        algebra that ball arithmetic contradicts refutes the derivation. Links that ball arithmetic cannot evaluate are
        counted and named.
        """
        try:
            proof = proof_of(self.claim, statement, context)
        except StepError as failure:
            return self._on_the_model(statement, failure, context)
        links = links_of(proof)
        rng = context.streams.generator(f"links/{self.claim}/{statement.name}")
        opinions = [examine(link, rng) for link in links if link.step.kind == "algebra"]
        figure = "; ".join([counted(links), *_confirmed(opinions)])
        wrong = next((opinion for opinion in opinions if opinion.holds is False), None)
        if wrong is not None:
            return Finding(Outcome.REFUTED, Level.PROVED, len(links), figure, f"{_shown(wrong)} fails at {wrong.where}")
        if not proof.is_complete:
            return Finding(Outcome.UNDECIDED, Level.PROVED, len(links), figure, "the derivation has a cited step")
        return Finding(Outcome.UPHELD, Level.PROVED, len(links), figure)

    def _on_the_model(self, clause: Clause, failure: StepError, context: Context) -> Finding:
        """Refuted if the clause that is not derived is false on the model too, and otherwise undecided."""
        finding = None if self.model is None else self.model.examine(clause, context)
        if finding is None or finding.outcome is not Outcome.REFUTED:
            return Finding(Outcome.UNDECIDED, Level.PROVED, 0, None, str(failure))
        found = f"not derived; {finding.counterexample}"
        return Finding(Outcome.REFUTED, Level.PROVED, finding.cases, None, found, where=finding.where)


_KINDS: Mapping[Kind, tuple[str, str]] = {
    "algebra": ("algebra", "algebra"),
    "theorem": ("theorem", "theorems"),
    "definition": ("definition", "definitions"),
    "assumption": ("assumption", "assumptions"),
    "cited": ("cited", "cited"),
}
"""The singular and the plural for links of each kind."""


def counted(links: Iterable[Link]) -> str:
    """The number of links and what they rest on, by kind, e.g. `3 links: 1 algebra, 2 theorems`."""
    counts = Counter(link.step.kind for link in links)
    kinds = ", ".join(f"{counts[kind]} {names[counts[kind] > 1]}" for kind, names in _KINDS.items() if counts[kind])
    total = counts.total()
    return f"{total} {'link' if total == 1 else 'links'}: {kinds}"


def _confirmed(opinions: Sequence[Opinion]) -> list[str]:
    """How many links of algebra ball arithmetic confirms, and which ones it could not evaluate."""
    if not opinions:
        return []
    held = sum(opinion.holds is True for opinion in opinions)
    total = f"{held} of {len(opinions)} algebra links confirmed by ball arithmetic at {POINTS} points each"
    return [total, *(f"not evaluated: {_shown(one)} ({one.where})" for one in opinions if one.holds is None)]


def _shown(opinion: Opinion) -> str:
    step = opinion.link.step
    return f"{step.left} {step.relation} {step.right} ({step.reason})"


def proof_of(claim: str, clause: Clause, context: Context) -> Proof:
    """The proof of `clause`, built once in a run.

    Raises
    ------
    StepError
        If the formula does not follow.
    ValueError
        If the clause has no derivation.
    """
    stated = f"{clause.formula}/{clause.over}/{clause.assumes}"
    return context.once(f"proof/{claim}/{clause.name}/{stated}", clause.proof)


def derivation_of(claim: Claim, clause: Clause, model: Agrees | None = None) -> Derived:
    """The check that builds the derivation of `clause`; its control is the near miss, which is false on the model.

    Raises
    ------
    ValueError
        If the clause has no derivation.
    """
    if clause.derive is None:
        raise ValueError(f"clause {clause.name!r} of {claim.id}: expected a derivation")
    return Derived(
        claim=claim.id,
        clauses=(clause.name,),
        name=f"derivation: {clause.name}",
        model=model,
        statement=clause,
        control=near(clause),
    )
