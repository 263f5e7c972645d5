"""Softplus and the logistic function: comparisons by exponentials."""

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

from sympy import Abs, Dummy, Expr, Function, Integer, LambertW, Symbol, exp, expand, log

from theory.algebra import Box, is_nonnegative, is_positive, reduces_to_zero
from theory.derivation import Conclusion, Relation, StepError, theorem
from theory.theorems.roots import least_value


def softplus(t: Expr) -> Expr:
    """`sp(t) = log(1 + e^t)`."""
    return log(1 + exp(t))


def sigmoid(t: Expr) -> Expr:
    """`sig(t) = 1/(1 + e^-t)`, the derivative of `sp`."""
    return 1 / (1 + exp(-t))


@theorem(cites="Olver et al., NIST Digital Library of Mathematical Functions, section 4.13")
def lambert(z: Expr) -> Conclusion:
    r"""The link $\log(1/W(z)) = W(z) - \log z$ for the principal branch and `z > 0`, since $W e^W = z$.

    Raises
    ------
    StepError
        If `z` is not shown to be positive.
    """
    if not is_positive(z):
        raise StepError("Lambert's function: the argument may not be positive", z)
    w = LambertW(z)
    return Conclusion(log(1 / w), "=", w - log(z), "W e^W = z", ("z > 0", "principal branch"))


def increment(t: Expr, step: Expr) -> Expr:
    """`sp(t + step) - sp(t)`."""
    return softplus(expand(t + step)) - softplus(expand(t))


@theorem(cites="Rudin, Principles of Mathematical Analysis, theorem 8.6")
def by_exponentials(
    left: Expr,
    relation: Literal["<=", "<", ">=", ">"],
    right: Expr,
    gap: Expr,
    growths: Mapping[Symbol, Expr],
    box: Box | None = None,
    power: int = 1,
) -> Conclusion:
    """The link `left relation right` between combinations of logarithms, read off their exponentials.

    Parameters
    ----------
    gap
        A form of the larger exponential minus the smaller one whose sign can be read off, in which a symbol `k` of
        `growths` stands for `e^w - 1`.
    growths
        For each such symbol its exponent `w`, whose sign gives that of `e^w - 1`.
    power
        Exponentials of this positive multiple of both sides are compared.

    Raises
    ------
    StepError
        If the power is not positive, `gap` is not the difference, or a sign is not shown on `box`.
    """
    if power < 1:
        raise StepError("exponentials: the power is not positive", Integer(power))
    upper, lower = (left, right) if relation[0] == ">" else (right, left)
    difference = exp(expand(power * upper)) - exp(expand(power * lower))
    named = gap.subs({k: exp(expand(w)) - 1 for k, w in growths.items()})
    if not reduces_to_zero(difference - named):
        raise StepError("exponentials: the gap is not the difference", difference - named)
    has_sign = is_nonnegative if relation.endswith("=") else is_positive
    for part in (*growths.values(), gap):
        if not has_sign(part, box):
            raise StepError("exponentials: no plain sign", part)
    hypotheses = ("e^w - 1 has the sign of w", "the logarithm is increasing")
    return Conclusion(left, relation, right, "compare exponentials", hypotheses)


class Growth(NamedTuple):
    """A multiple of `(sp(t + rise + step) - sp(t + rise)) - (sp(t + step) - sp(t))`."""

    share: Expr
    t: Expr
    rise: Expr
    step: Expr

    @property
    def value(self) -> Expr:
        """The expression itself."""
        return self.share * (increment(self.t + self.rise, self.step) - increment(self.t, self.step))


@theorem(cites="Boyd and Vandenberghe, Convex Optimization, section 3.1.1")
def increments_grow(
    expr: Expr, growths: tuple[Growth, ...], box: Box | None = None, *, strict: bool = False
) -> Conclusion:
    """The link `expr >= 0` (`> 0` if strict) for a sum of growths of increments: softplus is convex.

    With `k = e^rise - 1` and `l = e^step - 1`, an increment grows since
    `(1 + e^(t + rise + step))(1 + e^t) - (1 + e^(t + rise))(1 + e^(t + step)) = e^t k l`.

    Raises
    ------
    StepError
        If `expr` is not the sum, or a rise, step or share may be negative; if strict, those of the first must be
        positive by the assumptions on their symbols alone, so that the ends of `box` are included.
    """
    residue = expand(expr - sum((growth.value for growth in growths), Integer(0)))
    if not reduces_to_zero(residue):
        raise StepError("convexity of softplus: not the sum of these growths", residue)
    t, u, w = (Symbol(name, real=True) for name in "tuw")
    identity = (1 + exp(t + u + w)) * (1 + exp(t)) - (1 + exp(t + u)) * (1 + exp(t + w))
    if not reduces_to_zero(identity - exp(t) * (exp(u) - 1) * (exp(w) - 1)):
        raise StepError("convexity of softplus: the identity fails", identity)
    for position, growth in enumerate(growths):
        strictly = strict and position == 0
        for part in (growth.share, growth.rise, growth.step):
            if not (is_positive(part) if strictly else is_nonnegative(part, box)):
                raise StepError("convexity of softplus: no plain sign", part)
    reason = "softplus is convex: its increments grow"
    hypotheses = ("every rise, step and share is not negative",)
    return Conclusion(expr, ">" if strict else ">=", Integer(0), reason, hypotheses)


