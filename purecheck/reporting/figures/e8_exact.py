"""The share of the exact worst case that each attack finds (claim E8)."""

import numpy as np
from matplotlib.figure import Figure

from purecheck.experiments.exact_arms import ATTACKS, EXACT_ARMS, found
from purecheck.reporting.figures.registry import ClaimFigure
from purecheck.reporting.figures.seeds import INTERVALS, medians
from purecheck.reporting.figures.style import SERIES, styled
from purecheck.runtime.context import Context

_WORDS = {arm: f"{'FGM-trained' if arm.training.attack else 'clean'}, {arm.ball}" for arm in EXACT_ARMS}
_ATTACK_WORDS = {
    "fgm": "FGM",
    "pgd": "PGD",
    "gate_aware": "gate-aware",
    "random_search": "random",
    "gate_search": "search over gates",
}


def draw(context: Context) -> Figure:
    """A figure of the share of the exact excess risk by arm and attack, with medians and intervals over seeds."""
    width = 0.8 / len(ATTACKS)
    with styled() as (figure, axes):
        for place, attack in enumerate(ATTACKS):
            middle, errors = medians([found(arm, context).share(attack) for arm in _WORDS])
            x = np.arange(len(_WORDS)) + (place - (len(ATTACKS) - 1) / 2) * width
            words = _ATTACK_WORDS[attack]
            axes.bar(x, middle, width, yerr=errors, label=words, color=SERIES[place], error_kw={"elinewidth": 1})
        axes.axhline(1.0, color="gray", linewidth=1, linestyle=":")
        axes.set(ylabel="share of the exact excess risk", xticks=range(len(_WORDS)))
        axes.set_xticklabels(list(_WORDS.values()), fontsize=8)
        axes.legend(ncols=len(ATTACKS), fontsize=8, loc="upper center", bbox_to_anchor=(0.5, 1.15))
    return figure


FIGURE = ClaimFigure(
    name="e8_exact",
    claim="E8",
    caption="The share of the exact worst case that each attack finds on small trained networks: its excess over the "
    "clean risk, relative to that of the worst perturbation found by mixed-integer programming (dotted line). "
    f"{INTERVALS}",
    draw=draw,
)
