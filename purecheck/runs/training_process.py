"""A second process that trains networks while the other checks run: training uses one core, algebra another."""

import multiprocessing
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from functools import cache
from typing import Any, TypeVar

from numerics.backend import select_backend
from numerics.streams import Streams
from purecheck.runs.ledger import Ledger, ledger
from purecheck.runtime.context import Context, Profile
from purecheck.runtime.processes import one_process
from purecheck.verdicts.check import Check
from purecheck.verdicts.evidence import Evidence

T = TypeVar("T")

Name = tuple[str, str]
"""Id of a claim, and name of a check."""


def apart(book: Ledger, checks: Sequence[Check[Any]]) -> tuple[Check[Any], ...]:
    """The checks that run in a second process: those that train, if there are others to run at the same time.

    A second process can only load the ledger of the suite, so no check of another ledger is moved there.
    """
    trained = tuple(check for check in checks if check.trains)
    alone = book is not ledger() or len(trained) == len(checks) or len(multiprocessing.active_children()) > 0
    return () if alone else trained


class LostProcessError(RuntimeError, OSError):
    """The process that trains networks was killed."""


class Training:
    """A running process whose evidence arrives check by check.

    Parameters
    ----------
    evidence
        The evidence of each check, by its name.
    kept
        The results that the checks share.
    """

    def __init__(self, evidence: Mapping[Name, Future[Evidence]], kept: Future[dict[str, Any]]) -> None:
        self._waiting = {future: name for name, future in evidence.items()}
        self._kept = kept

    def arrived(self) -> Iterator[tuple[Name, Evidence]]:
        """The evidence that has arrived since the last call, without waiting."""
        for future in [one for one in self._waiting if one.done()]:
            yield self._waiting.pop(future), _result(future)

    def rest(self) -> Iterator[tuple[Name, Evidence]]:
        """The evidence still to come, as it comes."""
        for future in as_completed(list(self._waiting)):
            yield self._waiting.pop(future), _result(future)

    def kept(self) -> dict[str, Any]:
        """The results that the checks share; waits for all evidence."""
        return _result(self._kept)


def _result(future: Future[T]) -> T:
    """The result of the process, or its error."""
    try:
        return future.result()
    except BrokenProcessPool as problem:
        raise LostProcessError(
            "the process that trains networks ended without a message: it was killed, or memory was not enough; "
            "expected it to finish by itself"
        ) from problem


@contextmanager
def training(checks: Iterable[Check[Any]], context: Context, memory: int | None = None) -> Iterator[Training]:
    """A process that runs `checks` of the suite's ledger with the settings of `context`; it ends with the block.

    Its memory is limited to `memory` bytes, or to half of what is free if None.
    """
    settings = context.backend.name, context.streams.seed, context.profile, memory
    with one_process() as pool:
        evidence = {
            (check.claim, check.name): pool.submit(_evidence, check.claim, check.name, settings) for check in checks
        }
        yield Training(evidence, pool.submit(_kept, settings))


_Settings = tuple[str, int, Profile, int | None]
"""Backend, seed, profile and memory: everything of a context that crosses to the process."""


@cache
def _context(settings: _Settings) -> Context:
    """The context that all checks of the process share."""
    backend, seed, profile, memory = settings
    return Context(select_backend(backend), Streams(seed), profile, memory=memory)


def _evidence(claim: str, name: str, settings: _Settings) -> Evidence:
    checks = {check.name: check for check in ledger().checks[claim]}
    return checks[name].run(_context(settings))


def _kept(settings: _Settings) -> dict[str, Any]:
    return _context(settings).kept()
