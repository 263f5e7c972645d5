"""Derivations: chains of equations and inequalities, each link checked when it is built.

A link leads from one expression to a different one by exact algebra, or by a textbook theorem whose hypotheses
are checked on the spot (`theory.theorems`), or introduces a name for an expression of the model, or restates an
assumption of the claim. A link that does none of these is *cited*, and keeps its claim below "proved".
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import KW_ONLY, InitVar, dataclass, field, fields, is_dataclass, replace
from functools import reduce, wraps
from inspect import signature
from typing import Any, Literal, ParamSpec

from sympy import (
    Add,
    And,
    Basic,
    Derivative,
    Dummy,
    Expr,
    Indexed,
    Integral,
    Lambda,
    MatrixExpr,
    MatrixSymbol,
    Mul,
    S,
    Subs,
    Sum,
    Symbol,
    latex,
    oo,
)
from sympy.concrete.expr_with_limits import ExprWithLimits
from sympy.core.function import AppliedUndef, Function
from sympy.core.relational import Relational

from theory.algebra import (
    Box,
    has_meaning,
    is_nonnegative,
    is_positive,
    is_well_formed,
    lies_within,
    meet,
    reduces_to_zero,
)
from theory.assumptions import Assumption
from theory.signs import is_whole

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


_SEAL = object()
"""Held by this module alone: without it no link that counts as shown, no chain and no proof can be made."""


@dataclass(frozen=True)
class Step:
    """One link `left relation right`, with the rule that leads from one side to the other.

    Links of kind "algebra" and "theorem" are made by chains and by `theorem`, definitions by `definition`; elsewhere
    only an assumption can be restated, or a link be cited.

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
    cites
        Author, title and place of the theorem.
    rests_on
        The chains that it takes something from.
    box
        Open ranges on which it holds.
    given
        What it uses of the assumptions of the claim.
    defines
        The name that it introduces, and what that stands for.
    """

    left: Basic
    relation: Relation
    right: Basic
    reason: str
    kind: Kind
    hypotheses: tuple[str, ...] = ()
    _: KW_ONLY
    cites: str = ""
    rests_on: "tuple[Derivation, ...]" = field(default=(), repr=False, compare=False)
    box: Box = field(default_factory=dict, compare=False)
    given: tuple[Assumption, ...] = ()
    defines: tuple[Basic, Basic] | None = None
    seal: InitVar[object] = None

    def __post_init__(self, seal: object) -> None:
        if seal is _SEAL or self.kind == "cited":
            return
        if self.kind != "assumption":
            raise StepError(f"{self.reason}: a link of kind {self.kind!r} is made by the kernel alone", self.right)
        if not self.given:
            raise StepError(f"{self.reason}: a link that restates an assumption names it", self.right)

    def latex(self) -> str:
        """The link as LaTeX."""
        return f"{latex(self.left)} {_LATEX_RELATION[self.relation]} {latex(self.right)}"

    def turned(self) -> "Step":
        """The equation read from right to left: a definition then puts the name for what it stands for.

        Raises
        ------
        StepError
            If it is no equation.
        """
        if self.relation != "=":
            raise StepError(f"{self.reason}: not an equation", self.right)
        return replace(self, left=self.right, right=self.left, seal=_SEAL)

    def solved_for(self, part: Basic) -> "Step":
        """The equation solved for a part of its right side, in which that is affine with a number in front.

        Raises
        ------
        StepError
            If it is no such equation.
        """
        x = Dummy("x")
        opened = self.right.xreplace({part: x})
        coefficient = opened.diff(x)
        if self.relation != "=" or not coefficient.is_Rational or coefficient == 0:
            raise StepError(f"{self.reason}: not an equation that is affine in this part", part)
        right = (self.left - opened.xreplace({x: S.Zero})) / coefficient
        return replace(self, left=part, right=right, seal=_SEAL)


@dataclass(frozen=True)
class Conclusion:
    """What a theorem says of an instance whose hypotheses it has checked: no link until `theorem` makes it one.

    Attributes
    ----------
    left, relation, right, reason, hypotheses, given
        As in a link.
    discharged
        Symbols whose ranges the theorem has used up: it covers them, or they are bound in what it says. Assumptions
        that it has used up, as an induction does its hypothesis.
    """

    left: Basic
    relation: Relation
    right: Basic
    reason: str
    hypotheses: tuple[str, ...] = ()
    discharged: tuple[Basic | Assumption, ...] = ()
    given: tuple[Assumption, ...] = ()


_P = ParamSpec("_P")
THEOREMS: dict[str, str] = {}
"""The citation of every theorem of the kernel, by module and name."""


def theorem(*, cites: str) -> Callable[[Callable[_P, Conclusion]], Callable[_P, Step]]:
    """A decorator that makes a link of what a theorem concludes; what it was given is recorded with the link.

    The link holds where the chains and links among the arguments hold, on the range that is given as `box`; it is
    cited if one of them is.

    Parameters
    ----------
    cites
        Author, title and place in a textbook.

    Raises
    ------
    ImportError
        If the function is defined outside `theory.theorems`, or cites nothing.
    """

    def decorate(function: Callable[_P, Conclusion]) -> Callable[_P, Step]:
        module = function.__module__
        if not module.startswith("theory.theorems.") or not cites:
            raise ImportError(f"{module}.{function.__qualname__}: expected a theorem of theory.theorems with a source")
        THEOREMS[f"{module.removeprefix('theory.theorems.')}.{function.__qualname__}"] = cites
        parameters = signature(function)

        @wraps(function)
        def sealed(*args: _P.args, **kwargs: _P.kwargs) -> Step:
            said = function(*args, **kwargs)
            given_arguments = parameters.bind(*args, **kwargs).arguments
            box = given_arguments.get("box") or {}
            used = tuple(_evidence(tuple(given_arguments.values())))
            ranges = _meet((box, *(one.box for one in used)), said.reason)
            complete = all(one.is_complete if isinstance(one, Derivation) else one.kind != "cited" for one in used)
            return Step(
                said.left,
                said.relation,
                said.right,
                said.reason,
                "theorem" if complete else "cited",
                said.hypotheses,
                cites=cites,
                rests_on=tuple(_chains(used)),
                box={x: ends for x, ends in ranges.items() if x not in said.discharged},
                given=tuple(x for x in _union((said.given, *(one.given for one in used))) if x not in said.discharged),
                seal=_SEAL,
            )

        return sealed

    return decorate


def _evidence(value: Any) -> "Iterator[Step | Derivation]":
    """The links and chains among the arguments of a theorem."""
    if isinstance(value, Step | Derivation):
        yield value
    elif isinstance(value, Mapping):
        yield from _evidence((*value.keys(), *value.values()))
    elif isinstance(value, tuple | list):
        for part in value:
            yield from _evidence(part)
    elif is_dataclass(value):
        yield from _evidence(tuple(getattr(value, part.name) for part in fields(value)))


def _chains(used: "Iterable[Step | Derivation]") -> "Iterator[Derivation]":
    for one in used:
        yield from ((one,) if isinstance(one, Derivation) else one.rests_on)


def _union(parts: Iterable[tuple[Assumption, ...]]) -> tuple[Assumption, ...]:
    return tuple(dict.fromkeys(one for part in parts for one in part))


def _meet(boxes: Iterable[Box], reason: str) -> Box:
    try:
        return reduce(meet, boxes, {})
    except ValueError as undecided:
        raise StepError(f"{reason}: {undecided}", Symbol("range")) from undecided


@dataclass(frozen=True)
class Derivation:
    """A chain of links from `start` to `end`, related by `relation`.

    Build it with `begin` or `opening`, extend it with `equals`, `at_most`, `at_least`, `by` and `within`, and end it
    with `concludes`. Every method returns a new chain. Each expression of it is well formed on its ranges, each link
    holds there, and no name in it captures an index.
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
        """The assumptions that its links use, and those of the chains that they rest on."""
        return _union((self.opened_given, *(step.given for step in self.steps)))

    @property
    def subject(self) -> Basic:
        """The expression that the chain speaks of: what its name stands for, or where it was opened."""
        first = self.steps[0] if self.steps else None
        named = first is not None and first.defines is not None and first.defines[0] == self.start == first.left
        return first.right if first is not None and named else self.start

    def at(self, values: Mapping[Basic, Basic], box: Box | None = None, *, named: bool = False) -> Step:
        """What the chain says of its subject, for particular values of its symbols.

        Parameters
        ----------
        values
            For some symbols what to put for them.
        box
            Ranges of the symbols in the values.
        named
            Whether to speak of the name with which the chain begins, not of what that stands for.

        Raises
        ------
        StepError
            If a value is not shown to have what its symbol declares, or to lie in its range, or a name in what the
            chain says hides one of the symbols.
        """
        for symbol, value in values.items():
            _require_declared(symbol, value, box)
            if symbol in self.box:
                shown = is_positive if self.relation in ("<", ">") else is_nonnegative
                low, high = (end.xreplace(dict(values)) for end in self.box[symbol])
                if not ((low == -oo or shown(value - low, box)) and (high == oo or shown(high - value, box))):
                    raise StepError(f"the value of {symbol} may lie outside its range", value)
        said = (self.start if named else self.subject), self.end
        for name, hidden in _hidden(_about(self.definitions, said)):
            if hidden & set(values):
                raise StepError(f"the name {name} hides a symbol that is given a value", name)
        left, right = (expr.xreplace(dict(values)) for expr in said)
        kept = {x: ends for x, ends in self.box.items() if x not in values}
        link = self.as_step("shown above, for these values" if values else "shown above")
        return replace(link, left=left, right=right, box=_meet((kept, box or {}), link.reason), seal=_SEAL)

    def narrowed(self, box: Box) -> "Derivation":
        """The same chain on smaller ranges.

        Raises
        ------
        StepError
            If they are not shown to be smaller.
        """
        if not lies_within(box, self.box):
            raise StepError("a chain holds on its own ranges", self.start)
        return replace(self, box=dict(box), seal=_SEAL)

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
        return self._extend(Step(self.end, "=", expr, reason, "algebra", seal=_SEAL))

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
        return self._extend(Step(self.end, relation, expr, reason, "algebra", seal=_SEAL))

    def by(self, step: Step) -> "Derivation":
        """The chain with a theorem's or a cited link appended; the link must start where the chain ends.

        Raises
        ------
        StepError
            If the link starts at another expression, or holds on smaller ranges only.
        """
        if step.left != self.end and not reduces_to_zero(step.left - self.end, self.orthogonal):
            raise StepError(f"{step.reason}: the step starts elsewhere", step.left - self.end)
        return self._extend(replace(step, left=self.end, seal=_SEAL))

    def within(self, step: Step) -> "Derivation":
        """The chain with a link applied inside the last expression.

        An equation replaces `step.left` by `step.right`. An inequality bounds the expression, which must be a sum of
        multiples of `step.left`, under signs of sums and integrals at most, with coefficients of one sign.

        Raises
        ------
        StepError
            If `step.left` does not occur, the link holds on smaller ranges only, its right side brings a symbol that
            is bound where it is put, or the direction in which an inequality bounds the expression is not shown.
        """
        self._refuse_bound_symbols(step)
        replaced = self.end.xreplace({step.left: step.right})
        if replaced == self.end and step.relation == "=":
            replaced = self.end.subs(step.left, step.right)  # finds a sum inside a longer one too
        if replaced == self.end:
            raise StepError(f"{step.reason}: its left side does not occur", step.left)
        relation = step.relation
        if relation != "=":
            placeholder = Dummy("x")
            opened = self.end.xreplace({step.left: placeholder})
            sign, strict = _direction(opened, placeholder, self.box, step)
            relation = relation if sign > 0 else _MIRRORED[relation]
            if not strict:
                relation = "<=" if relation[0] == "<" else ">="
        return self._extend(replace(step, left=self.end, relation=relation, right=replaced, seal=_SEAL))

    def _refuse_bound_symbols(self, step: Step) -> None:
        brought = step.right.free_symbols - step.left.free_symbols
        for binder in _binders(self.end):
            captured = (brought | {step.left}) & _bound(binder)
            if captured and binder.has(step.left):
                raise StepError(f"{step.reason}: the link is about symbols that are bound here", next(iter(captured)))

    def concludes(self, statement: Basic) -> "Derivation":
        """This chain, after checking that it ends in `statement` as the ledger prints it.

        Raises
        ------
        StepError
            If `statement` does not follow from `start relation end`.
        """
        if not isinstance(statement, Relational):
            raise StepError("the statement is no equation or inequality", statement)
        _require_well_formed(statement, self.box, "statement")
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
        """The whole chain as one link of another, which holds on its ranges; cited if one of its links is."""
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
        _refuse_capture(step.right, chain.definitions)
        return chain

    @property
    def is_complete(self) -> bool:
        """Whether no link is merely cited."""
        return all(step.kind != "cited" for step in self.steps)

    @property
    def definitions(self) -> dict[Basic, Basic]:
        """What each name in its links stands for, and each name in that.

        Raises
        ------
        StepError
            If a name stands for two things, or for something that it occurs in itself.
        """
        known: dict[Basic, Basic] = {}
        for step in self.steps:
            if step.defines is not None:
                _define(known, dict([step.defines]))
            for chain in step.rests_on:
                _define(known, _about(chain.definitions, (step.left, step.right)))
        return known


