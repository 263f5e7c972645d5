"""Norms of the effective map and of the target, exact."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from purecheck.evaluators.fits import effective
from purecheck.evaluators.model import Model
from purecheck.evaluators.registry import evaluates
from theory.quantities import norms
from theory.theorems.fits import AbsoluteNorm

Norm = Callable[[Sequence[Any]], Any]


@dataclass(frozen=True, kw_only=True)
class Normed(Model):
    """An instance with a norm.

    Attributes
    ----------
    norm
        The norm of a vector, given by its entries.
    """

    norm: Norm


@evaluates(norms.NORM)
def norm(model: Normed) -> Any:
    """At the input."""
    return model.norm(list(effective(model)))


@evaluates(AbsoluteNorm)
def norm_of_entries(model: Normed, entries: Sequence[Any]) -> Any:
    """The norm of the model."""
    return model.norm(entries)
