"""Contrastive training: the collapse of linear encoders, attacked pairs, and purity by attack mode (C3, E5 and C6)."""

import textwrap

import numpy as np
from matplotlib.figure import Figure
from sympy import Rational

from numerics.contrastive.gram_solver import minimise_gram
from purecheck.checks.answers import SETTINGS, attack_modes, features
from purecheck.checks.linear_optima import SIZES, Setting
from purecheck.closed_forms import evaluate
from purecheck.experiments.contrastive_measured import along_training
from purecheck.experiments.linear_arms import eigenvalues
from purecheck.reporting.figures.registry import ClaimFigure
from purecheck.reporting.figures.seeds import INTERVALS, band, medians
from purecheck.reporting.figures.style import SERIES, panels, styled
from purecheck.runtime.context import Context
from theory.contrastive_training import ALL_PAIRS, DISSIMILAR, GATES, PROBE, SIMILAR, STRONG, PairArm, isometric
from theory.contrastive_training import SIZES as ATTACK_SIZES
from theory.ledger import CLOSED_FORMS
from theory.statistics import decimal

_MODES = (None, SIMILAR, DISSIMILAR, ALL_PAIRS)
_STEPS = 25
_SOLVED = 6


def collapse(context: Context) -> Figure:
    """A figure of the scale of the optimal linear encoder over the attack: predicted, solved and trained."""
    arm = isometric(SIZES[0])
    place = {name: value for name, value in arm.point.items() if name != "eps"}
    radius = evaluate(CLOSED_FORMS["collapse_radius"], place).value
    beyond = Rational(round(1.15 * radius * 100), 100)
    with styled() as (figure, axes):
        curve = [beyond * i / _STEPS for i in range(_STEPS + 1)]
        axes.plot(
            [float(eps) for eps in curve],
            [Setting(arm.d, arm.p, eps).scale for eps in curve],
            color=SERIES[0],
            label=r"predicted $\lambda_\epsilon$",
        )
        sizes = [beyond * i / _SOLVED for i in range(_SOLVED + 1)]
        axes.plot(
            [float(eps) for eps in sizes],
            [_solved_scale(Setting(arm.d, arm.p, eps), context) for eps in sizes],
            "s",
            mfc="none",
            color=SERIES[1],
            label="solved optimum, mean eigenvalue",
        )
        middle, errors = medians([eigenvalues(isometric(eps), context).mean(axis=-1) for eps in SIZES])
        axes.errorbar(
            [float(eps) for eps in SIZES],
            middle,
            errors,
            fmt="o",
            capsize=3,
            elinewidth=1,
            color=SERIES[2],
            label="trained encoders, mean eigenvalue",
        )
        axes.axvline(radius, linestyle=":", linewidth=1, color="gray")
        axes.text(radius, 0.9 * middle[0], r"$\epsilon_c$ ", ha="right")
        axes.set(xlabel=r"size of the attack, $\epsilon/r$", ylabel=r"scale of $T^\top T$", ylim=(-0.03, None))
        axes.legend(loc="lower left")
    return figure


def _solved_scale(setting: Setting, context: Context) -> float:
    rng = context.streams.generator(f"figure/collapse/{setting.eps}")
    return float(np.trace(minimise_gram(setting.loss, rng).G)) / setting.d


def attacked_pairs(context: Context) -> Figure:
    """A figure of the increase of the loss of similar and of dissimilar pairs under the probe, along training."""
    arms = (
        PairArm(GATES[0]),
        PairArm(GATES[0], SIMILAR, ATTACK_SIZES[0]),
        PairArm(GATES[0], ALL_PAIRS, ATTACK_SIZES[0]),
        PairArm(GATES[0], ALL_PAIRS, STRONG),
    )
    with panels(len(arms), 9.6, 3.2) as (figure, axes):
        for ax, arm in zip(axes, arms, strict=True):
            step, rise = along_training(arm, context)
            band(ax, step, rise.dissimilar, SERIES[1], "dissimilar", dashed=False)
            band(ax, step, rise.similar, SERIES[0], "similar", dashed=True)
            attack = f"{arm.attacked}, {arm.size}" if arm.size else "clean"
            ax.set(title=attack, xlabel="updates", yscale="log", ylim=(0.012, 0.4))
            ax.set_yticks([0.02, 0.05, 0.1, 0.2, 0.4], labels=["0.02", "0.05", "0.1", "0.2", "0.4"])
            ax.minorticks_off()
        axes[0].set_ylabel("increase of the loss")
        axes[0].legend(loc="lower right")
    return figure


def purity_by_mode(context: Context) -> Figure:
    """A figure of the participation ratio by attacked pairs, gate ratio and size, with the answer computed from it."""
    with styled(6.8, 4.4) as (figure, axes):
        for place, (gate, size) in enumerate(SETTINGS):
            middle, errors = medians([features(mode, gate, size, context) for mode in _MODES])
            x = np.arange(len(_MODES)) + 0.12 * (place - (len(SETTINGS) - 1) / 2)
            label = rf"gate ratio {decimal(gate)}, $\epsilon =$ {size}"
            axes.errorbar(x, middle, errors, fmt="o", capsize=3, elinewidth=1, color=SERIES[place], label=label)
        axes.set(ylabel="participation ratio by energy", yscale="log", ylim=(0.95, None))
        axes.set_xticks(range(len(_MODES)), labels=["none", "similar only", "dissimilar only", "both"])
        axes.set_yticks([1, 2, 4, 8], labels=["1", "2", "4", "8"])
        axes.minorticks_off()
        axes.legend()
        axes.set_title("\n".join(textwrap.wrap(attack_modes(context), 100)), fontsize=8, loc="left")
    return figure


FIGURES = (
    ClaimFigure(
        "c3_collapse",
        "C3",
        r"The optimal linear encoder shrinks under attack and is zero from $\epsilon_c$ on. Line: the closed form. "
        r"Squares: a convex solver that does not use it. Points: encoders trained on sampled pairs, $d = q = 5$, "
        f"$p = 1/4$. {INTERVALS}",
        collapse,
    ),
    ClaimFigure(
        "e5_attacked_pairs",
        "E5",
        f"The increase that FGM at {PROBE} causes in the loss of dissimilar (full) and of similar pairs (dashed) in "
        f"training at gate ratio {decimal(GATES[0])}; above each panel the pairs attacked in training. The purer the "
        f"nodes, the smaller the difference; strong attacks reverse its sign. {INTERVALS}",
        attacked_pairs,
    ),
    ClaimFigure(
        "c6_attack_modes",
        "C6",
        "Participation ratio (1 is pure) of gated encoders after training with attacks on the pairs named below, "
        f"weighted by energy; above, the answer computed from these runs. {INTERVALS}",
        purity_by_mode,
    ),
)
