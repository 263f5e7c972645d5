"""The libraries that a user would use instead, if they are installed: the same work by automatic differentiation."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

from purecheck.bench.contestant import Contestant

Maker = Callable[..., Contestant]
"""Makes the contestant for one kind of work from a problem, from features and labels, or from a law and a shape."""

NOT_INSTALLED = "not installed"


@dataclass(frozen=True)
class Peer:
    """One way to do the work with another library.

    Attributes
    ----------
    name
        Its name in tables and files.
    package
        The package that must be installed.
    module, factory
        The makers are `import_module(module).<factory>(cores)`, a mapping from the name of the work to a `Maker`.
    compiles
        Whether it needs many seconds to compile for each new shape.
    """

    name: str
    package: str
    module: str
    factory: str
    compiles: bool = False


PEERS = (
    Peer("PyTorch eager", "torch", "purecheck.bench.peers.torch_peer", "eager"),
    Peer("torch.compile", "torch", "purecheck.bench.peers.torch_peer", "compiled", compiles=True),
    Peer("JAX jit", "jax", "purecheck.bench.peers.jax_peer", "jitted"),
)


@dataclass(frozen=True)
class Field:
    """The peers of a run.

    Attributes
    ----------
    present
        For each peer by name, its makers by the name of the work.
    absent
        For each other peer by name, the reason why it does not take part.
    """

    present: dict[str, dict[str, Maker]]
    absent: dict[str, str]


def assemble(cores: int, *, quick: bool) -> Field:
    """The peers that take part on `cores` cores, and why the others do not."""
    present: dict[str, dict[str, Maker]] = {}
    absent: dict[str, str] = {}
    for peer in PEERS:
        if find_spec(peer.package) is None:
            absent[peer.name] = NOT_INSTALLED
        elif quick and peer.compiles:
            absent[peer.name] = "left out by --quick, since compiling takes longer than the rest"
        else:
            module: ModuleType = import_module(peer.module)
            present[peer.name] = getattr(module, peer.factory)(peer.name, cores)
    return Field(present, absent)
