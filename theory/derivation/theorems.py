"""The decorator that turns the conclusion of a textbook theorem into a link of a derivation."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from functools import wraps
from inspect import signature
from typing import Any, ParamSpec

from sympy import Basic

from theory.assumptions import Assumption
from theory.derivation.chains import Derivation
from theory.derivation.steps import _SEAL, Relation, Step, meet_all, union_of


@dataclass(frozen=True)
class Conclusion:
    """What a theorem says about an instance whose hypotheses it has checked; `theorem` turns it into a link.

    Attributes
    ----------
    left, relation, right, reason, hypotheses, given
        As in a link.
    discharged
        Symbols on whose ranges the link no longer depends, because the theorem covers every value or binds the symbol
        in its conclusion; and assumptions that the theorem discharges, as an induction discharges its hypothesis.
    """

    left: Basic
    relation: Relation
    right: Basic
    reason: str
    hypotheses: tuple[str, ...] = ()
    discharged: tuple[Basic | Assumption, ...] = ()
    given: tuple[Assumption, ...] = ()


_P = ParamSpec("_P")
THEOREMS: dict[str, str] = {}
"""The citation of every theorem of the kernel, by module and name."""


def theorem(*, cites: str) -> Callable[[Callable[_P, Conclusion]], Callable[_P, Step]]:
    """A decorator that turns the conclusion of a theorem into a link and records the evidence that it was given.

    The link holds on the range that is given as `box`, where all chains and links among the arguments hold as well.
    If one of these is only cited, so is the link.

    Parameters
    ----------
    cites
        Author, title, and the name or number of the theorem in a textbook.

    Raises
    ------
    ImportError
        If the function is defined outside `theory.theorems`, or cites no source.
    """

    def decorate(function: Callable[_P, Conclusion]) -> Callable[_P, Step]:
        module = function.__module__
        if not module.startswith("theory.theorems.") or not cites:
            raise ImportError(f"{module}.{function.__qualname__}: expected a theorem of theory.theorems with a source")
        THEOREMS[f"{module.removeprefix('theory.theorems.')}.{function.__qualname__}"] = cites
        parameters = signature(function)

        @wraps(function)
        def sealed(*args: _P.args, **kwargs: _P.kwargs) -> Step:
            said = function(*args, **kwargs)
            given_arguments = parameters.bind(*args, **kwargs).arguments
            box = given_arguments.get("box") or {}
            used = tuple(_evidence(tuple(given_arguments.values())))
            ranges = meet_all((box, *(one.box for one in used)), said.reason)
            given = union_of((said.given, *(one.given for one in used)))
            complete = all(one.is_complete if isinstance(one, Derivation) else one.kind != "cited" for one in used)
            return Step(
                said.left,
                said.relation,
                said.right,
                said.reason,
                "theorem" if complete else "cited",
                said.hypotheses,
                cites=cites,
                rests_on=tuple(_chains(used)),
                box={x: ends for x, ends in ranges.items() if x not in said.discharged},
                given=tuple(x for x in given if x not in said.discharged),
                seal=_SEAL,
            )

        return sealed

    return decorate


def _evidence(value: Any) -> Iterator[Step | Derivation]:
    """The links and chains among the arguments of a theorem."""
    if isinstance(value, Step | Derivation):
        yield value
    elif isinstance(value, Mapping):
        yield from _evidence((*value.keys(), *value.values()))
    elif isinstance(value, tuple | list):
        for part in value:
            yield from _evidence(part)
    elif is_dataclass(value):
        yield from _evidence(tuple(getattr(value, part.name) for part in fields(value)))


def _chains(used: Iterable[Step | Derivation]) -> Iterator[Derivation]:
    """The chains that the evidence consists of or rests on."""
    for one in used:
        yield from ((one,) if isinstance(one, Derivation) else one.rests_on)
