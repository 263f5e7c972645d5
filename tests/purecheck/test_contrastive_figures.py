"""Figures of contrastive training are drawn for every outcome, and their predictions match the solved optima."""

import numpy as np
import pytest

from numerics.backend import select_backend
from numerics.streams import Streams
from purecheck.checks.answers import attack_modes
from purecheck.checks.linear_optima import Setting
from purecheck.reporting.figures import c1q_trained, contrastive
from purecheck.reporting.svg import svg_document
from purecheck.runtime.context import Context, Profile
from purecheck.verdicts.error_rates import FALSE_ALARM


@pytest.fixture(scope="module")
def brief() -> Context:
    """Twelve replicas, the fewest with an interval at the rate of the figures, and few steps."""
    assert FALSE_ALARM >= 2 * 0.5**12
    return Context(select_backend("numpy"), Streams(1), Profile("brief", examples=3, seeds=12, steps=0.06))


@pytest.mark.parametrize("figure", [*contrastive.FIGURES, c1q_trained.FIGURE], ids=lambda figure: figure.name)
def test_a_figure_is_drawn_whatever_the_runs_gave(figure, brief):
    drawn = figure.draw(brief)
    assert svg_document(drawn).startswith("<?xml")
    assert all(axes.lines for axes in drawn.axes)


def test_the_solved_optima_lie_on_the_predicted_line(brief):
    axes = contrastive.collapse(brief).axes[0]
    curve, solved = axes.lines[0], axes.lines[1]
    predicted = np.interp(solved.get_xdata(), curve.get_xdata(), curve.get_ydata())
    # The line is drawn in 25 pieces, off by its bend; the solver's smoothed norms move a collapsed optimum by 1e-7.
    bend = np.abs(np.diff(curve.get_ydata(), 2)).max() / 2
    assert np.all(np.abs(solved.get_ydata() - predicted) <= bend + 1e-6)


def test_a_wrong_prediction_leaves_the_solved_optima(brief, monkeypatch):
    monkeypatch.setattr(Setting, "scale", 1.0)
    axes = contrastive.collapse(brief).axes[0]
    assert np.abs(axes.lines[1].get_ydata() - 1.0).max() > 0.3


def test_the_answer_stands_above_the_attack_modes(brief):
    axes = contrastive.purity_by_mode(brief).axes[0]
    title = axes.get_title(loc="left").replace("\n", " ")
    assert title == attack_modes(brief)


def test_the_best_mixture_gets_pure_where_the_certified_optimum_of_two_features_does():
    assert [c1q_trained.best_size(eps) for eps in (0.0, 0.2031, 0.2032)] == [12, 2, 1]
