"""Norms of the effective map, which say how much an attack gains."""

from sympy import IndexedBase, Symbol

from theory.quantities import quantity
from theory.theorems.fits import AbsoluteNorm
from theory.theorems.linear_programs import LargestPairing

quantity(AbsoluteNorm, "Norm of the vector with that entry, an absolute norm where the clause assumes one.")
NORM = quantity(Symbol(r"\|\beta\|"), "Norm of the effective map at the input, the same norm as that of the target.")
GAIN = quantity(Symbol(r"\|M\beta\|_{*}"), r"Dual norm of $M\beta$ at the input, which is the gain of an attack.")
MEAN_GAIN = quantity(
    Symbol(r"\mathbb{E}\|M\beta\|_{*}"), r"Mean of the dual norm of $M\beta$ over the law of the input."
)
NORM_Q = quantity(Symbol(r"\|\beta\|_{q}"), "The $l_q$ norm of the effective map at the input.")
NORM_INF = quantity(Symbol(r"\|\beta\|_{\infty}"), r"The $l_\infty$ norm of the effective map at the input.")
MEAN_EXCESS = quantity(
    Symbol(r"\mathbb{E}(\|\beta\|_{q} - \|\theta_A\|_{q})"),
    "Mean over the law of the input of the excess of the $l_q$ norm of the effective map over that of the active "
    "part of the target.",
)
LEAST = quantity(
    Symbol(r"m_{A}"),
    r"Least $\|M\beta\|_1$ over all effective maps $\beta$ that agree with the target on the support $A$.",
)
RATIO = quantity(
    Symbol(r"\rho_{A}"),
    r"Cost $\|M\theta_A\|_1$ of the purified fit at the support $A$ over the least cost of any fit.",
)
PAIRING = quantity(
    Symbol(r"v^{\top} y"), r"Largest $v^\top y$ over all $y$ in the range of $M_A$ with $\|y\|_\infty \le 1$."
)
L1, LINF = (
    quantity(Symbol(rf"\|v\|_{{{name}}}", positive=True), rf"$\|v\|_{{{name}}}$ for $v = M_A\theta_A$.")
    for name in ("1", r"\infty")
)
L2 = quantity(Symbol(r"\|\theta_A\|_{2}", positive=True), r"$\|\theta_A\|_2$, the length of the active target.")
C1, CINF = (
    quantity(Symbol(rf"\|M_i\|_{{{name}}}", positive=True), rf"$\|M_i\|_{{{name}}}$ for the column of feature $i$.")
    for name in ("1", r"\infty")
)
quantity(
    LargestPairing,
    "Largest inner product of the target with a vector $c$ such that no entry of $V c$ exceeds $1$ in modulus.",
)
MEAN_L1 = quantity(
    Symbol(r"\mathbb{E}\|M\beta\|_{1}"),
    r"Mean of $\|M\beta\|_1$ over the law of the input, which is the mean gain of an $l_\infty$ attack.",
)
PURE_MEAN_L1 = quantity(
    Symbol(r"\mathbb{E}\|M\theta_A\|_{1}"),
    r"Mean of $\|M\theta_A\|_1$ over the law of the input, which is the mean gain for a purified fit.",
)
OWN_SAME = quantity(
    Symbol(r"v_{\text{own}}"), "Pre-activation of the node $(1, -k)$ when both features are active with the same sign."
)
OTHER_ALONE = quantity(
    Symbol(r"v_{\text{other}}"), "Pre-activation of the node $(k, 1)$ when only the first feature is active."
)
SAME = quantity(
    IndexedBase(r"\beta^{++}", real=True),
    "Entry of the effective map when both features are active with the same sign.",
)
OPPOSITE = quantity(
    IndexedBase(r"\beta^{+-}", real=True),
    "Entry of the effective map when both features are active with opposite signs.",
)
