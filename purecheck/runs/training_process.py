"""A second process that trains networks while the other checks run: training uses one core, algebra another."""

import multiprocessing
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import Any

from numerics.backend import select_backend
from numerics.streams import Streams
from purecheck.runs.ledger import Ledger, ledger
from purecheck.runtime.context import Context, Profile
from purecheck.runtime.processes import start
from purecheck.verdicts.check import Check
from purecheck.verdicts.evidence import Evidence

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
    """A running process whose evidence arrives check by check."""

    def __init__(self, connection: Connection, expected: int) -> None:
        self._connection = connection
        self._expected = expected

    def arrived(self) -> Iterator[tuple[Name, Evidence]]:
        """The evidence that has arrived since the last call, without waiting."""
        while self._expected and self._connection.poll():
            yield self._next()

    def rest(self) -> Iterator[tuple[Name, Evidence]]:
        """The evidence still to come, as it comes."""
        while self._expected:
            yield self._next()

    def kept(self) -> dict[str, Any]:
        """The results that the checks share, once all evidence has arrived."""
        found: dict[str, Any] = self._receive()
        return found

    def _next(self) -> tuple[Name, Evidence]:
        found: tuple[Name, Evidence] = self._receive()
        self._expected -= 1
        return found

    def _receive(self) -> Any:
        """The next message of the process; if it is an exception, it is raised here."""
        try:
            message = self._connection.recv()
        except EOFError:
            raise LostProcessError(
                "the process that trains networks ended without a message: it was killed, or memory was not enough; "
                "expected it to finish by itself"
            ) from None
        if isinstance(message, Exception):
            raise message
        return message


@contextmanager
def training(checks: Iterable[Check[Any]], context: Context, memory: int | None = None) -> Iterator[Training]:
    """A process that runs `checks` of the suite's ledger with the settings of `context`; it ends with the block.

    Its memory is limited to `memory` bytes, or to half of what is free if None.
    """
    names = [(check.claim, check.name) for check in checks]
    here, there = multiprocessing.Pipe(duplex=False)
    process = start(there, run_there, names, context.backend.name, context.streams.seed, context.profile, memory)
    there.close()
    try:
        yield Training(here, len(names))
    finally:
        process.terminate()
        process.join()
        here.close()


def run_there(
    connection: Connection, names: list[Name], backend: str, seed: int, profile: Profile, memory: int | None
) -> None:
    """Send the evidence of each check of the suite's ledger, then the results that the checks share."""
    context = Context(select_backend(backend), Streams(seed), profile, memory=memory)
    checks = {(check.claim, check.name): check for bound in ledger().checks.values() for check in bound}
    for name in names:
        connection.send((name, checks[name].run(context)))
    connection.send(context.kept())
