"""The settings of a benchmark."""

from dataclasses import dataclass

from numerics.backend import Backend
from numerics.streams import Streams
from purecheck.bench.peers import Field


@dataclass(frozen=True)
class Settings:
    """The settings that all cases share.

    Attributes
    ----------
    backend
        Where the suite and the floor compute; peers use the same kind of device if they can.
    streams
        Random streams for problems and random starts.
    field
        The peers that take part.
    cores
        The number of cores that every contestant may use.
    precision
        The precision of matrix products: `float32` or `tf32`.
    load
        Mean number of processes that ran or waited for a core in the minute before the run; None if it is not known.
    """

    backend: Backend
    streams: Streams
    field: Field
    cores: int
    precision: str
    load: float | None
