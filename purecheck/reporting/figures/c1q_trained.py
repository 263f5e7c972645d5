"""Trained bottleneck encoders of twelve features, compared with the best equal mixture (claim C1q)."""

from functools import reduce

import numpy as np
from matplotlib.figure import Figure
from scipy.optimize import minimize_scalar
from sympy import Rational

from numerics.contrastive.gram import DiscreteLaw, GramLoss
from purecheck.experiments.linear_arms import span_participation
from purecheck.reporting.figures.registry import ClaimFigure
from purecheck.reporting.figures.seeds import INTERVALS, medians
from purecheck.reporting.figures.style import SERIES, styled
from purecheck.runtime.context import Context
from theory.contrastive.c1q_trained import ONE_OUTPUT, THREE_OUTPUTS
from theory.contrastive_training import bottleneck
from theory.statistics import decimal

_ARM = ONE_OUTPUT[0]
_BETWEEN = bottleneck(1, Rational(1, 10))
_ATTACKS = np.linspace(0.0, 0.36, 73)
_LARGEST_SCALE = 64.0
"""An upper bound far above every optimal scale: without an attack 3.7 for one feature and 15.5 for twelve.

Attacks lower the optimal scale.
"""


def draw(context: Context) -> Figure:
    """A figure of the subspace participation over the attack, for equal mixtures and trained encoders."""
    with styled() as (figure, axes):
        sizes = [best_size(float(eps)) for eps in _ATTACKS]
        axes.step(_ATTACKS, sizes, where="post", color=SERIES[0], label="one output, best equal mixture")
        series = ((ONE_OUTPUT[0], _BETWEEN, *ONE_OUTPUT[1:]), THREE_OUTPUTS)
        for place, (arms, words) in enumerate(zip(series, ("one output", "three outputs"), strict=True)):
            middle, errors = medians([span_participation(arm, context) for arm in arms])
            axes.errorbar(
                [float(arm.eps) for arm in arms],
                middle,
                np.maximum(errors, 0.0),
                fmt="os"[place],
                capsize=3,
                elinewidth=1,
                color=SERIES[place],
                label=f"{words}, trained",
            )
        axes.set(xlabel=r"size of the attack, $\epsilon/r$", ylabel="subspace participation")
        axes.legend()
    return figure


def mixture_loss(n: int, eps: float) -> GramLoss:
    """The exact loss over the scale of one output that holds `n` features equally: `t^T X` is a lazy walk."""
    p = float(_ARM.p)
    walk = reduce(np.convolve, [np.asarray([p / 2, 1 - p, p / 2])] * n)[n:]
    points = np.arange(n + 1)[:, None] / np.sqrt(n)
    return GramLoss(DiscreteLaw(points, walk * np.where(np.arange(n + 1) > 0, 2.0, 1.0)), eps, eps)


def best_size(eps: float) -> int:
    """The number of features in the best equal mixture."""
    losses = {n: _least(mixture_loss(n, eps)) for n in range(1, _ARM.d + 1)}
    return min(losses, key=losses.__getitem__)


def _least(loss: GramLoss) -> float:
    found = minimize_scalar(
        lambda scale: loss.value(np.asarray([[scale]])), bounds=(0.0, _LARGEST_SCALE), method="bounded"
    )
    return float(found.fun)


FIGURE = ClaimFigure(
    name="c1q_trained",
    claim="C1q",
    caption="Linear encoders with one and with three outputs, trained on "
    f"${_ARM.d}$ features ($p = {decimal(_ARM.p)}$) by stochastic "
    "gradients: as the attack grows, they pass from spanning all features to pure ones. Line: the number of features "
    f"in the best equal mixture of one output; training can stop at a larger one. {INTERVALS}",
    draw=draw,
)
