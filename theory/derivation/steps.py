"""One link of a derivation, and the links that define names."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import KW_ONLY, InitVar, dataclass, field, replace
from functools import reduce
from typing import TYPE_CHECKING, Literal

from sympy import Basic, Dummy, Expr, Indexed, MatrixExpr, MatrixSymbol, S, Symbol, latex
from sympy.core.function import AppliedUndef, Function

from theory.algebra import Box, has_meaning, is_nonnegative, is_positive, meet
from theory.assumptions import Assumption
from theory.derivation.binding import bound_by
from theory.signs import is_whole

if TYPE_CHECKING:
    from theory.derivation.chains import Derivation

Relation = Literal["=", "<=", "<", ">=", ">"]
Kind = Literal["definition", "assumption", "algebra", "theorem", "cited"]

MIRRORED: Mapping[Relation, Relation] = {"=": "=", "<": ">", ">": "<", "<=": ">=", ">=": "<="}
"""Each relation as it reads from right to left."""

_LATEX_RELATION = {"=": "=", "<=": r"\le", "<": "<", ">=": r"\ge", ">": ">"}


class StepError(ValueError):
    """Exact algebra does not confirm a link.

    Attributes
    ----------
    reason
        The rule that the link was to follow.
    residue
        The expression that was not shown to vanish or to have the required sign.
    definitions
        The meanings of the names in the statement, if the chain was compared with a statement; else empty.
    """

    def __init__(self, reason: str, residue: Basic, definitions: Mapping[Basic, Basic] | None = None) -> None:
        super().__init__(f"step not confirmed ({reason}): {residue}")
        self.reason = reason
        self.residue = residue
        self.definitions = definitions or {}


_SEAL = object()
"""The token that marks what this package has checked: only code that holds it can make a link that counts as shown, a
chain or a proof. No module outside `theory.derivation` may import it; a test searches for it."""


@dataclass(frozen=True)
class Step:
    """One link `left relation right`, with the rule that leads from one side to the other.

    Only this package makes links that count as shown: chains make those of kind "algebra", `theorem` makes those of
    kind "theorem", and `definition` makes definitions. Other code can only restate an assumption or cite a result.

    Attributes
    ----------
    left, relation, right
        The link.
    reason
        The rule, for a reader.
    kind
        What the link rests on.
    hypotheses
        The hypotheses that were checked or are assumed, for a reader.
    cites
        Author, title and place of the theorem.
    rests_on
        The chains whose results the link uses.
    box
        The open ranges on which the link holds.
    given
        The assumptions of the claim that the link uses.
    defines
        The name that the link introduces, and its meaning; None if it introduces no name.
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
            raise StepError(f"{self.reason}: a link of kind {self.kind!r} can be made by the kernel alone", self.right)
        if not self.given:
            raise StepError(f"{self.reason}: a link that restates an assumption must name it (`given`)", self.right)

    def latex(self) -> str:
        """The link as LaTeX."""
        return f"{latex(self.left)} {_LATEX_RELATION[self.relation]} {latex(self.right)}"

    def turned(self) -> "Step":
        """The same link read from right to left; a definition turned in this way replaces an expression by its name."""
        return replace(self, left=self.right, relation=MIRRORED[self.relation], right=self.left, seal=_SEAL)

    def solved_for(self, part: Basic) -> "Step":
        """The equation solved for a part of its right-hand side, which must be affine in it, with a rational factor.

        Raises
        ------
        StepError
            If the link is not such an equation.
        """
        x = Dummy("x")
        opened = self.right.xreplace({part: x})
        coefficient = opened.diff(x)
        if self.relation != "=" or not coefficient.is_Rational or coefficient == 0:
            raise StepError(f"{self.reason}: not an equation that is affine in this part", part)
        right = (self.left - opened.xreplace({x: S.Zero})) / coefficient
        return replace(self, left=part, right=right, seal=_SEAL)


def definition(
    name: Basic,
    expression: Basic,
    reason: str,
    *,
    given: tuple[Assumption, ...] = (),
    box: Box | None = None,
    sign: Step | None = None,
) -> Step:
    """The link `name = expression`, which gives the meaning of a name in terms of the model.

    Parameters
    ----------
    name, expression, reason, given
        As in `begin`.
    box
        Ranges on which the expression must be shown to have the sign that the name declares.
    sign
        A link from the expression to zero that shows the sign, if the rules for signs do not.

    Raises
    ------
    StepError
        If the name is an expression or already has a meaning, occurs in its own meaning, or
        declares a property that is not shown of that expression.
    """
    if not _can_be_named(name):
        raise StepError("no name: an expression, or a function with a meaning of its own", name)
    if expression.has(name):
        raise StepError("a name may not occur in its own meaning", name)
    meaning: Basic = expression
    if sign is not None and sign.left == expression and sign.right == 0 and sign.kind != "cited":
        assumption = {">": "positive", ">=": "nonnegative", "<": "negative", "<=": "nonpositive", "=": "zero"}
        meaning = Dummy("x", **{assumption[sign.relation]: True})
    require_declared(name, meaning, box)
    return Step(
        name,
        "=",
        expression,
        reason,
        "definition",
        rests_on=sign.rests_on if sign is not None else (),
        given=union_of((given, sign.given if sign is not None else ())),
        box=meet_all((box or {}, sign.box if sign is not None else {}), reason),
        defines=(name, expression),
        seal=_SEAL,
    )


def _can_be_named(name: Basic) -> bool:
    """Whether `name` is a symbol or a function of the model that nothing but a definition gives a meaning to."""
    if isinstance(name, Symbol | Indexed | MatrixSymbol | AppliedUndef):
        return True
    return isinstance(name, Function) and not has_meaning(type(name)) and not bound_by(name)


def require_declared(name: Basic, expression: Basic, box: Box | None) -> None:
    """Refuse a name that declares a sign, or to be an integer, unless the same is shown of the expression.

    Raises
    ------
    StepError
        If a declared property is not shown.
    """
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
            raise StepError(f"the name {name} declares what is not shown of its meaning", expression)


def union_of(parts: Iterable[tuple[Assumption, ...]]) -> tuple[Assumption, ...]:
    """The assumptions of all parts, each once, in the order in which they first occur."""
    return tuple(dict.fromkeys(one for part in parts for one in part))


def meet_all(boxes: Iterable[Box], reason: str) -> Box:
    """The ranges that lie in all of the boxes; `reason` names the link in the message of an error.

    Raises
    ------
    StepError
        If it is not shown which of two ranges of a symbol lies in the other.
    """
    try:
        return reduce(meet, boxes, {})
    except ValueError as undecided:
        raise StepError(f"{reason}: {undecided}", Symbol("range")) from undecided
