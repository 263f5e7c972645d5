"""Relations between named statistics, which are what a clause on trained networks or on records states."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby, product
from typing import Any, Literal

from sympy import Integer, Rational, S

from theory.statistics import Each, Measurement, Term, decimal, parameters, plain, put

Sign = Literal["<", ">", "<=", "=="]
Over = Literal["median", "median at every update", "mean", "every observation"]

_VERBS: dict[Sign, str] = {"<": "is below", ">": "exceeds", "<=": "is at most", "==": "equals"}
_TURNED: dict[Sign, Sign] = {"<": ">", ">": "<"}
_OVER: dict[Over, str] = {
    "median": "in the median over seeds",
    "median at every update": "at every recorded update, in the median over seeds",
    "mean": "on average over seeds",
    "every observation": "at every observation and up to a derived bound on rounding errors",
}


@dataclass(frozen=True)
class Relation:
    """A measured term against a number, or against a multiple of another term on the same seeds.

    Attributes
    ----------
    left
        What is measured. Where it has parameters (`Each`), the relation holds for every value of each.
    sign
        How it compares.
    bound
        The number; with `right` the multiple of it.
    right
        The other term, or None.
    over
        How the seeds, or the observations, are aggregated.
    margin
        Added to `right` where two terms are compared by their difference.

    Raises
    ------
    ValueError
        If means are compared by a multiple, if observations are compared with a number, or if there is a margin where
        no difference is compared.
    """

    left: Term
    sign: Sign
    bound: Rational
    right: Term | None = None
    over: Over = "median"
    margin: Rational = S.Zero

    def __post_init__(self) -> None:
        if self.over == "mean" and self.right is not None and self.bound != 1:
            raise ValueError(f"bound is {self.bound}; expected 1: means are compared by their difference")
        if self.over == "every observation" and self.right is None:
            raise ValueError("right is None; expected a term: every observation has a value of its own")
        if self.margin and not self.is_difference:
            raise ValueError(f"margin is {self.margin}; expected 0 where no difference is compared")

    @property
    def is_difference(self) -> bool:
        """Whether the difference of two terms is compared with `margin`; else a term, or a ratio, with `bound`."""
        return self.right is not None and self.bound == 1 and self.over != "every observation"

    @property
    def number(self) -> Rational:
        """The number on the right-hand side."""
        return self.margin if self.is_difference else self.bound

    def with_number(self, number: Rational) -> "Relation":
        """The same relation with another number."""
        return replace(self, margin=number) if self.is_difference else replace(self, bound=number)

    def __str__(self) -> str:
        return f"{self.left} {self.predicate}"

    @property
    def predicate(self) -> str:
        """The relation in words, without its left side."""
        verb = _VERBS[self.sign]
        if next(parameters(self), None) is not None:
            verb = verb.replace("is ", "is in every case ") if "is " in verb else f"in every case {verb}"
        if self.right is None:
            return f"{verb} {decimal(self.bound)}"
        multiple = "" if self.bound == 1 else f"{decimal(self.bound)} times "
        margin = f" plus {decimal(self.margin)}" if self.margin else ""
        return f"{verb} {multiple}{_after(self.left, self.right)}{margin}"

    def instances(self) -> Iterator[tuple[tuple[Any, ...], "Relation"]]:
        """The values of its parameters, and the relation for these; every combination in turn."""
        names: tuple[Each[Any], ...] = tuple(dict.fromkeys(parameters(self)))
        for values in product(*(name.values for name in names)):
            yield values, put(self, dict(zip(names, values, strict=True)))

    @property
    def compared(self) -> str:
        """A short description of what is compared with the number, for a relation without parameters."""
        left, right = self.left, self.right
        if right is None:
            return left.short
        sign = "minus" if self.is_difference else "over"
        if isinstance(left, Measurement) and isinstance(right, Measurement) and left.title == right.title:
            return f"{left.short} {sign} {plain(right.arm.short)}"
        return f"{left.short} {sign} {right.short}"

    def opposites(self) -> Iterator["Relation"]:
        """Variants that are false wherever the relation is true: with the opposite sign, or with the terms swapped."""
        if self.sign in _TURNED:
            yield replace(self, sign=_TURNED[self.sign])
            # If a is below b/2, b is not below a/2; but each may be below twice the other, where both are positive.
            strong = self.bound <= 1 if self.sign == "<" else self.bound >= 1
            if self.right is not None and strong and self.margin == 0:
                yield replace(self, left=self.right, right=self.left)


def _after(left: Term, right: Term) -> str:
    """A term that follows another one; words that both share are not repeated."""
    if not (isinstance(left, Measurement) and isinstance(right, Measurement)):
        return str(right)
    if left.what == right.what:
        return f"that {right.where}"
    return f"{right.what} {right.again}" if left.arm == right.arm else str(right)


def below(left: Term, bound: Rational | int, right: Term | None = None, over: Over = "median") -> Relation:
    """`left` is below `bound`, or below `bound` times `right`."""
    return Relation(left, "<", Rational(bound), right, over)


def above(left: Term, bound: Rational | int, right: Term | None = None, over: Over = "median") -> Relation:
    """`left` exceeds `bound`, or `bound` times `right`."""
    return Relation(left, ">", Rational(bound), right, over)


def smaller(left: Term, right: Term, over: Over = "median") -> Relation:
    """`left` is below `right` on the same seeds."""
    return Relation(left, "<", Integer(1), right, over)


def larger(left: Term, right: Term, over: Over = "median") -> Relation:
    """`left` exceeds `right` on the same seeds."""
    return Relation(left, ">", Integer(1), right, over)


def in_words(relations: Iterable[Relation]) -> str:
    """All relations in words that complete a sentence; words that neighbours share are not repeated."""
    return "; ".join(f"{_OVER[over]}, {_row(list(group))}" for over, group in groupby(relations, lambda one: one.over))


def _row(relations: list[Relation]) -> str:
    """Relations with the same aggregation, in words."""
    parts: list[str] = []
    previous: Relation | None = None
    for one in relations:
        if previous is not None and previous.left == one.left:
            parts[-1] += f" and {one.predicate}"
        else:
            left = str(one.left) if previous is None else _after(previous.left, one.left)
            parts.append(f"{left} {one.predicate}")
        previous = one
    return ", and ".join(parts) if len(parts) <= _FEW else "; ".join([*parts[:-1], f"and {parts[-1]}"])


_FEW = 2
"""Up to this many parts are joined by a comma, more by semicolons."""