@theorem(cites="Rudin, Principles of Mathematical Analysis, theorem 5.11")
def peak_of_decay(t: Expr, rate: Symbol, share: Expr) -> Conclusion:
    """The link `share t e^(-rate t) <= share/(e rate)` for `t >= 0`, `rate > 0`; `>=` for a negative share.

    The product is largest at `t = 1/rate`.

    Raises
    ------
    StepError
        If a sign is not shown.
    """
    if not (is_nonnegative(t) and rate.is_positive):
        raise StepError("peak of a decay: a factor may be negative", t)
    x = Dummy("x", real=True)
    least = least_value(-x * exp(-rate * x), x, exp(-rate * x), rate * x - 1, 1 / rate)
    relation: Relation = "<=" if is_nonnegative(share) else ">="
    if relation == ">=" and not is_nonnegative(-share):
        raise StepError("peak of a decay: the share has no plain sign", share)
    value = -share * least.right
    return Conclusion(share * t * exp(-rate * t), relation, value, least.reason, least.hypotheses)


class Force(Function):  # type: ignore[misc]
    """`Force(t, rate)`: `t sig(rate t)`, the derivative of `sp(rate t)` in the rate."""

    nargs = 2

    def doit(self, **hints: Any) -> Expr:
        """The same expression in terms of exponentials."""
        t, rate = (argument.doit(**hints) for argument in self.args)
        return t * sigmoid(rate * t)

    def _latex(self, printer: Any, exp: Any = None) -> str:
        t, rate = (printer._print(argument) for argument in self.args)
        return rf"F_{{{rate}}}\left({t}\right)"


@theorem(cites="Rudin, Principles of Mathematical Analysis, theorem 5.11")
def force_above(t: Expr, rate: Symbol) -> Conclusion:
    """The link `t sig(rate t) >= (t + |t|)/2 - 1/(e rate)` for every real `t`, `rate > 0`.

    The difference of `(t + |t|)/2` and the force is `|t|/(1 + e^(rate |t|)) <= |t| e^(-rate |t|)`.

    Raises
    ------
    StepError
        If `t` is not real or depends on the rate, or the identity fails for one of the signs.
    """
    if not t.is_real or t.has(rate):
        raise StepError("force from below: not a real number", t)
    m = Dummy("m", nonnegative=True)
    rest = m * exp(-rate * m) / (1 + exp(-rate * m))
    for sign in (1, -1):
        residue = (sign * m + m) / 2 - Force(sign * m, rate).doit() - rest
        if not reduces_to_zero(residue):
            raise StepError("force from below: the identity fails", residue)
    beyond = rest * exp(-rate * m)
    if not is_nonnegative(beyond) or not reduces_to_zero(m * exp(-rate * m) - rest - beyond):
        raise StepError("force from below: the rest is larger", rest)
    bound = (t + Abs(t)) / 2 - peak_of_decay(m, rate, Integer(1)).right
    return Conclusion(Force(t, rate), ">=", bound, "the force t sig(rate t) from below", ("both signs of t",))


@theorem(cites="Rudin, Principles of Mathematical Analysis, proposition 1.18")
def opposite(t: Expr) -> Conclusion:
    """The link `|t| >= -t` for a real `t`.

    Raises
    ------
    StepError
        If `t` is not real.
    """
    if not t.is_real:
        raise StepError("modulus: not a real number", t)
    return Conclusion(Abs(t), ">=", -t, "a modulus is not below either sign", (f"{t} is real",))


@theorem(cites="Rudin, Principles of Mathematical Analysis, proposition 1.18")
def of_modulus(f: Expr, x: Symbol) -> Conclusion:
    """The link `f(x) = f(|x|)` for an even `f`.

    Raises
    ------
    StepError
        If `f(-x) = f(x)` does not reduce.
    """
    if not reduces_to_zero(f.subs(x, -x) - f):
        raise StepError("not an even function", f.subs(x, -x) - f)
    return Conclusion(f, "=", f.subs(x, Abs(x)), "an even function depends on the modulus", ("f(-x) = f(x)",))
