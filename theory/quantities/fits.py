"""What an exact fit sees of the target, and what it sees besides."""

from sympy import IndexedBase, MatrixSymbol, Symbol

from theory.quantities import quantity

ON_SUPPORT = quantity(
    IndexedBase(r"\beta_A", real=True),
    "Entry of the effective map at the input for an active feature, zero for an absent one.",
)
OFF_SUPPORT = quantity(
    IndexedBase(r"\beta_{A^c}", real=True),
    "Cross-talk at the input: the entry of the effective map for an absent feature, zero for an active one.",
)
JACOBIAN_ENERGY = quantity(
    Symbol(r"\mathbb{E}\|J\|_F^2"),
    "Mean over the law of the input of the squared Frobenius norm of the Jacobian, whose rows are the effective maps "
    "of the outputs.",
)
SEEN_SAME = quantity(
    Symbol(r"v_{\text{same}}"),
    "Pre-activation of the node $(1+e, 1-e)$ when both features are active with the same sign.",
)
SEEN_ALONE = quantity(
    Symbol(r"v_{\text{alone}}"), "Pre-activation of the node $(1+e, 1-e)$ when only the first feature is active."
)
SEEN_OPPOSITE = quantity(
    Symbol(r"v_{\text{opposite}}"),
    "Pre-activation of the node $(1+e, 1-e)$ when both features are active with opposite signs.",
)
ADDED = quantity(
    Symbol(r"\beta_{\text{extra}}"),
    "Contribution of the impure nodes to the first entry of the effective map when both features are active with the "
    "same sign.",
)
PASSED = quantity(Symbol(r"v_{\text{passed}}"), "Output of the gate of one node of a mixture at the input.")
MIXTURE_OUTPUT = quantity(MatrixSymbol("f_{m}(Mx)", 1, 1), "Output of a mixture network at the input, without noise.")
UNGATED = quantity(
    MatrixSymbol(r"\sum_{h} a_{h} u_{h}^{\top} x", 1, 1),
    "Output of a mixture network at the input if none of its nodes had a gate.",
)
MISS = quantity(
    Symbol(r"|f_{m}(Mx) - \theta^{\top} x|", nonnegative=True),
    "Modulus of the error of a mixture network at the input, without noise.",
)
OUTPUT = quantity(Symbol("f(Mx)"), "Output of the network at the input, without noise.")
LEAST = quantity(
    Symbol(r"E_{\min}"),
    r"Mean over the law of the input of the squared norm of the shortest $\beta$ with $\beta^\top x = \theta^\top x$ "
    "at that input; zero for an empty support.",
)
LEAST_RATIO = quantity(
    Symbol(r"E_{\min}/\|\theta\|^{2}"),
    r"Mean of $\|\beta\|_2^2$ of look-up nodes for $n + 1$ features over $\|\theta\|^2$.",
)
SHIFT = quantity(
    Symbol(r"g^{\top} w", real=True),
    "Inner product of the shift that separates the directions of look-up nodes with a difference of supports.",
)
APART = quantity(
    Symbol(r"|u^{\top} w|"),
    "Modulus of the inner product of a direction of look-up nodes with a difference of supports.",
)
