"""The effect of adversarial training on the nodes and on the risk (claims E2, E3, E6 and E8)."""

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from numerics.arrays import Floats
from numerics.backend import to_numpy
from numerics.evaluation import AttackName
from purecheck.experiments.arms import trained
from purecheck.experiments.measured import attack_risks, inherited, pointwise
from purecheck.reporting.figures.registry import ClaimFigure
from purecheck.reporting.figures.seeds import INTERVALS, band, medians
from purecheck.reporting.figures.style import SERIES, panels, styled
from purecheck.runtime.context import Context
from theory.statistics import Ball, decimal
from theory.training.arms import (
    ATTACKED,
    ATTACKED_SMALL,
    CLEAN,
    CLEAN_LARGE,
    CLEAN_SMALL,
    HEAD_BALLS,
    IN_L2,
    L2,
    NEARBY,
    SupervisedArm,
)

_SHOWN_NODES = 30
_ATTACK_WORDS: dict[AttackName, str] = {
    "none": "none",
    "fgm": "FGM",
    "pgd": "PGD",
    "gate_aware": "gate-aware",
    "random_search": "random",
}


_WIDE = HEAD_BALLS[-1]
"""The attack for which risks are shown."""


def _words(arm: SupervisedArm) -> str:
    """A short description of an arm, for a legend."""
    gate = f"ratio {decimal(arm.gate)}" if arm.unit else "free"
    return f"{'FGM' if arm.attack else 'clean'}, {gate}"


def feature_weights(context: Context) -> Figure:
    """A figure of the moduli of the feature weights of the strongest nodes, before and after training."""
    clean, attacked = trained(CLEAN, context), trained(ATTACKED, context)
    stages = (
        ("before training", clean.U_initial, clean.net.a),
        ("after clean training", clean.U_final, clean.net.a),
        ("after FGM training", attacked.U_final, attacked.net.a),
    )
    with panels(len(stages), 9.0, 3.4) as (figure, axes):
        for ax, (title, U, a) in zip(axes, stages, strict=True):
            image = ax.imshow(_strongest(to_numpy(U)[0], to_numpy(a)[0]), cmap="cividis", vmin=0, vmax=1)
            ax.set(title=title, xlabel="node, by its largest feature", xticks=[], yticks=[])
        axes[0].set_ylabel("feature")
        figure.colorbar(image, ax=axes, label=r"$|u_{ih}|/\max_j |u_{jh}|$", shrink=0.8)
    return figure


def _strongest(U: NDArray[np.floating], a: NDArray[np.floating]) -> NDArray[np.floating]:
    """The nodes of largest energy, each scaled to largest modulus 1, in the order of their largest feature."""
    energy = a**2 * np.sum(U**2, axis=0)
    chosen = np.abs(U[:, np.argsort(energy)[-_SHOWN_NODES:]])
    order = np.argsort(np.argmax(chosen, axis=0), kind="stable")
    return np.asarray((chosen / chosen.max(axis=0))[:, order])


