"""Figures show what they say."""

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.container import ErrorbarContainer

from purecheck.reporting.figures import p5_firing_probability
from purecheck.reporting.svg import svg_document
from tests.purecheck.small_ledger import context
from theory.claims import ClosedForm
from theory.ledger import CLOSED_FORMS
from theory.purification.p5_firing_probability import FIRING_PROBABILITY


def draw(form: ClosedForm, patch: pytest.MonkeyPatch) -> Axes:
    """The axes of P5's figure, drawn with `form` as the closed form."""
    patch.setitem(CLOSED_FORMS, form.name, form)
    shared = context()
    figure = p5_firing_probability.FIGURE.draw(shared)
    assert figure is not None
    assert svg_document(figure).startswith("<?xml")
    return figure.axes[0]


def misses(axes: Axes) -> int:
    """How many intervals do not hold the line of their colour."""
    count = 0
    for container in axes.containers:
        assert isinstance(container, ErrorbarContainer)
        points, _, (bars,) = container.lines
        line = next(one for one in axes.lines if one is not points and one.get_color() == points.get_color())
        values = dict(zip(np.asarray(line.get_xdata()), np.asarray(line.get_ydata()), strict=True))
        for (m, low), (_, high) in bars.get_segments():
            count += not low <= values[np.rint(m)] <= high
    return count


def test_the_intervals_of_the_networks_hold_the_closed_form(monkeypatch: pytest.MonkeyPatch) -> None:
    axes = draw(FIRING_PROBABILITY, monkeypatch)
    assert len(axes.containers) == 4
    assert misses(axes) == 0


def test_a_wrong_closed_form_misses_the_intervals(monkeypatch: pytest.MonkeyPatch) -> None:
    m, p = FIRING_PROBABILITY.arguments["m"], FIRING_PROBABILITY.arguments["p"]
    touched = ClosedForm(
        "firing_probability",
        FIRING_PROBABILITY.arguments,
        1 - (1 - p) ** m,  # some feature of the group is active: cancellations forgotten
        FIRING_PROBABILITY.domain,
        "P5",
        "a wrong form",
    )
    assert misses(draw(touched, monkeypatch)) > 4
