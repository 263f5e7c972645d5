"""Every quantity of `purecheck evaluate` by another algorithm, in mpmath: integrals where the suite sums.

Each function returns a number with at least 20 correct digits.
"""

from collections.abc import Callable, Mapping
from fractions import Fraction
from itertools import pairwise
from math import comb

import mpmath
from mpmath import mp, mpf

Number = int | Fraction | str

_OWN_ERROR = mpf(10) ** -19
"""Relative error of the values here at most; that of a float is five hundred times larger."""


def number(x: Number) -> mpf:
    """The fraction as a number of the working precision."""
    exact = Fraction(x)
    return mpf(exact.numerator) / exact.denominator


def firing(m: int, p: mpf) -> mpf:
    """1 minus the mean of `(1 - p + p cos t)^m` over a circle, by the trapezoidal rule.

    With `n` nodes the rule adds the chances of the multiples of `n`, which are below 1e-60 here.
    """
    nodes = min(m + 1, int(36 * mp.sqrt(m * p)) + 200)

    def missing(k: int) -> mpf:
        move = 2 * p * mp.sin(mp.pi * k / nodes) ** 2
        return -mp.expm1(m * mp.log1p(-move)) if move != 1 else mpf(1)

    middle = missing(nodes // 2) if nodes % 2 == 0 else mpf(0)
    return (2 * sum((missing(k) for k in range(1, (nodes + 1) // 2)), start=mpf(0)) + middle) / nodes


def mean_root(d: int, p: mpf) -> mpf:
    r"""`E sqrt(N)` as $(2 \sqrt\pi)^{-1} \int_0^\infty (1 - E e^{-tN}) t^{-3/2} dt$, in `log t` by trapezoids.

    The integrand is analytic where `|Im log t| < pi/2`, so that the rule with step `h` errs by about `e^(-pi^2/h)`.
    """
    if p == 1:
        return mp.sqrt(d)
    step = mpf(1) / 5
    total = mpf(0)
    with mpmath.workdps(26):  # nothing cancels
        for i in range(-600, 521):
            t = mp.exp(i * step)
            total -= mp.expm1(d * mp.log1p(p * mp.expm1(-t))) / mp.sqrt(t)
        return total * step / (2 * mp.sqrt(mp.pi))


def robust_accuracy(d: int, p: Fraction, push: Fraction) -> mpf:
    """Every number of active features and of minus signs, in exact counts."""
    total = mpf(0)
    chance, odds = number(p), number(p / (1 - p)) if p < 1 else mpf(0)
    weight = (1 - chance) ** d if p < 1 else mpf(0)
    for n in range(d + 1):
        if p == 1:
            weight = mpf(int(n == d))
        if weight > mpf(10) ** -60 * chance:
            central = sum(comb(n, k) for k in range(n + 1) if (n - 2 * k) ** 2 <= push**2 * n)
            total += weight * (1 - mpf(central) / 2**n)
        weight = weight * odds * (d - n) / (n + 1)
    return total


def tail(x: mpf) -> mpf:
    """`Q(x)`."""
    return mp.erfc(x / mp.sqrt(2)) / 2


def mean_square(activation: str, b: mpf, s: mpf) -> mpf:
    """`E act(s n)^2` by Gauss-Legendre quadrature over pieces on which the integrand is smooth."""
    functions: Mapping[str, Callable[[mpf], mpf]] = {
        "gate": lambda v: v if abs(v) >= b else mpf(0),
        "relu": lambda v: max(v, mpf(0)),
        "biased_relu": lambda v: max(v - b, mpf(0)),
        "soft_threshold": lambda v: max(abs(v) - b, mpf(0)),
        "tanh": mp.tanh,
        "sigmoid": lambda v: mp.tanh(v / 2) / 2,
        "silu": lambda v: v * (1 + mp.tanh(v / 2)) / 2,
        "gelu": lambda v: v * mp.erfc(-v / mp.sqrt(2)) / 2,
    }
    act, cut = functions[activation], b / s
    marks = {mpf(0), cut, mpf(16), *(x / s for x in (1, 3, 10, 30, 100)), *(cut + mpf(k) / 2 for k in range(1, 13))}
    marks |= {mpf(k) for k in range(16)}
    points = sorted(x for x in marks if 0 <= x <= max(16, cut + 6))

    def integrand(n: mpf) -> mpf:
        return (act(s * n) ** 2 + act(-s * n) ** 2) * mp.exp(-n * n / 2)

    inner = [(x, y) for x, y in pairwise(points) if y <= cut or x >= cut]
    total = sum((mp.quad(integrand, [x, y], method="gauss-legendre") for x, y in inner), start=mpf(0))
    return total / mp.sqrt(2 * mp.pi)


def slope_of_scale(lam: mpf, d: int, p: Fraction, r: mpf, eps: mpf) -> mpf:
    """The equation of `contrastive_scale`: with an attack every pair of counts, without one the law of the overlap."""
    law = [number(Fraction(comb(d, n)) * p**n * (1 - p) ** (d - n)) for n in range(d + 1)]
    total = sum(law[n] * _pull(lam, eps * r * mp.sqrt(n) - r**2 * n) for n in range(d + 1))
    for n in range(d + 1):
        for common in range(n + 1):
            weight = law[n] * number(Fraction(comb(n, common)) * p**common * (1 - p) ** (n - common))
            for minus in range(common + 1):
                t = eps * r * mp.sqrt(n) + r**2 * (common - 2 * minus)
                total += weight * comb(common, minus) * _pull(lam, t) / 2**common
    return total


def clean_slope_of_scale(lam: mpf, d: int, p: Fraction, r: mpf) -> mpf:
    """The same without an attack: the overlap walks `d` steps, each +-1 with probability `p^2/2`."""
    total = mpf(0)
    weight, odds = (1 - number(p)) ** d, number(p / (1 - p))
    for n in range(d + 1):
        total += weight * _pull(lam, -(r**2) * n)
        weight = weight * odds * (d - n) / (n + 1)
    reach = min(d, int(20 * mp.sqrt(d) * number(p)) + 60)
    nodes = 2 * reach + 1
    grid = [2 * mp.pi * k / nodes for k in range(reach + 1)]
    powers = [(1 - number(p) ** 2 * (1 - mp.cos(t))) ** d for t in grid]
    for v in range(reach + 1):
        chance = (powers[0] + 2 * sum(x * mp.cos(v * t) for x, t in zip(powers[1:], grid[1:], strict=True))) / nodes
        pulls = _pull(lam, r**2 * v) + (_pull(lam, -(r**2) * v) if v else 0)
        total += chance * pulls
    return total


def _pull(lam: mpf, t: mpf) -> mpf:
    return t / (1 + mp.exp(-lam * t))


def value(quantity: str, at: Mapping[str, Number]) -> mpf:  # noqa: PLR0912 - one case for each quantity
    """The quantity at a point; `contrastive_scale`, a root, is examined by its equation instead."""
    x = {name: number(text) for name, text in at.items() if name != "activation"}
    m, d = (int(at.get(name, 1)) for name in "md")
    match quantity:
        case "firing_probability":
            return firing(m, x["p"])
        case "inherited_gain":
            return x["p"] * x["pure_sq"] + firing(m, x["p"]) * x["mixed_sq"]
        case "head_only_risk":
            energy, price = x["p"] * x["r"] ** 2, x["eps"] ** 2 * firing(m, x["p"])
            return x["theta_sq"] * energy * price / (energy + price) if energy else mpf(0)
        case "mean_gain":
            return mp.sqrt(m) * mean_root(d // m, firing(m, x["p"]))
        case "collapse_radius":
            return x["r"] * d * x["p"] / (2 * mean_root(d, x["p"]))
        case "purified_risk":
            mean = mean_root(d, x["p"])
            cross = 2 * x["eps"] * x["tau"] * mp.sqrt(2 / mp.pi) * mean
            return x["tau"] ** 2 + cross + x["eps"] ** 2 * d * x["p"]
        case "purified_robust_accuracy":
            return robust_accuracy(d, Fraction(at["p"]), Fraction(at["eps"]) / Fraction(at["r"]))
        case "gate_false_fire":
            return 2 * tail(x["b"] / (x["omega"] * x["sigma"]))
        case "gate_miss":
            s, mu = x["sigma"] * x["omega"], x["omega"] * x["r"]
            return tail((mu - x["b"]) / s) - tail((mu + x["b"]) / s)
        case "optimal_gate":
            s, mu = x["sigma"] * x["omega"], x["omega"] * x["r"]
            # cosh(b mu/s^2) = e^level: b from the larger root of the quadratic in e^(b mu/s^2).
            level = mp.log((1 - x["p"]) / x["p"]) + mu**2 / (2 * s**2)
            return s**2 / mu * (level + mp.log(1 + mp.sqrt(-mp.expm1(-2 * level)))) if level > 0 else mpf(0)
        case "separability_threshold":
            parts = (mp.log(d / x["alpha"]), mp.log(d / (2 * x["alpha"])))
            return x["sigma"] * mp.sqrt(2) * sum(mp.sqrt(part) for part in parts)
        case "linf_ratio":
            c, s = abs(mp.cos(x["t"])), abs(mp.sin(x["t"]))
            return (c + s) * max(c, s)
        case "noise_energy":
            return mean_square(str(at["activation"]), x["b"], x["s"])
    raise KeyError(quantity)


def digits_for(quantity: str, at: Mapping[str, Number]) -> int:
    """Working precision in digits: 60, and those that a number next to 0 or 1 needs; an overlap has its square."""
    sizes = [Fraction(x) for name, x in at.items() if name != "activation"]
    longest = max((len(str(x.denominator)) for x in sizes), default=0)
    return 60 + longest * (3 if quantity == "contrastive_scale" else 1)


def within(quantity: str, at: Mapping[str, Number], found: float, bound: float) -> bool:
    """Whether the value that was found is within its bound of the true one."""
    with mpmath.workdps(digits_for(quantity, at)):
        if quantity != "contrastive_scale":
            true = value(quantity, at)
            return bool(abs(true - mpf(found)) <= mpf(bound) + abs(true) * _OWN_ERROR)
        low, high = (_equation(at, mpf(found) + side * mpf(bound)) for side in (-1, 1))
        if found == 0:
            return bool(_equation(at, mpf(0)) >= -(mpf(10) ** -50))
        return bool(low < 0 < high)


def _equation(at: Mapping[str, Number], lam: mpf) -> mpf:
    d, p, r = int(at["d"]), Fraction(at["p"]), number(at["r"])
    if Fraction(at["eps"]) == 0 and p < 1:
        return clean_slope_of_scale(lam, d, p, r)
    return slope_of_scale(lam, d, p, r, number(at["eps"]))