def _define(known: dict[Basic, Basic], further: Mapping[Basic, Basic]) -> None:
    """Add what further names stand for to what is known."""
    for name, expression in further.items():
        if known.setdefault(name, expression) != expression:
            raise StepError(f"the name {name} stands for two things", expression)
        for other, meaning in known.items():
            values = _values(name, other)
            if values is not None and not reduces_to_zero(meaning - expression.xreplace(values)):
                raise StepError(f"the name {name} stands for two things", meaning)
    for name in further:
        if _expanded(name, known).has(name):
            raise StepError(f"the name {name} occurs in what it stands for", further[name])


def _values(general: Basic, special: Basic) -> dict[Basic, Basic] | None:
    """The values of its arguments at which one name, of a function, is another."""
    if general == special or general.func != special.func or not isinstance(general, Function):
        return None
    values = {x: y for x, y in zip(general.args, special.args, strict=True) if x != y}
    return values if all(isinstance(x, Symbol) for x in values) else None


def _about(definitions: Mapping[Basic, Basic], exprs: Iterable[Basic]) -> dict[Basic, Basic]:
    """The definitions of the names that occur in some expressions, and in what those names stand for."""
    found: dict[Basic, Basic] = {}
    open_ends = list(exprs)
    while open_ends:
        expr = open_ends.pop()
        for name, meaning in definitions.items():
            if name not in found and expr.has(name):
                found[name] = meaning
                open_ends.append(meaning)
    return found


