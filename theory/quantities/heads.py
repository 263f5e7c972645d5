"""Heads on frozen layers: least-squares heads, heads trained under attack, and their effective maps."""

from sympy import Function, IndexedBase, MatrixSymbol, Symbol

from theory.model import d, named
from theory.quantities import quantity

PURE = Symbol("d_1", integer=True, positive=True)
"""Number of pure features."""
MIXED = Symbol("d_2", integer=True, positive=True)
"""Number of features in groups of order `m`."""

NEW_TARGET = quantity(Symbol(r"\|\theta'\|", positive=True), r"Length $\|\theta'\|_2$ of the new target.")
EXCESS = quantity(
    MatrixSymbol(r"[\mathrm{Risk}(a) - \tau^2]", 1, 1),
    "Mean squared error of a head in excess of the label noise.",
)
LEAST_HEAD = quantity(
    MatrixSymbol(r"\mathrm{arg\,min}_a\,\mathrm{Risk}(a)", d, 1), "The head with the least mean squared error."
)
PURE_HEADS = quantity(
    MatrixSymbol("a_{pure}", PURE, 1), "Entries on the pure nodes of the head with the least mean squared error."
)
MIXED_HEADS = quantity(
    MatrixSymbol("a_{mixed}", MIXED, 1),
    "Entries on the nodes of the groups of the head with the least mean squared error.",
)
MIXED_NORM = quantity(
    Symbol(r"\|\theta'_{mixed}\|", nonnegative=True), "Length of the new target on the features of the groups."
)
SURROGATE = quantity(
    MatrixSymbol(r"[\mathbb{E}e^2 + \epsilon^2\,\mathbb{E}\|\beta\|^2]", 1, 1),
    r"Mean squared error of a head without label noise, plus $\epsilon^2$ times the mean energy of its effective map.",
)
MAPPED = quantity(
    MatrixSymbol("U a^*", d, 1),
    "Sum over nodes of the products of their weights with the head that minimises the mean squared error plus "
    r"$\epsilon^2$ times the mean energy of the effective map.",
)
LEAST_SURROGATE = quantity(
    MatrixSymbol(r"\min_a", 1, 1),
    r"Least value over all heads of the mean squared error plus $\epsilon^2$ times the mean energy of the effective "
    "map.",
)
A0 = quantity(Symbol("A_0", positive=True), r"Mean of $(\theta'^\top X)^2$.")
B0 = quantity(
    Symbol("B_0", positive=True), r"Mean of $|\theta'^\top X|\,\|\beta\|$ for the effective map of the given head."
)
C0 = quantity(Symbol("C_0", positive=True), r"Mean of $\|\beta\|^2$ for the effective map of the given head.")
SQUARED_CROSS = quantity(Symbol("B_0^2", real=True), "The square of $B_0$.")
SQUARED_LIMIT = quantity(Symbol(r"{(A_0/B_0)^2}", real=True), "The square of $A_0/B_0$.")
BEST = quantity(Symbol("c^*", real=True), "The multiple $c$ of the given head with the least adversarial risk.")
SHRUNK_MAP = quantity(MatrixSymbol(r"\beta(c\,a)", d, 1), "Effective map on one input for $c$ times the given head.")


class WorstAlong(Function):  # type: ignore[misc]
    """The adversarial risk of a multiple of a head: `WorstAlong(c)`."""

    nargs = 1

    def _latex(self, printer: object, exp: object = None) -> str:
        return rf"\mathrm{{Worst}}\left({printer._print(self.args[0])}\right)"  # type: ignore[attr-defined]


quantity(
    WorstAlong,
    "Mean of the largest squared loss under attack for the given multiple of the head, without label noise and with "
    "gates held fixed, as they are inside the region of P2.",
)

HEAD_RISK = quantity(
    named(r"\mathrm{Risk}(a)"),
    r"Mean squared error of a head, including label noise of standard deviation $\tau$.",
)
LEAST_RISK = quantity(Symbol(r"\min_a \mathrm{Risk}(a)"), "The least mean squared error over all heads.")
MAP_ENTRY = quantity(named(r"\beta_i"), r"Entry $i$ of the effective map on one input.")
COVERED = quantity(
    IndexedBase("g", nonnegative=True),
    "One for a feature with a node that fires when the feature is active, and zero otherwise.",
)
PASSED = quantity(
    IndexedBase("c", real=True), "Sum of heads times weights over the nodes of a feature that fire when it is active."
)
HEAD_SQUARE = quantity(named(r"\|a\|^2"), "Squared length of the head.")
MAP_SHARE = quantity(
    Symbol(r"\frac{\beta_i(z)}{\theta'_i} \sum_h \omega_h^2", real=True),
    "Ratio of the effective map at any $z$ to the target, for the single feature that all nodes hold, times the sum "
    "of the squares of their weights.",
)
SECOND_MOMENT = quantity(Symbol(r"\mathbb{E}X_i^2", positive=True), "Mean square of a feature, the same for all.")
CROSS = quantity(
    Symbol(r"\mathbb{E}[xv]", real=True), "Mean of the product of a feature with the gated output of its node."
)
SQUARE = quantity(Symbol(r"\mathbb{E}[v^2]", positive=True), "Mean square of the gated output of a node.")
NODE_FIRES = quantity(
    Symbol(r"P_{fire}", real=True), "Probability that a node of weight one fires, whether or not its feature is active."
)
HEAD_ENTRY = quantity(named("a_i"), "Entry $i$ of the least-squares head.")


class OutputOnAxis(Function):  # type: ignore[misc]
    r"""The output at `v e_1`: `OutputOnAxis(v)`."""

    nargs = 1
    is_number = False

    def _latex(self, printer: object, exp: object = None) -> str:
        return rf"f\left({printer._print(self.args[0])}\, e_1\right)"  # type: ignore[attr-defined]


quantity(OutputOnAxis, "Output of the network at a multiple of the first unit vector.")
