"""Where the records that come with the suite lie."""

from pathlib import Path

_PACKAGE = Path(__file__).parents[1]


def shipped_records() -> Path:
    """The folder of the records that come with the suite: in the installed package, or beside it in a checkout."""
    installed = _PACKAGE / "results"
    return installed if installed.is_dir() else _PACKAGE.parent / "results"
