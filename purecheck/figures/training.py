"""What adversarial training does to the nodes and to the risk (claims E2, E3, E6 and E8)."""

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from numerics.backend import to_numpy
from numerics.evaluation import AttackName
from purecheck.context import Context
from purecheck.experiments.arms import trained
from purecheck.experiments.measured import Floats, inherited, ladder, pointwise
from purecheck.figures.registry import ClaimFigure
from purecheck.figures.seeds import band, medians
from purecheck.figures.style import SERIES, panels, styled
from purecheck.runner import Run

_SHOWN_NODES = 30
_ATTACK_WORDS: dict[AttackName, str] = {
    "none": "none",
    "fgm": "FGM",
    "pgd": "PGD",
    "gate_aware": "gate-aware",
    "random_search": "random",
}


def feature_weights(context: Context, _run: Run) -> Figure:
    """Modulus of the feature weights of the strongest nodes, before and after training, clean and attacked."""
    clean, attacked = trained("clean", context), trained("fgm", context)
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


def purity_over_training(context: Context, _run: Run) -> Figure:
    """Participation ratio along training, median and interval over seeds."""
    arms = {
        "clean": "clean, free weights",
        "fgm": "FGM, free weights",
        "clean, small gate": "clean, gate ratio 0.13",
        "fgm, small gate": "FGM, gate ratio 0.13",
        "clean, large gate": "clean, gate ratio 0.5",
        "fgm, large gate": "FGM, gate ratio 0.5",
    }
    with styled() as (figure, axes):
        for place, (name, words) in enumerate(arms.items()):
            history = trained(name, context).history
            colour = SERIES[place // 2]
            band(axes, history.step, history.participation, colour, words, dashed=name.startswith("clean"))
        axes.set(xlabel="updates", ylabel="participation ratio", yscale="log", ylim=(1, None))
        axes.set_yticks([1, 2, 4, 8, 16], labels=["1", "2", "4", "8", "16"])
        axes.minorticks_off()
        axes.legend(ncols=3, fontsize=8, loc="upper center", bbox_to_anchor=(0.5, 1.2))
    return figure


def prediction(context: Context, _run: Run) -> Figure:
    """The worst loss that any attack reached at each observation, against P2's prediction, certified or not."""
    with panels(2, 8.0, 3.8) as (figure, axes):
        for ax, (name, size) in zip(axes, (("fgm", 0.01), ("fgm", 0.4)), strict=True):
            one = pointwise(name, size, context)
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
            ax.set_title(rf"$\epsilon = {size}\, r$, {share:.0%} certified")
        axes[0].set_ylabel("worst loss found")
        axes[1].legend(loc="lower right")
    return figure


def masking(context: Context, _run: Run) -> Figure:
    """Risk under every attack, clean-trained and FGM-trained, with intervals over seeds."""
    rungs = {
        ("clean", 0.4): "clean",
        ("fgm", 0.4): "FGM",
        ("clean, small gate", 0.4): "clean, ratio 0.13",
        ("fgm, small gate", 0.4): "FGM, ratio 0.13",
        ("clean, large gate", 0.4): "clean, ratio 0.5",
        ("fgm, large gate", 0.4): "FGM, ratio 0.5",
    }
    found = {words: ladder(name, size, context) for (name, size), words in rungs.items()}
    return _bars(found, r"risk at $\epsilon = 0.4\, r$, relative to $E Y^2$")


def inheritance(context: Context, _run: Run) -> Figure:
    """Risk of clean heads for new targets on the frozen layers, with intervals over seeds."""
    arms = {
        "clean": "clean",
        "fgm": "FGM",
        "clean, small gate": "clean, ratio 0.13",
        "fgm, small gate": "FGM, ratio 0.13",
        "clean, large gate": "clean, ratio 0.5",
    }
    found = {words: inherited(name, 0.4, context) for name, words in arms.items()}
    return _bars(found, r"downstream risk at $\epsilon = 0.4\, r$")


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


_INTERVALS = "Intervals over seeds hold the median but for a rate of $10^{-3}$."

FIGURES = (
    ClaimFigure(
        "e2_feature_weights",
        "E2",
        r"Learned feature weights of one replica: the strongest nodes before training, after clean and after FGM "
        r"training in $l_2$ at $0.4\, r$. One bright cell a column is a pure node.",
        feature_weights,
    ),
    ClaimFigure(
        "e2_purity_over_training",
        "E2",
        f"Participation ratio (1 is pure) along training. Dashed: clean; full: FGM. {_INTERVALS}",
        purity_over_training,
    ),
    ClaimFigure(
        "e3_inheritance",
        "E3",
        r"Clean least-squares heads for new targets on frozen layers: what they inherit from clean and from "
        f"adversarial pre-training. {_INTERVALS}",
        inheritance,
    ),
    ClaimFigure(
        "e6_prediction",
        "E6",
        r"The worst loss that any attack of the ladder found, against what P2 predicts from the measured effective "
        r"map, at every test observation of the FGM-trained networks. Certified observations lie on the line; where an "
        r"attack can move a gate the prediction may fail on either side.",
        prediction,
    ),
    ClaimFigure(
        "e8_masking",
        "E8",
        "Risk under every attack of the ladder. What gate-aware PGD finds beyond FGM is masked robustness. "
        f"{_INTERVALS}",
        masking,
    ),
)
