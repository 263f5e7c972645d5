"""SVG documents of figures, and the same inside an HTML page."""

import io
import re

import matplotlib as mpl
from matplotlib.figure import Figure

from purecheck.reporting.figures.style import INK, STYLE

_NO_METADATA = {"Creator": None, "Date": None, "Format": None, "Type": None}


def svg_document(figure: Figure) -> str:
    """`figure` as a stand-alone SVG document, the same for the same figure."""
    buffer = io.StringIO()
    with mpl.rc_context(STYLE):
        figure.savefig(buffer, format="svg", metadata=_NO_METADATA)
    return buffer.getvalue()


def inlined(document: str, name: str) -> str:
    """An SVG document as an element of an HTML page: ids made unique by `name`, ink in the colour of the text."""
    element = document[document.index("<svg") :]
    element = re.sub(r"<metadata>.*?</metadata>", "", element, flags=re.DOTALL)
    element = re.sub(r'((?:\bid="|href="#|url\(#))', rf"\1{name}-", element)
    return element.replace(INK, "currentColor").replace("<svg ", '<svg aria-hidden="true" focusable="false" ', 1)
