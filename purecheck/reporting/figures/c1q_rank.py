"""Several outputs behind a bottleneck: what attacks cost away from the axes, and where the encoder collapses (C1q)."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from sympy import Rational

from numerics.contrastive.gram import DiscreteLaw, GramLoss
from numerics.contrastive.gram_solver import minimise_gram
from purecheck.models.bottleneck_search import BottleneckEncoder, attack_cost, axes_ratio
from purecheck.reporting.figures.registry import ClaimFigure
from purecheck.reporting.figures.style import SERIES, panels
from purecheck.runtime.context import Context
from theory.contrastive.c1q_bottleneck import CROSSING, RANK_AXES, axes_cost, crossing, rank_radius
from theory.contrastive.lazy_forms import q
from theory.model import p, r
from theory.quantities.bottleneck import AxesCost

_OUTPUTS = 2
_THRESHOLD = float(crossing(CROSSING, _OUTPUTS))
_RATES = (0.1, 1 / 3, _THRESHOLD, 0.7)
_ANGLES = np.linspace(0.0, np.pi / 4, 46)
_SPARSE = 0.3
_LARGEST_SCALE = 40.0
"""Above the optimal scale at the smallest attack that is drawn, 13.1."""


def draw(context: Context) -> Figure:
    """Left the cost over the angle from the axes, right the size of the best encoder over the attack."""
    with panels(2, 8.6, 3.6) as (figure, (left, right)):
        _draw_costs(left)
        _draw_collapse(right, context)
    return figure


def _draw_costs(axes: Axes) -> None:
    for rate in _RATES:
        costs = [ratio(float(angle), rate) / axes_ratio(_OUTPUTS, rate) for angle in _ANGLES]
        axes.plot(np.degrees(_ANGLES), costs, label=f"$p = {rate:.3g}$")
    axes.axhline(1.0, linestyle=":", linewidth=1, color="gray")
    axes.set(xlabel="angle of each output from an axis, degrees", ylabel="cost of an attack over that of two axes")
    axes.legend()


def ratio(angle: float, rate: float) -> float:
    """`E||G X||/tr G` of two outputs, each of which turns by that angle from one feature towards another."""
    turned = np.zeros((_OUTPUTS, 2 * _OUTPUTS))
    for output in range(_OUTPUTS):
        turned[output, 2 * output : 2 * output + 2] = np.cos(angle), np.sin(angle)
    return attack_cost(BottleneckEncoder(turned, rate, 0.0)) / _OUTPUTS


def collapse_radius(outputs: int, rate: Rational) -> float:
    """The collapse radius of the theorem at amplitude 1."""
    radius = rank_radius(RANK_AXES).subs({q: outputs, p: rate, r: 1})
    return float(radius.replace(AxesCost, axes_cost))


def _draw_collapse(axes: Axes, context: Context) -> None:
    radius = collapse_radius(_OUTPUTS, Rational(3, 10))
    attacks = radius * np.linspace(0.9, 1.04, 15)
    law = DiscreteLaw.constant_amplitude(_OUTPUTS + 1, _SPARSE, 1.0)
    projection = np.diag([1.0] * _OUTPUTS + [0.0])
    predicted, solved = [], []
    for eps in attacks:
        loss = GramLoss(law, float(eps), float(eps))
        predicted.append(_OUTPUTS * _best_scale(loss, projection))
        rng = context.streams.generator(f"figure/{FIGURE.name}/{eps:g}")
        solved.append(float(np.sum(minimise_gram(loss, rng, rank=_OUTPUTS).T ** 2)))
    axes.plot(attacks, predicted, color=SERIES[0], label="two axes of equal scale")
    axes.plot(attacks, solved, "o", color=SERIES[1], label="descent over all encoders")
    axes.axvline(radius, linestyle=":", linewidth=1, color="gray")
    axes.set(xlabel=r"size of the attack, $\epsilon/r$", ylabel=r"$\mathrm{tr}\,G$ of the optimum", ylim=(0, None))
    axes.legend()


def _best_scale(loss: GramLoss, projection: NDArray[np.float64]) -> float:
    bounds = (0.0, _LARGEST_SCALE)
    return float(minimize_scalar(lambda x: loss.value(x * projection), bounds=bounds, method="bounded").x)


FIGURE = ClaimFigure(
    name="c1q_rank",
    claim="C1q",
    caption="Two outputs behind a bottleneck. Left: what an attack costs when each output turns from one feature "
    r"towards another, relative to two axes. For $p \le 1/3$ no encoder is cheaper than axes of equal scale; "
    rf"two pairs at 45 degrees tie at $p = {_THRESHOLD}$ and are cheaper beyond. Right: the trace of the optimal Gram "
    rf"matrix at $p = {_SPARSE}$ as the attack approaches the collapse radius of the theorem (dotted). Points: the "
    "end of a descent over all encoders on three features from a random start.",
    draw=draw,
)
