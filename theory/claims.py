"""Claims as data: what is stated, under which assumptions, where it comes from, what it rests on."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from sympy import Basic, Expr, Integer, Rational, Symbol, latex, oo, true

from theory.algebra import Box
from theory.assumptions import Assumption
from theory.derivation import Proof, StepError
from theory.ranges import Range
from theory.relations import Relation
from theory.sentences import filled

HUNDREDTH = Rational(1, 100)

ClauseKind = Literal["theorem", "open question", "conjecture"]
ClaimKind = Literal["paper", "sharpened", "open question", "conjecture"]


@dataclass(frozen=True)
class NearMiss:
    """A false variant of a clause that lies close to it: what is not given stays as it is.

    Attributes
    ----------
    description
        What was changed.
    formula
        The formula of the variant.
    over
        Ranges that replace those of the clause.
    without
        The assumption that is dropped.
    """

    description: str
    formula: Basic | None = None
    over: Mapping[Symbol, Range] = field(default_factory=dict)
    without: Assumption | None = None


@dataclass(frozen=True)
class Mutation:
    """A false variant of a statement, with a point where it fails.

    Attributes
    ----------
    description
        What was changed.
    formula
        The mutated statement.
    point
        Values at which it is false.
    consequence
        A relation that would follow from the mutated statement, and is false at the point; the statement itself unless
        given.
    """

    description: str
    formula: Basic
    point: Mapping[Basic, Basic]
    consequence: Basic | None = None


@dataclass(frozen=True)
class Clause:
    """One part of a claim: everything that is printed, derived, checked and controlled comes from this object.

    Attributes
    ----------
    name
        A few words, unique within the claim.
    says
        The statement in one sentence, with slots that are filled from the clause: `[[formula]]`, `[[lhs]]`, `[[rhs]]`,
        `[[range]]` (all ranges), `[[range p]]`, `[[low p]]`, `[[high p]]`, and the names of `parts`. No number,
        relation or range of the formula is typed beside its slot. `[[relations]]` are the relations in words.
    formula
        A SymPy relation or a conjunction of relations; `true` where words alone say it.
    over
        The range of every parameter of the formula.
    assumes
        What is taken for granted. Checks build their instances from it: an assumption without which the formula fails
        on an instance is reported as needed, with that instance; whether the others are needed is open.
    parts
        Further slots: each part of the formula that the sentence shows, taken out of the clause.
    kind
        A theorem must hold; an open question, or a conjecture, may come out either way.
    depends_on
        What it rests on beside what its claim rests on: claims as `P6`, clauses as `P6/mean gain`.
    derive
        Proves the clause; raises `StepError` if its formula does not follow.
    near_miss
        The control of its checks; None for the right-hand side off by the resolution.
    resolution
        The relative error of a constant that the checks must see; a large one for a bound that is not sharp.
    relations
        For a clause on trained networks or on records: what it states, as relations between named statistics.
    """

    name: str
    says: str
    formula: Basic = true
    over: Mapping[Symbol, Range] = field(default_factory=dict)
    assumes: tuple[Assumption, ...] = ()
    parts: Mapping[str, Callable[["Clause"], Basic]] = field(default_factory=dict)
    kind: ClauseKind = "theorem"
    depends_on: tuple[str, ...] = ()
    derive: Callable[["Clause"], Proof] | None = None
    near_miss: NearMiss | None = None
    resolution: Rational = HUNDREDTH
    relations: tuple[Relation, ...] = ()
    box: Box = field(default_factory=dict)
    mutation: Mutation | None = None

    def __post_init__(self) -> None:
        if self.over and not self.box:
            object.__setattr__(self, "box", {x: (r.low, r.high) for x, r in self.over.items() if _says_more(x, r)})

    @property
    def sentence(self) -> str:
        """The statement in one sentence, its slots filled; mathematics between dollar signs."""
        return filled(self)

    def latex(self) -> str:
        """The clause's formula as LaTeX, with the ranges for which it is stated; empty if words alone say it."""
        if self.formula is true:
            return ""
        ranges = self.ranges()
        return str(latex(self.formula)) + (rf"\qquad \left({ranges}\right)" if ranges else "")

    def ranges(self) -> str:
        """The ranges for which the clause is stated, as LaTeX; ranges that a symbol has by itself are left out."""
        if not self.over:
            return ",\\; ".join(f"{latex(low)} < {latex(x)} < {latex(high)}" for x, (low, high) in self.box.items())
        return ",\\; ".join(r.latex(x) for x, r in self.over.items() if _says_more(x, r))

    def stating(self, formula: Basic) -> "Clause":
        """The same clause with another formula."""
        return replace(self, formula=formula)

    def varied(self, variant: NearMiss) -> "Clause":
        """The clause with what the variant changes, and everything that is computed from it."""
        over = {**self.over, **variant.over}
        return replace(
            self,
            formula=self.formula if variant.formula is None else variant.formula,
            over=over,
            assumes=tuple(a for a in self.assumes if a is not variant.without),
            box={} if self.over else self.box,
        )

    def proof(self) -> Proof:
        """The proof of this clause, its ranges and assumptions held against those that the clause states.

        Raises
        ------
        StepError
            If the formula does not follow, or follows only on a narrower range or under a further assumption.
        ValueError
            If the clause has no derivation.
        """
        if self.derive is None:
            raise ValueError(f"clause {self.name!r}: expected a derivation")
        proof = self.derive(self)
        if proof.statement != self.formula:
            raise StepError("the proof is of another formula", proof.statement)
        unstated = [one for one in proof.given if one not in self.assumes and not one.discharged]
        if unstated:
            raise StepError(f"the proof assumes what the clause does not: {unstated[0]}", self.formula)
        for chain in proof.chains:
            for symbol, ends in chain.box.items():
                if symbol in self.over and not self.over[symbol].lies_within(ends, strict=chain.relation in ("<", ">")):
                    stated = self.over[symbol].latex(symbol)
                    raise StepError(f"derived on ({ends[0]}, {ends[1]}), stated for {stated}", symbol)
        return proof


