"""Checks of E8: what gate-aware attacks find that plain gradients do not."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from numerics.evaluation import AttackName
from purecheck.check import Control
from purecheck.comparison import IntervalComparison
from purecheck.context import Context
from purecheck.experiments.arms import ARMS
from purecheck.experiments.measured import Floats, ladder
from purecheck.experiments.medians import median_compares
from purecheck.methods.trained import Trained

Seen = Mapping[tuple[str, float], Mapping[AttackName, Floats]]
Rung = tuple[str, float]

MASKED: tuple[Rung, ...] = (("fgm", 0.4), ("fgm, small gate", 0.4), ("fgm l_inf", 0.16), ("fgm l_inf, dense", 0.16))
HIGH_GATE: tuple[Rung, ...] = (("clean, large gate", 0.6), ("fgm, large gate", 0.6))


@dataclass(frozen=True)
class Overstates:
    """Gate-aware PGD finds more (or less) than `factor` times the risk that FGM finds."""

    factor: float
    relation: Literal["<", ">"]


@dataclass(frozen=True)
class MaskedMore:
    """Gate-aware over FGM risk is larger on the arm `more` than on the arm `less`, where it is below `factor`."""

    more: str
    less: str
    factor: float


@dataclass(frozen=True)
class MoreRobust:
    """Under each attack named, the first arm has lower risk than the second, at a size in multiples of `r`."""

    arms: tuple[tuple[AttackName, str, str], ...]
    size: float


def _observe(*rungs: Rung) -> Callable[[Context], Seen]:
    return lambda context: {(name, size): ladder(name, size, context) for name, size in rungs}


def _overstates(statement: Overstates, seen: Seen) -> list[IntervalComparison]:
    return [
        median_compares(
            risk["gate_aware"] / risk["fgm"],
            statement.relation,
            statement.factor,
            f"gate-aware over FGM risk, {name}, {size} r",
        )
        for (name, size), risk in seen.items()
    ]


def _masked_more(statement: MaskedMore, seen: Seen) -> list[IntervalComparison]:
    ratio = {name: risk["gate_aware"] / risk["fgm"] for (name, _), risk in seen.items()}
    more, less = ratio[statement.more], ratio[statement.less]
    return [
        median_compares(less, "<", statement.factor, f"gate-aware over FGM risk, {statement.less}"),
        median_compares(more - less, ">", 0.0, f"the same, {statement.more} less {statement.less}"),
    ]


def _more_robust(statement: MoreRobust, seen: Seen) -> list[IntervalComparison]:
    return [
        median_compares(
            seen[worse, statement.size][attack] - seen[better, statement.size][attack],
            ">",
            0.0,
            f"{attack} risk at {statement.size} r, {worse} less {better}",
        )
        for attack, better, worse in statement.arms
    ]


def _black_box(factor: float, seen: Seen) -> list[IntervalComparison]:
    return [
        median_compares(
            risk["random_search"] / risk["gate_aware"], "<", factor, f"random search over gate-aware risk, {name}"
        )
        for (name, _), risk in seen.items()
    ]


_EVERY = tuple((name, 0.16 if "l_inf" in name else 0.4) for name in ARMS)

CHECKS = (
    Trained(
        claim="E8",
        clauses=("FGM overstates",),
        name="gate-aware PGD against FGM",
        statement=Overstates(1.5, ">"),
        control=Control("FGM finds all there is", Overstates(1, "<")),
        observe=_observe(*MASKED),
        compare=_overstates,
    ),
    Trained(
        claim="E8",
        clauses=("the attack makes the mask",),
        name="gate-aware PGD against FGM at gate ratio 0.5",
        statement=MaskedMore("fgm, large gate", "clean, large gate", 2),
        control=Control("clean training masks more", MaskedMore("clean, large gate", "fgm, large gate", 2)),
        observe=_observe(*HIGH_GATE),
        compare=_masked_more,
    ),
    Trained(
        claim="E8",
        clauses=("a real part",),
        name="FGM training against clean at gate ratio 0.13, gate-aware",
        statement=MoreRobust((("gate_aware", "fgm, small gate", "clean, small gate"),), 0.4),
        control=Control(
            "clean is more robust", MoreRobust((("gate_aware", "clean, small gate", "fgm, small gate"),), 0.4)
        ),
        observe=_observe(("clean, small gate", 0.4), ("fgm, small gate", 0.4)),
        compare=_more_robust,
    ),
    Trained(
        claim="E8",
        clauses=("a masked part",),
        name="FGM training at 0.8 r against clean, attacked at 0.6 r",
        statement=MoreRobust((("fgm", "fgm strong", "clean"), ("gate_aware", "clean", "fgm strong")), 0.6),
        control=Control("its robustness is real", MoreRobust((("gate_aware", "fgm strong", "clean"),), 0.6)),
        observe=_observe(("clean", 0.6), ("fgm strong", 0.6)),
        compare=_more_robust,
    ),
    Trained(
        claim="E8",
        clauses=("black box",),
        name="random search against gate-aware PGD",
        statement=1.0,
        control=Control("random search finds less than a tenth", 0.1),
        observe=_observe(*_EVERY),
        compare=_black_box,
    ),
)
