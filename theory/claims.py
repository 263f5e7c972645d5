"""Claims as data: what is stated, under which assumptions, where it comes from and what it depends on."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from sympy import And, Basic, Expr, Integer, Rational, Symbol, default_sort_key, latex, oo, true

from theory.algebra import Box
from theory.assumptions import Assumption
from theory.derivation import Proof, StepError
from theory.ranges import Range
from theory.relations import Relation
from theory.sentences import filled

HUNDREDTH = Rational(1, 100)
"""Relative error of a constant that checks must detect unless a clause says otherwise."""

ClauseKind = Literal["theorem", "open question", "conjecture"]
ClaimKind = Literal["paper", "sharpened", "open question", "conjecture"]


@dataclass(frozen=True)
class NearMiss:
    """A false variant close to a clause; fields that are not given stay as they are in the clause.

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
class Clause:
    """One part of a claim. Everything that is printed, derived, checked or used as a control comes from this object.

    Attributes
    ----------
    name
        A few words, unique within the claim.
    says
        The statement in one sentence, with slots that are filled from the clause: `[[formula]]`, `[[lhs]]`, `[[rhs]]`,
        `[[range]]` (all ranges), `[[range p]]`, `[[low p]]`, `[[high p]]`, and the names of `parts`. No number,
        relation or range of the formula is typed beside its slot. `[[relations]]` are the relations in words.
    formula
        A SymPy relation or a conjunction of relations; `true` if the clause is stated in words alone.
    over
        The range of every parameter of the formula.
    assumes
        The assumptions. Checks build their instances from them. An assumption without which the formula fails on some
        instance is reported as needed, with that instance; whether the others are needed is left open.
    parts
        Further slots: each part of the formula that the sentence shows, taken out of the clause.
    kind
        A theorem must hold; an open question or a conjecture may be decided either way.
    depends_on
        What the clause depends on in addition to the dependencies of its claim: claims as `P6`, clauses as
        `P6/mean gain`.
    derive
        The function that proves the clause; it raises `StepError` if the formula does not follow.
    near_miss
        The control of the checks; by default the clause with its right-hand side off by the resolution.
    resolution
        The smallest relative error of a constant that the checks must detect; large for a bound that is not sharp.
    relations
        What a clause on trained networks or on records states, as relations between named statistics.
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

    def __post_init__(self) -> None:
        if self.over and not self.box:
            object.__setattr__(self, "box", {x: (r.low, r.high) for x, r in self.over.items() if _says_more(x, r)})

    @property
    def conjuncts(self) -> tuple[Basic, ...]:
        """The relations that the formula consists of, in an order that is the same in every process."""
        return tuple(sorted(And.make_args(self.formula), key=default_sort_key))

    @property
    def sentence(self) -> str:
        """The statement in words, with its slots filled and mathematics between dollar signs."""
        return filled(self)

    def latex(self) -> str:
        """The formula of the clause as LaTeX, with the ranges for which it is stated; empty if there is none."""
        if self.formula is true:
            return ""
        ranges = self.ranges()
        return str(latex(self.formula)) + (rf"\qquad \left({ranges}\right)" if ranges else "")

    def ranges(self) -> str:
        """The ranges for which the clause is stated, as LaTeX, without those that a symbol implies by itself."""
        if not self.over:
            return ",\\; ".join(f"{latex(low)} < {latex(x)} < {latex(high)}" for x, (low, high) in self.box.items())
        return ",\\; ".join(r.latex(x) for x, r in self.over.items() if _says_more(x, r))

    def stating(self, formula: Basic) -> "Clause":
        """The same clause with another formula."""
        return replace(self, formula=formula)

    def varied(self, variant: NearMiss) -> "Clause":
        """The clause with the changes of the variant, and with everything that is computed from them."""
        over = {**self.over, **variant.over}
        return replace(
            self,
            formula=self.formula if variant.formula is None else variant.formula,
            over=over,
            assumes=tuple(a for a in self.assumes if a is not variant.without),
            box={} if self.over else self.box,
        )

    def proof(self) -> Proof:
        """The proof of this clause, after comparing its ranges and assumptions with those that the clause states.

        Raises
        ------
        StepError
            If the formula does not follow, or follows only on a narrower range or under additional assumptions.
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
    """Whether a range is narrower than the assumptions on the symbol already imply."""
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
        What holds for every clause and is not an assumption object; one sentence each, mathematics between dollar
        signs.
    source
        Section of the paper, or "beyond the paper".
    kind
        Where the claim comes from; whether a clause must hold is a property of the clause.
    depends_on
        What every clause depends on: claims as `P6`, clauses as `P6/mean gain`.
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
        """All assumptions, one sentence each: the setting first, then those of the clauses."""
        stated = dict.fromkeys(a for clause in self.clauses for a in clause.assumes)
        return (*self.setting, *(a.says for a in stated))

    def clause(self, name: str) -> Clause:
        """The clause of that name.

        Raises
        ------
        KeyError
            If there is no such clause.
        """
        for clause in self.clauses:
            if clause.name == name:
                return clause
        raise KeyError(f"claim {self.id} has no clause {name!r}")


@dataclass(frozen=True)
class Choice:
    """The words that an argument of a closed form may take.

    The expression refers to a word by its number: `Piecewise((..., Eq(activation, choice.number("gate"))), ...)`.

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
            If `word` is not one of the words.
        """
        return Integer(self.words.index(word))

    def __str__(self) -> str:
        return f"one of {', '.join(self.words)}"


@dataclass(frozen=True)
class ClosedForm:
    """A quantity that a user can evaluate, in the form that the derivation gives.

    Attributes
    ----------
    name
        As in `purecheck evaluate NAME`.
    arguments
        For every argument name on the command line, its symbol in `expression`.
    expression
        A SymPy expression in these symbols.
    domain
        For every argument name, the values that it may take.
    claim
        The claim that states the closed form.
    words
        What the number means, with its unit or definition.
    requires
        Joint conditions on the arguments, in their symbols, each with words that complete "expected ...".
    """

    name: str
    arguments: Mapping[str, Symbol]
    expression: Expr
    domain: Mapping[str, Range | Choice]
    claim: str
    words: str
    requires: tuple[tuple[Basic, str], ...] = ()

    def unmet(self, values: Mapping[str, Rational]) -> str | None:
        """The words of the first joint condition that `values`, by argument name, violate; None if there is none."""
        point = {self.arguments[name]: value for name, value in values.items()}
        for condition, words in self.requires:
            if condition.subs(point) != true:
                return words
        return None


@dataclass(frozen=True)
class ImplicitForm:
    """A quantity that is the only root of an equation which is strictly increasing in the unknown.

    Attributes
    ----------
    name, arguments, domain, claim, words
        As for a `ClosedForm`.
    unknown
        The nonnegative symbol that is solved for.
    equation
        A sum of means `E[t sig(x t)]`, `x` the unknown, over numbers `t` that are a function of a binomial number, or
        that plus a multiple of a lazy walk with that number of steps. If it is nonnegative at zero, the quantity is 0.
    """

    name: str
    arguments: Mapping[str, Symbol]
    unknown: Symbol
    equation: Expr
    domain: Mapping[str, Range]
    claim: str
    words: str
