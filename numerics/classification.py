"""The losses that attacks raise, as cotangents of the logits, and the margin that decides whether one succeeded."""

from __future__ import annotations

from typing import Literal, TypeAlias

from array_api_compat import array_namespace

from numerics.backend import Array

LossName: TypeAlias = Literal["cross_entropy", "margin"]


def margin(logits: Array, labels: Array) -> Array:
    """Return ``max_{j != y} z_j - z_y``, shape (n,): an image is misclassified where that is at least 0.

    Infinite where a logit is not a number: no class is then known to win, so the image counts as misclassified.

    References
    ----------
    N. Carlini and D. Wagner, "Towards evaluating the robustness of neural networks", IEEE S&P 2017.
    """
    xp = array_namespace(logits)
    right = _one_hot(logits, labels)
    others = xp.where(right, xp.full_like(logits, -xp.inf), logits)
    found = xp.max(others, axis=-1) - xp.sum(xp.where(right, logits, xp.zeros_like(logits)), axis=-1)
    return xp.where(xp.isnan(found), xp.full_like(found, xp.inf), found)


def cross_entropy(logits: Array, labels: Array) -> Array:
    """Return ``log sum_j exp(z_j - z_y)``, shape (n,)."""
    xp = array_namespace(logits)
    right = _one_hot(logits, labels)
    largest = xp.max(logits, axis=-1)
    scaled = xp.log(xp.sum(xp.exp(logits - largest[:, None]), axis=-1)) + largest
    return scaled - xp.sum(xp.where(right, logits, xp.zeros_like(logits)), axis=-1)


def cotangent(loss: LossName, logits: Array, labels: Array) -> Array:
    """Return the gradient of the `loss` of each image in its logits, shape (n, classes).

    Its entries sum to 0. That of the cross-entropy at the label is minus the sum of the others, not a difference
    from 1: so no gradient is lost to rounding where the model is sure.
    """
    xp = array_namespace(logits)
    right = _one_hot(logits, labels)
    if loss == "margin":
        return _against(right, _largest_rival(logits, right))
    shares = xp.exp(logits - xp.max(logits, axis=-1, keepdims=True))
    return _against(right, xp.where(right, xp.zeros_like(shares), shares / xp.sum(shares, axis=-1, keepdims=True)))


def ascent_direction(loss: LossName, logits: Array, labels: Array) -> Array:
    """Return the gradient of the `loss` in the logits, scaled so that its entry at the label is -1, shape (n, classes).

    An attack follows the direction of a gradient alone. That of the cross-entropy is ``1 - p_y`` times the softmax of
    the other classes; the factor underflows where logits are large, and an attack on it would then stand still.
    """
    xp = array_namespace(logits)
    right = _one_hot(logits, labels)
    if loss == "margin":
        return _against(right, _largest_rival(logits, right))
    rivals = xp.where(right, xp.full_like(logits, -xp.inf), logits)
    shares = xp.exp(rivals - xp.max(rivals, axis=-1, keepdims=True))
    return _against(right, shares / xp.sum(shares, axis=-1, keepdims=True))


def _against(right: Array, others: Array) -> Array:
    """Return the cotangent whose entries off the label are `others`, and whose sum is 0."""
    return array_namespace(others).where(right, -array_namespace(others).sum(others, axis=-1, keepdims=True), others)


def _largest_rival(logits: Array, right: Array) -> Array:
    xp = array_namespace(logits)
    rivals = xp.where(right, xp.full_like(logits, -xp.inf), logits)
    return xp.astype(_one_hot(logits, xp.argmax(rivals, axis=-1)), logits.dtype)


def _one_hot(logits: Array, labels: Array) -> Array:
    """Return where a logit is that of the label, booleans of the shape of `logits`."""
    xp = array_namespace(logits)
    return labels[:, None] == xp.arange(logits.shape[-1], dtype=labels.dtype, device=logits.device)[None, :]
