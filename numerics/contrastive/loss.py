"""The contrastive loss of a pair, ``log(1 + exp(-y g(z)^T g(z')))``, and its gradients, derived by hand."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from array_api_compat import array_namespace

from numerics.backend import Array
from numerics.contrastive.encoder import Embedding, Encoder
from numerics.contrastive.pairs import Pairs
from numerics.optimisers import Parameters


def softplus(t: Array) -> Array:
    """Return ``sp(t) = log(1 + e^t)`` without overflow."""
    xp = array_namespace(t)
    return xp.logaddexp(t, xp.zeros_like(t))


def sigmoid(t: Array) -> Array:
    """Return ``sig(t) = 1/(1 + e^-t)``, accurate relative to its size in both tails."""
    return array_namespace(t).exp(-softplus(-t))


@dataclass(frozen=True)
class EmbeddedPairs:
    """Both sides of pairs after a forward pass, with the labels ``y`` of shape (..., n)."""

    first: Embedding
    second: Embedding
    y: Array

    @cached_property
    def score(self) -> Array:
        """``g(z)^T g(z')``, shape (..., n)."""
        return array_namespace(self.y).vecdot(self.first.g, self.second.g)

    @cached_property
    def loss(self) -> Array:
        """The loss of each pair, shape (..., n)."""
        return softplus(-self.y * self.score)

    @property
    def slope(self) -> Array:
        """The derivative of the loss in the score, ``-y sig(-y g^T g')``, shape (..., n)."""
        return -self.y * sigmoid(-self.y * self.score)


def embed(encoder: Encoder, pairs: Pairs) -> EmbeddedPairs:
    """Return both sides of `pairs` embedded."""
    return EmbeddedPairs(encoder.at(pairs.Z), encoder.at(pairs.Z_prime), pairs.y)


def pair_loss(encoder: Encoder, pairs: Pairs) -> Array:
    """Return the loss of each pair, shape (..., n)."""
    return embed(encoder, pairs).loss


def parameter_gradients(embedded: EmbeddedPairs) -> Parameters:
    """Return the gradients of the mean loss in the encoder's parameters, with the observations held fixed.

    For attacked observations this holds the attack fixed: the gradient of a maximum is the gradient at the maximiser
    (Danskin).
    """
    weight = embedded.slope[..., None] / embedded.y.shape[-1]
    first = embedded.first.parameter_gradients(weight * embedded.second.g)
    second = embedded.second.parameter_gradients(weight * embedded.first.g)
    return {name: first[name] + second[name] for name in first}
