"""The loss that attacks raise, the worst perturbation met so far, and random starts."""

from __future__ import annotations

from dataclasses import dataclass

from array_api_compat import array_namespace, device

from numerics.backend import Array, to_namespace_of
from numerics.network import GatedNetwork, forward
from numerics.norms import NormKind, check_kind, project, steepest
from numerics.replica_streams import NormalSource


def attacked_loss(net: GatedNetwork, Z: Array, y: Array, delta: Array) -> Array:
    """Return ``(y - f(z + delta))^2``, shape ``(..., n)``."""
    return (y - forward(net, Z + delta)) ** 2


def sign_or_one(error: Array) -> Array:
    """Return the sign of `error`, ``+1`` at 0, so that a perfect fit is attacked too (claim P2)."""
    xp = array_namespace(error)
    return xp.astype(error >= 0, error.dtype) * 2 - 1


@dataclass(frozen=True)
class Ball:
    """The perturbations an attack may choose from: ``||delta|| <= eps``.

    Raises
    ------
    ValueError
        If `eps` is negative, or `kind` is no norm.
    """

    eps: float
    kind: NormKind

    def __post_init__(self) -> None:
        check_kind(self.kind)
        if not self.eps >= 0:
            raise ValueError(f"eps is {self.eps}; expected at least 0")

    def step(self, delta: Array, direction: Array, length: float) -> Array:
        """Return the point reached from `delta` by the steepest step of this `length`, kept in the ball."""
        return project(delta + length * steepest(direction, self.kind), self.eps, self.kind)

    def random(self, rng: NormalSource, like: Array) -> Array:
        """Return points of norm ``eps``, each steepest for a Gaussian direction, in the shape of `like`."""
        return self.eps * steepest(random_normal(rng, like), self.kind)


@dataclass(frozen=True)
class Worst:
    """The worst perturbation met so far at each observation.

    Attributes
    ----------
    delta : array
        Perturbations ``(..., n, d)``.
    loss : array
        Their losses ``(..., n)``.
    """

    delta: Array
    loss: Array

    def joined_by(self, delta: Array, loss: Array) -> Worst:
        """Return the record after `delta` with its `loss` was met as well."""
        xp = array_namespace(delta)
        worse = loss > self.loss
        return Worst(xp.where(worse[..., None], delta, self.delta), xp.where(worse, loss, self.loss))


def unperturbed(net: GatedNetwork, Z: Array, y: Array) -> Worst:
    """Return the record that knows ``delta = 0`` alone."""
    error = y - forward(net, Z)
    # `Z` may lack the replica axes of the network, so the shape is that of the error.
    delta = array_namespace(error).zeros((*error.shape, Z.shape[-1]), dtype=error.dtype, device=device(error))
    return Worst(delta, error**2)


def random_normal(rng: NormalSource, like: Array) -> Array:
    """Return standard normal numbers, drawn on the host, with the shape, dtype and device of `like`."""
    return to_namespace_of(like, rng.standard_normal(like.shape))
