"""The style of all figures: readable on light and dark paper, and the same bytes for the same figure."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import matplotlib as mpl
from cycler import cycler
from matplotlib.axes import Axes
from matplotlib.figure import Figure

INK = "#1c1d21"
"""Colour of text and axes; in the page it becomes the colour of the text."""

SERIES = ("#3b7dd8", "#d9602b", "#2a9d72", "#a566c9", "#b8860b", "#c2417c")
"""Colours of series: middle tones with a contrast of at least 3 to white and to near-black."""

STYLE: dict[Any, Any] = {
    "svg.hashsalt": "purecheck",
    "svg.fonttype": "path",
    "savefig.transparent": True,
    "font.size": 10,
    "text.color": INK,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.prop_cycle": cycler(color=SERIES),
    "xtick.color": INK,
    "ytick.color": INK,
    "legend.frameon": False,
    "lines.linewidth": 1.6,
    "lines.markersize": 5,
}


@contextmanager
def styled(width: float = 6.4, height: float = 3.8) -> Iterator[tuple[Figure, Axes]]:
    """A new figure of that size in inches with one pair of axes, in the style of the report."""
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(width, height), layout="constrained")
        yield figure, figure.add_subplot()


@contextmanager
def panels(columns: int, width: float, height: float) -> Iterator[tuple[Figure, list[Axes]]]:
    """A new figure of that size in inches with several axes side by side, in the style of the report."""
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(width, height), layout="constrained")
        yield figure, list(figure.subplots(1, columns, squeeze=False)[0])


@contextmanager
def wrapped(count: int, width: float, height: float, columns: int = 3) -> Iterator[tuple[Figure, list[Axes]]]:
    """A new figure with `count` axes, each of that size in inches, at most `columns` of them side by side."""
    across, down = min(count, columns), -(-count // columns)
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(width * across, height * down), layout="constrained")
        yield figure, [figure.add_subplot(down, across, place) for place in range(1, count + 1)]
