"""Mathematics as MathML, which a browser shows without any script or font."""

from collections.abc import Iterator
from functools import cache
from html import escape

from latex2mathml.converter import convert
from markupsafe import Markup


def parts(prose: str) -> Iterator[tuple[str, bool]]:
    """The parts of `prose`, in which mathematics stands between dollar signs, each with whether it is mathematics.

    Raises
    ------
    ValueError
        If a dollar sign has no partner.
    """
    pieces = prose.split("$")
    if len(pieces) % 2 == 0:
        raise ValueError(f"prose was {prose!r}; expected an even number of dollar signs")
    for position, piece in enumerate(pieces):
        yield piece, position % 2 == 1


@cache
def mathml(latex: str, display: str = "inline") -> Markup:
    """The formula `latex` as a MathML element that carries its source as alternative text."""
    element: str = convert(latex, display=display)
    # `latex2mathml` escapes what it puts into the element; the attribute is escaped here.
    return Markup(element.replace("<math ", f'<math alttext="{escape(latex)}" ', 1))  # noqa: S704


def with_mathml(prose: str) -> Markup:
    """`prose` as HTML, with the mathematics between dollar signs as MathML."""
    return Markup("").join(mathml(part) if is_math else part for part, is_math in parts(prose))
