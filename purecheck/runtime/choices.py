"""Messages about a name that is not among those that exist."""

from collections.abc import Iterable
from difflib import get_close_matches


def unknown(what: str, given: str, known: Iterable[str], *, one: bool = False) -> str:
    """The message that `given` is not in `known`, with the name that it resembles if there is one.

    `one` says that a single name is expected rather than some.

    Examples
    --------
    >>> unknown("CLAIM", "p5", ["P4", "P5"])
    "CLAIM was 'p5' (did you mean P5?); expected some of P4, P5"
    """
    names = list(known)
    upper = {name.upper(): name for name in names}
    close = get_close_matches(given.upper(), upper, n=1)
    hint = f" (did you mean {upper[close[0]]}?)" if close else ""
    return f"{what} was {given!r}{hint}; expected {'one' if one else 'some'} of {', '.join(names)}"
