"""Bounds on the rounding errors of attacks and losses, derived for networks of the test grid."""

from numerics.rounding import gamma

WIDER = 1 + 2.0**-20
"""Covers, for ``eps >= 2^-10``, a norm that rounding carried past ``eps`` and a gate that rounding decided.

The first exceeds ``eps`` by `norm_excess`, below 2^-40. For the second, a preactivation at ``z + delta`` errs by at
most ``gamma_d d max|z + delta| ||w_h||_*`` (a coordinate of ``w_h`` is at most its dual norm), so with d <= 4 and
coordinates below 4 by less than ``2^-20 eps ||w_h||_*``: a slightly larger attack moves the gate in exact arithmetic.
"""


def norm_excess(d: int) -> float:
    """Bound the relative amount by which rounding may carry ``||delta||``, as computed, past ``eps``.

    l2: a scaling, d squares summed, a root, a division and a product in the attack, d + 2 more in measuring: fewer
    than 2 d + 8. l1: the threshold errs by gamma_{d+2} (||x||_1 + eps)/j and is taken off j entries, with
    ||x||_1 <= 4 eps before a projection (steps are at most 2.5 eps): 5 (d + 4) and d more in measuring. l_inf: none.
    """
    return gamma(6 * d + 24, "float64")
