"""Means over a standard normal number: truncation, integration by parts, integration along a parameter."""

from typing import Any

from sympy import Abs, Basic, Expr, Function, Integer, Integral, Mul, Pow, Symbol, asin, atan, exp, oo, pi, sqrt

from theory.algebra import is_nonnegative, is_positive, reduces_to_zero
from theory.derivation import Conclusion, Step, StepError, theorem
from theory.model import Phi, Q, phi
from theory.theorems.calculus import require_smooth


class NormalMean(Function):  # type: ignore[misc]
    r"""$E f(n)$, `n` standard normal and $0 \le f \le g$ with `g` quadratic: `normal_mean` makes it."""

    nargs = 3
    is_extended_real = True

    @property
    def free_symbols(self) -> set[Symbol]:
        """The parameters, without the normal number."""
        f, n, envelope = self.args
        return set((f.free_symbols | envelope.free_symbols) - {n})

    @property
    def bound_symbols(self) -> list[Basic]:
        """The variable."""
        return [self.args[1]]

    def _latex(self, printer: Any, exp: Any = None) -> str:
        return rf"\mathbb{{E}}_{{n \sim N(0, 1)}}\left[{printer._print(self.args[0])}\right]"


def normal_mean(f: Expr, n: Symbol, envelope: Expr, gap: Expr) -> NormalMean:
    """The mean of `f`, with an envelope `c_0 + c_2 n^2` that bounds its tail.

    Parameters
    ----------
    gap
        A form of `envelope - f` whose sign can be read off.

    Raises
    ------
    StepError
        If `0 <= f <= envelope` is not shown, or the envelope is not such a polynomial.
    """
    if not is_nonnegative(f):
        raise StepError("normal mean: the function may be negative", f)
    if not reduces_to_zero(envelope - f - gap) or not is_nonnegative(gap):
        raise StepError("normal mean: the function may exceed its envelope", envelope - f)
    envelope_coefficients(envelope, n)
    return NormalMean(f, n, envelope)


def envelope_coefficients(envelope: Expr, n: Symbol) -> tuple[Expr, Expr]:
    """`c_0` and `c_2` of an envelope `c_0 + c_2 n^2`.

    Raises
    ------
    StepError
        If it is not such a polynomial with nonnegative coefficients.
    """
    constant, square = envelope.subs(n, 0), envelope.coeff(n, 2)
    if (envelope - constant - square * n**2).expand() != 0 or not (is_nonnegative(constant) and is_nonnegative(square)):
        raise StepError("normal mean: the envelope is not c_0 + c_2 n^2", envelope)
    return constant, square


def core(mean: NormalMean, T: Expr) -> Integral:
    """The part of the mean where `|n| <= T`."""
    f, n, _ = mean.args
    return Integral(f * phi(n), (n, -T, T))


@theorem(cites="Rudin, Principles of Mathematical Analysis, theorem 6.12")
def above_core(mean: NormalMean, T: Expr) -> Conclusion:
    """The link `E f >` the part where `|n| <= T`: nothing beyond is negative, and what lies above is positive.

    Raises
    ------
    StepError
        If `T` or `f` may be negative, or `f` is not shown to be positive above `T`.
    """
    _require_positive(T)
    f, n, _ = mean.args
    if not is_nonnegative(f) or not is_positive(f, {n: (T, oo)}):
        raise StepError("normal mean: nothing may lie above the cut", f)
    hypotheses = ("f >= 0", f"f > 0 for {n} > {T}")
    return Conclusion(mean, ">", core(mean, T), "the integrand is positive above the cut", hypotheses)


@theorem(cites="Rudin, Principles of Mathematical Analysis, theorem 6.12")
def below_core_and_tails(mean: NormalMean, T: Expr, gap: Expr) -> Conclusion:
    """The link `E f <` the part where `|n| <= T`, and the envelope in its place beyond.

    Parameters
    ----------
    gap
        A form of `envelope - f` whose sign can be read off.

    Raises
    ------
    StepError
        If `T` may be negative, or `f` is not shown to lie below the envelope.
    """
    _require_positive(T)
    f, n, envelope = mean.args
    shown = reduces_to_zero(envelope - f - gap) and is_nonnegative(gap)
    if not shown or not is_positive(gap, {n: (T, oo)}):
        raise StepError("normal mean: the function may reach its envelope", envelope - f)
    tails = Integral(envelope * phi(n), (n, -oo, -T)) + Integral(envelope * phi(n), (n, T, oo))
    hypotheses = (f"f <= {envelope}", f"f < {envelope} for {n} > {T}")
    return Conclusion(mean, "<", core(mean, T) + tails, "integrals keep order", hypotheses)


