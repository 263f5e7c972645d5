"""The type of a figure of the report."""

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
        Name of its file, without the extension.
    claim
        Id of the claim beside which it is shown.
    caption
        A description, with mathematics between dollar signs.
    draw
        Draws it from the context of a run, which keeps the results of the checks; None if no record for it exists.
    """

    name: str
    claim: str
    caption: str
    draw: Callable[[Context], Figure | None]
