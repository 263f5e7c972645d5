"""From mixture to pure behind a bottleneck: the best direction of a linear encoder with one output (claim C1q)."""

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

from numerics.contrastive.gram import DiscreteLaw, GramLoss
from numerics.contrastive.gram_solver import minimise_gram
from purecheck.reporting.figures.registry import ClaimFigure
from purecheck.reporting.figures.style import styled
from purecheck.runtime.context import Context

_RATES = (0.05, 0.15, 0.3)
_FEATURES = 3
_ATTACKS = np.linspace(0.0, 0.495, 67)
_SOLVED = (0.0, 0.165, 0.33)


def draw(context: Context) -> Figure:
    """A figure of the optimum's participation ratio over the attack.

    Lines show the best equal mixture, and points show solved optima.
    """
    with styled() as (figure, axes):
        for p in _RATES:
            sizes = [best_mixture(population(float(eps), p))[0] for eps in _ATTACKS]
            line = axes.step(_ATTACKS, sizes, where="post", label=f"$p = {p:g}$")[0]
            solved = [optimal_participation(eps, p, context) for eps in _SOLVED]
            axes.plot(_SOLVED, solved, "o", color=line.get_color())
        axes.axvline(0.5, linestyle=":", linewidth=1, color="gray")
        axes.text(0.495, _FEATURES, "collapse", ha="right", va="top", rotation=90)
        axes.set(xlabel=r"size of the attack, $\epsilon/r$", ylabel="participation ratio of $t$")
        axes.legend(loc="center right", bbox_to_anchor=(0.95, 0.6))
    return figure


def population(eps: float, p: float) -> GramLoss:
    """The exact adversarial loss on `_FEATURES` features of amplitude 1."""
    return GramLoss(DiscreteLaw.constant_amplitude(_FEATURES, p, 1.0), eps, eps)


def best_mixture(loss: GramLoss) -> tuple[int, float]:
    """The number of features in the best equal mixture `t = (1, ..., 1, 0, ..., 0)/sqrt(n)`, and its loss."""
    losses = {n: _least_along(loss, n) for n in range(1, _FEATURES + 1)}
    best = min(losses, key=losses.__getitem__)
    return best, losses[best]


def _least_along(loss: GramLoss, n: int) -> float:
    t = np.where(np.arange(_FEATURES) < n, 1 / np.sqrt(n), 0.0)
    found = minimize_scalar(lambda scale: loss.value(scale * np.outer(t, t)), bounds=(0.0, 20.0), method="bounded")
    return float(found.fun)


def optimal_participation(eps: float, p: float, context: Context) -> float:
    """The participation ratio of the better of a descent from a random start and the best equal mixture."""
    loss = population(eps, p)
    size, value = best_mixture(loss)
    found = minimise_gram(loss, context.streams.generator(f"figure/{FIGURE.name}/{eps:g}/{p:g}"), rank=1)
    return participation(found.T[0]) if found.loss < value else float(size)


def participation(t: NDArray[np.float64]) -> float:
    """`(sum t_i^2)^2 / sum t_i^4`: 1 for a pure direction."""
    return float(np.sum(t**2) ** 2 / np.sum(t**4))


FIGURE = ClaimFigure(
    name="c1q_transition",
    claim="C1q",
    caption=r"Behind a bottleneck, one output of a linear encoder on three features of constant amplitude $r$: "
    r"how many features its direction $t$ mixes where the adversarial loss is least. Lines: the best equal mixture. "
    r"Points: the better of that and a descent over all directions. Clean training mixes all features; from a "
    r"critical attack on the optimum is exactly pure, until the encoder collapses at $r/2$.",
    draw=draw,
)
