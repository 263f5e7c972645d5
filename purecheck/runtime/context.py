"""What the checks of a run share: backend, random streams, effort, and results that several checks use."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar, cast

from numerics.backend import Backend, select_backend
from numerics.memory import resident_bytes, share_of_free
from numerics.streams import Streams
from purecheck.formal.result import NOT_RUN, FormalResult

if TYPE_CHECKING:  # the command line reads the profiles from here before it knows whether records are needed
    from purecheck.records.reading import Stored

T = TypeVar("T")


@dataclass(frozen=True)
class Profile:
    """The effort that a run spends.

    Attributes
    ----------
    name
        `quick` or `full`.
    examples
        Number of Hypothesis examples in each check.
    seeds
        Number of replicas of each trained arm.
    steps
        Factor on the number of training steps.
    """

    name: str
    examples: int
    seeds: int
    steps: float


# 28 seeds decide every claim on trained networks and keep the quick report within a few minutes.
PROFILES = {
    "quick": Profile("quick", examples=100, seeds=28, steps=1.0),
    "full": Profile("full", examples=2000, seeds=50, steps=3.0),
}


@dataclass(frozen=True)
class Context:
    """Everything that a check needs to run.

    Attributes
    ----------
    backend
        The library that holds the arrays.
    streams
        Random streams, all derived from the root seed by name.
    profile
        The effort to spend.
    records
        Recorded runs on real data.
    memory
        Upper limit in bytes on the memory of the process (on a GPU: of its arrays); None for half of what is free.
    formal
        What the Rocq kernel accepted in the last run of `make formal`, or why that is not known.
    """

    backend: Backend
    streams: Streams
    profile: Profile
    records: Sequence[Stored] = ()
    memory: int | None = None
    formal: FormalResult | str = NOT_RUN
    _shared: dict[str, Any] = field(default_factory=dict, repr=False)

    def once(self, name: str, make: Callable[[], T]) -> T:
        """The result of `make()`, computed at the first call with this name and kept for the run."""
        if name not in self._shared:
            self._shared[name] = make()
        return cast(T, self._shared[name])

    def memory_budget(self) -> int:
        """The number of bytes that arrays may take beyond those held now; half of what is free if there is no limit."""
        return share_of_free(self.backend) if self.memory is None else self.memory - resident_bytes(self.backend)

    def kept(self) -> dict[str, Any]:
        """All results kept so far, by name."""
        return dict(self._shared)

    def keep(self, results: Mapping[str, Any]) -> None:
        """Keep `results` that were computed in another process with the same settings."""
        self._shared.update(results)


def quick(seed: int = 0) -> Context:
    """A quick run on NumPy, for tests of a claim."""
    return Context(select_backend("numpy"), Streams(seed), PROFILES["quick"])
