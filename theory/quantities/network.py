"""The output of a network, clean and under attack."""

from sympy import Function, IndexedBase, MatrixSymbol, Symbol

from theory.model import d
from theory.quantities import quantity
from theory.theorems.duality import DualNorm

OUTPUT = quantity(MatrixSymbol("f(z)", 1, 1), "Output of the network at the observation $z$.")
GRADIENT = quantity(
    MatrixSymbol(r"\nabla f(z)", d, 1),
    "Gradient of the output at the observation, with the gates held fixed.",
)
INCREMENT = quantity(
    MatrixSymbol(r"[f(z + \delta) - f(z)]", 1, 1), r"Change of the output of the network by the step $\delta$."
)
quantity(DualNorm, r"Largest inner product of the vector with a step of norm at most $1$, in the norm of the attack.")
AFTER = quantity(
    Symbol(r"|v + w^{\top}\delta|", real=True), "Modulus of the pre-activation of a node after the attack."
)
ERROR_AFTER = quantity(
    Symbol(r"|y - f(z + \delta)|", real=True), r"Modulus of the error of the network after the attack $\delta$."
)
WORST = quantity(
    Symbol(r"\max_{\|\delta\| \le \epsilon} (y - f(z + \delta))^2", real=True),
    r"Least upper bound of the squared error over all attacks of size $\epsilon$.",
)
FGM_LOSS = quantity(
    Symbol(r"(y - f(z + \delta_{FGM}))^2", real=True),
    r"Squared error after the step of size $\epsilon$ that its gradient at the observation favours most; without a "
    "step if the gradient is zero.",
)
SIGNED_LOSS = quantity(
    Symbol(r"\max_\pm (y - f(z \pm \delta_\beta))^2", real=True),
    r"The larger of the squared errors after the step of size $\epsilon$ along which the output grows most and after "
    "its negative.",
)
OPENS = quantity(
    IndexedBase("o", nonnegative=True),
    r"One for a node that fires after some attack of size $\epsilon$, and zero otherwise.",
)
CLOSES = quantity(
    IndexedBase("c", nonnegative=True),
    r"One for a node that is silent after some attack of size $\epsilon$, and zero otherwise.",
)


class LossSlope(Function):  # type: ignore[misc]
    """Derivative of the squared error in the output, where the attack has moved the output by the argument."""

    nargs = 1
    is_real = True

    def _latex(self, printer: object) -> str:
        return rf"\frac{{d}}{{dt}} (y - f - t)^2 \Big|_{{t = {printer._print(self.args[0])}}}"  # type: ignore[attr-defined]


quantity(
    LossSlope,
    "Derivative of the squared error with respect to the output, after an attack has moved the output by $t$.",
)
