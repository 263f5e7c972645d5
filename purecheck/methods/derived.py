"""Proved: a derivation whose every step reduces by exact algebra, or rests on a checked theorem.

What exact algebra says of a link is heard a second time from ball arithmetic, which shares nothing with it.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice, product

from sympy import Basic, Rational, Symbol

from purecheck.check import Check, Control
from purecheck.context import Context
from purecheck.enclosures.certify import decide
from purecheck.enclosures.links import POINTS, Link, Opinion, examine, links_of
from purecheck.enclosures.problems import NotEnclosedError
from purecheck.evidence import Finding, Level, Outcome
from purecheck.methods.agrees import Agrees
from theory.algebra import Box
from theory.claims import Claim, Clause
from theory.derivation import Kind, Proof, StepError
from theory.variants import near_miss

_POINTS = 200
_FRACTIONS = (Rational(1, 2), Rational(1, 5), Rational(4, 5), Rational(1, 10))
_POSITIVE = (Rational(1), Rational(1, 2), Rational(2), Rational(3, 10))


@dataclass(frozen=True)
class Formula:
    """A formula as a derivation takes it, with a point at which to look first for its failure."""

    formula: Basic
    point: Mapping[Basic, Basic] = field(default_factory=dict)
    consequence: Basic | None = None
    variant: Clause | None = None


@dataclass(frozen=True, kw_only=True)
class Derived(Check[Formula]):
    """Builds the derivation of a clause; where it breaks, looks for a point at which the formula is false."""

    clause: Clause
    model: Agrees | None = None

    def examine(self, statement: Formula, context: Context) -> Finding:
        """Upheld when the derivation builds without a cited step; refuted at a certified counterexample.

        A link of exact algebra that ball arithmetic contradicts refutes the derivation; one that it cannot evaluate is
        counted and named.
        """
        clause = statement.variant or self.clause.stating(statement.formula)
        try:
            proof = proof_of(self.claim, clause, context)
        except StepError as failure:
            if self.model is not None or statement.variant is not None:
                return _on_the_model(self.model, clause, failure, context)
            return _after_failure(failure, statement, self.clause.box)
        links = links_of(proof)
        rng = context.streams.generator(f"links/{self.claim}/{self.clause.name}")
        opinions = [examine(link, rng) for link in links if link.step.kind == "algebra"]
        figure = "; ".join([counted(links), *_confirmed(opinions)])
        wrong = next((opinion for opinion in opinions if opinion.holds is False), None)
        if wrong is not None:
            return Finding(Outcome.REFUTED, Level.PROVED, len(links), figure, f"{_shown(wrong)} fails at {wrong.where}")
        if not proof.is_complete:
            return Finding(Outcome.UNDECIDED, Level.PROVED, len(links), figure, "the derivation has a cited step")
        return Finding(Outcome.UPHELD, Level.PROVED, len(links), figure)


_KINDS: Mapping[Kind, tuple[str, str]] = {
    "algebra": ("algebra", "algebra"),
    "theorem": ("theorem", "theorems"),
    "definition": ("definition", "definitions"),
    "assumption": ("assumption", "assumptions"),
    "cited": ("cited", "cited"),
}
"""One and several links of each kind."""


def counted(links: Iterable[Link]) -> str:
    """How many links there are and what each kind of them rests on: `3 links: 1 algebra, 2 theorems`."""
    counts = Counter(link.step.kind for link in links)
    kinds = ", ".join(f"{counts[kind]} {names[counts[kind] > 1]}" for kind, names in _KINDS.items() if counts[kind])
    total = counts.total()
    return f"{total} {'link' if total == 1 else 'links'}: {kinds}"


def _confirmed(opinions: Sequence[Opinion]) -> list[str]:
    """How many links of algebra ball arithmetic confirms, and which it could not evaluate."""
    if not opinions:
        return []
    held = sum(opinion.holds is True for opinion in opinions)
    total = f"{held} of {len(opinions)} algebra links confirmed by ball arithmetic at {POINTS} points each"
    return [total, *(f"not evaluated: {_shown(one)} ({one.where})" for one in opinions if one.holds is None)]


def _shown(opinion: Opinion) -> str:
    step = opinion.link.step
    return f"{step.left} {step.relation} {step.right} ({step.reason})"


def _on_the_model(model: Agrees | None, clause: Clause, failure: StepError, context: Context) -> Finding:
    """Refuted where the clause that is not derived is false on the model too; else undecided."""
    finding = None if model is None else model.examine(clause, context)
    if finding is not None and finding.outcome is Outcome.REFUTED:
        return Finding(
            Outcome.REFUTED,
            Level.PROVED,
            finding.cases,
            None,
            f"not derived; {finding.counterexample}",
            where=finding.where,
        )
    return Finding(Outcome.UNDECIDED, Level.PROVED, 0, None, str(failure))


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
    """The check that builds the derivation of `clause` of `claim`; its control is false on the model.

    Raises
    ------
    ValueError
        If the clause has no derivation or no mutation.
    """
    if clause.derive is None:
        raise ValueError(f"clause {clause.name!r} of {claim.id}: expected a derivation and a mutation")
    mutation = clause.mutation
    if mutation is None:
        miss = near_miss(clause)
        control = Control(miss.description, Formula(clause.varied(miss).formula, variant=clause.varied(miss)))
    else:
        control = Control(mutation.description, Formula(mutation.formula, mutation.point, mutation.consequence))
    return Derived(
        claim=claim.id,
        clauses=(clause.name,),
        name=f"derivation: {clause.name}",
        clause=clause,
        model=model,
        statement=Formula(clause.formula),
        control=control,
    )


def _after_failure(failure: StepError, statement: Formula, box: Box) -> Finding:
    """Refuted where the formula is certified false at some point; else undecided, with the step that failed."""
    # A name that the point gives a value to stands for itself.
    meanings = {name: meaning for name, meaning in failure.definitions.items() if name not in statement.point}
    relation = unfold(statement.formula if statement.consequence is None else statement.consequence, meanings)
    points = iter([statement.point]) if statement.point else grid(relation, box)
    for cases, point in enumerate(islice(points, _POINTS), start=1):
        try:
            verdict = decide(relation, point)
        except NotEnclosedError as reason:
            return Finding(Outcome.UNDECIDED, Level.PROVED, 0, None, f"{failure}; {reason}")
        if verdict is False:
            shown = ", ".join(f"{name} = {value}" for name, value in point.items())
            return Finding(Outcome.REFUTED, Level.PROVED, cases, None, f"{statement.formula} is false at {shown}")
    return Finding(Outcome.UNDECIDED, Level.PROVED, 0, None, str(failure))


def unfold(statement: Basic, definitions: Mapping[Basic, Basic]) -> Basic:
    """`statement` with every introduced name replaced by what it stands for, to the bottom."""
    unfolded = statement.xreplace(dict(definitions))
    return unfolded if unfolded == statement else unfold(unfolded, definitions)


def grid(statement: Basic, box: Box) -> Iterator[Mapping[Basic, Basic]]:
    """Rational points for the free symbols of `statement` that respect their assumptions and `box`."""
    free = sorted((x for x in statement.free_symbols if isinstance(x, Symbol)), key=lambda x: (x in box, x.name))
    for choice in product(range(len(_FRACTIONS)), repeat=len(free)):
        point: dict[Basic, Basic] = {}
        for symbol, position in zip(free, choice, strict=True):
            point[symbol] = _value(symbol, position, box, point)
        yield point


def _value(symbol: Symbol, position: int, box: Box, point: Mapping[Basic, Basic]) -> Basic:
    if symbol not in box:
        return Rational(position + 1) if symbol.is_integer else _POSITIVE[position]
    low, high = (end.subs(list(point.items())) for end in box[symbol])
    if high.is_infinite:
        return low + (position + 1 if symbol.is_integer else _POSITIVE[position])
    return low + (high - low) * _FRACTIONS[position]
