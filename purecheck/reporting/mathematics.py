"""Mathematics as MathML, which a browser shows without any script or font."""

import re
from collections.abc import Iterator
from functools import cache
from html import escape

from latex2mathml.converter import convert
from markupsafe import Markup


def parts(prose: str) -> Iterator[tuple[str, bool]]:
    """The parts of `prose`, in which mathematics is between dollar signs, each with whether it is mathematics.

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


_OPERATOR = re.compile(r"\\operatorname\*?\{([^{}]*)\}")
_WORD = re.compile(r"([_^])\{([A-Za-z]{3,}(?: [A-Za-z]{2,})*)\}")
_OPENERS = "|".join(
    ("&#x00028;", r"\[", "&#x0007B;", "&#x0003D;", "&#x0003C;", "&#x0003E;", "&#x02264;", "&#x02265;", "&#x0002C;")
)
_SIGN = re.compile(rf"(<mo[^>]*>(?:{_OPENERS})</mo>)<mo>(&#x02212;|&#x0002B;)</mo>")
_FUNCTION = "<mi>(?:arccos|arccosh|arcsin|cos|cosh|exp|log|max|min|sin|sinh|tan|tanh|sgn|sign|tr)</mi>"
_BEFORE_FUNCTION = re.compile(rf"(?<=</mi>|</mn>)(?={_FUNCTION})|(?<=</msub>|</msup>)(?={_FUNCTION})")
_AFTER_FUNCTION = re.compile(rf"({_FUNCTION})(?=<m(?:i|n|sub|sup|subsup|frac)>)")
_SPACE = '<mspace width="0.167em"></mspace>'
_BAR = re.compile(r"<mo ([^>]*)>(&#x0007C;|&#x02016;)</mo>")


@cache
def mathml(latex: str, display: str = "inline") -> Markup:
    """The formula `latex` as a MathML element that carries its source as alternative text.

    Sub- and superscripts of three or more letters are upright; signs and bars have no space on the side of their
    operand, and names of functions are separated from their neighbours.
    """
    # `latex2mathml` knows neither the starred form of an operator's name nor a space in it.
    plain = _OPERATOR.sub(lambda found: found[0].replace("*", "", 1).replace(r"\,", ""), latex)
    element: str = convert(_WORD.sub(r"\1{\\text{\2}}", plain), display=display)
    element = _SIGN.sub(r'\1<mo form="prefix">\2</mo>', element)
    element = _AFTER_FUNCTION.sub(rf"\1{_SPACE}", _BEFORE_FUNCTION.sub(_SPACE, element))
    element = _BAR.sub(r'<mo \1 lspace="0" rspace="0">\2</mo>', element)
    # `latex2mathml` escapes what it puts into the element; the attribute is escaped here.
    return Markup(element.replace("<math ", f'<math alttext="{escape(latex)}" ', 1))  # noqa: S704


def with_mathml(prose: str) -> Markup:
    """`prose` as HTML, with the mathematics between dollar signs as MathML."""
    return Markup("").join(mathml(part) if is_math else part for part, is_math in parts(prose))
