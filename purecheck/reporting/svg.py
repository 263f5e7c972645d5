"""SVG documents of figures, stand-alone and within an HTML page."""

import io
import re

import matplotlib as mpl
from matplotlib.figure import Figure

from purecheck.reporting.figures.style import INK, STYLE

_NO_METADATA = {"Creator": None, "Date": None, "Format": None, "Type": None}


def svg_document(figure: Figure) -> str:
    """`figure` as a stand-alone SVG document; equal figures give equal documents."""
    buffer = io.StringIO()
    with mpl.rc_context(STYLE):
        figure.savefig(buffer, format="svg", metadata=_NO_METADATA)
    return buffer.getvalue()


def inlined(document: str, name: str) -> str:
    """An SVG document as an element of an HTML page.

    Ids are made unique by `name`, and ink gets the colour of the text.
    """
    element = document[document.index("<svg") :]
    element = re.sub(r"<metadata>.*?</metadata>", "", element, flags=re.DOTALL)
    element = re.sub(r'((?:\bid="|href="#|url\(#))', rf"\1{name}-", element)
    return element.replace(INK, "currentColor").replace("<svg ", '<svg aria-hidden="true" focusable="false" ', 1)
