"""Fast gradient method: one step to the sphere along the gradient."""

from __future__ import annotations

from array_api_compat import array_namespace

from numerics.attacks.losses import Worst, attacked_loss, sign_or_one
from numerics.backend import Array
from numerics.network import GatedNetwork, output_and_gradient
from numerics.norms import NormKind, steepest


def fgm(net: GatedNetwork, Z: Array, y: Array, eps: float, kind: NormKind) -> Array:
    """Return ``delta = eps argmax_{||u|| <= 1} sign(f - y) grad f . u``, or 0 where that lowers the loss.

    Parameters
    ----------
    net : GatedNetwork
        The network attacked.
    Z, y : array
        Observations ``(..., n, d)`` and regression targets ``(..., n)``.
    eps : float
        Size of the attack, at least 0.
    kind : {"l1", "l2", "linf"}
        Norm of the attack.

    Notes
    -----
    At ``f = y`` the loss has no gradient; the sign is taken as ``+1`` (claim P2). Gates are held fixed.

    References
    ----------
    Goodfellow, Shlens and Szegedy, Explaining and harnessing adversarial examples (2015).
    """
    output, gradient = output_and_gradient(net, Z)
    error = output - y
    delta = eps * steepest(sign_or_one(error)[..., None] * gradient, kind)
    clean = Worst(array_namespace(delta).zeros_like(delta), error**2)
    return clean.joined_by(delta, attacked_loss(net, Z, y, delta)).delta