def _expanded(name: Basic, definitions: Mapping[Basic, Basic]) -> Basic:
    """What a name stands for, to the bottom; a name that comes back stays in it."""
    expr, seen = definitions[name], {name}
    while True:
        inside = {x: y for x, y in definitions.items() if x not in seen and expr.has(x)}
        if not inside:
            return expr
        expr = expr.xreplace(inside)
        seen |= set(inside)


def _binders(expr: Basic) -> Iterator[Basic]:
    """The nodes that bind a symbol: sums, integrals, derivatives, minimisers and the like."""
    return (node for node in expr.atoms(ExprWithLimits, Derivative, Subs, Lambda, Function) if _bound(node))


def _bound(node: Basic) -> set[Basic]:
    if isinstance(node, Derivative):
        return set(node.variables)
    return set(getattr(node, "bound_symbols", ()))


def _refuse_capture(expr: Basic, definitions: Mapping[Basic, Basic]) -> None:
    """Refuse a name under a sign that binds a symbol which is hidden in what the name stands for."""
    for binder in _binders(expr):
        bound = _bound(binder)
        for name, hidden in _hidden(definitions):
            if hidden & bound and name not in bound and binder.has(name):
                raise StepError(f"the name {name} captures an index", binder)


def _hidden(definitions: Mapping[Basic, Basic]) -> Iterator[tuple[Basic, set[Basic]]]:
    """Each name with the symbols that it depends on and does not show."""
    for name in definitions:
        yield name, _expanded(name, definitions).free_symbols - name.free_symbols


