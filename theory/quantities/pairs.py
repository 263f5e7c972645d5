"""Losses of pairs of views under linear encoders, attacked or not, and the scales at which they are least."""

from sympy import Symbol

from theory.quantities import quantity

CURVATURE_ALONG = quantity(
    Symbol(r"L''(G)[H,H]"), r"Second derivative of the expected loss of pairs at the Gram matrix $G$ along $H$."
)
GAP = quantity(
    Symbol(r"L(G) - L(cI)"),
    r"Expected loss of pairs, under the worst attack if there is one, at the Gram matrix $G$, less that at the "
    r"isotropic one of the same trace, $c = \mathrm{tr}\,G/d$.",
)

SLOPE = quantity(
    Symbol(r"L'(\lambda)"),
    r"Derivative in $\lambda$ of the expected loss of pairs under the encoder with Gram matrix $\lambda I$.",
)
CURVATURE = quantity(
    Symbol(r"L''(\lambda)"),
    r"Second derivative in $\lambda$ of the expected loss of pairs, under the worst attack if there is one, where the "
    r"encoder has the Gram matrix $\lambda I$.",
)
CLEAN_OPTIMUM = quantity(
    Symbol(r"\lambda^{*}"), r"Scale $\lambda \ge 0$ at which the expected loss of pairs is least, without attack."
)
OVERLAP = quantity(
    Symbol(r"\mathbb{E}\,t^{D/r^2}"),
    r"Generating function of the inner product $D$ of the views of a dissimilar pair, in units of $r^2$.",
)
