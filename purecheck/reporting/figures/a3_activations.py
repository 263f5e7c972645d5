"""The table of A3 as bars: leak and noise energy of each activation, and the results of training."""

from collections.abc import Callable, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from numerics.arrays import Floats
from purecheck.experiments.activation_arms import COMPARED, activation_name
from purecheck.experiments.activation_measured import MeasuredActivation, measured
from purecheck.reporting.figures.registry import ClaimFigure
from purecheck.reporting.figures.seeds import INTERVALS, medians
from purecheck.reporting.figures.style import SERIES, panels
from purecheck.reporting.tables.activation_properties import leak, passing_noise
from purecheck.runtime.context import Context
from theory.activations.a3_trained import FULL, ActivationArm, purifies

_FEW = purifies(COMPARED[0])[0]
"""The relation that a purified layer must satisfy, for any activation."""


def draw(context: Context) -> Figure:
    """A figure with a row for each activation: leak, share of the noise that passes, purity, inherited risk."""
    clean = [measured(ActivationArm(name), context) for name in COMPARED]
    attacked = [measured(ActivationArm(name, FULL), context) for name in COMPARED]
    with panels(4, 9.5, 3.6) as (figure, axes):
        _facts(axes[0], [leak(activation_name(name)).value for name in COMPARED], r"leak $\mathrm{act}'(0)$")
        _facts(
            axes[1], [passing_noise(activation_name(name)).value for name in COMPARED], r"noise energy over $\sigma^2$"
        )
        _pairs(axes[2], clean, attacked, lambda one: one.energy, "features per node")
        axes[2].axvline(float(_FEW.bound), linestyle=":", linewidth=1, color="gray")
        _pairs(axes[3], clean, attacked, lambda one: one.worst, f"inherited risk, {FULL}")
        for ax in axes:
            ax.set_yticks(range(len(COMPARED)), labels=[])
            ax.invert_yaxis()
        axes[0].set_yticklabels([name.name.replace("_", " ") for name in COMPARED])
        axes[2].legend(ncols=2, fontsize=8, loc="lower center", bbox_to_anchor=(0.5, 1.0))
    return figure


def _facts(ax: Axes, values: Sequence[float], words: str) -> None:
    ax.barh(range(len(values)), values, 0.6, color=SERIES[2])
    ax.set(xlabel=words, xlim=(0, 1.05))


def _pairs(
    ax: Axes,
    clean: Sequence[MeasuredActivation],
    attacked: Sequence[MeasuredActivation],
    measure: Callable[[MeasuredActivation], Floats],
    words: str,
) -> None:
    """Draw medians after clean and after FGM training, with intervals over seeds."""
    for place, (label, arms) in enumerate((("clean", clean), ("FGM", attacked))):
        middle, errors = medians([measure(one) for one in arms])
        y = np.arange(len(arms)) + 0.4 * (place - 0.5)
        ax.barh(y, middle, 0.4, xerr=errors, label=label, color=SERIES[place], error_kw={"elinewidth": 1})
    ax.set_xlabel(words)


FIGURE = ClaimFigure(
    "a3_activations",
    "A3",
    r"For each activation: the shares of an attack (A1) and of the experiment's noise (A2) that a node passes while "
    f"its feature is absent, the features per node after clean and after FGM training in {FULL}, and the risk of "
    rf"clean heads for new targets under the strongest attack, relative to $\mathbb{{E}}Y'^2$. {INTERVALS} Dotted: "
    "purified layers lie below this line. Tanh was trained longer: the leaks of its flat and steep nodes cancel.",
    draw,
)
