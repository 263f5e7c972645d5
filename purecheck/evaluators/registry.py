"""The registry of evaluators, and the instances of the model on which they work."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, NamedTuple, TypeVar

from sympy import Basic

from theory.quantities import QUANTITIES

F = TypeVar("F", bound=Callable[..., Any])


class Chance(NamedTuple):
    """One outcome of the random part of a scene: its probability, and the values of the random symbols."""

    probability: Fraction
    values: Mapping[Basic, Any]


_FRACTION = re.compile(r"Fraction\((-?\d+), (\d+)\)")


def _plain(found: re.Match[str]) -> str:
    return str(Fraction(int(found[1]), int(found[2])))


@dataclass(frozen=True)
class Scene:
    """A small instance of the model, on which a formula is evaluated.

    Attributes
    ----------
    where
        A description of the instance for readers.
    values
        Parameters of the formula by symbol, indexed base or matrix symbol: integers, fractions, exact SymPy numbers,
        balls (`flint.arb`), and for indexed bases and matrices arrays of them. Indices count from 1.
    model
        The instance that the evaluators read; its type is agreed between them and the builder of the scene.
    outcomes
        The finite law of the random symbols, for expectations in the formula.
    """

    where: str
    values: Mapping[Basic, Any]
    model: Any = None
    outcomes: tuple[Chance, ...] = field(default=(), repr=False)

    def __post_init__(self) -> None:
        # Lists print their fractions as `Fraction(1, 2)`; a reader is shown 1/2.
        object.__setattr__(self, "where", _FRACTION.sub(_plain, self.where))


EVALUATORS: dict[Basic | type, Callable[..., Any]] = {}
"""The evaluator of each quantity, called with the model of a scene and, for functions, with the arguments."""


def evaluates(*names: Basic | type) -> Callable[[F], F]:
    """A decorator that registers a function as the evaluator of the quantities `names`.

    The function takes the model of the scene and, for a class of functions, the values of its arguments. It returns an
    integer, a fraction, an exact SymPy number, a ball, or an array of these.

    Raises
    ------
    ValueError
        If a name is not a registered quantity, or already has an evaluator.
    """

    def register(evaluator: F) -> F:
        for name in names:
            if name not in QUANTITIES:
                raise ValueError(f"{name} is no registered quantity; register it in theory.quantities")
            if name in EVALUATORS:
                raise ValueError(f"{name} has an evaluator already")
            EVALUATORS[name] = evaluator
        return evaluator

    return register
