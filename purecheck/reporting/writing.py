"""Writes the report: the page, the facts with the tables, and the figures."""

from pathlib import Path

from purecheck.io.files import as_json, write_all
from purecheck.reporting.comparison import Past
from purecheck.reporting.figures import FIGURES
from purecheck.reporting.json_report import report_to_dict
from purecheck.reporting.page import render
from purecheck.reporting.svg import svg_document
from purecheck.reporting.tables import TABLES
from purecheck.runs.runner import Run
from purecheck.runtime.context import Context


def write_report(run: Run, context: Context, folder: Path, past: Past | None = None) -> Path:
    """Write `report.html`, `report.json` and `figures/*.svg` into `folder`, and return the path of the page.

    Everything is written to temporary files first, and replaces the old files only when it is complete; other files in
    `folder` are left alone.

    Parameters
    ----------
    run
        The results.
    context
        The context of the run.
    folder
        The folder, which is created if it does not exist.
    past
        An older report; the page says what changed since.

    Raises
    ------
    OSError
        If `folder` cannot be written.
    """
    figures = ((one, one.draw(context)) for one in FIGURES if one.claim in run.results)
    drawn = {one: svg_document(figure) for one, figure in figures if figure is not None}
    every = ((one, one.tabulate(context)) for one in TABLES if one.claim in run.results)
    tables = {one: table for one, table in every if table is not None}
    texts = {f"figures/{one.name}.svg": svg for one, svg in drawn.items()}
    texts["report.json"] = as_json(report_to_dict(run, tables, context.formal))
    texts["report.html"] = render(run, context, drawn, tables, past)
    folder.mkdir(parents=True, exist_ok=True)
    write_all(folder, texts)
    return folder / "report.html"
