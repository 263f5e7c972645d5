"""Quantities of the model: the names that statements speak of, each with its meaning.

What a quantity *is* in the model, computed from the law, the network and the attack, is the business of an evaluator
(`purecheck.evaluators`), which knows no formula of a claim.
"""

from dataclasses import dataclass
from typing import TypeVar

from sympy import Basic, default_sort_key, preorder_traversal

N = TypeVar("N", bound=Basic | type)


@dataclass(frozen=True)
class Quantity:
    """A registered name.

    Attributes
    ----------
    name
        The symbol, indexed base, matrix symbol, or class of functions that stands for it in formulas.
    meaning
        What it is in the model, in one sentence; mathematics between dollar signs.
    """

    name: Basic | type
    meaning: str


QUANTITIES: dict[Basic | type, Quantity] = {}
"""All registered quantities by name."""


def quantity(name: N, meaning: str) -> N:
    """`name`, registered as a quantity of the model.

    Raises
    ------
    ValueError
        If the name is registered with another meaning: one name stands for one thing.
    """
    known = QUANTITIES.setdefault(name, Quantity(name, meaning))
    if known.meaning != meaning:
        raise ValueError(f"quantity {name}: meaning was {meaning!r}; expected {known.meaning!r}, as registered before")
    return name


def named_in(formula: Basic) -> tuple[Quantity, ...]:
    """The quantities that a formula names, each once, in an order that is the same in every process."""
    nodes = list(preorder_traversal(formula, keys=default_sort_key))
    names = [name for node in nodes for name in (node, node.func) if name in QUANTITIES]
    return tuple(QUANTITIES[name] for name in dict.fromkeys(names))