def purity_over_training(context: Context) -> Figure:
    """A figure of the participation ratio along training, with medians and intervals over seeds."""
    with styled() as (figure, axes):
        for place, arm in enumerate(IN_L2):
            history = trained(arm, context).history
            colour = SERIES[place // 2]
            band(axes, history.step, history.participation, colour, _words(arm), dashed=arm.attack is None)
        axes.set(xlabel="updates", ylabel="participation ratio", yscale="log", ylim=(1, None))
        axes.set_yticks([1, 2, 4, 8, 16], labels=["1", "2", "4", "8", "16"])
        axes.minorticks_off()
        axes.legend(ncols=3, fontsize=8, loc="upper center", bbox_to_anchor=(0.5, 1.2))
    return figure


def prediction(context: Context) -> Figure:
    """A figure of the worst loss that any attack reached at each observation, and of P2's prediction."""
    with panels(2, 8.0, 3.8) as (figure, axes):
        for ax, ball in zip(axes, (Ball(L2, NEARBY), _WIDE), strict=True):
            one = pointwise(ATTACKED, ball, context)
            worst = np.maximum.reduce(list(one.losses.values()))
            for chosen, words, colour in (
                (~one.certified, "not certified", SERIES[1]),
                (one.certified, "certified", SERIES[0]),
            ):
                ax.plot(one.predicted[chosen], worst[chosen], ".", ms=3, alpha=0.6, color=colour, label=words)
            ends = [one.predicted.min(), one.predicted.max()]
            ax.plot(ends, ends, color=SERIES[2], linewidth=1, label="equal")
            share = float(one.certified.mean())
            ax.set(xscale="log", yscale="log", xlabel=r"predicted $(|e| + \epsilon \|M\beta\|)^2$")
            ax.set_title(rf"$\epsilon = {decimal(ball.size)}\, r$, {share:.0%} certified")
        axes[0].set_ylabel("worst loss found")
        axes[1].legend(loc="lower right")
    return figure


def masking(context: Context) -> Figure:
    """A figure of the risk under every attack, after clean and after FGM training, with intervals over seeds."""
    found = {_words(arm): attack_risks(arm, _WIDE, context) for arm in IN_L2}
    return _bars(found, f"risk in {_WIDE}, relative to $E Y^2$")


def inheritance(context: Context) -> Figure:
    """A figure of the risk of clean heads for new targets on the frozen layers, with intervals over seeds."""
    arms = (CLEAN, ATTACKED, CLEAN_SMALL, ATTACKED_SMALL, CLEAN_LARGE)
    found = {_words(arm): inherited(arm, _WIDE, context) for arm in arms}
    return _bars(found, f"downstream risk in {_WIDE}")


def _bars(found: Mapping[str, Mapping[AttackName, Floats]], label: str) -> Figure:
    width = 0.8 / len(_ATTACK_WORDS)
    with styled(8.0, 3.8) as (figure, axes):
        for place, (attack, words) in enumerate(_ATTACK_WORDS.items()):
            middle, errors = medians([risks[attack] for risks in found.values()])
            x = np.arange(len(found)) + (place - 2) * width
            axes.bar(x, middle, width, yerr=errors, label=words, color=SERIES[place], error_kw={"elinewidth": 1})
        axes.set(ylabel=label, xticks=range(len(found)))
        axes.set_xticklabels(list(found), fontsize=8)
        axes.legend(ncols=len(_ATTACK_WORDS), fontsize=8, loc="upper center", bbox_to_anchor=(0.5, 1.15))
    return figure


FIGURES = (
    ClaimFigure(
        "e2_feature_weights",
        "E2",
        "Learned feature weights of one replica: the strongest nodes before training, after clean training and after "
        f"{ATTACKED}. A column with one bright cell is a pure node.",
        feature_weights,
    ),
    ClaimFigure(
        "e2_purity_over_training",
        "E2",
        f"Participation ratio (1 is pure) along training. Dashed: clean; full: FGM. {INTERVALS}",
        purity_over_training,
    ),
    ClaimFigure(
        "e3_inheritance",
        "E3",
        r"What clean least-squares heads for new targets on frozen layers inherit from clean and from adversarial "
        f"pre-training. {INTERVALS}",
        inheritance,
    ),
    ClaimFigure(
        "e6_prediction",
        "E6",
        r"The worst loss that any attack of the suite found over P2's prediction from the measured effective map, at "
        r"every test observation of the FGM-trained networks. Certified observations lie on the line; where an attack "
        r"can move a gate, the prediction may be too large or too small.",
        prediction,
    ),
    ClaimFigure(
        "e8_masking",
        "E8",
        "Risk under every attack of the suite. The difference between gate-aware PGD and FGM is gradient masking. "
        f"{INTERVALS}",
        masking,
    ),
)