@theorem(cites="Rudin, Principles of Mathematical Analysis, theorem 6.22")
def by_parts(integral: Integral, potential: Expr, form: Expr) -> Conclusion:
    r"""The link $\int f = \int (f - F')$ over the real line, `F` vanishing at both ends; `form` is the result.

    Raises
    ------
    StepError
        If `form` is another combination of integrals, or decay like the normal density is not shown.
    """
    ((n, low, high),) = integral.limits
    left = form.replace(lambda e: isinstance(e, Integral), lambda e: e.function)
    residue = integral.function - potential.diff(n) - left
    if (low, high) != (-oo, oo) or not reduces_to_zero(residue):
        raise StepError("integration by parts: something else is left", residue)
    require_smooth(potential, n, (-oo, oo))
    for part in (integral.function, potential, *(one.function for one in form.atoms(Integral))):
        _require_decay(part, n)
    hypotheses = ("the potential vanishes at both ends", "the integrals converge absolutely")
    return Conclusion(integral, "=", form, "integration by parts", hypotheses)


@theorem(cites="Billingsley, Probability and Measure, theorem 18.3")
def along_parameter(integral: Integral, s: Symbol, t: Symbol, inner: Step) -> Conclusion:
    r"""The link $\int f(s, n) dn = \int f(0, n) dn + \int_0^s \int \partial_t f(t, n)\, dn\, dt$.

    Parameters
    ----------
    inner
        A link from the inner integral to its value.

    Raises
    ------
    StepError
        If `inner` starts elsewhere, or the derivative is not shown to be dominated by a multiple of `|n|^k phi(n)`,
        for every parameter.
    """
    ((n, low, high),) = integral.limits
    require_smooth(integral.function, s, (Integer(0), oo))
    slope = integral.function.diff(s).subs(s, t)
    _require_decay(slope, n, t)
    if inner.left != Integral(slope, (n, low, high)) or inner.relation != "=" or inner.kind == "cited":
        raise StepError("integration along a parameter: the inner integral is another", inner.left)
    start = Integral(integral.function.subs(s, 0), (n, low, high))
    hypotheses = ("fundamental theorem of calculus in the parameter", "the slope is dominated: Fubini's theorem")
    right = start + Integral(inner.right, (t, 0, s))
    return Conclusion(integral, "=", right, "integration along a parameter", hypotheses)


@theorem(cites="Olver et al., NIST Digital Library of Mathematical Functions, section 4.24")
def arcsine_as_arctangent(u: Expr, root: Expr) -> Conclusion:
    """The link `arctan(u/root) = arcsin(u)` for `root > 0` with `u^2 + root^2 = 1`.

    Raises
    ------
    StepError
        If one of these is not shown.
    """
    if not reduces_to_zero(u**2 + root**2 - 1) or not is_positive(root):
        raise StepError("arcsine: not a point on the right half of the circle", u**2 + root**2 - 1)
    hypotheses = ("root > 0", "u^2 + root^2 = 1")
    return Conclusion(atan(u / root), "=", asin(u), "the angle of a point on the circle", hypotheses)


def _require_positive(T: Expr) -> None:
    if not is_positive(T):
        raise StepError("normal mean: the cut may not be positive", T)


def _require_decay(expr: Expr, n: Symbol, *parameters: Symbol) -> None:
    """Check that a modulus is at most a constant, free of `parameters`, times `|n|^k phi(n)`."""
    constant = Integer(1)
    for factor in Mul.make_args(expr):
        base, power = factor.as_base_exp() if isinstance(factor, Pow) else (factor, Integer(1))
        is_probability = isinstance(base, Phi | Q) and base.args[0].is_real and power.is_nonnegative
        is_power = base == n and power.is_integer and power.is_nonnegative
        if not (is_probability or is_power):
            constant = constant * factor
    # The constant still holds the exponentials; over the normal density none may grow.
    ratio = constant * sqrt(2 * pi) * exp(n**2 / 2)
    rest = Integer(1)
    for factor in Mul.make_args(ratio.powsimp()):
        if isinstance(factor, exp):
            if not is_nonnegative(-factor.args[0]):
                raise StepError("decay: not dominated by the normal density", factor)
        else:
            rest = rest * factor
    if rest.has(n, *parameters) or not Abs(rest).is_finite:
        raise StepError("decay: not dominated by the normal density", rest)
