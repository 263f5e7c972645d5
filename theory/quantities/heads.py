"""Heads on frozen layers: least-squares heads, heads trained under attack, and what they make of a layer."""

from sympy import Function, MatrixSymbol, Symbol

from theory.model import d
from theory.quantities import quantity

PURE = Symbol("d_1", integer=True, positive=True)
"""Number of pure features."""
MIXED = Symbol("d_2", integer=True, positive=True)
"""Number of features in groups of order `m`."""

NEW_TARGET = quantity(Symbol(r"\|\theta'\|", positive=True), r"Length $\|\theta'\|_2$ of the new target.")
EXCESS = quantity(
    MatrixSymbol(r"[\mathrm{Risk}(a) - \tau^2]", 1, 1),
    r"Mean squared error of a head, less that of the label noise.",
)
LEAST_HEAD = quantity(
    MatrixSymbol(r"\mathrm{arg\,min}_a\,\mathrm{Risk}(a)", d, 1), "The head with the least mean squared error."
)
PURE_HEADS = quantity(
    MatrixSymbol("a_{pure}", PURE, 1), "The head with the least mean squared error, on the pure nodes."
)
MIXED_HEADS = quantity(
    MatrixSymbol("a_{mixed}", MIXED, 1), "The head with the least mean squared error, on the nodes of the groups."
)
MIXED_NORM = quantity(
    Symbol(r"\|\theta'_{mixed}\|", nonnegative=True), "Length of the new target on the features of the groups."
)
SURROGATE = quantity(
    MatrixSymbol(r"[\mathbb{E}e^2 + \epsilon^2\,\mathbb{E}\|\beta\|^2]", 1, 1),
    r"Mean squared error of a head without label noise, plus $\epsilon^2$ times the mean energy of its effective map.",
)
MAPPED = quantity(
    MatrixSymbol("U a^*", d, 1), "The products of weights with the head that makes that sum least, added over nodes."
)
LEAST_SURROGATE = quantity(MatrixSymbol(r"\min_a", 1, 1), "The least value of that sum over all heads.")
A0 = quantity(Symbol("A_0", positive=True), r"Mean of $(\theta'^\top X)^2$.")
B0 = quantity(
    Symbol("B_0", positive=True), r"Mean of $|\theta'^\top X|\,\|\beta\|$ for the effective map of the given head."
)
C0 = quantity(Symbol("C_0", positive=True), r"Mean of $\|\beta\|^2$ for the effective map of the given head.")
SQUARED_CROSS = quantity(Symbol("B_0^2", real=True), "The square of $B_0$.")
SQUARED_LIMIT = quantity(Symbol("(A_0/B_0)^2", real=True), "The square of $A_0/B_0$.")
BEST = quantity(Symbol("c^*", real=True), "The multiple $c$ of the given head with the least adversarial risk.")
SHRUNK_MAP = quantity(MatrixSymbol(r"\beta(c\,a)", d, 1), "Effective map on one input for $c$ times the given head.")


class WorstAlong(Function):  # type: ignore[misc]
    """The adversarial risk of a multiple of a head: `WorstAlong(c)`."""

    nargs = 1

    def _latex(self, printer: object, exp: object = None) -> str:
        return rf"\mathrm{{Worst}}\left({printer._print(self.args[0])}\right)"  # type: ignore[attr-defined]


quantity(
    WorstAlong,
    "Mean of the largest squared loss under attack for that multiple of the given head, without label noise; gates are "
    "held fixed, as they are inside the region of P2.",
)
