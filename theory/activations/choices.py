"""The activations that are compared, as expressions."""

from collections.abc import Mapping

from sympy import Abs, Eq, Expr, Max, Piecewise, Symbol, exp, tanh

from theory.claims import Choice
from theory.model import Phi, b
from theory.quantities.activations import WORDS

ACTIVATION = Symbol("activation", integer=True)
CHOICE = Choice(WORDS)
v = Symbol("v", real=True)
"""Pre-activation."""


def sig(x: Expr) -> Expr:
    """The logistic function at `x`."""
    return 1 / (1 + exp(-x))


GATE = Piecewise((v, Abs(v) >= b), (0, True))
BIASED_RELU = Piecewise((v - b, v >= b), (0, True))
SOFT_THRESHOLD = Piecewise((v - b, v >= b), (v + b, v <= -b), (0, True))
RELU = Max(v, 0)
TANH = tanh(v)
SIGMOID = sig(v)
SILU = v * sig(v)
GELU = v * Phi(v)


def by_activation(values: Mapping[str, Expr]) -> Piecewise:
    """One expression for all activations, by their number; each must have a value."""
    return Piecewise(*((values[word], Eq(ACTIVATION, CHOICE.number(word))) for word in CHOICE.words))
