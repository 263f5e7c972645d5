"""What a network puts out, clean and attacked."""

from sympy import Function, IndexedBase, MatrixSymbol, Symbol

from theory.quantities import quantity
from theory.theorems.duality import DualNorm

OUTPUT = quantity(MatrixSymbol("f(z)", 1, 1), "Output of the network at the observation $z$.")
INCREMENT = quantity(
    MatrixSymbol(r"[f(z + \delta) - f(z)]", 1, 1), r"What the step $\delta$ adds to the output of the network."
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
    "Least upper bound of the squared error over all attacks of the size.",
)
FGM_LOSS = quantity(
    Symbol(r"(y - f(z + \delta_{FGM}))^2", real=True),
    "Squared error after the step of the size that its gradient at the observation favours most, or after none where "
    "the gradient is zero.",
)
SIGNED_LOSS = quantity(
    Symbol(r"\max_\pm (y - f(z \pm \delta_\beta))^2", real=True),
    r"The larger squared error after the step of the size along which the output grows most, and after its negative.",
)
OPENS = quantity(
    IndexedBase("o", nonnegative=True), "One for a node that fires after some attack of the size, else zero."
)
CLOSES = quantity(
    IndexedBase("c", nonnegative=True), "One for a node that is silent after some attack of the size, else zero."
)


class LossSlope(Function):  # type: ignore[misc]
    """Derivative of the squared error in the output, where the attack has moved the output by the argument."""

    nargs = 1
    is_real = True

    def _latex(self, printer: object) -> str:
        return rf"\frac{{d}}{{dt}} (y - f - t)^2 \Big|_{{t = {printer._print(self.args[0])}}}"  # type: ignore[attr-defined]


quantity(LossSlope, "Derivative of the squared error in the output where the attack has moved the output by $t$.")
