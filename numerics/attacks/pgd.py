"""Projected gradient descent on the loss, gates held fixed in each gradient."""

from __future__ import annotations

from numerics.attacks.ascent import Ascent, AscentRun
from numerics.attacks.choose import ascend
from numerics.backend import Array
from numerics.ball import Ball
from numerics.network import GatedNetwork
from numerics.norms import Norm
from numerics.projected_ascent import pgd_lengths
from numerics.replica_streams import NormalSource


def pgd(
    net: GatedNetwork,
    Z: Array,
    y: Array,
    eps: float,
    norm: Norm,
    *,
    rng: NormalSource,
    steps: int = 20,
    step_size: float | None = None,
    restarts: int = 2,
) -> Array:
    """Return the worst ``delta`` of projected gradient ascent, shape ``(..., n, d)``.

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
        Random starts on the sphere.
    steps : int
        Gradient steps of each run.
    step_size : float, optional
        Length of a step in the norm; ``2.5 eps / steps`` when left out.
    restarts : int
        Runs, at least 1; the first starts at ``delta = 0``, the others on the sphere.

    Raises
    ------
    ValueError
        If there is no step or no run.

    References
    ----------
    Madry et al., Towards deep learning models resistant to adversarial attacks (2018).
    """
    for name, count in (("steps", steps), ("restarts", restarts)):
        if count < 1:
            raise ValueError(f"{name} is {count}; expected at least 1")
    strides = pgd_lengths(eps, steps) if step_size is None else (step_size,) * steps
    runs = tuple(AscentRun(random=run > 0) for run in range(restarts))
    return ascend(net, Z, y, Ascent(Ball(eps, norm), runs, strides), rng)