def _require_well_formed(expr: Basic, box: Box, reason: str) -> None:
    if not is_well_formed(expr, box):
        raise StepError(f"{reason}: a sum is infinite, may run backwards, or its index declares too much", expr)


def _direction(expr: Expr, x: Dummy, box: Box, step: Step) -> tuple[int, bool]:
    """The sign with which `expr` follows `x`, and whether strictly.

    Raises
    ------
    StepError
        If `expr` is no sum of multiples of `x`, under signs of sums and integrals at most, or a sign is not shown.
    """
    if expr == x:
        return 1, True
    parts = [part for part in expr.args if part.has(x)]
    if isinstance(expr, Add):
        found = [_direction(part, x, box, step) for part in parts]
        if len({sign for sign, _ in found}) > 1:
            raise StepError(f"{step.reason}: the coefficient has no plain sign", expr)
        return found[0][0], any(strict for _, strict in found)
    if isinstance(expr, Mul) and len(parts) == 1:
        inner, strict = _direction(parts[0], x, box, step)
        coefficient = expr / parts[0]
        for sign in (1, -1):
            if is_nonnegative(sign * coefficient, box):
                return sign * inner, strict and is_positive(sign * coefficient, box)
        raise StepError(f"{step.reason}: the coefficient has no plain sign", coefficient)
    if isinstance(expr, Sum | Integral) and parts == [expr.function]:
        bound = {index for index, *_ in expr.limits}
        if bound & set(step.box):
            raise StepError(f"{step.reason}: the link holds on a part of the range of an index", expr)
        lengths = [high - low for _, low, high in expr.limits]
        if isinstance(expr, Integral):
            if not all(is_nonnegative(length, box) for length in lengths):
                raise StepError(f"{step.reason}: an integral may run backwards", expr)
            inside = {index: (low, high) for index, low, high in expr.limits}
            box = {**inside, **{symbol: ends for symbol, ends in box.items() if symbol not in inside}}
            filled = all(is_positive(length, box) for length in lengths)
        else:  # the range of a sum is in order, as the chain is well formed
            filled = all(is_nonnegative(length, box) for length in lengths)
        inner, strict = _direction(expr.function, x, box, step)
        return inner, strict and filled
    raise StepError(f"{step.reason}: the expression is not affine in the bounded part", expr)


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
        If the name cannot be one, see `definition`.
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
    """A chain that starts at an expression and says nothing of it yet; parameters as in `begin`.

    Raises
    ------
    StepError
        If a sum in it is infinite, may run backwards, or has an index that declares more than its range supports.
    """
    ranges = dict(box or {})
    _require_well_formed(expression, ranges, "opening")
    return Derivation(expression, expression, "=", (), ranges, tuple(orthogonal), given, seal=_SEAL)


