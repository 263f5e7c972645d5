"""Chains of links, each checked when it is appended."""

from collections.abc import Iterable, Mapping
from dataclasses import InitVar, dataclass, field, replace
from typing import Literal

from sympy import Basic, Dummy, Expr, MatrixExpr, oo
from sympy.core.relational import Relational

from theory.algebra import Box, is_nonnegative, is_positive, is_well_formed, lies_within, reduces_to_zero
from theory.assumptions import Assumption
from theory.derivation.binding import binders, bound_by
from theory.derivation.direction import direction_of
from theory.derivation.names import definitions_about, hidden_symbols, merge_definitions, refuse_capture
from theory.derivation.steps import (
    _SEAL,
    MIRRORED,
    Relation,
    Step,
    StepError,
    definition,
    meet_all,
    require_declared,
    union_of,
)

_SYMPY_RELATION: Mapping[str, Relation] = {"==": "=", "<=": "<=", "<": "<", ">=": ">=", ">": ">"}

_IMPLIED_BY: Mapping[Relation, tuple[Relation, ...]] = {
    "=": ("=",),
    "<=": ("=", "<", "<="),
    ">=": ("=", ">", ">="),
    "<": ("<",),
    ">": (">",),
}


@dataclass(frozen=True)
class Derivation:
    """A chain of links from `start` to `end`, related by `relation`.

    Build it with `begin` or `opening`, extend it with `equals`, `at_most`, `at_least`, `by` and `within`, and end it
    with `concludes`. Every method returns a new chain. On the ranges of the chain every expression is well formed and
    every link holds, and no name captures an index.

    Attributes
    ----------
    start, end, relation
        The two ends of the chain and the relation that the links together give between them.
    steps
        The links, in order.
    box
        The open ranges on which the chain holds.
    orthogonal
        Matrices that are orthogonal by assumption; algebra may use that.
    opened_given
        The assumptions of the claim that the opening itself uses.
    """

    start: Basic
    end: Basic
    relation: Relation
    steps: tuple[Step, ...]
    box: Box = field(default_factory=dict)
    orthogonal: tuple[MatrixExpr, ...] = ()
    opened_given: tuple[Assumption, ...] = ()
    seal: InitVar[object] = None

    def __post_init__(self, seal: object) -> None:
        if seal is not _SEAL:
            raise StepError("a chain starts with `begin` or `opening`", self.start)

    @property
    def given(self) -> tuple[Assumption, ...]:
        """The assumptions of the claim that the links use, and the chains on which they rest."""
        return union_of((self.opened_given, *(step.given for step in self.steps)))

    @property
    def subject(self) -> Basic:
        """The expression that the chain is about: the meaning of its name, or else its start."""
        first = self.steps[0] if self.steps else None
        named = first is not None and first.defines is not None and first.defines[0] == self.start == first.left
        return first.right if first is not None and named else self.start

    def at(self, values: Mapping[Basic, Basic], box: Box | None = None, *, named: bool = False) -> Step:
        """What the chain says about its subject at particular values of its symbols.

        Parameters
        ----------
        values
            The values of some of the symbols.
        box
            Ranges of the symbols in the values.
        named
            Whether the left-hand side is the name with which the chain begins instead of the meaning of that name.

        Raises
        ------
        StepError
            If a value is not shown to have the properties that its symbol declares or to lie in its range, or if a
            name in the chain depends on one of the symbols without showing it.
        """
        for symbol, value in values.items():
            require_declared(symbol, value, box)
            if symbol in self.box:
                shown = is_positive if self.relation in ("<", ">") else is_nonnegative
                low, high = (end.xreplace(dict(values)) for end in self.box[symbol])
                if not ((low == -oo or shown(value - low, box)) and (high == oo or shown(high - value, box))):
                    raise StepError(f"the value of {symbol} may lie outside its range", value)
        said = (self.start if named else self.subject), self.end
        for name, hidden in hidden_symbols(definitions_about(self.definitions, said)):
            if hidden & set(values):
                raise StepError(f"the name {name} hides a symbol that is given a value", name)
        left, right = (expr.xreplace(dict(values)) for expr in said)
        kept = {x: ends for x, ends in self.box.items() if x not in values}
        link = self.as_step("shown above, for these values" if values else "shown above")
        return replace(link, left=left, right=right, box=meet_all((kept, box or {}), link.reason), seal=_SEAL)

    def narrowed(self, box: Box) -> "Derivation":
        """The same chain on smaller ranges.

        Raises
        ------
        StepError
            If the ranges are not shown to lie within those of the chain.
        """
        if not lies_within(box, self.box):
            raise StepError("a chain holds on its own ranges only", self.start)
        return replace(self, box=dict(box), seal=_SEAL)

    def equals(self, expr: Basic, reason: str) -> "Derivation":
        """The chain with `= expr` appended, after exact algebra has reduced the difference to zero.

        Raises
        ------
        StepError
            If the difference does not reduce to zero.
        """
        if expr == self.end:
            raise StepError(f"{reason}: a step must change the expression", expr)
        if not reduces_to_zero(expr - self.end, self.orthogonal):
            raise StepError(reason, expr - self.end)
        return self._extend(Step(self.end, "=", expr, reason, "algebra", seal=_SEAL))

    def at_most(self, expr: Expr, reason: str, *, gap: Expr | None = None, strict: bool = False) -> "Derivation":
        """The chain with `<= expr` (`<` if strict) appended.

        Parameters
        ----------
        expr
            The upper bound.
        reason
            The rule, for a reader.
        gap
            A form of `expr - end` whose sign can be read off, as a sum of squares or a product of factors with known
            signs. The rules for signs look at one form only and search for none; that the gap equals the difference
            is checked.
        strict
            Whether the inequality is strict.

        Raises
        ------
        StepError
            If the gap is not the difference, or its sign is not shown on the ranges of the chain.
        """
        return self._inequality(expr, reason, gap if gap is not None else expr - self.end, expr - self.end, strict, "<")

    def at_least(self, expr: Expr, reason: str, *, gap: Expr | None = None, strict: bool = False) -> "Derivation":
        """The chain with `>= expr` (`>` if strict) appended; as `at_most`, with `gap` a form of `end - expr`."""
        return self._inequality(expr, reason, gap if gap is not None else self.end - expr, self.end - expr, strict, ">")

    def _inequality(
        self, expr: Expr, reason: str, gap: Expr, difference: Expr, strict: bool, side: Literal["<", ">"]
    ) -> "Derivation":
        if gap != difference and not reduces_to_zero(gap - difference):
            raise StepError(f"{reason}: the gap is not the difference", gap - difference)
        if not (is_positive if strict else is_nonnegative)(gap, self.box):
            raise StepError(reason, gap)
        relation: Relation = side if strict else ("<=" if side == "<" else ">=")
        return self._extend(Step(self.end, relation, expr, reason, "algebra", seal=_SEAL))

    def by(self, step: Step) -> "Derivation":
        """The chain with a link appended that starts where the chain ends.

        Raises
        ------
        StepError
            If the link starts at another expression, or holds only on smaller ranges than the chain.
        """
        if step.left != self.end and not reduces_to_zero(step.left - self.end, self.orthogonal):
            raise StepError(f"{step.reason}: the step starts elsewhere", step.left - self.end)
        return self._extend(replace(step, left=self.end, seal=_SEAL))

    def within(self, step: Step) -> "Derivation":
        """The chain with a link applied inside the last expression.

        An equation replaces `step.left` by `step.right` wherever it occurs. An inequality bounds the expression, which
        must be built from multiples of `step.left` by sums and integrals, with coefficients of one sign.

        Raises
        ------
        StepError
            If `step.left` does not occur, the link holds only on smaller ranges, its right-hand side contains a symbol
            that is bound where it would be put, or the direction in which an inequality bounds the expression is not
            shown.
        """
        self._refuse_bound_symbols(step)
        replaced = self.end.xreplace({step.left: step.right})
        if replaced == self.end and step.relation == "=":
            # Unlike `xreplace`, `subs` also finds a sum inside a longer one.
            replaced = self.end.subs(step.left, step.right)
        if replaced == self.end:
            raise StepError(f"{step.reason}: its left side does not occur", step.left)
        relation = step.relation
        if relation != "=":
            placeholder = Dummy("x")
            opened = self.end.xreplace({step.left: placeholder})
            sign, strict = direction_of(opened, placeholder, self.box, step)
            relation = relation if sign > 0 else MIRRORED[relation]
            if not strict:
                relation = "<=" if relation[0] == "<" else ">="
        return self._extend(replace(step, left=self.end, relation=relation, right=replaced, seal=_SEAL))

    def _refuse_bound_symbols(self, step: Step) -> None:
        brought = step.right.free_symbols - step.left.free_symbols
        for binder in binders(self.end):
            captured = (brought | {step.left}) & bound_by(binder)
            if captured and binder.has(step.left):
                raise StepError(f"{step.reason}: the link is about symbols that are bound here", next(iter(captured)))

    def concludes(self, statement: Basic) -> "Derivation":
        """This chain, after checking that `statement`, in the form that the ledger prints, follows from it.

        Raises
        ------
        StepError
            If `statement` does not follow from `start relation end`.
        """
        if not isinstance(statement, Relational):
            raise StepError("the statement is not an equation or inequality", statement)
        _require_well_formed(statement, self.box, "statement")
        if all(step.kind == "definition" for step in self.steps):
            raise StepError("a statement may not be its own definition", statement)
        if statement.lhs != self.start:
            raise StepError("the statement is about another quantity", statement.lhs)
        if self.relation not in _IMPLIED_BY[_SYMPY_RELATION[statement.rel_op]]:
            raise StepError(f"the chain shows {self.relation}, not {statement.rel_op}", statement)
        if statement.rhs != self.end and not reduces_to_zero(statement.rhs - self.end, self.orthogonal):
            raise StepError("the chain does not end in the statement", statement.rhs - self.end)
        return self

    def as_step(self, reason: str) -> Step:
        """The whole chain as one link of another chain.

        The link holds on the ranges of this chain, and is cited if any link of this chain is.
        """
        return Step(
            self.start,
            self.relation,
            self.end,
            reason,
            "theorem" if self.is_complete else "cited",
            rests_on=(self,),
            box=self.box,
            given=self.given,
            seal=_SEAL,
        )

    def _extend(self, step: Step) -> "Derivation":
        if not lies_within(self.box, step.box, strict=step.relation in ("<", ">")):
            raise StepError(f"{step.reason}: the link holds on smaller ranges than the chain", step.left)
        _require_well_formed(step.right, self.box, step.reason)
        chain = replace(
            self,
            end=step.right,
            relation=_compose(self.relation, step),
            steps=(*self.steps, step),
            seal=_SEAL,
        )
        refuse_capture(chain.definitions, step.right)
        return chain

    @property
    def is_complete(self) -> bool:
        """Whether no link is merely cited."""
        return all(step.kind != "cited" for step in self.steps)

    @property
    def definitions(self) -> dict[Basic, Basic]:
        """The meaning of each name in the links, including the names inside those meanings.

        Raises
        ------
        StepError
            If a name has two meanings, or for an expression in which it occurs itself.
        """
        known: dict[Basic, Basic] = {}
        for step in self.steps:
            if step.defines is not None:
                merge_definitions(known, dict([step.defines]))
            for chain in step.rests_on:
                merge_definitions(known, definitions_about(chain.definitions, (step.left, step.right)))
        return known


