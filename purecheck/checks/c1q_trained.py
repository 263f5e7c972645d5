"""Trained check of C1q: bottleneck encoders of twelve features follow the transition from mixtures to features."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from sympy import Integer, Rational

from purecheck.check import Control
from purecheck.comparison import IntervalComparison
from purecheck.context import Context
from purecheck.experiments.linear_arms import LinearArm, bottleneck, span_participation
from purecheck.experiments.measured import Floats
from purecheck.experiments.medians import median_compares
from purecheck.methods.trained import Trained
from theory.contrastive.c1q_bottleneck import CONJECTURE, CONSTANT

Seen = Mapping[LinearArm, Floats]

ONE_OUTPUT = tuple(bottleneck(1, eps) for eps in (Integer(0), Rational(1, 5), Rational(3, 10)))
THREE_OUTPUTS = tuple(bottleneck(3, eps) for eps in (Integer(0), Rational(3, 10)))


@dataclass(frozen=True)
class Bound:
    """The median of subspace participation of one arm lies on that side of a value; 1 is `q` pure features."""

    arm: LinearArm
    relation: Literal["<", ">"]
    value: float


def _compare(statement: tuple[Bound, ...], seen: Seen) -> list[IntervalComparison]:
    return [
        median_compares(seen[one.arm], one.relation, one.value, f"subspace participation, {one.arm}")
        for one in statement
    ]


def _spans(arms: tuple[LinearArm, ...], context: Context) -> Seen:
    return {arm: span_participation(arm, context) for arm in arms}


_CLEAN, _MIDDLE, _PURE = ONE_OUTPUT

CHECKS: tuple[Trained[tuple[Bound, ...]], ...] = (
    Trained(
        claim="C1q",
        clauses=(CONSTANT.name,),
        name="trained, one output of twelve features",
        statement=(Bound(_CLEAN, ">", 10), Bound(_MIDDLE, "<", 4), Bound(_PURE, "<", 1.001)),
        control=Control("pure without attack", (Bound(_CLEAN, "<", 1.001),)),
        observe=lambda context: _spans(ONE_OUTPUT, context),
        compare=_compare,
    ),
    Trained(
        claim="C1q",
        clauses=(CONJECTURE.name,),
        name="trained, three outputs of twelve features",
        statement=(Bound(THREE_OUTPUTS[0], ">", 3), Bound(THREE_OUTPUTS[1], "<", 1.001)),
        control=Control("pure without attack", (Bound(THREE_OUTPUTS[0], "<", 1.001),)),
        observe=lambda context: _spans(THREE_OUTPUTS, context),
        compare=_compare,
    ),
)