def definition(
    name: Basic,
    expression: Basic,
    reason: str,
    *,
    given: tuple[Assumption, ...] = (),
    box: Box | None = None,
    sign: Step | None = None,
) -> Step:
    """The link `name = expression`, which says what a name stands for in terms of the model.

    Parameters
    ----------
    name, expression, reason, given
        As in `begin`.
    box
        Ranges on which the expression is shown to have the sign that the name declares.
    sign
        A link from the expression to zero that shows the sign.

    Raises
    ------
    StepError
        If the name is an expression or means something by itself, occurs in what it stands for, or declares what is
        not shown of that.
    """
    if not _can_be_named(name):
        raise StepError("no name: an expression, or a function with a meaning of its own", name)
    if expression.has(name):
        raise StepError("a name may not occur in what it stands for", name)
    stands_for: Basic = expression
    if sign is not None and sign.left == expression and sign.right == 0 and sign.kind != "cited":
        assumption = {">": "positive", ">=": "nonnegative", "<": "negative", "<=": "nonpositive", "=": "zero"}
        stands_for = Dummy("x", **{assumption[sign.relation]: True})
    _require_declared(name, stands_for, box)
    return Step(
        name,
        "=",
        expression,
        reason,
        "definition",
        rests_on=sign.rests_on if sign is not None else (),
        given=_union((given, sign.given if sign is not None else ())),
        box=_meet((box or {}, sign.box if sign is not None else {}), reason),
        defines=(name, expression),
        seal=_SEAL,
    )


