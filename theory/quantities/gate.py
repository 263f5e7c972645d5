"""How often gates err, the threshold at which they err least, and what attacks do to a pre-activation."""

from sympy import Function, Symbol

from theory.quantities import quantity

DUAL_NORM = Symbol(r"\|w_{h}\|_*", positive=True)
"""Dual norm of the weights of a node: a parameter, which an instance of the model is built for."""

FIRE_RATE = quantity(
    Function("P_{fire}"),
    "Probability $P_{fire}(b, s)$ that a pure node of threshold $b$, whose feature is absent and which sees noise of "
    "standard deviation $s$, fires.",
)
MISS_RATE = quantity(
    Function("P_{miss}"),
    r"Probability $P_{miss}(b, \mu, s)$ that a pure node of threshold $b$, whose feature is active with the signal "
    r"$\mu$ and which sees noise of standard deviation $s$, stays silent.",
)
MEAN_MISS_RATE = quantity(
    Function(r"\bar{P}_{miss}"),
    r"Probability $\bar{P}_{miss}(b, \omega, s)$ that a pure node of threshold $b$ and weight $\omega$, whose feature "
    "is active with a random amplitude, stays silent.",
)
BEST_THRESHOLD = quantity(
    Function("b^*"),
    r"Threshold $b^*(p, \mu, s) \ge 0$ with the least error probability of a pure node whose feature is active with "
    r"probability $p$ and signal $\mu$; the node errs if it fires without its feature or stays silent with it.",
)
ALL_RIGHT = quantity(
    Function("P_{right}"),
    r"Probability $P_{right}(d, b, \mu, s)$ that all $d$ pure nodes of threshold $b$, one for each feature, are "
    r"correct on the worst support and with signals of at least $\mu$: exactly the nodes of active features fire.",
)
V_MAX = quantity(
    Symbol("v_{max}"),
    r"Largest modulus of the pre-activation $w_h^\top(z + \delta)$ over all attacks $\delta$.",
)
V_MIN = quantity(
    Symbol("v_{min}"),
    r"Least modulus of the pre-activation $w_h^\top(z + \delta)$ over all attacks $\delta$.",
)
ATTACKED_FIRE_RATE = quantity(
    Symbol("P_{fire}^{adv}"),
    r"Probability over the noise that some attack fires a pure node whose feature is absent.",
)
