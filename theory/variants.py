"""False variants of a clause: the near misses that its checks must reject.

Each variant is consistent, like an error of an author: everything that is computed from the clause is computed from the
variant. A variant is not required to be underivable. Its formula is evaluated on the model and must turn out false.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from sympy import Abs, And, Basic, Eq, Expr, Ge, Gt, Integer, Le, Lt, Rational, true
from sympy.core.relational import Relational

from theory.claims import Clause, NearMiss
from theory.ranges import Range

VariantKind = Literal["factor", "resolution", "number", "strictness", "range", "assumption"]

_WIDER = Rational(1, 20)
"""Share of its width by which a range is widened at each end that is a hypothesis: enough for a formula with that
end to fail visibly, little enough that a variant lies close to the clause."""
_STRICT = {Le: Lt, Ge: Gt}
_MOST_NUMBERS = 6
"""How many numbers inside a formula are doubled, one at a time; of more numbers only the first are."""


@dataclass(frozen=True)
class Variant:
    """One false variant with the kind of its error."""

    kind: VariantKind
    miss: NearMiss


def near_miss(clause: Clause) -> NearMiss:
    """The control of the checks of `clause`: its own, or its first right-hand side off by the resolution."""
    if clause.near_miss is not None:
        return clause.near_miss
    return next(variant.miss for variant in _constants(clause) if variant.kind == "resolution")


def variants(clause: Clause) -> Iterator[Variant]:
    """All variants of a clause with a formula: constants, strictness, ranges, assumptions."""
    if clause.formula is true:
        return
    yield from _constants(clause)
    yield from _numbers(clause)
    yield from _strictness(clause)
    yield from _ranges(clause)
    for assumption in clause.assumes:
        if not assumption.defines:
            yield Variant("assumption", NearMiss(f"without {assumption}", without=assumption))


def _with_conjunct(clause: Clause, position: int, conjunct: Basic) -> Basic:
    conjuncts = list(clause.conjuncts)
    conjuncts[position] = conjunct
    return And(*conjuncts, evaluate=False) if len(conjuncts) > 1 else conjunct


def _stronger(relation: Relational, factor: Rational) -> Basic:
    """`relation` with its right-hand side off by a factor, in the direction that makes it a stronger statement."""
    left, right = relation.lhs, relation.rhs
    zero = right == 0 or getattr(right, "is_zero_matrix", False)
    if isinstance(relation, Eq):
        return Eq(left, factor - 1 if zero else factor * right, evaluate=False)
    step = factor - 1 if zero else (factor - 1) * Abs(right)
    return relation.func(left, right + step if isinstance(relation, (Ge, Gt)) else right - step, evaluate=False)


def _relation(clause: Clause, position: int) -> str:
    return "relation" if len(clause.conjuncts) == 1 else f"relation {position + 1} of {len(clause.conjuncts)}"


def _side(clause: Clause, position: int) -> str:
    return "right-hand side" if len(clause.conjuncts) == 1 else f"right-hand side of {_relation(clause, position)}"


def _constants(clause: Clause) -> Iterator[Variant]:
    for position, relation in enumerate(clause.conjuncts):
        if not isinstance(relation, Relational):
            continue
        factors: dict[VariantKind, Rational] = {"resolution": 1 + clause.resolution}
        if clause.resolution < 1:
            factors["factor"] = Integer(2)
        for kind, factor in factors.items():
            changed = _with_conjunct(clause, position, _stronger(relation, factor))
            yield Variant(kind, NearMiss(f"{_side(clause, position)} off by a factor of {factor}", changed))


def _numbers(clause: Clause) -> Iterator[Variant]:
    """Each number of a right-hand side doubled, one place at a time."""
    for position, relation in enumerate(clause.conjuncts):
        if not isinstance(relation, Eq):
            continue
        for changed in list(_doubled(relation.rhs))[:_MOST_NUMBERS]:
            formula = _with_conjunct(clause, position, Eq(relation.lhs, changed, evaluate=False))
            yield Variant("number", NearMiss(f"{_side(clause, position)} {changed}", formula))


def _doubled(expr: Basic) -> Iterator[Basic]:
    for place, argument in enumerate(expr.args):
        if isinstance(argument, Rational) and abs(argument) != 1 and argument != 0:
            yield expr.func(*expr.args[:place], 2 * argument, *expr.args[place + 1 :])
        elif isinstance(argument, Expr) and argument.args:
            for changed in _doubled(argument):
                yield expr.func(*expr.args[:place], changed, *expr.args[place + 1 :])


def _strictness(clause: Clause) -> Iterator[Variant]:
    for position, relation in enumerate(clause.conjuncts):
        strict = _STRICT.get(type(relation))
        if strict is not None:
            changed = _with_conjunct(clause, position, strict(relation.lhs, relation.rhs, evaluate=False))
            yield Variant("strictness", NearMiss(f"{_relation(clause, position)} strict", changed))


def _ranges(clause: Clause) -> Iterator[Variant]:
    for symbol, r in clause.over.items():
        if r.natural or r.low == r.high:
            continue
        if r.low.is_finite is not False:
            low = r.low - (1 if r.integer else _step(r))
            if not (symbol.is_nonnegative and r.low == 0) and _admits(symbol, low):
                yield Variant("range", NearMiss(f"{symbol} from {low}", over={symbol: _moved(r, low=low)}))
        if r.high.is_finite is not False and not r.natural_high:
            high = r.high + (1 if r.integer else _step(r))
            yield Variant("range", NearMiss(f"{symbol} up to {high}", over={symbol: _moved(r, high=high)}))


def _step(r: Range) -> Expr:
    finite = r.low.is_finite is not False and r.high.is_finite is not False
    return _WIDER * (r.high - r.low) if finite else _WIDER * Abs(r.low if r.high.is_infinite else r.high) + _WIDER


def _moved(r: Range, low: Expr | None = None, high: Expr | None = None) -> Range:
    """The range with an end moved outward, so that checks also draw points between the old and the new end."""
    return replace(r, low=r.low if low is None else low, high=r.high if high is None else high)


def _admits(symbol: Basic, low: Expr) -> bool:
    """Whether the assumptions on the symbol itself admit so low a value."""
    if symbol.is_positive:
        return low.is_nonpositive is not True
    return not (symbol.is_nonnegative and low.is_negative)
