"""Fast gradient method: one step to the sphere along the gradient."""

from __future__ import annotations

from numerics.attacks.ascent import Ascent, AscentRun
from numerics.attacks.choose import ascend
from numerics.backend import Array
from numerics.ball import Ball
from numerics.network import GatedNetwork
from numerics.norms import Norm


def fgm(net: GatedNetwork, Z: Array, y: Array, eps: float, norm: Norm) -> Array:
    """Return ``delta = eps argmax_{||u|| <= 1} sign(f - y) grad f . u``, or 0 where that lowers the loss.

    Parameters
    ----------
    net : GatedNetwork
        The network attacked.
    Z, y : array
        Observations ``(..., n, d)`` and regression targets ``(..., n)``.
    eps : float
        Size of the attack, at least 0.
    norm : {"l1", "l2", "linf"}
        Norm of the attack.

    Notes
    -----
    At ``f = y`` the loss has no gradient; the sign is taken as ``+1`` (claim P2). Gates are held fixed.

    References
    ----------
    Goodfellow, Shlens and Szegedy, Explaining and harnessing adversarial examples (2015).
    """
    return ascend(net, Z, y, Ascent(Ball(eps, norm), (AscentRun(random=False),), (eps,)))
