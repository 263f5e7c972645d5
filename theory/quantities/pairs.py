"""Losses of pairs of views under linear encoders, attacked or not, and the scales at which they are least."""

from typing import Any

from sympy import Expr, Function, Symbol, exp

from theory.quantities import quantity

CURVATURE_ALONG = quantity(
    Symbol(r"L''(G)[H,H]"), r"Second derivative of the expected loss of pairs at the Gram matrix $G$ along $H$."
)
GAP = quantity(
    Symbol(r"L(G) - L(cI)"),
    "Expected loss of pairs, under the worst attack if there is one, at the Gram matrix $G$ minus that at the "
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

WORST_SIMILAR = quantity(
    Symbol(r"\max_\delta \ell_{sim}"),
    r"Largest loss of a similar pair over attacks $\|\delta\|_2 \le \epsilon$ on one view.",
)
WORST_DISSIMILAR = quantity(
    Symbol(r"\max_\delta \ell_{dis}"),
    r"Largest loss of a dissimilar pair over attacks $\|\delta\|_2 \le \epsilon$ on one view.",
)
MIDPOINT = quantity(
    Symbol(r"\ell((G_{1}+G_{2})/2)"), r"Largest loss of a pair under attack at the Gram matrix $(G_1 + G_2)/2$."
)
APART = quantity(
    Symbol(r"(t_{1} - t_{2})^{2} + (t'_{1} - t'_{2})^{2}"),
    r"Squared difference of the exponents $t_1$ and $t_2$ of the largest losses $\log(1 + e^t)$ of a dissimilar pair "
    r"at the Gram matrices $G_1$ and $G_2$, plus that for the pair with the attacked view reflected.",
)
SLOPE_AT_ZERO = quantity(
    Symbol(r"\partial_\lambda L(0, \epsilon)"),
    r"Derivative in the scale $\lambda$ of the expected loss of pairs under the worst attack, at scale zero.",
)
OPTIMUM = quantity(
    Symbol(r"\lambda_{\epsilon}"),
    r"Scale $\lambda \ge 0$ at which the expected loss of pairs under the worst attack is least.",
)
RATE = quantity(
    Symbol(r"d\lambda_{\epsilon}/d\epsilon"),
    r"Derivative of $\lambda_\epsilon$ with respect to the size of the attack.",
)
MIXED = quantity(
    Symbol(r"\partial_{\lambda}\partial_{\epsilon} L"),
    r"Mixed derivative, in the scale and in the size of the attack, of the expected loss of pairs.",
)
MIXED_WEIGHTED = quantity(
    Symbol(r"\partial_{\lambda}\partial_{\epsilon} L_{\rho}"),
    r"Mixed derivative, in the scale and in the size of the attack, of the expected loss of pairs of which a share "
    r"$\rho$ is similar.",
)
MEAN_ENERGY = quantity(Symbol(r"\mathbb{E}\|X\|^2", positive=True), r"Mean squared norm of the features.")
MEAN_NORM = quantity(Symbol(r"\mathbb{E}\|X+\xi\|", positive=True), "Mean norm of a view, including its noise.")


class Tilt(Function):  # type: ignore[misc]
    """`h(t) = sig(t) + t sig'(t)`, the derivative of `t sig(t)`."""

    nargs = 1
    by_definition = True
    """Algebra may put its exponentials for it."""

    def doit(self, **hints: Any) -> Expr:
        """The same expression in terms of exponentials."""
        t = self.args[0].doit(**hints)
        return 1 / (1 + exp(-t)) + t / ((1 + exp(-t)) * (1 + exp(t)))

    def _latex(self, printer: Any, exp: Any = None) -> str:
        return rf"h\left({printer._print(self.args[0])}\right)"


quantity(
    Tilt,
    r"Derivative of the force $t\,\ell'(t)$ that a pair with the loss $\ell(\lambda t)$, $\ell(t) = \log(1 + e^t)$, "
    r"has on the scale at $\lambda = 1$.",
)
IMAGES = quantity(
    Function(r"h_{\pm}", real=True), r"Sum $h(u + w) + h(u - w)$ at two points that are mirror images about $u$."
)
