"""Claims as data: what is stated, under which assumptions, where it comes from, what it rests on."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from sympy import Basic, Expr, Integer, Rational, Symbol, latex, oo, true

from theory.algebra import Box
from theory.derivation import Proof

ClaimKind = Literal["paper", "sharpened", "open question", "conjecture"]
ClauseKind = Literal["theorem", "open question", "conjecture"]


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
    """One part of a claim.

    Attributes
    ----------
    name
        A few words, unique within the claim.
    formula
        A SymPy relation or a conjunction of relations; `true` where words alone say it.
    words
        The statement in one sentence; mathematics between dollar signs.
    box
        Open ranges of the symbols for which it is stated, beyond their assumptions.
    derive
        Proves a formula for this clause, given the formula; raises `StepError` if it does not follow.
    mutation
        The control of the derivation.
    kind
        A theorem must hold; an open question, or a conjecture, may come out either way.
    depends_on
        What it rests on beside what its claim rests on: claims as `P6`, clauses as `P6/mean gain`.
    """

    name: str
    words: str
    formula: Basic = true
    box: Box = field(default_factory=dict)
    derive: Callable[[Basic], Proof] | None = None
    mutation: Mutation | None = None
    kind: ClauseKind = "theorem"
    depends_on: tuple[str, ...] = ()

    def latex(self) -> str:
        """The clause's formula as LaTeX, with the ranges for which it is stated; empty if words alone say it."""
        if self.formula is true:
            return ""
        ranges = ",\\; ".join(f"{latex(low)} < {latex(x)} < {latex(high)}" for x, (low, high) in self.box.items())
        return str(latex(self.formula)) + (rf"\qquad \left({ranges}\right)" if ranges else "")


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
    assumptions
        What is assumed, one sentence each; mathematics between dollar signs.
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
    assumptions: tuple[str, ...]
    source: str
    kind: ClaimKind
    depends_on: tuple[str, ...] = ()

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
class Domain:
    """The values that an argument of a closed form may take.

    Attributes
    ----------
    low, high
        Ends of the range; `high` may be infinite.
    open_low, open_high
        Whether the end itself is excluded.
    integer
        Whether only integers are allowed.
    """

    low: Expr
    high: Expr = oo
    open_low: bool = False
    open_high: bool = False
    integer: bool = False

    def __contains__(self, value: Rational) -> bool:
        above = value > self.low if self.open_low else value >= self.low
        below = value < self.high if self.open_high else value <= self.high
        return bool(above and below and (value.is_integer or not self.integer))

    def __str__(self) -> str:
        kind = "an integer" if self.integer else "a number"
        above = f"{'>' if self.open_low else '>='} {self.low}"
        below = "" if self.high == oo else f" and {'<' if self.open_high else '<='} {self.high}"
        return f"{kind} {above}{below}"


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


POSITIVE = Domain(Integer(0), open_low=True)
NONNEGATIVE = Domain(Integer(0))
PROBABILITY = Domain(Integer(0), Integer(1))
COUNT = Domain(Integer(1), integer=True)


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
    domain: Mapping[str, Domain | Choice]
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
    domain: Mapping[str, Domain]
    claim: str
    words: str
