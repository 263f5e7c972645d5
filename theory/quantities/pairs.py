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
