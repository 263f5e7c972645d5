"""Comparisons of two numbers, or of an interval with a number; checks are made of these."""

import math
import operator as op
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal, TypeAlias

from sympy import Rational

from purecheck.verdicts.evidence import Finding, Level, Outcome

Exact: TypeAlias = int | Fraction | Rational


_EXACTLY = {"==": op.eq, "<=": op.le, "<": op.lt, ">=": op.ge, ">": op.gt}


@dataclass(frozen=True)
class Comparison:
    """`left relation right`, up to `slack`.

    Attributes
    ----------
    left, right
        Numbers, floating-point or exact. By convention `left` is what was found and `right` is what the claim says.
    relation
        How they should compare.
    where
        A description, for readers, of the point at which they were taken.
    slack
        A bound on the error of `left - right`, derived where it is computed; 0 for exact numbers.
    """

    left: Any
    relation: Literal["==", "<=", "<", ">=", ">"]
    right: Any
    where: str
    slack: float = 0.0

    @property
    def excess(self) -> float:
        """The amount by which the comparison is violated; zero or less if it holds."""
        difference = float(self.left - self.right)
        match self.relation:
            case "==":
                return abs(difference) - self.slack
            case "<=" | "<":
                return difference - self.slack
            case _:
                return -difference - self.slack

    @property
    def holds(self) -> bool | None:
        """Whether the comparison holds; None if a number is not finite."""
        if not all(math.isfinite(float(x)) for x in (self.left, self.right, self.slack)):
            return None
        if self.slack == 0:
            return bool(_EXACTLY[self.relation](self.left, self.right))
        return bool(self.excess <= 0)

    @property
    def is_exact(self) -> bool:
        """Whether both numbers are exact rationals."""
        return self.slack == 0 and isinstance(self.left, Exact) and isinstance(self.right, Exact)

    def __str__(self) -> str:
        return f"{self.where}: {shown(self.left)} {self.relation} {shown(self.right)}"


def shown(number: Any) -> str:
    """A number for readers: exact numbers in full, floats to six digits."""
    return f"{number:.6g}" if isinstance(number, float) else str(number)


def judge(comparisons: Iterable[Comparison], level: Level) -> Finding:
    """The finding on a series of comparisons: refuted at the first that fails, undecided if one is not finite.

    The figure of merit is the largest share of its slack that a comparison used, if slacks were given.
    """
    cases, share = 0, 0.0
    undecided: str | None = None
    for comparison in comparisons:
        verdict = comparison.holds
        if verdict is False:
            return Finding(Outcome.REFUTED, level, cases + 1, None, f"refuted: {comparison}")
        if verdict is None:
            undecided = f"not finite at {comparison.where}"
            continue
        cases += 1
        if comparison.slack > 0:
            share = max(share, 1 + comparison.excess / comparison.slack)
    if undecided is not None:
        return Finding(Outcome.UNDECIDED, level, cases, None, undecided)
    return Finding(Outcome.UPHELD, level, cases, used_share(share), share=share)


def used_share(share: float) -> str | None:
    """A sentence on the largest used share of an error bound; None if no comparison had a bound."""
    return f"largest error {share:.2g} of its bound" if share > 0 else None


@dataclass(frozen=True)
class IntervalComparison:
    """A confidence interval compared with a value; it is decided only if the whole interval lies on one side.

    Attributes
    ----------
    low, high
        Ends of the interval.
    relation
        The side of `value` on which the interval is claimed to lie.
    value
        The number with which it is compared.
    where
        A description of the measurement for readers.
    """

    low: float
    high: float
    relation: Literal["<", ">"]
    value: float
    where: str

    @property
    def holds(self) -> bool | None:
        """Whether the claim holds; None if the interval contains the value, or if an end or the value is NaN."""
        if any(math.isnan(x) for x in (self.low, self.high, self.value)):
            return None
        below, above = self.high < self.value, self.low > self.value
        if not (below or above):
            return None
        return below if self.relation == "<" else above

    def __str__(self) -> str:
        return f"{self.where}: [{self.low:.4g}, {self.high:.4g}] {self.relation} {self.value:.4g}"


def judge_intervals(comparisons: Iterable[IntervalComparison | Comparison], level: Level, cases: int) -> Finding:
    """The finding on intervals over `cases` replicas.

    It is refuted if an interval lies on the wrong side, and otherwise undecided if one contains its value or if nothing
    was compared.
    """
    listed = list(comparisons)
    if not listed:
        return Finding(Outcome.UNDECIDED, level, 0, None, "nothing was compared")
    for verdict, outcome in ((False, Outcome.REFUTED), (None, Outcome.UNDECIDED)):
        for comparison in listed:
            if comparison.holds is verdict:
                return Finding(
                    outcome,
                    level,
                    cases,
                    None,
                    f"{'refuted' if verdict is False else 'undecided'}: {comparison}",
                )
    return Finding(Outcome.UPHELD, level, cases, "; ".join(map(str, listed)))
