"""A gradient-free attack: random search that keeps what raises the loss."""

from __future__ import annotations

import numpy as np

from numerics.attacks.losses import attacked_loss, unperturbed
from numerics.backend import Array
from numerics.ball import Ball, random_normal
from numerics.network import GatedNetwork
from numerics.norms import Norm, project, vector_norm
from numerics.replica_streams import NormalSource


def random_search(
    net: GatedNetwork,
    Z: Array,
    y: Array,
    eps: float,
    norm: Norm,
    *,
    rng: NormalSource,
    trials: int = 100,
    explore: float = 0.2,
) -> Array:
    """Return the worst of ``trials`` perturbations, found from losses alone, shape ``(..., n, d)``.

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
    rng : NormalSource
        Proposals.
    trials : int
        Evaluations of the loss at each observation.
    explore : float
        Fraction of the trials spent on independent points of the sphere; the others are Gaussian moves away from
        the best point, of norm falling geometrically from ``eps`` to ``eps / 10`` and projected on the ball.

    References
    ----------
    L. Rastrigin, "The convergence of the random search method in the extremal control of a many-parameter system",
    Automation and Remote Control 24 (1963).
    """
    ball = Ball(eps, norm)
    worst = unperturbed(net, Z, y)
    explorations = round(explore * trials)
    for _ in range(explorations):
        delta = ball.random(rng, worst.point)
        worst = worst.joined_by(delta, attacked_loss(net, Z, y, delta))
    for length in (eps * np.geomspace(1.0, 0.1, trials - explorations)).tolist():
        move = random_normal(rng, worst.point)
        delta = project(worst.point + length * move / vector_norm(move, norm)[..., None], eps, norm)
        worst = worst.joined_by(delta, attacked_loss(net, Z, y, delta))
    return worst.point
