"""Checks the theory of feature purification by adversarial pre-training, and measures networks against it.

The functions below do what the commands of the same names do. Each is imported at its first use, so that
`import purecheck` takes no time.
"""

from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from purecheck.api import PurityMonitor, attack, audit, check, claims, evaluate, report, simulate

    __version__: str

__all__ = ["PurityMonitor", "__version__", "attack", "audit", "check", "claims", "evaluate", "report", "simulate"]


def __getattr__(name: str) -> Any:
    if name == "__version__":
        return version("purecheck")
    if name in __all__:
        return getattr(import_module("purecheck.api"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
