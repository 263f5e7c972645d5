"""What a benchmark runs with."""

from dataclasses import dataclass

from numerics.backend import Backend
from numerics.streams import Streams
from purecheck.bench.peers import Field


@dataclass(frozen=True)
class Settings:
    """Everything that the cases share.

    Attributes
    ----------
    backend
        Where the suite and the floor compute; peers take the same kind of device where they have one.
    streams
        For problems and random starts.
    field
        The peers that take part.
    cores
        How many everyone may use.
    precision
        Of matrix products: `float32` or `tf32`.
    load
        Processes that computed or waited for a core in the minute before the run; None where the system does not tell.
    """

    backend: Backend
    streams: Streams
    field: Field
    cores: int
    precision: str
    load: float | None
