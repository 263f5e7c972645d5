"""The inheritance curve: downstream risk against purity, on built layers and on trained ones (claim D3)."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from numerics.evaluation import AttackName
from purecheck.experiments.curve import mixed_gain
from purecheck.experiments.inheritance_curve import ORDER, PURE_COUNTS, SIZES, TAU, CurvePoint, D, P, curve, predicted
from purecheck.experiments.measured import inherited_gain
from purecheck.reporting.figures.registry import ClaimFigure
from purecheck.reporting.figures.seeds import INTERVALS, medians
from purecheck.reporting.figures.style import SERIES, panels
from purecheck.runtime.context import Context
from theory.inheritance.d3_inheritance_curve import INHERITED_GAIN
from theory.training.arms import IN_L2

_MARKERS = "os^Dvp"
_ATTACK_MARKERS: dict[AttackName, str] = {"fgm": "o", "gate_aware": "s"}


def draw(context: Context) -> Figure:
    """A figure of the risk over the share of pure features, and of the gain over the measured purity."""
    with panels(2, 9.0, 3.9) as (figure, axes):
        _built(axes[0], curve(context))
        _trained(axes[1], context)
    return figure


def _built(axes: Axes, points: tuple[CurvePoint, ...]) -> None:
    shares = [pure / D for pure in PURE_COUNTS]
    for eps, colour in zip(SIZES, SERIES, strict=False):
        curve_values = [predicted(INHERITED_GAIN.expression, pure, eps) for pure in PURE_COUNTS]
        axes.plot(shares, curve_values, color=colour, linewidth=1, label=rf"$\epsilon = {eps}\,r$")
        for point in (point for point in points if point.eps == eps):
            face = colour if point.is_inside else "none"
            for attack, marker in _ATTACK_MARKERS.items():
                axes.plot(point.pure / D, point.risk[attack], marker, color=colour, markerfacecolor=face)
    axes.set(xlabel=f"share of pure features, the rest in groups of {ORDER}", ylabel="risk of the clean head")
    axes.legend(fontsize=8)


def _trained(axes: Axes, context: Context) -> None:
    largest = 1.0
    for place, arm in enumerate(IN_L2):
        one = inherited_gain(arm, context)
        (x, y), errors = zip(*(medians([seeds]) for seeds in (one.participation, one.gain)), strict=True)
        largest = max(largest, float(np.max(one.participation)))
        axes.errorbar(
            x, y, yerr=errors[1], xerr=errors[0], fmt=_MARKERS[place], color=SERIES[place], label=arm.name, elinewidth=1
        )
    orders = np.linspace(1.0, largest, 100)
    axes.plot(orders, mixed_gain(orders), color="gray", linewidth=1, label=r"$\pi_m$ (D3)")
    axes.set(xlabel="measured participation ratio", ylabel=r"inherited gain $\mathbb{E}\|\beta\|^2/\|\theta'\|^2$")
    axes.legend(fontsize=7, loc="lower right")


FIGURE = ClaimFigure(
    name="d3_purity",
    claim="D3",
    caption=r"What clean heads inherit as a function of purity. Left: downstream risk of layers that are pure in part, "
    rf"$p = {float(P):g}$, label noise $\tau = {TAU:g}$, on every input; lines: D3 with P6; discs: FGM, squares: "
    "gate-aware PGD; hollow where the attack leaves P2's region, which the curve does not cover. Right: inherited "
    "gain of trained layers over their measured participation ratio, weighted by energy, beside the gain that D3 gives "
    f"groups of that order. {INTERVALS}",
    draw=draw,
)
