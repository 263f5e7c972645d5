"""What passes of attacks and noise through a node whose feature is absent, for each activation."""

from sympy import Function, Symbol

from theory.quantities import quantity
from theory.theorems.near_zero import Act, Slope

WORDS = ("gate", "relu", "biased_relu", "soft_threshold", "tanh", "sigmoid", "silu", "gelu")
"""The activations that are compared."""
THRESHOLDED = ("gate", "biased_relu", "soft_threshold")
"""The activations that have a threshold."""


ACT = quantity(Act, r"The activation $\mathrm{act}$ of the nodes.")
SLOPE = quantity(Slope, r"Derivative $\mathrm{act}'$ of the activation of the nodes.")


def _printed(word: str) -> str:
    return word.replace("_", " ")


LEAKS = {
    word: quantity(
        Symbol(rf"\lambda_{{{_printed(word)}}}"),
        "Mean of the slope of a ReLU that sees only noise."
        if word == "relu"
        else f"Slope at the pre-activation 0 of the {_printed(word)} activation.",
    )
    for word in WORDS
}
CUBE_LEAK = quantity(Symbol(r"\lambda_{v^3}"), "Slope at the pre-activation 0 of the activation $v^3$.")
NODE_LEAK = quantity(
    Symbol(r"\partial_t f_{h}"),
    "Derivative of the output of a node whose feature is absent, with weight $\\omega_h$ and head $a_h$, along that "
    "feature.",
)
CROSS_TALK = quantity(
    Symbol(r"\|\beta_{A^c}\|^2"),
    "Sum over the absent features of the squared derivatives of the network along them.",
)
CHANGE = quantity(
    Symbol(r"\Delta_{h}"),
    "Largest change of the activation of a node whose feature is absent, over all attacks.",
)
CUBE_CHANGE = quantity(
    Symbol(r"\Delta_{v^3}"),
    "Largest change, over all attacks, of the activation $v^3$ of a node whose feature is absent.",
)
PAIR_SLOPE = quantity(
    Function(r"\lambda_{pair}"),
    "Slope at the pre-activation $v$ of two unbiased ReLUs with opposite weights and opposite heads.",
)
PAIRS = {
    word: quantity(
        Function(rf"\pi_{{{word}}}"),
        f"Output at the pre-activation $v$ of two {word} nodes with opposite weights and opposite heads.",
    )
    for word in ("relu", "silu", "gelu")
}
GATE_DERIVATIVE = quantity(
    Function(r"\mathbb{E}\,\mathrm{gate}'"),
    "Mean of the derivative of the gate of threshold $b$ when it sees only noise of standard deviation $s$; the "
    "derivative is taken where it exists.",
)
GATE_SLOPE = quantity(
    Function(r"\partial_t \mathbb{E}\,\mathrm{gate}"),
    "Derivative of the mean output of the gate of threshold $b$, under noise of standard deviation $s$, with respect "
    "to a shift of the pre-activation.",
)
NOISE_ENERGIES = {
    word: quantity(
        Function(rf"E_{{{_printed(word)}}}"),
        f"Mean square of the deviation from its output at zero of a node with the {_printed(word)} activation that "
        "sees only noise of standard deviation $s$; its threshold, if it has one, is $b$.",
    )
    for word in WORDS
}
