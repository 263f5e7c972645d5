"""Derivations: chains of equations and inequalities, each link checked when it is built.

A link leads from one expression to a different one by exact algebra, or by a textbook theorem whose hypotheses
are checked on the spot (`theory.theorems`), or introduces a name for an expression of the model, or restates an
assumption of the claim. A link that does none of these is *cited*, and keeps its claim below "proved".
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from sympy import And, Basic, Dummy, Expr, MatrixExpr, latex
from sympy.concrete.expr_with_limits import ExprWithLimits
from sympy.core.relational import Relational

from theory.algebra import Box, is_nonnegative, is_positive, reduces_to_zero
from theory.assumptions import Assumption

Relation = Literal["=", "<=", "<", ">=", ">"]
Kind = Literal["definition", "assumption", "algebra", "theorem", "cited"]

_SYMPY_RELATION: Mapping[str, Relation] = {"==": "=", "<=": "<=", "<": "<", ">=": ">=", ">": ">"}
_LATEX_RELATION = {"=": "=", "<=": r"\le", "<": "<", ">=": r"\ge", ">": ">"}


class StepError(ValueError):
    """A link that exact algebra does not confirm.

    Attributes
    ----------
    residue
        What should have vanished or kept its sign, and was not shown to.
    definitions
        What the names in the statement stand for, where the chain got as far as comparing it.
    """

    def __init__(self, reason: str, residue: Basic, definitions: Mapping[Basic, Basic] | None = None) -> None:
        super().__init__(f"step not confirmed ({reason}): {residue}")
        self.reason = reason
        self.residue = residue
        self.definitions = definitions or {}


@dataclass(frozen=True)
class Step:
    """One link `left relation right`, with the rule that leads from one side to the other.

    Attributes
    ----------
    left, relation, right
        The link.
    reason
        The rule, for a reader.
    kind
        What the link rests on.
    hypotheses
        What was checked or is assumed for it, for a reader.
    rests_on
        The chain that the link sums up, if it does.
    given
        What the link uses of the assumptions of the claim.
    defines
        Whether it says what its left side, a name, stands for.
    """

    left: Basic
    relation: Relation
    right: Basic
    reason: str
    kind: Kind
    hypotheses: tuple[str, ...] = ()
    rests_on: "Derivation | None" = field(default=None, repr=False, compare=False)
    given: tuple[Assumption, ...] = ()
    defines: bool = False

    def latex(self) -> str:
        """The link as LaTeX."""
        return f"{latex(self.left)} {_LATEX_RELATION[self.relation]} {latex(self.right)}"


@dataclass(frozen=True)
class Derivation:
    """A chain of links from `start` to `end`, related by `relation`.

    Build it with `begin`, extend it with `equals`, `at_most`, `at_least` and `by`, and end it with `concludes`.
    Every method returns a new chain.
    """

    start: Basic
    end: Basic
    relation: Relation
    steps: tuple[Step, ...]
    box: Box = field(default_factory=dict)
    orthogonal: tuple[MatrixExpr, ...] = ()
    opened_given: tuple[Assumption, ...] = ()

    @property
    def given(self) -> tuple[Assumption, ...]:
        """The assumptions that its links use, and those of the chains that they sum up."""
        used = dict.fromkeys(self.opened_given)
        for step in self.steps:
            used |= dict.fromkeys(step.given)
            if step.rests_on is not None:
                used |= dict.fromkeys(step.rests_on.given)
        return tuple(used)

    @property
    def subject(self) -> Basic:
        """The expression that the chain speaks of: what its name stands for, or where it was opened."""
        first = self.steps[0] if self.steps else None
        return (
            first.right if first is not None and first.kind == "definition" and first.left == self.start else self.start
        )

    def equals(self, expr: Basic, reason: str) -> "Derivation":
        """The chain with `= expr` appended, after exact algebra has reduced the difference to zero.

        Raises
        ------
        StepError
            If it does not reduce.
        """
        if expr == self.end:
            raise StepError(f"{reason}: a step must change the expression", expr)
        if not reduces_to_zero(expr - self.end, self.orthogonal):
            raise StepError(reason, expr - self.end)
        return self._extend(Step(self.end, "=", expr, reason, "algebra"))

    def at_most(self, expr: Expr, reason: str, *, gap: Expr | None = None, strict: bool = False) -> "Derivation":
        """The chain with `<= expr` (`<` if strict) appended.

        `gap`, if given, is a form of `expr - end` whose sign is plain; that it equals the difference is checked.
        """
        return self._inequality(expr, reason, gap if gap is not None else expr - self.end, expr - self.end, strict, "<")

    def at_least(self, expr: Expr, reason: str, *, gap: Expr | None = None, strict: bool = False) -> "Derivation":
        """The chain with `>= expr` (`>` if strict) appended; `gap` is a plain form of `end - expr`."""
        return self._inequality(expr, reason, gap if gap is not None else self.end - expr, self.end - expr, strict, ">")

    def _inequality(
        self, expr: Expr, reason: str, gap: Expr, difference: Expr, strict: bool, side: Literal["<", ">"]
    ) -> "Derivation":
        if gap != difference and not reduces_to_zero(gap - difference):
            raise StepError(f"{reason}: the gap is not the difference", gap - difference)
        if not (is_positive if strict else is_nonnegative)(gap, self.box):
            raise StepError(reason, gap)
        relation: Relation = side if strict else ("<=" if side == "<" else ">=")
        return self._extend(Step(self.end, relation, expr, reason, "algebra"))

    def by(self, step: Step) -> "Derivation":
        """The chain with a theorem's or a cited link appended; the link must start where the chain ends.

        Raises
        ------
        StepError
            If the link starts at another expression.
        """
        if step.left != self.end and not reduces_to_zero(step.left - self.end, self.orthogonal):
            raise StepError(f"{step.reason}: the step starts elsewhere", step.left - self.end)
        self._refuse_new_facts(step)
        return self._extend(replace(step, left=self.end))

    def within(self, step: Step) -> "Derivation":
        """The chain with a theorem's link applied inside the last expression, which is affine in `step.left`.

        An equation replaces `step.left` by `step.right`; an inequality bounds the expression, in the direction that
        the sign of the coefficient of `step.left` gives.

        Raises
        ------
        StepError
            If `step.left` does not occur, or an inequality's coefficient has no plain sign.
        """
        replaced = self.end.xreplace({step.left: step.right})
        if replaced == self.end and step.relation == "=":
            replaced = self.end.subs(step.left, step.right)  # finds a sum inside a longer one too
        if replaced == self.end:
            raise StepError(f"{step.reason}: its left side does not occur", step.left)
        self._refuse_new_facts(step)
        if step.relation == "=":
            return self._extend(replace(step, left=self.end, right=replaced))
        placeholder = Dummy("x")
        opened = self.end.xreplace({step.left: placeholder})
        coefficient = opened.diff(placeholder)
        relation: Relation = step.relation
        if coefficient.has(placeholder):
            raise StepError(f"{step.reason}: the expression is not affine in the bounded part", coefficient)
        coefficient = _of_each(coefficient, step.left)
        if not is_nonnegative(coefficient, self.box):
            if not is_nonnegative(-coefficient, self.box):
                raise StepError(f"{step.reason}: the coefficient has no plain sign", coefficient)
            relation = _MIRRORED[relation]
        if step.relation in ("<", ">") and not is_positive(abs(coefficient), self.box):
            relation = "<=" if relation == "<" else ">="
        closed = opened.xreplace({placeholder: step.right})
        return self._extend(replace(step, left=self.end, relation=relation, right=closed))

    def concludes(self, statement: Basic) -> "Derivation":
        """This chain, after checking that it ends in `statement` as the ledger prints it.

        Raises
        ------
        StepError
            If `statement` does not follow from `start relation end`.
        """
        if not isinstance(statement, Relational):
            raise StepError("the statement is no equation or inequality", statement)
        if all(step.kind == "definition" for step in self.steps):
            raise StepError("a statement may not be its own definition", statement)
        if statement.lhs != self.start:
            raise StepError("the statement speaks of another quantity", statement.lhs)
        if self.relation not in _IMPLIED_BY[_SYMPY_RELATION[statement.rel_op]]:
            raise StepError(f"the chain shows {self.relation}, not {statement.rel_op}", statement)
        if statement.rhs != self.end and not reduces_to_zero(statement.rhs - self.end, self.orthogonal):
            raise StepError("the chain does not end in the statement", statement.rhs - self.end)
        return self

    def as_step(self, reason: str) -> Step:
        """The whole chain as one link of another; cited if one of its links is."""
        kind: Kind = "theorem" if self.is_complete else "cited"
        return Step(self.start, self.relation, self.end, reason, kind, rests_on=self)

    def _refuse_new_facts(self, step: Step) -> None:
        """A definition names what stands there: an equation whose right side brings a name of its own."""
        brought = (step.right.free_symbols - step.left.free_symbols) or step.defines
        if step.kind == "definition" and (step.relation != "=" or not brought):
            raise StepError(f"{step.reason}: a definition brings a name of its own", step.right)

    def _extend(self, step: Step) -> "Derivation":
        return replace(self, end=step.right, relation=_compose(self.relation, step), steps=(*self.steps, step))

    @property
    def is_complete(self) -> bool:
        """Whether no link is merely cited."""
        return all(step.kind != "cited" for step in self.steps)

    @property
    def definitions(self) -> dict[Basic, Basic]:
        """What each introduced name stands for, in this chain and in those that it sums up.

        Raises
        ------
        StepError
            If a name stands for two things.
        """
        known: dict[Basic, Basic] = {}
        for step in self.steps:
            if step.kind == "definition":
                _define(known, {step.left: step.right})
            if step.rests_on is not None:
                _define(known, step.rests_on.definitions)
        return known


def _define(known: dict[Basic, Basic], further: Mapping[Basic, Basic]) -> None:
    """Add what further names stand for to what is known."""
    for name, expression in further.items():
        if known.setdefault(name, expression) != expression:
            raise StepError(f"the name {name} stands for two things", expression)


def _of_each(coefficient: Expr, part: Basic) -> Expr:
    """The coefficient of one `part`, where `coefficient` sums it over symbols that occur in `part`.

    Raises
    ------
    StepError
        If there are several such sums.
    """
    sums = [e for e in coefficient.atoms(ExprWithLimits) if part.free_symbols.intersection(e.bound_symbols)]
    if len(sums) > 1:
        raise StepError("bounded under several sums or integrals over its symbols", coefficient)
    return coefficient.xreplace({total: total.function for total in sums})


_MIRRORED: Mapping[Relation, Relation] = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}

_IMPLIED_BY: Mapping[Relation, tuple[Relation, ...]] = {
    "=": ("=",),
    "<=": ("=", "<", "<="),
    ">=": ("=", ">", ">="),
    "<": ("<",),
    ">": (">",),
}


def _compose(relation: Relation, step: Step) -> Relation:
    if step.relation == "=" or relation == step.relation:
        return relation
    if relation == "=":
        return step.relation
    if relation[0] == step.relation[0]:
        return "<" if relation[0] == "<" else ">"
    raise StepError(f"{step.reason}: {relation} and {step.relation} do not chain", step.right)


def begin(
    name: Basic,
    expression: Basic,
    reason: str,
    *,
    box: Box | None = None,
    orthogonal: Iterable[MatrixExpr] = (),
    given: tuple[Assumption, ...] = (),
) -> Derivation:
    """A chain that starts by naming an expression of the model: `name = expression`.

    Parameters
    ----------
    name
        The quantity that the statement speaks of; must not occur in `expression`.
    expression
        What it is in terms of the model.
    reason
        Which part of the model says so.
    box
        Open ranges of symbols on which inequalities are to hold.
    orthogonal
        Matrices that are orthogonal by assumption.
    given
        What the model's part uses of the assumptions of the claim.

    Raises
    ------
    StepError
        If the name is a number or occurs in what it stands for.
    """
    step = definition(name, expression, reason, given=given)
    return Derivation(name, expression, "=", (step,), dict(box or {}), tuple(orthogonal))


def opening(
    expression: Basic,
    *,
    box: Box | None = None,
    orthogonal: Iterable[MatrixExpr] = (),
    given: tuple[Assumption, ...] = (),
) -> Derivation:
    """A chain that starts at an expression and says nothing of it yet; parameters as in `begin`."""
    return Derivation(expression, expression, "=", (), dict(box or {}), tuple(orthogonal), given)


def definition(name: Basic, expression: Basic, reason: str, *, given: tuple[Assumption, ...] = ()) -> Step:
    """The link `name = expression`, which says what a name stands for in terms of the model.

    Raises
    ------
    StepError
        If the name is a number or occurs in what it stands for.
    """
    if getattr(name, "is_number", False):
        raise StepError("a number is no name", name)
    if expression.has(name):
        raise StepError("a name may not occur in what it stands for", name)
    return Step(name, "=", expression, reason, "definition", given=given, defines=True)


@dataclass(frozen=True)
class Proof:
    """The derivations that together give a statement, one for each of its conjuncts.

    Attributes
    ----------
    statement
        As the ledger prints it.
    chains
        For each conjunct the chain that ends in it, in order.
    lemmas
        Chains that the others rest on.
    """

    statement: Basic
    chains: tuple[Derivation, ...]
    lemmas: tuple[Derivation, ...] = ()

    @property
    def is_complete(self) -> bool:
        """Whether no link of any chain is merely cited."""
        return all(chain.is_complete for chain in (*self.chains, *self.lemmas))

    @property
    def steps(self) -> int:
        """Number of checked links."""
        return sum(len(chain.steps) for chain in (*self.chains, *self.lemmas))

    @property
    def given(self) -> tuple[Assumption, ...]:
        """The assumptions that any of its links uses."""
        return tuple(dict.fromkeys(one for chain in (*self.chains, *self.lemmas) for one in chain.given))

    @property
    def box(self) -> Box:
        """The ranges on which its chains hold."""
        return {symbol: ends for chain in self.chains for symbol, ends in chain.box.items()}

    def counts(self) -> Mapping[Kind, int]:
        """Number of distinct links of each kind, those of the chains that links sum up included."""
        return Counter(step.kind for step in dict.fromkeys(_links((*self.chains, *self.lemmas))))


def _links(chains: Iterable[Derivation]) -> Iterable[Step]:
    for chain in chains:
        for step in chain.steps:
            yield step
            if step.rests_on is not None:
                yield from _links((step.rests_on,))


def prove(statement: Basic, *chains: Derivation, lemmas: Iterable[Derivation] = ()) -> Proof:
    """The proof of `statement` by chains that end in its conjuncts.

    Raises
    ------
    StepError
        If a conjunct is the end of none of the chains, or a name stands for two things.
    """
    supporting = tuple(lemmas)
    definitions: dict[Basic, Basic] = {}
    used = [statement, *(step.right for chain in (*supporting, *chains) for step in chain.steps)]
    for chain in (*supporting, *chains):
        further = chain.definitions
        _define(definitions, {name: further[name] for name in further if any(expr.has(name) for expr in used)})
    for conjunct in And.make_args(statement):
        failures = [failure for chain in chains if (failure := _failure(chain, conjunct)) is not None]
        if len(failures) == len(chains):
            last = failures[-1] if failures else StepError("no chain", conjunct)
            raise StepError(last.reason, last.residue, definitions)
    return Proof(statement, chains, supporting)


def _failure(chain: Derivation, conjunct: Basic) -> StepError | None:
    try:
        chain.concludes(conjunct)
    except StepError as failure:
        return failure
    return None
