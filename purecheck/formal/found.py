"""The result of the last `make formal`, if it belongs to the present sources."""

from pathlib import Path

from purecheck.formal.result import DEFAULT, NOT_RUN, FormalResult, read_result
from purecheck.formal.sources import digest, sources, tracked_axioms, with_generated
from theory.formal.names import NotExportedError
from theory.ledger import CLAIMS

_CHECKOUT = Path(__file__).parents[2]


def found(path: Path | None = None) -> FormalResult | str:
    """The result at `path`, or that of the checkout; a sentence with the reason if there is no valid one.

    Raises
    ------
    ValueError
        If the file contains something else.
    OSError
        If it cannot be read.
    """
    place = _CHECKOUT / DEFAULT if path is None else path
    if not place.exists():
        return NOT_RUN
    result = read_result(place)
    try:
        now = digest(with_generated(sources(), CLAIMS), tracked_axioms())
    except NotExportedError as problem:
        return f"a bound clause has no Rocq term any more: {problem}"
    if result.digest != now:
        return "the clauses or the Rocq sources have changed since Rocq was run; `make formal` runs it again"
    return result
