"""Attack gain and adversarial risk of a network."""

from collections.abc import Callable
from typing import ClassVar

from sympy import Expr, Function, IndexedBase, MatrixSymbol, Symbol

from theory.model import named
from theory.quantities import quantity
from theory.theorems.counts import Exceeds

RISK = quantity(
    named(r"\mathrm{Risk}(\epsilon)"),
    r"Mean of the largest squared loss that an $l_2$ attack of size $\epsilon$ on the observation can cause, over the "
    r"law of the input and the label noise of standard deviation $\tau$.",
)
MEAN_GAIN = quantity(named(r"\mathbb{E}\|\beta\|"), r"Mean of $\|\beta\|_2$ over the law of the input.")
TARGET = quantity(Symbol(r"\|\theta\|", positive=True), r"Length $\|\theta\|_2$ of the target.")
GROUP_ENERGY = quantity(
    MatrixSymbol("V_g", 1, 1), r"Squared length of the contribution of group $g$ to $\beta$ at one input."
)
ENERGIES = quantity(
    IndexedBase("V", nonnegative=True),
    r"Squared length of the contribution of group $g$ to $\beta$, by group; random with the input.",
)


class MixedGain(Function):  # type: ignore[misc]
    r"""The mean gain of a mixture with `theta = 1`: `MixedGain(d, p, m)`."""

    nargs = 3
    is_number = False
    """A name, also where the arguments are numbers: its value has to be derived."""
    series: ClassVar[Callable[[Expr, Expr, Expr], Expr] | None] = None
    """What it unfolds to; set by the claim that derives it."""

    def doit(self, **hints: object) -> Expr:
        """Its closed form, summed where the arguments are numbers."""
        series = type(self).series
        known = series is not None and all(x.is_number for x in self.args)
        return series(*self.args).doit(**hints) if known and series is not None else self

    def _latex(self, printer: object, exp: object = None) -> str:
        features, prob, order = (printer._print(x) for x in self.args)  # type: ignore[attr-defined]
        return rf"\mathbb{{E}}\|\beta_{{{order}}}\|\left({features}, {prob}\right)"


quantity(
    MixedGain,
    r"Mean of $\|\beta\|_2$ for the mixture of order $m$ on $d$ features, each active with probability $p$, with the "
    "all-ones target and Hadamard matrices whose first row is all ones.",
)

MARGIN = quantity(
    Symbol(r"\min_\delta y\, f(z + \delta)", real=True),
    r"Least product of the output with the label $y = \pm 1$, the sign of $\theta^\top x$ (either one where that is "
    r"zero), under an $l_2$ attack of size $\epsilon$ on one input.",
)
SIGNS = quantity(
    Symbol(r"|S_{1} + \dots + S_{N}|", nonnegative=True),
    r"Modulus of the sum of the signs $S_i = \mathrm{sign}(\theta_i x_i)$ of the $N$ active features.",
)
ROBUST_SHARE = quantity(
    named(r"P_{robust}"),
    r"Probability that the output has the sign of $\theta^\top x$, and is not zero, under every $l_2$ attack of size "
    r"$\epsilon$.",
)
quantity(Exceeds, "Probability that the modulus of a sum of $n$ independent random signs exceeds a bound.")
