"""Integrals over the positive half line of sums of exponentials, as they turn a root into what independence splits."""

from collections.abc import Callable

from flint import acb, arb
from sympy import Add, Expr, Integer, Integral, Mul, Rational, Symbol, exp, expand

from purecheck.enclosures.problems import NotEnclosedError

_NEAR, _FAR = Rational(1, 10**12), Integer(10**4)
"""Where the range is cut; the parts beyond are bounded by hand."""

Enclose = Callable[[Expr], acb]


def enclose_half_line(integral: Integral, enclose: Enclose) -> acb:
    r"""A ball around $\int_0^\infty g(t)\, t^{-q}\, dt$ for $g(t) = \sum_i c_i (1 - e^{-t v_i})$, $v_i > 0$, $q > 1$.

    Up to `a` it is at most $a^{2-q} \sum |c_i| v_i / (2 - q)$ in modulus, since $1 - e^{-x} \le x$. Beyond `b` it
    differs from $b^{1-q} \sum c_i / (q - 1)$ by at most $b^{1-q} \sum |c_i| e^{-b v_i} / (q - 1)$. It is infinite for
    $q \ge 2$ and $\sum c_i v_i > 0$, which is the slope of `g` at zero.

    Parameters
    ----------
    integral
        From 0 to infinity.
    enclose
        Encloses an expression without the variable of the integral.

    Raises
    ------
    NotEnclosedError
        If the integrand has another form.
    """
    ((t, _, _),) = integral.limits
    function, q = _split(integral.function, t)
    weights = _exponents(expand(function), t, integral)
    if not q > 1 or expand(Add(*weights.values())) != 0 or any(not v.is_nonnegative for v in weights):
        raise NotEnclosedError(f"{integral} is no integral of exponentials over a power")
    # g is a constant minus the sum of c e^(-t v): what `weights` holds are the -c.
    rates = [(enclose(v).real, -enclose(c).real) for v, c in weights.items() if v != 0]
    constant, slope = (sum((c * x for x, c in part), start=arb(0)) for part in ([(arb(1), c) for _, c in rates], rates))
    if q >= 2:
        if not slope > 0:
            raise NotEnclosedError(f"{integral} is not shown to be infinite")
        return acb(arb("inf"))
    a, b, power = (enclose(x).real for x in (_NEAR, _FAR, q))

    def integrand(x: acb, analytic: bool) -> acb:
        if analytic and not x.real > 0:
            return acb("nan")
        return sum((c * (1 - (-x * v).exp()) for v, c in rates), start=acb(0)) * x ** (-acb(power))

    near = a ** (2 - power) / (2 - power) * sum((abs(c) * v for v, c in rates), start=arb(0))
    beyond = b ** (1 - power) / (power - 1)
    late = beyond * sum((abs(c) * (-b * v).exp() for v, c in rates), start=arb(0))
    rest = beyond * constant + (-near).union(near) + (-late).union(late)
    return acb.integral(integrand, acb(a), acb(b)) + acb(rest)


def _split(integrand: Expr, t: Symbol) -> tuple[Expr, Expr]:
    """The integrand without its power of `t`, and minus the exponent."""
    powers = [x for x in Mul.make_args(integrand) if x.as_base_exp()[0] == t]
    return integrand / Mul(*powers), -sum((x.as_base_exp()[1] for x in powers), Integer(0))


def _exponents(f: Expr, t: Symbol, integral: Integral) -> dict[Expr, Expr]:
    """The coefficient of each `e^(-v t)` by its rate `v`."""
    weights: dict[Expr, Expr] = {}
    for term in Add.make_args(f):
        constant, rest = term.as_independent(t, as_Add=False)
        exponent = rest.args[0] if isinstance(rest, exp) else Integer(0)
        rate = expand(-exponent / t)
        if rate.has(t) or (rest != 1 and exponent == 0):
            raise NotEnclosedError(f"{integral} is no integral of exponentials over t^(3/2)")
        weights[rate] = weights.get(rate, Integer(0)) + constant
    return weights
