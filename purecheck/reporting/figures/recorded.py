"""Figures of R1, R1c and R3p from recorded runs alone: accuracy by size of the attack, by attack, and by purity."""

from collections.abc import Sequence
from functools import partial

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from purecheck.checks.recorded import degrees
from purecheck.records.arms import (
    EPS,
    by_setting,
    by_training,
    counts,
    head_description,
    in_pixels,
    other_libraries,
    rung_at,
    runs,
    training_description,
)
from purecheck.records.estimates import FALSE_ALARM, LEAST_SEEDS, Count, accuracy_interval
from purecheck.records.run import Objective, RunRecord
from purecheck.reporting.figures.registry import ClaimFigure
from purecheck.reporting.figures.style import SERIES, wrapped
from purecheck.runtime.context import Context

_MARKERS = "osD^vP"
_PANEL = (4.2, 3.8)
_INTERVALS = (
    f"Means over seeds. The intervals fail at a rate of at most {FALSE_ALARM:g}, over seeds and test images together; "
    f"with fewer than {LEAST_SEEDS} seeds they are not drawn."
)


def _settings(context: Context, objective: Objective) -> list[list[RunRecord]]:
    """Runs of one objective by setting: clean heads for the labels of pre-training, attacked in l_inf."""
    wanted = (objective, "clean", "same", "linf")
    return by_setting(
        run for run in runs(context.records) if (run.pretraining.objective, run.head, run.labels, run.norm) == wanted
    )


def _arms(group: Sequence[RunRecord]) -> list[tuple[str, list[RunRecord]]]:
    return [(training_description(training), list(found.values())) for training, found in by_training(group).items()]


def _title(group: Sequence[RunRecord]) -> str:
    first = group[0]
    lines = [first.dataset, f"{first.encoder}, {first.pretraining.objective}, profile {first.profile}"]
    return "\n".join([*lines, f"head: {head_description(first)}", *(f"with {name}" for name in other_libraries(first))])


def _errors(samples: Sequence[Sequence[Count]]) -> tuple[list[float], np.ndarray]:
    """Means over seeds, and the distances to the ends of their intervals, shape (2, n); 0 below `LEAST_SEEDS` seeds."""
    middle = [float(np.mean([one.share for one in arm])) for arm in samples]
    ends = [accuracy_interval(arm) for arm in samples]
    reach = np.asarray([(mean - end.low, end.high - mean) for mean, end in zip(middle, ends, strict=True)])
    reach[[len(arm) < LEAST_SEEDS for arm in samples]] = 0.0
    return middle, np.maximum(reach, 0.0).T


def over_eps(objective: Objective, context: Context) -> Figure | None:
    """A figure of the accuracy under the attack suite over the size of the attack, one panel for each setting."""
    groups = _settings(context, objective)
    if not groups:
        return None
    with wrapped(len(groups), *_PANEL) as (figure, axes):
        for one, group in zip(axes, groups, strict=True):
            for place, (words, arm) in enumerate(_arms(group)):
                _curve(one, arm, SERIES[place % len(SERIES)], _MARKERS[place % len(_MARKERS)], words)
            one.set(xlabel=r"size of the attack, $255\,\epsilon$", ylabel="accuracy", ylim=(0, 1), title=_title(group))
            one.legend(fontsize=8)
    return figure


def _curve(axes: Axes, arm: list[RunRecord], colour: str, marker: str, words: str) -> None:
    sizes = [eps for eps in sorted({rung.eps for rung in arm[0].rungs}) if len(counts(arm, eps, None)) == len(arm)]
    samples = [[Count(run.clean_accuracy, run.images) for run in arm], *(counts(arm, eps, None) for eps in sizes)]
    middle, errors = _errors(samples)
    x = [0.0, *(255 * eps for eps in sizes)]
    axes.errorbar(x, middle, errors, fmt=f"{marker}-", color=colour, capsize=3, elinewidth=1, label=words)
    for name in [name for name in arm[0].attacks if name.startswith("pgd")][-1:]:
        expected = [middle[0], *(float(np.mean([one.share for one in counts(arm, eps, name)])) for eps in sizes)]
        axes.plot(x, expected, linestyle=":", color=colour, linewidth=1)


