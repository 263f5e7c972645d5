"""Checks of A3: purity, cross-talk and inherited risk by activation over seeds, with the answer computed from them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, Literal

import numpy as np

from numerics.activations import ActivationName, activation
from numerics.evaluation import AttackName
from purecheck.check import Control
from purecheck.comparison import IntervalComparison
from purecheck.context import Context
from purecheck.experiments.activation_arms import (
    ARMS,
    COMPARED,
    CURVED,
    FULL,
    HALF,
    LINEAR,
    SCREENING,
    THRESHOLD,
    Arm,
)
from purecheck.experiments.activation_measured import Measured, measured
from purecheck.experiments.measured import Floats
from purecheck.experiments.medians import median_compares
from purecheck.methods.trained import Trained

Seen = Mapping[Arm, Measured]
Relation = Literal["<", ">"]

GRADIENT_ATTACKS: tuple[AttackName, ...] = ("fgm", "pgd")
ATTACKS: tuple[AttackName, ...] = (*GRADIENT_ATTACKS, "gate_aware")
PURE, SHARE, HANDED_ON = 1.75, 0.5, 0.8
LESS: Relation = "<"
MORE: Relation = ">"


@dataclass(frozen=True)
class Bound:
    """What is measured on each of the `activations` lies to one side of a value.

    Attributes
    ----------
    activations
        Their names.
    relation, value
        The side.
    """

    activations: tuple[ActivationName, ...]
    relation: Relation
    value: float


@dataclass(frozen=True)
class Leaking:
    """The activations said to leak; what is measured exceeds `high` for them and stays below `low` for the others."""

    activations: tuple[ActivationName, ...]
    low: float
    high: float


def observed(context: Context) -> Seen:
    """What was measured on every arm."""
    return {arm: measured(arm, context) for arm in ARMS}


def remaining(arm: Arm, attack: AttackName, seen: Seen) -> Floats:
    """Part of the risk of clean heads on the clean layer that they keep on the layer of `arm`, one a seed."""
    return seen[arm].inherited[attack] / seen[Arm(arm.activation, 0.0)].inherited[attack]


def purity_comparisons(name: ActivationName, seen: Seen) -> list[IntervalComparison]:
    """That FGM training purifies: few features a node, and at most half of what clean training leaves."""
    arm = Arm(name, FULL)
    energy, clean = seen[arm].energy, seen[Arm(name, 0.0)].energy
    return [
        median_compares(energy, "<", PURE, f"participation ratio by energy, {arm}"),
        median_compares(energy / clean, "<", SHARE, f"the same over that of clean training, {arm}"),
    ]


def inheritance_comparisons(
    statement: Bound, arms: Sequence[Arm], attacks: Sequence[AttackName], seen: Seen
) -> list[IntervalComparison]:
    """Part of the risk that clean heads keep on each arm, against the value of the statement, under each attack."""
    return [
        median_compares(
            remaining(arm, attack, seen),
            statement.relation,
            statement.value,
            f"part of the inherited risk that remains under {attack}, {arm}",
        )
        for arm, attack in product(arms, attacks)
    ]


def answer(seen: Seen) -> str:
    """The answer to the open question, computed: with which activations both carry over; leak and risk that stays."""
    told: dict[bool | None, list[str]] = {True: [], False: [], None: []}
    for name in COMPARED:
        told[_carries(name, seen)].append(_told(name, seen))
    parts = [
        f"{words} {', '.join(told[verdict])}."
        for verdict, words in (
            (True, "FGM training purifies, and clean heads inherit against FGM and PGD, with"),
            (False, "Not so with"),
            (None, "Undecided for"),
        )
        if told[verdict]
    ]
    return " ".join(parts)


def _carries(name: ActivationName, seen: Seen) -> bool | None:
    """Whether purification and inheritance hold for an activation; None if an interval straddles its value."""
    found = purity_comparisons(name, seen)
    found += inheritance_comparisons(Bound((name,), LESS, HANDED_ON), [Arm(name, FULL)], GRADIENT_ATTACKS, seen)
    verdicts = [one.holds for one in found]
    return False if False in verdicts else None if None in verdicts else True


def _told(name: ActivationName, seen: Seen) -> str:
    arm = Arm(name, FULL)
    worst = max(float(np.median(remaining(arm, attack, seen))) for attack in ATTACKS)
    ratio = float(np.median(seen[arm].energy))
    leak = activation(name, THRESHOLD).leak
    return f"{name} (leak {leak:g}, {ratio:.2f} features a node, at worst {worst:.0%} of the risk stays)"


def _purifies(activations: tuple[ActivationName, ...], seen: Seen) -> list[IntervalComparison]:
    return [one for name in activations for one in purity_comparisons(name, seen)]


def _mixed(statement: Bound, seen: Seen) -> list[IntervalComparison]:
    return [
        median_compares(seen[arm].participation, statement.relation, statement.value, f"participation ratio, {arm}")
        for arm in _attacked(statement.activations, seen)
    ]


def _attacked(activations: tuple[ActivationName, ...], seen: Seen) -> list[Arm]:
    arms = [Arm(name, size) for name, size in product(activations, (FULL, HALF))]
    return [arm for arm in arms if arm in seen]


def _remains(attacks: Sequence[AttackName]) -> Callable[[Bound, Seen], list[IntervalComparison]]:
    return lambda statement, seen: inheritance_comparisons(
        statement, [Arm(name, FULL) for name in statement.activations], attacks, seen
    )


def _passes_nothing(statement: Bound, seen: Seen) -> list[IntervalComparison]:
    return inheritance_comparisons(statement, _attacked(statement.activations, seen), ATTACKS, seen)


def _cancels(statement: Bound, seen: Seen) -> list[IntervalComparison]:
    return [
        median_compares(
            seen[Arm(name, FULL)].cancelled, statement.relation, statement.value, f"cancelled slopes, {name}"
        )
        for name in statement.activations
    ]


def _split(quantity: str, measure: Callable[[Measured], Floats]) -> Callable[[Leaking, Seen], list[IntervalComparison]]:
    def compare(statement: Leaking, seen: Seen) -> list[IntervalComparison]:
        found = []
        for name in (*SCREENING, *LINEAR):
            arm, leaking = Arm(name, FULL), name in statement.activations
            relation, value = (MORE, statement.high) if leaking else (LESS, statement.low)
            found.append(median_compares(measure(seen[arm]), relation, value, f"{quantity}, {arm}"))
        return found

    return compare


def _check(
    clause: str, statement: Any, control: Control[Any], compare: Callable[[Any, Seen], list[IntervalComparison]]
) -> Trained[Any]:
    return Trained(
        claim="A3",
        clauses=(clause,),
        name=f"trained networks: {clause}",
        statement=statement,
        control=control,
        observe=observed,
        compare=compare,
        answer=answer if clause == "thresholds pass robustness on" else None,
    )


_SMOOTH: tuple[ActivationName, ...] = ("silu", "gelu")
_WITHOUT_JUMPS: tuple[ActivationName, ...] = ("soft_threshold", "biased_relu")
_HALF_A_LEAK = "a ReLU screens like the gate"

CHECKS = (
    _check("thresholds purify", SCREENING, Control("so does every activation", (*SCREENING, *LINEAR)), _purifies),
    _check(
        "a linear odd part keeps mixtures",
        Bound(LINEAR, MORE, 5.0),
        Control("so do thresholds", Bound((*SCREENING, *LINEAR), MORE, 5.0)),
        _mixed,
    ),
    _check(
        "thresholds pass robustness on",
        Bound(SCREENING, LESS, HANDED_ON),
        Control("so does every activation", Bound(COMPARED, LESS, HANDED_ON)),
        _remains(GRADIENT_ATTACKS),
    ),
    _check(
        "without jumps, against every attack",
        Bound(_WITHOUT_JUMPS, LESS, HANDED_ON),
        Control("so do SiLU and GELU", Bound(_SMOOTH, LESS, HANDED_ON)),
        _remains(ATTACKS),
    ),
    _check(
        "a linear odd part passes nothing on",
        Bound(LINEAR, MORE, 0.85),
        Control("nor does any activation", Bound(COMPARED, MORE, 0.85)),
        _passes_nothing,
    ),
    _check(
        "cross-talk",
        Leaking(LINEAR, 1 / 4, 1 / 2),
        Control(_HALF_A_LEAK, Leaking(_SMOOTH, 1 / 4, 1 / 2)),
        _split("cross-talk energy", lambda one: one.cross_talk),
    ),
    _check(
        "the price",
        Leaking(LINEAR, 0.1, 0.5),
        Control(_HALF_A_LEAK, Leaking(_SMOOTH, 0.1, 0.5)),
        _split("clean risk", lambda one: one.fit),
    ),
    _check("tanh purifies late", CURVED, Control("so do SiLU and GELU", _SMOOTH), _purifies),
    _check(
        "tanh passes robustness on",
        Bound(CURVED, LESS, HANDED_ON),
        Control("so do SiLU and GELU", Bound(_SMOOTH, LESS, HANDED_ON)),
        _remains(ATTACKS),
    ),
    _check(
        "tanh cancels its leak",
        Bound(CURVED, MORE, 0.75),
        Control("so do SiLU and GELU", Bound(_SMOOTH, MORE, 0.75)),
        _cancels,
    ),
)
