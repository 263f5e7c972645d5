"""Means over the standard normal law, from the integrals that define them."""

from flint import acb, arb

FAR = 20
"""Number of standard deviations at which the normal law is cut off; what lies beyond is enclosed by a bound."""


def normal_part(power: int, low: arb | None = None, high: arb | None = None) -> arb:
    r"""A ball that contains $\int x^k \varphi(x)\,dx$ between two ends, for `k = power` up to 3.

    Parameters
    ----------
    power
        The exponent `k`, from 0 to 3.
    low, high
        The ends, in order; None for an infinite one.
    """
    left, right = (_within(end, default) for end, default in ((low, -FAR), (high, FAR)))
    scale = (2 * arb.pi()).sqrt()

    def density(x: acb, _: bool) -> acb:
        return x**power * (-x * x / 2).exp() / scale

    # Between the middles of the ends; over the radii of the ends the integrand is below 1 in modulus.
    value = acb.integral(density, acb(left.mid()), acb(right.mid())).real
    ends = left.rad() + right.rad()
    # Beyond T >= 1 the integrand is at most x^3 phi(x) in modulus, whose integral is (T^2 + 2) phi(T).
    beyond = (arb(FAR) ** 2 + 2) * (-(arb(FAR) ** 2) / 2).exp() / scale
    rest = ends + 2 * beyond
    return value + (-rest).union(rest)


def _within(end: arb | None, default: int) -> arb:
    """The end, moved to the cut-off if it lies beyond."""
    return arb(default) if end is None else end.max(arb(-FAR)).min(arb(FAR))


def power_part(shift: arb, scale: arb, power: int, low: arb | None = None, high: arb | None = None) -> arb:
    """The integral of `(shift + scale n)^k` over a normal `n` between two ends, for `k = power` up to 2."""
    parts = [normal_part(k, low, high) for k in range(power + 1)]
    if power == 2:
        return shift * shift * parts[0] + 2 * shift * scale * parts[1] + scale * scale * parts[2]
    return shift * parts[0] + scale * parts[1] if power == 1 else parts[0]


def mean_modulus(shift: arb, scale: arb) -> arb:
    """The mean of `|shift + scale n|` over a standard normal `n`; `scale` must be positive."""
    cut = -shift / scale
    return power_part(shift, scale, 1, low=cut) - power_part(shift, scale, 1, high=cut)
