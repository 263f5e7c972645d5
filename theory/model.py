"""The model's symbols with their assumptions, and the functions of the normal law."""

from typing import Any

from sympy import Expr, Function, Integer, Rational, Symbol, erfc, exp, pi, sqrt

d = Symbol("d", integer=True, positive=True)
"""Number of features."""
H = Symbol("H", integer=True, positive=True)
"""Number of hidden nodes."""
m = Symbol("m", integer=True, positive=True)
"""Order of a mixture: features in a group."""
p = Symbol("p", positive=True)
"""Probability that a feature is active; at most one."""
r = Symbol("r", positive=True)
"""Amplitude of an active feature, constant law."""
r_min = Symbol("r_min", positive=True)
r_max = Symbol("r_max", positive=True)
b = Symbol("b", nonnegative=True)
"""Threshold of a gate."""
omega = Symbol("omega", positive=True)
"""Modulus of a pure node's weight, |omega| in the claims."""
sigma = Symbol("sigma", positive=True)
"""Standard deviation of the observation noise."""
s = Symbol("s", positive=True)
"""Standard deviation of the noise that a pure node sees, sigma |omega|."""
mu = Symbol("mu", positive=True)
"""Signal of an active pure node, |omega| r."""
tau = Symbol("tau", nonnegative=True)
"""Standard deviation of the label noise."""
eps = Symbol("epsilon", nonnegative=True)
"""Size of the attack."""
alpha = Symbol("alpha", positive=True)
"""Probability of error that is allowed."""

ZERO_TO_ONE = (Integer(0), Integer(1))

_HALF = Rational(1, 2)


class Phi(Function):  # type: ignore[misc]
    """Distribution function of the standard normal law."""

    nargs = 1

    def fdiff(self, argindex: int = 1) -> Expr:
        """The density at the argument."""
        return phi(self.args[0])

    def _eval_is_positive(self) -> bool | None:
        return self.args[0].is_real or None

    def doit(self, **hints: Any) -> Expr:
        """The same value in terms of `erfc`."""
        return erfc(-self.args[0].doit(**hints) / sqrt(2)) / 2

    def _latex(self, printer: Any, exp: Any = None) -> str:
        return _named(r"\Phi", printer, self.args[0], exp)


class Q(Function):  # type: ignore[misc]
    """Upper tail of the standard normal law."""

    nargs = 1

    def fdiff(self, argindex: int = 1) -> Expr:
        """Minus the density at the argument."""
        return -phi(self.args[0])

    def _eval_is_positive(self) -> bool | None:
        return self.args[0].is_real or None

    def doit(self, **hints: Any) -> Expr:
        """The same value in terms of `erfc`."""
        return erfc(self.args[0].doit(**hints) / sqrt(2)) / 2

    def _latex(self, printer: Any, exp: Any = None) -> str:
        return _named("Q", printer, self.args[0], exp)


def phi(x: Expr) -> Expr:
    """Density of the standard normal law at `x`."""
    return exp(-(x**2) / 2) / sqrt(2 * pi)


def normal_density(x: Expr, mean: Expr, deviation: Expr) -> Expr:
    """Density at `x` of the normal law with that mean and standard deviation."""
    return exp(-((x - mean) ** 2) / (2 * deviation**2)) / (deviation * sqrt(2 * pi))


def _named(name: str, printer: Any, argument: Expr, exponent: Any) -> str:
    power = f"^{{{exponent}}}" if exponent is not None else ""
    return rf"{name}{power}\left({printer._print(argument)}\right)"


def named(latex_name: str, **assumptions: bool) -> Symbol:
    """A symbol for a quantity in a statement, printed as its name in LaTeX."""
    return Symbol(latex_name, **assumptions)
