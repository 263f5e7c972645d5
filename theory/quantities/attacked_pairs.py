"""What attacks on views do to pairs: increases of losses, how they set in, and the gradients that they follow."""

from sympy import MatrixSymbol, Symbol

from theory.quantities import quantity

SIMILAR_INCREASE = quantity(
    Symbol(r"\Delta_{sim}"),
    "Increase of the loss of a similar pair with features $x$ under the worst attack, averaged over the noise if "
    "there is any.",
)
DISSIMILAR_GIVEN = quantity(
    Symbol(r"\Delta_{dis}(x')"),
    "Increase of the loss of a dissimilar pair whose other view is $x'$ under the worst attack, averaged over the "
    "attacked view.",
)
INCREASE_GAP = quantity(
    Symbol(r"\mathbb{E}[\Delta_{dis}] - \mathbb{E}[\Delta_{sim}]"),
    "Increase of the expected loss of dissimilar pairs under the worst attack minus that of similar pairs.",
)
SIMILAR_SLOPE = quantity(
    Symbol(r"\partial_\epsilon \mathbb{E}[\Delta_{sim}]|_{0}"),
    "Derivative with respect to the size of the attack, at size zero, of the expected loss of similar pairs under "
    "the worst attack.",
)
DISSIMILAR_SLOPE = quantity(
    Symbol(r"\partial_\epsilon \mathbb{E}[\Delta_{dis}]|_{0}"),
    "Derivative with respect to the size of the attack, at size zero, of the expected loss of dissimilar pairs under "
    "the worst attack.",
)
SIMILAR_OPTIMUM = quantity(
    Symbol(r"\lambda^{sim}"),
    r"Scale $\lambda \ge 0$ at which the expected loss of pairs is least when only similar pairs are under the worst "
    "attack.",
)
DISSIMILAR_OPTIMUM = quantity(
    Symbol(r"\lambda^{dis}"),
    r"Scale $\lambda \ge 0$ at which the expected loss of pairs is least when only dissimilar pairs are under the "
    "worst attack.",
)
SIMILAR_START = quantity(
    Symbol(r"\partial_\lambda L^{sim}(0)"),
    r"Derivative with respect to the scale $\lambda$, at scale zero, of the expected loss of pairs when only similar "
    "pairs are under the worst attack.",
)
DISSIMILAR_START = quantity(
    Symbol(r"\partial_\lambda L^{dis}(0)"),
    r"Derivative with respect to the scale $\lambda$, at scale zero, of the expected loss of pairs when only "
    "dissimilar pairs are under the worst attack.",
)
SIMILAR_RATE = quantity(
    Symbol(r"d\lambda^{sim}/d\epsilon"), r"Derivative of $\lambda^{sim}$ with respect to the size of the attack."
)
DISSIMILAR_RATE = quantity(
    Symbol(r"d\lambda^{dis}/d\epsilon"), r"Derivative of $\lambda^{dis}$ with respect to the size of the attack."
)
GATED_SCORE = quantity(
    MatrixSymbol(r"g^{\top}g'", 1, 1), r"Inner product of the embeddings $g(x)$ and $g(x')$ of two views."
)
SIMILAR_PULL = quantity(
    MatrixSymbol(r"\|J^\top g\|^2", 1, 1),
    r"Squared attack gain of a similar pair: the squared $l_2$ norm of the gradient $J(x)^\top g(x)$ of its score "
    "with respect to the attacked view $x$, where $J$ is the Jacobian of the encoder.",
)
DISSIMILAR_PULL = quantity(
    MatrixSymbol(r"\|J^\top g'\|^2", 1, 1),
    r"Squared attack gain of a dissimilar pair: the squared $l_2$ norm of the gradient $J(x)^\top g(x')$ of its score "
    "with respect to the attacked view $x$.",
)
MEAN_PULL = quantity(
    Symbol(r"\mathbb{E}\|J^\top g'\|^2"),
    r"Mean of the squared attack gain $\|J(x)^\top g(x')\|^2$ of dissimilar pairs.",
)
OFF_SUPPORT = quantity(
    Symbol(r"\mathbb{E}\|V^\top J_{A^c}\|_F^2", nonnegative=True),
    r"Mean of the squared Frobenius norm of $V^\top J_{A^c}$, where $J_{A^c}$ is the Jacobian at the attacked view "
    "with its columns on the support set to zero.",
)
