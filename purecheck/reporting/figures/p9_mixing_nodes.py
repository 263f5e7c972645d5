"""How rarely a node can fire that mixes features: drawn weights above the exact minimum, trained nodes (claim P9)."""

from fractions import Fraction

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray
from sympy import Integer, Rational

from numerics.backend import to_numpy
from purecheck.checks.p9_mixing_nodes import tilted
from purecheck.evaluators.mixing import MixingNode, node_fires
from purecheck.experiments.arms import LAW, SIGMA, P, R, trained
from purecheck.reporting.figures.registry import ClaimFigure
from purecheck.reporting.figures.style import SERIES, panels
from purecheck.runtime.context import Context
from theory.claims import Clause
from theory.model import m, p
from theory.purification.p9_mixing_nodes import BOUND, WITH_OFFSET
from theory.training.arms import CLEAN

_RATES = (Rational(1, 10), Rational(3, 10), Rational(3, 5))
_ORDERS = range(1, 7)
_DRAWN = 12
_SAMPLES = 20_000
_SHOWN = 400
"""Trained nodes that are shown."""


def draw(context: Context) -> Figure:
    """Firing probability over the number of features that fire the node alone: searched weights, and trained nodes."""
    with panels(2, 8.6, 3.6) as (figure, (left, right)):
        _draw_searched(left, context)
        _draw_trained(right, context)
    return figure


def _draw_searched(axes: Axes, context: Context) -> None:
    rng = context.streams.generator(f"figure/{FIGURE.name}")
    for place, rate in enumerate(_RATES):
        orders = list(_ORDERS)
        least = [_at(BOUND, order, rate) for order in orders]
        axes.plot(orders, least, color=SERIES[place], label=f"$p = {float(rate):g}$")
        chance = Fraction(int(rate.p), int(rate.q))
        tilts = [float(node_fires(MixingNode(weights=tilted(n), p=chance, b=Fraction(1)))) for n in orders]
        axes.plot(orders, tilts, "o", color=SERIES[place])
        for order in orders[1:]:
            drawn = [_drawn(rng, order, chance) for _ in range(_DRAWN)]
            axes.plot([order] * _DRAWN, drawn, "_", color=SERIES[place], alpha=0.6)
    axes.set(xlabel="features that fire the node alone, $m$", ylabel="firing probability", ylim=(0, 1))
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.legend(loc="upper left")


def _drawn(rng: np.random.Generator, order: int, chance: Fraction) -> float:
    """Of a node with drawn weights, half of the time near the threshold."""
    spread = (Fraction(1, 100), Fraction(2))[int(rng.integers(2))]
    weights = tuple(1 + spread * Fraction(int(x), 100) for x in rng.integers(0, 101, order))
    return float(node_fires(MixingNode(weights=weights, p=chance, b=Fraction(1))))


def _at(clause: Clause, order: int, rate: Rational) -> float:
    """The right-hand side of a bound."""
    return float(clause.formula.rhs.subs({m: Integer(order), p: rate}).doit())


def counted(U: NDArray[np.floating], b: NDArray[np.floating]) -> NDArray[np.int64]:
    """For each node, how many features fire it alone; `U` of shape (d, H) at amplitude `R`, `b` of shape (H,)."""
    return np.asarray(np.sum(np.abs(U) * R >= b, axis=0), dtype=np.int64)


def _draw_trained(axes: Axes, context: Context) -> None:
    record = trained(CLEAN, context)
    U = to_numpy(record.U_final)[0]
    b = np.broadcast_to(to_numpy(record.net.b), (len(record.U_final), U.shape[1]))[0]  # of one replica, or of each
    rng = context.streams.generator(f"figure/{FIGURE.name}/trained")
    X = to_numpy(LAW.sample(rng, (_SAMPLES,))) + SIGMA * rng.standard_normal((_SAMPLES, U.shape[0]))
    rates = np.mean(np.abs(X @ U) >= b, axis=0)
    alone = counted(U, b)
    some = np.flatnonzero(alone)[:_SHOWN]
    axes.plot(alone[some], rates[some], ".", color=SERIES[1], alpha=0.6, label="nodes after clean training")
    orders = list(range(1, int(max(alone.max(), 2)) + 1))
    axes.plot(orders, [_at(WITH_OFFSET, n, P) for n in orders], color=SERIES[0], label="bound with noise")
    axes.set(xlabel="features that fire the node alone, $m$", ylabel="firing rate", ylim=(0, None))
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.legend(loc="upper left")


FIGURE = ClaimFigure(
    name="p9_mixing_nodes",
    claim="P9",
    caption="How rarely a node can fire. Left: the least firing probability of a node that mixes $m$ features, each of "
    "which fires it alone, as lines; tilted weights, which attain it, as points; nodes with drawn weights as dashes, "
    "all above. Right: nodes after clean training on noisy observations, whose further weights are weaker, against the "
    rf"bound that holds for them, from Erdos' theorem in place of the exact one; rates on {_SAMPLES:,} samples.",
    draw=draw,
)