def _can_be_named(name: Basic) -> bool:
    """Whether `name` is a symbol or a function of the model that nothing but a definition gives a meaning to."""
    if isinstance(name, Symbol | Indexed | MatrixSymbol | AppliedUndef):
        return True
    return isinstance(name, Function) and not has_meaning(type(name)) and not _bound(name)


def _require_declared(name: Basic, expression: Basic, box: Box | None) -> None:
    """Refuse a name that declares a sign, or to be real or an integer, which is not shown of what it stands for."""
    if not isinstance(expression, Expr) or isinstance(expression, MatrixExpr):
        return
    checks: tuple[tuple[bool | None, Callable[[], bool]], ...] = (
        (name.is_positive, lambda: is_positive(expression, box)),
        (name.is_nonnegative, lambda: is_nonnegative(expression, box)),
        (name.is_negative, lambda: is_positive(-expression, box)),
        (name.is_nonpositive, lambda: is_nonnegative(-expression, box)),
        (name.is_integer, lambda: is_whole(expression)),
    )
    for declared, shown in checks:
        if declared and not shown():
            raise StepError(f"the name {name} declares what is not shown of what it stands for", expression)


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
    seal: InitVar[object] = None

    def __post_init__(self, seal: object) -> None:
        if seal is not _SEAL:
            raise StepError("a proof is made by `prove`", self.statement)

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
        return _union(chain.given for chain in (*self.chains, *self.lemmas))

    @property
    def box(self) -> Box:
        """The ranges on which all of its chains hold.

        Raises
        ------
        StepError
            If two chains hold on ranges of which neither is shown to lie in the other.
        """
        return _meet((chain.box for chain in self.chains), "proof")

    def counts(self) -> Mapping[Kind, int]:
        """Number of distinct links of each kind; a link that only sums up a chain is not counted beside its links."""
        links = dict.fromkeys(_links((*self.chains, *self.lemmas)))
        return Counter(step.kind for step in links if step.cites or step.kind != "theorem")


def _links(chains: Iterable[Derivation]) -> Iterator[Step]:
    for chain in chains:
        for step in chain.steps:
            yield step
            yield from _links(step.rests_on)


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
        _define(definitions, _about(chain.definitions, used))
    for expr in used:
        _refuse_capture(expr, definitions)
    for conjunct in And.make_args(statement):
        failures = [failure for chain in chains if (failure := _failure(chain, conjunct)) is not None]
        if len(failures) == len(chains):
            last = failures[-1] if failures else StepError("no chain", conjunct)
            raise StepError(last.reason, last.residue, definitions)
    return Proof(statement, chains, supporting, seal=_SEAL)


def _failure(chain: Derivation, conjunct: Basic) -> StepError | None:
    try:
        chain.concludes(conjunct)
    except StepError as failure:
        return failure
    return None