def by_attack(context: Context) -> Figure | None:
    """A figure of the robust accuracy under each attack at `EPS`, one panel for each setting."""
    attacked = ([run for run in group if rung_at(run, EPS) is not None] for group in _settings(context, "supervised"))
    groups = [group for group in attacked if group]
    if not groups:
        return None
    with wrapped(len(groups), *_PANEL) as (figure, axes):
        for one, group in zip(axes, groups, strict=True):
            _bars(one, group)
            one.margins(y=0.3)  # room for the legend above the bars
            one.set(ylabel=f"robust accuracy at {in_pixels(EPS)}", title=_title(group))
            one.legend(fontsize=8, loc="upper left")
    return figure


def _bars(axes: Axes, group: Sequence[RunRecord]) -> None:
    attacks: list[str | None] = [*group[0].attacks, None]
    arms = _arms(group)
    width = 0.8 / len(arms)
    for place, (words, arm) in enumerate(arms):
        middle, errors = _errors([counts(arm, EPS, attack) for attack in attacks])
        x = np.arange(len(attacks)) + (place - (len(arms) - 1) / 2) * width
        axes.bar(x, middle, width, color=SERIES[place % len(SERIES)], label=words)
        axes.errorbar(x, middle, errors, fmt="none", ecolor="gray", elinewidth=1, capsize=2)
    names = ["all attacks" if attack is None else attack.replace("_", " ") for attack in attacks]
    axes.set_xticks(np.arange(len(attacks)), names, rotation=30, ha="right")


def over_purity(context: Context) -> Figure | None:
    """A figure of the inherited robust accuracy over the purity of the filters, one panel for each setting."""
    groups = degrees(context.records, EPS)
    if not groups:
        return None
    with wrapped(len(groups), *_PANEL) as (figure, axes):
        for one, group in zip(axes, groups, strict=True):
            _scatter(one, group)
            one.legend(fontsize=8)
    return figure


def _scatter(axes: Axes, group: Sequence[Sequence[RunRecord]]) -> None:
    every = [run for seed in group for run in seed]
    for place, (words, arm) in enumerate(_arms(every)):
        ratios = [run.purity.participation_ratio for run in arm if run.purity is not None]
        shares = [one.share for one in counts(arm, EPS, None)]
        marker, colour = _MARKERS[place % len(_MARKERS)], SERIES[place % len(SERIES)]
        axes.plot(ratios, shares, marker, color=colour, label=words)
    title = f"{_title(every)}\n{every[0].labels} labels"
    axes.set(xlabel="participation ratio of the filters", ylabel=f"robust accuracy at {in_pixels(EPS)}", title=title)


_OVER_EPS = (
    r"Accuracy of clean heads over the size of the attack in $l_\infty$, under the whole attack suite, by the arm of "
    f"pre-training; dotted: under the last PGD of the suite alone. At 0: without an attack. {_INTERVALS}"
)

FIGURES = (
    ClaimFigure("r1_over_eps", "R1", _OVER_EPS, partial(over_eps, "supervised")),
    ClaimFigure("r1c_over_eps", "R1c", _OVER_EPS, partial(over_eps, "contrastive")),
    ClaimFigure(
        "r1_ladder",
        "R1",
        rf"Robust accuracy of clean heads at $\epsilon = {in_pixels(EPS)}$ under each attack, and under the worst "
        f"attack for each image. {_INTERVALS}",
        by_attack,
    ),
    ClaimFigure(
        "r3p_purity",
        "R3p",
        rf"Robust accuracy of clean heads under the whole attack suite at $\epsilon = {in_pixels(EPS)}$ over the "
        "purity of the filters, one mark for each run; 1 is a pure filter.",
        over_purity,
    ),
)