def _require_well_formed(expr: Basic, box: Box, reason: str) -> None:
    if not is_well_formed(expr, box):
        raise StepError(f"{reason}: a sum is infinite, may run backwards, or its index declares too much", expr)


def _compose(relation: Relation, step: Step) -> Relation:
    """The relation that a chain has after one more link: strict as soon as one link of its direction is."""
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
        The quantity that the statement is about; it must not occur in `expression`.
    expression
        The quantity in terms of the model.
    reason
        The part of the model that gives this expression.
    box
        Open ranges of symbols on which the chain is to hold.
    orthogonal
        Matrices that are orthogonal by assumption.
    given
        The assumptions of the claim that the expression uses.

    Raises
    ------
    StepError
        If `name` cannot be defined in this way; see `definition`.
    """
    step = definition(name, expression, reason, given=given, box=box)
    chain = opening(name, box=box, orthogonal=orthogonal)
    return chain._extend(replace(step, box={}, seal=_SEAL))


def opening(
    expression: Basic,
    *,
    box: Box | None = None,
    orthogonal: Iterable[MatrixExpr] = (),
    given: tuple[Assumption, ...] = (),
) -> Derivation:
    """A chain that starts at an expression and has no links yet; parameters as in `begin`.

    Raises
    ------
    StepError
        If a sum in the expression is infinite, may run backwards, or has an index that declares a property which not
        every value in its range has.
    """
    ranges = dict(box or {})
    _require_well_formed(expression, ranges, "opening")
    return Derivation(expression, expression, "=", (), ranges, tuple(orthogonal), given, seal=_SEAL)
