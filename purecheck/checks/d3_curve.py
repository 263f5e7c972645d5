"""Check of D3: the inheritance curve over a grid of purity and attack, compared with FGM and gate-aware PGD."""

from collections.abc import Iterator

from sympy import Expr

from purecheck.experiments.inheritance_curve import ATTACKS, PURE_COUNTS, CurvePoint, curve, predicted
from purecheck.methods.swept import Swept
from purecheck.verdicts.check import Control
from purecheck.verdicts.comparison import Comparison
from theory.inheritance.d3_inheritance_curve import INHERITED_ENERGY, INHERITED_GAIN, RISK_OF_LAYER, UNIT

_LEAST_SIZES = 2
"""Number of attack sizes of the grid that lie inside the region for every layer."""

_p, _pure, _mixed = (INHERITED_GAIN.arguments[name] for name in ("p", "pure_sq", "mixed_sq"))


def _as_predicted(energy: Expr, points: tuple[CurvePoint, ...]) -> Iterator[Comparison]:
    """Inside the region FGM reaches the prediction and gate-aware PGD does not exceed it."""
    for point in points:
        if point.is_inside:
            expected = predicted(energy, point.pure, point.eps)
            yield Comparison(point.risk["fgm"], "==", expected, f"FGM, {point}", point.slack)
            yield Comparison(point.risk["gate_aware"], "<=", expected, f"gate-aware PGD, {point}", point.slack)


def summary(points: tuple[CurvePoint, ...]) -> str:
    """A sentence on how many points lie inside the region, and what attacks find outside of it."""
    outside = [point for point in points if not point.is_inside]
    energy = INHERITED_GAIN.expression
    ratios = [max(point.risk.values()) / predicted(energy, point.pure, point.eps) for point in outside]
    inside = f"{len(points) - len(outside)} of {len(points)} points of the grid inside P2's region"
    if not ratios:
        return inside
    return (
        f"{inside}, {len(outside)} outside: there attacks find {min(ratios):.3g} to {max(ratios):.3g} times the curve"
    )


CHECKS = (
    Swept(
        claim="D3",
        clauses=(INHERITED_ENERGY.name, RISK_OF_LAYER.name, UNIT.name),
        name="the curve over purity and attack",
        statement=INHERITED_GAIN.expression,
        control=Control("p on all features", _p * (_pure + _mixed)),
        observe=curve,
        compare=_as_predicted,
        declared=len(ATTACKS) * len(PURE_COUNTS) * _LEAST_SIZES,
        summary=summary,
    ),
)
