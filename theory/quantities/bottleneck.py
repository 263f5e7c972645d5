"""Linear encoders through a bottleneck: their losses under attack, and what an attack costs each direction."""

from sympy import Expr, Function, Symbol

from theory.quantities import quantity

LOSS = quantity(
    Symbol(r"L_{\epsilon}(G)"),
    "Expected loss of pairs under the worst attack for an encoder with the Gram matrix $G$.",
)
LOSS_SLOPE = quantity(
    Symbol(r"\partial_s L_\epsilon(sG)|_{0}"),
    r"Derivative in $s$, at $s = 0$, of the expected loss of pairs under the worst attack at the Gram matrix $sG$.",
)
MODULUS = quantity(Symbol(r"\mathbb{E}|t^\top X|"), r"Mean modulus of the features $X$ along the unit direction $t$.")
DIAGONAL = quantity(
    Symbol(r"\mathbb{E}|t_{45}^\top X| - pr"),
    "Mean modulus of the features along the direction at 45 degrees to two of them minus that along one of them.",
)
COST = quantity(
    Symbol(r"\mathbb{E}\|GX\|"), "Mean norm of $GX$, which is the amount by which an attack of size one moves scores."
)
SPREAD = quantity(
    Symbol(r"\mathbb{E}W^2 - \mathbb{E}B^2"),
    r"Mean square of the contribution to $\|GX\|^2$ of the direction at 45 degrees to two features of amplitude one "
    "minus that of the direction of one of them.",
)


LAPLACE = quantity(
    Symbol(r"\mathbb{E}e^{-x^\top K x/2}"),
    r"Mean of $e^{-x^\top K x/2}$ for a positive semidefinite matrix $K$ and features $x$ of amplitude one.",
)


class AxesCost(Function):  # type: ignore[misc]
    r"""Mean norm of $GX$ for `q` coordinate axes with equal scale, amplitude 1: `AxesCost(q, p)`."""

    nargs = 2
    is_extended_real = True
    is_extended_nonnegative = True
    is_finite = True

    def _latex(self, printer: object, exp: object = None) -> str:
        return _printed(r"\mathrm{axes}", self.args, printer)


class PairsCost(Function):  # type: ignore[misc]
    r"""Mean norm of $GX$ for `q` disjoint directions at 45 degrees to two features each: `PairsCost(q, p)`."""

    nargs = 2

    def _latex(self, printer: object, exp: object = None) -> str:
        return _printed(r"\mathrm{pairs}", self.args, printer)


def _printed(name: str, arguments: tuple[Expr, ...], printer: object) -> str:
    order, rate = (printer._print(x) for x in arguments)  # type: ignore[attr-defined]
    return rf"{name}_{{{order}}}\left({rate}\right)"


quantity(
    AxesCost,
    r"Mean of $\|GX\|$ where $G$ is the projection onto $q$ coordinate axes and the features have amplitude one and "
    "are active independently with probability $p$.",
)
quantity(
    PairsCost,
    r"Mean of $\|GX\|$ where $G$ is the projection onto $q$ directions at 45 degrees to two features each, with no "
    "feature in two of them, and the features have amplitude one and are active independently with probability $p$.",
)
