"""How often a node fires, and what the firing nodes see of the target."""

from collections.abc import Callable
from typing import ClassVar

from sympy import Expr, Function, MatrixSymbol, Symbol

from theory.model import p
from theory.quantities import quantity


class FiringProbability(Function):  # type: ignore[misc]
    r"""The probability $\pi_m$ that a node of a mixture of order `m` fires: `FiringProbability(m, p)`."""

    nargs = 2
    is_extended_real = True
    is_extended_nonnegative = True
    is_finite = True
    series: ClassVar[Callable[[Expr, Expr], Expr] | None] = None
    """What it unfolds to; set by the claim that derives it."""

    def doit(self, **hints: object) -> Expr:
        """Its closed form, summed where the order is a number."""
        order, prob = self.args
        series = type(self).series
        return series(order, prob).doit(**hints) if order.is_Integer and series is not None else self

    def _latex(self, printer: object, exp: object = None) -> str:
        order, prob = (printer._print(x) for x in self.args)  # type: ignore[attr-defined]
        power = "" if exp is None else f"^{{{exp}}}"
        return rf"\pi_{{{order}}}{power}" if self.args[1] == p else rf"\pi_{{{order}}}{power}\left({prob}\right)"


quantity(
    FiringProbability,
    "Probability that a node fires which holds $m$ features with weights of equal modulus, at constant amplitude $r$ "
    "and threshold $0 < b < r$.",
)
SEEN = quantity(
    Symbol(r"u_{k}^{\top}\beta"),
    r"Inner product of the feature weights of one node with the effective map $\beta$.",
)
ENERGY = quantity(Symbol(r"\mathbb{E}\|\beta\|^2"), r"Mean of $\|\beta\|_2^2$ over the law of the input.")
MIXTURE_ENERGY = quantity(
    MatrixSymbol(r"\mathbb{E}\|\beta_m\|^2", 1, 1), r"Mean of $\|\beta\|_2^2$ of a mixture network of order $m$."
)
NODE_FIRES = quantity(
    Symbol(r"P_{\text{fire}}"),
    "Probability that a node fires which holds $m$ features and no other entries, whatever its weights and the law of "
    "the amplitudes.",
)
OFFSET_FIRES = quantity(
    Symbol(r"P_{\text{fire}}^{\text{offset}}"),
    "Probability that a node fires which holds $m$ features that fire it alone, whatever its further entries and the "
    "noise add to the pre-activation.",
)
TILTED_FIRES = quantity(
    Symbol(r"P_{\text{fire}}^{\text{tilted}}"),
    r"Probability that the node with the weights $b(1 + 2^{i-m-1})/r$, $i = 1, \dots, m$, fires at constant amplitude "
    "$r$.",
)


FIT_ERROR = quantity(
    Symbol(r"\mathrm{misfit}"),
    r"Sum over all inputs $x$ of the squared errors $(f(Mx) - \theta^\top x)^2$ of the network.",
)


class _Share(Function):  # type: ignore[misc]
    nargs = 1
    is_extended_real = True
    is_extended_nonnegative = True
    is_finite = True


class SilentShare(_Share):
    """Probability that the node is silent if `n` of its features are active: `SilentShare(n)`."""

    def _latex(self, printer: object, exp: object = None) -> str:
        return rf"P(\text{{silent}} \mid {printer._print(self.args[0])})"  # type: ignore[attr-defined]


class OffsetShare(_Share):
    """The same whatever is added to the pre-activation: `OffsetShare(n)`."""

    def _latex(self, printer: object, exp: object = None) -> str:
        return rf"P^{{\text{{offset}}}}(\text{{silent}} \mid {printer._print(self.args[0])})"  # type: ignore[attr-defined]


class TiltedShare(_Share):
    """The same for the node with tilted weights: `TiltedShare(n)`."""

    def _latex(self, printer: object, exp: object = None) -> str:
        return rf"P^{{\text{{tilted}}}}(\text{{silent}} \mid {printer._print(self.args[0])})"  # type: ignore[attr-defined]
