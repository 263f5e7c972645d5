"""Projected gradient descent on the loss, gates held fixed in each gradient."""

from __future__ import annotations

from numerics.attacks.losses import Ball, attacked_loss, sign_or_one, unperturbed
from numerics.backend import Array
from numerics.network import GatedNetwork, output_and_gradient
from numerics.norms import NormKind
from numerics.replica_streams import NormalSource


def pgd(
    net: GatedNetwork,
    Z: Array,
    y: Array,
    eps: float,
    kind: NormKind,
    *,
    rng: NormalSource,
    steps: int = 20,
    step_size: float | None = None,
    restarts: int = 2,
) -> Array:
    """Return the worst ``delta`` met by projected gradient steps, shape ``(..., n, d)``.

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
    rng : NormalSource
        Random starts on the sphere.
    steps : int
        Gradient steps of each run.
    step_size : float, optional
        Length of a step in the norm; ``2.5 eps / steps`` when left out.
    restarts : int
        Runs, at least 1; the first starts at ``delta = 0``, the others on the sphere.

    References
    ----------
    Madry et al., Towards deep learning models resistant to adversarial attacks (2018).
    """
    stride = 2.5 * eps / steps if step_size is None else step_size
    ball = Ball(eps, kind)
    worst = unperturbed(net, Z, y)
    origin = worst.delta
    for run in range(restarts):
        delta = ball.start(rng, origin, run)
        for _ in range(steps):
            output, gradient = output_and_gradient(net, Z + delta)
            error = output - y
            worst = worst.joined_by(delta, error**2)
            delta = ball.step(delta, sign_or_one(error)[..., None] * gradient, stride)
        worst = worst.joined_by(delta, attacked_loss(net, Z, y, delta))
    return worst.delta
