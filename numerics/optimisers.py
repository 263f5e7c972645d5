"""First-order optimisers as pure functions of dictionaries of arrays, which may have a leading replica axis."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, Protocol

from array_api_compat import array_namespace

from numerics.backend import Array

Parameters = dict[str, Array]
State = dict[str, Parameters]
Schedule = Literal["constant", "cosine", "linear"]


class Optimiser(Protocol):
    """The interface of an optimiser in a training loop."""

    def initial_state(self, parameters: Parameters) -> State:
        """Return the state before the first update."""
        ...

    def update(
        self, parameters: Parameters, gradients: Parameters, state: State, rate: float, step: int
    ) -> tuple[Parameters, State]:
        """Return new parameters and state after update number ``step`` (counted from 0) at ``rate``."""
        ...


def _zeros(parameters: Parameters) -> Parameters:
    return {name: array_namespace(x).zeros_like(x) for name, x in parameters.items()}


@dataclass(frozen=True)
class SGD:
    """Gradient descent with heavy-ball momentum: ``m <- momentum m + g``, ``x <- x - rate m``.

    Parameters
    ----------
    momentum : float
        In ``[0, 1)``; 0 is plain gradient descent.

    References
    ----------
    Polyak, Some methods of speeding up the convergence of iteration methods (1964).
    """

    momentum: float = 0.0

    def __post_init__(self) -> None:
        _expect_decay("momentum", self.momentum)

    def initial_state(self, parameters: Parameters) -> State:
        """Return zero velocities (none without momentum)."""
        return {"velocity": _zeros(parameters)} if self.momentum else {}

    def update(
        self,
        parameters: Parameters,
        gradients: Parameters,
        state: State,
        rate: float,
        step: int,
    ) -> tuple[Parameters, State]:
        """Return new parameters and velocities after one update at ``rate``."""
        if not self.momentum:
            return {k: x - rate * gradients[k] for k, x in parameters.items()}, state
        velocity = {k: self.momentum * m + gradients[k] for k, m in state["velocity"].items()}
        return {k: x - rate * velocity[k] for k, x in parameters.items()}, {"velocity": velocity}


@dataclass(frozen=True)
class Adam:
    """Adam with bias correction: ``x <- x - rate m_hat / (sqrt(v_hat) + guard)``.

    Parameters
    ----------
    first, second : float
        Decay rates of the moments, in ``[0, 1)``.
    guard : float
        Added to the denominator, positive.

    References
    ----------
    Kingma and Ba, Adam: a method for stochastic optimization, algorithm 1 (2015).
    """

    first: float = 0.9
    second: float = 0.999
    guard: float = 1e-8

    def __post_init__(self) -> None:
        _expect_decay("first", self.first)
        _expect_decay("second", self.second)
        if not self.guard > 0:
            raise ValueError(f"guard is {self.guard}; expected a positive number")

    def initial_state(self, parameters: Parameters) -> State:
        """Return zero first and second moments."""
        return {"first": _zeros(parameters), "second": _zeros(parameters)}

    def update(
        self, parameters: Parameters, gradients: Parameters, state: State, rate: float, step: int
    ) -> tuple[Parameters, State]:
        """Return new parameters and moments after update number ``step`` (counted from 0) at ``rate``."""
        m = {k: self.first * x + (1 - self.first) * gradients[k] for k, x in state["first"].items()}
        v = {k: self.second * x + (1 - self.second) * gradients[k] ** 2 for k, x in state["second"].items()}
        # Both corrections are combined into two scalars: they cost no pass over the arrays.
        shrink = math.sqrt(1 - self.second ** (step + 1))
        stride = rate * shrink / (1 - self.first ** (step + 1))
        moved = {
            k: x - stride * m[k] / (array_namespace(x).sqrt(v[k]) + self.guard * shrink) for k, x in parameters.items()
        }
        return moved, {"first": m, "second": v}


def scheduled_rate(rate: float, schedule: Schedule, step: int, steps: int) -> float:
    """Return the learning rate of update ``step`` (counted from 0) out of ``steps``.

    ``constant`` keeps ``rate``; ``linear`` falls to ``rate / steps`` at the last update; ``cosine`` falls
    along half a period, ``rate (1 + cos(pi step / steps)) / 2``.
    """
    if schedule == "linear":
        return rate * (1 - step / steps)
    if schedule == "cosine":
        return rate * (1 + math.cos(math.pi * step / steps)) / 2
    return rate


def _expect_decay(name: str, value: float) -> None:
    if not 0 <= value < 1:
        raise ValueError(f"{name} is {value}; expected a number in [0, 1)")
