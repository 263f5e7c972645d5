"""Means over the standard normal law, from the integrals that define them."""

from flint import acb, arb

FAR = 20
"""Where the normal law is cut off; what lies beyond is enclosed."""


def normal_part(power: int, low: arb | None = None, high: arb | None = None) -> arb:
    r"""A ball that contains $\int x^k \varphi(x)\,dx$ between two ends, for `k = power` up to 3.

    Parameters
    ----------
    power
        From 0 to 3.
    low, high
        Ends between -20 and 20, in order; None for an infinite one.
    """
    left, right = -arb(FAR) if low is None else low, arb(FAR) if high is None else high
    scale = (2 * arb.pi()).sqrt()

    def density(x: acb, _: bool) -> acb:
        return x**power * (-x * x / 2).exp() / scale

    value = acb.integral(density, acb(left), acb(right)).real
    # Beyond T >= 1 the integrand is at most x^3 phi(x) in modulus, whose integral is (T^2 + 2) phi(T).
    beyond = (arb(FAR) ** 2 + 2) * (-(arb(FAR) ** 2) / 2).exp() / scale
    for end in (low, high):
        value += (-beyond).union(beyond) if end is None else arb(0)
    return value


def mean_square_below(scale: arb, shift: arb, cut: arb | None, *, above: bool = False) -> arb:
    """The part of `E (shift + scale n)^2` where the normal `n` is below `cut`, or above it; all of it for None."""
    low, high = (cut, None) if above else (None, cut)
    parts = [normal_part(power, low, high) for power in (0, 1, 2)]
    return shift**2 * parts[0] + 2 * shift * scale * parts[1] + scale**2 * parts[2]
