"""Writes the report: the page, the facts with the tables, and the figures."""

from pathlib import Path

from purecheck.context import Context
from purecheck.figures import FIGURES
from purecheck.files import as_json, write_all
from purecheck.report.facts import report_facts
from purecheck.report.page import render
from purecheck.report.svg import svg_document
from purecheck.runner import Run
from purecheck.tables import TABLES


def write_report(run: Run, context: Context, folder: Path) -> Path:
    """Write `report.html`, `report.json` and `figures/*.svg` into `folder`, and return the path of the page.

    Nothing in `folder` changes before everything is written beside it; other files there are left alone.

    Parameters
    ----------
    run
        What was found.
    context
        The context of the run.
    folder
        Made if it does not exist.

    Raises
    ------
    OSError
        If `folder` cannot be written.
    """
    figures = ((one, one.draw(context, run)) for one in FIGURES if one.claim in run.results)
    drawn = {one: svg_document(figure) for one, figure in figures if figure is not None}
    every = ((one, one.tabulate(context, run)) for one in TABLES if one.claim in run.results)
    tables = {one: table for one, table in every if table is not None}
    texts = {f"figures/{one.name}.svg": svg for one, svg in drawn.items()}
    texts["report.json"] = as_json(report_facts(run, tables, context.formal))
    texts["report.html"] = render(run, context, drawn, tables)
    folder.mkdir(parents=True, exist_ok=True)
    write_all(folder, texts)
    return folder / "report.html"
