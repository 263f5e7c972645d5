"""What single features do to a node, and what training does to cross-talk: exact networks and their gradients."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from sympy import Expr, sqrt, sympify

from numerics.exact import ExactArray
from numerics.network import active, preactivations
from purecheck.evaluators.model import Model
from purecheck.evaluators.registry import evaluates
from theory.quantities import forces


@dataclass(frozen=True, kw_only=True)
class Node(Model):
    """A network of one node, whose features act alone or together.

    Attributes
    ----------
    amplitudes
        Of the features, shape (d,).
    noise
        What is added to every observation, shape (d,).
    """

    amplitudes: ExactArray
    noise: ExactArray


def _seen(model: Node, features: ExactArray) -> ExactArray:
    """Pre-activations of the node at features (n, d) in units of their amplitudes, shape (n,)."""
    observed = features * model.amplitudes
    observed = (observed if model.M is None else observed @ model.M.T) + model.noise
    return np.asarray(preactivations(model.net, observed)[:, 0])


@evaluates(forces.COUNT_ALONE)
def count_alone(model: Node) -> int:
    """Every feature in turn."""
    one_each = np.eye(len(model.amplitudes), dtype=int)
    fires = [active(_seen(model, sign * one_each)[:, None], model.net.b)[:, 0] for sign in (1, -1)]
    return int(np.sum(np.asarray(fires[0], dtype=bool) | np.asarray(fires[1], dtype=bool)))


@evaluates(forces.W_NORM)
def weight_length(model: Node) -> Expr:
    """Of the one node."""
    return sqrt(sympify(sum(x * x for x in model.net.W[:, 0])))


@evaluates(forces.V_ALONE)
def seen_of_one(model: Node) -> Any:
    """The first feature alone."""
    return _seen(model, np.eye(1, len(model.amplitudes), dtype=int))[0]


@evaluates(forces.V_PAIR)
def seen_of_two(model: Node) -> Any:
    """The first two features."""
    return _seen(model, np.array([[1, 1] + [0] * (len(model.amplitudes) - 2)]))[0]
