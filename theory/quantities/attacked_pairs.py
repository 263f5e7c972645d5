"""What attacks on views do to losses of pairs: increases, and how they set in."""

from sympy import Symbol

from theory.quantities import quantity

SIMILAR_INCREASE = quantity(
    Symbol(r"\Delta_{sim}"),
    r"How much the worst attack raises the loss of a similar pair with features $x$, averaged over the noise if there "
    r"is any.",
)
DISSIMILAR_GIVEN = quantity(
    Symbol(r"\Delta_{dis}(x')"),
    r"How much the worst attack raises the loss of a dissimilar pair whose other view is $x'$, averaged over the "
    r"attacked view.",
)
INCREASE_GAP = quantity(
    Symbol(r"\mathbb{E}[\Delta_{dis}] - \mathbb{E}[\Delta_{sim}]"),
    "How much the worst attack raises the expected loss of dissimilar pairs, less how much it raises that of similar "
    "pairs.",
)
SIMILAR_SLOPE = quantity(
    Symbol(r"\partial_\epsilon \mathbb{E}[\Delta_{sim}]|_{0}"),
    r"Derivative in the size of the attack, at size zero, of the expected loss of similar pairs under the worst attack.",
)
DISSIMILAR_SLOPE = quantity(
    Symbol(r"\partial_\epsilon \mathbb{E}[\Delta_{dis}]|_{0}"),
    r"Derivative in the size of the attack, at size zero, of the expected loss of dissimilar pairs under the worst "
    r"attack.",
)
