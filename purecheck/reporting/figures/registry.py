"""What a figure of the report is."""

from collections.abc import Callable
from dataclasses import dataclass

from matplotlib.figure import Figure

from purecheck.runtime.context import Context


@dataclass(frozen=True)
class ClaimFigure:
    """A figure that belongs to a claim.

    Attributes
    ----------
    name
        Name of its file, without the ending.
    claim
        Id of the claim beside which it is shown.
    caption
        What it shows, mathematics between dollar signs.
    draw
        Makes it from the context of a run, which keeps what the checks computed. None where nothing was recorded that
        it could show.
    """

    name: str
    claim: str
    caption: str
    draw: Callable[[Context], Figure | None]