def _says_more(symbol: Symbol, r: Range) -> bool:
    """Whether a range says more than the assumptions of the symbol itself."""
    if (r.low, r.high) == (-oo, oo):
        return False
    if r.high != oo:
        return True
    if symbol.is_integer and symbol.is_positive:
        return bool(r.low != 1 or r.open_low)
    if symbol.is_positive:
        return bool(r.low != 0)
    if symbol.is_nonnegative:
        return bool(r.low != 0 or r.open_low)
    return True


@dataclass(frozen=True)
class Claim:
    """A statement with a permanent id.

    Attributes
    ----------
    id
        Permanent, as `P5` or `P3c`.
    title
        One line.
    clauses
        The statement, part by part.
    setting
        What holds for every clause and is no assumption object: one sentence each; mathematics between dollar signs.
    source
        Section of the paper, or "beyond the paper".
    kind
        Where it comes from; whether it must hold is for each clause to say.
    depends_on
        What every clause rests on: claims as `P6`, clauses as `P6/mean gain`.
    """

    id: str
    title: str
    clauses: tuple[Clause, ...]
    setting: tuple[str, ...]
    source: str
    kind: ClaimKind
    depends_on: tuple[str, ...] = ()

    @property
    def assumptions(self) -> tuple[str, ...]:
        """What is assumed, one sentence each: the setting, then what the clauses assume."""
        stated = dict.fromkeys(a for clause in self.clauses for a in clause.assumes)
        return (*self.setting, *(a.says for a in stated))

    def clause(self, name: str) -> Clause:
        """The clause of that name.

        Raises
        ------
        KeyError
            If there is none.
        """
        for clause in self.clauses:
            if clause.name == name:
                return clause
        raise KeyError(f"claim {self.id} has no clause {name!r}")


@dataclass(frozen=True)
class Choice:
    """The words that an argument of a closed form may be.

    The expression knows a word by its number: `Piecewise((..., Eq(activation, choice.number("gate"))), ...)`.

    Attributes
    ----------
    words
        The words, numbered from 0.
    """

    words: tuple[str, ...]

    def number(self, word: str) -> Integer:
        """The number of `word`.

        Raises
        ------
        ValueError
            If it is none of the words.
        """
        return Integer(self.words.index(word))

    def __str__(self) -> str:
        return f"one of {', '.join(self.words)}"


@dataclass(frozen=True)
class ClosedForm:
    """A quantity that a user can evaluate, as the derivation left it.

    Attributes
    ----------
    name
        As in `purecheck evaluate NAME`.
    arguments
        Argument name on the command line to the symbol in `expression`.
    expression
        SymPy expression in those symbols.
    domain
        Argument name to what it may be.
    claim
        The claim that states it.
    words
        What the number is, with its unit or definition.
    requires
        What the arguments must satisfy together: conditions in the symbols, each with words that complete
        "expected ...".
    """

    name: str
    arguments: Mapping[str, Symbol]
    expression: Expr
    domain: Mapping[str, Range | Choice]
    claim: str
    words: str
    requires: tuple[tuple[Basic, str], ...] = ()

    def unmet(self, values: Mapping[str, Rational]) -> str | None:
        """The words of the first joint condition that `values` (by argument name) fail; None if all are met."""
        point = {self.arguments[name]: value for name, value in values.items()}
        for condition, words in self.requires:
            if condition.subs(point) != true:
                return words
        return None


@dataclass(frozen=True)
class ImplicitForm:
    """A quantity that is the only root of a finite sum, strictly increasing in the unknown.

    Attributes
    ----------
    name, arguments, domain, claim, words
        As for a `ClosedForm`.
    unknown
        The symbol that is solved for, not negative.
    equation
        Strictly increasing in `unknown`: a linear combination of finite sums. Where it is not negative at zero the
        quantity is 0.
    high
        The root is at most this.
    """

    name: str
    arguments: Mapping[str, Symbol]
    unknown: Symbol
    equation: Expr
    high: Expr
    domain: Mapping[str, Range]
    claim: str
    words: str
