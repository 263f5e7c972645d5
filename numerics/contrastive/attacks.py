"""Attacks on one or both sides of pairs, on all of them or on the similar or dissimilar ones alone."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from array_api_compat import array_namespace

from numerics.attacks.losses import Ball
from numerics.backend import Array
from numerics.contrastive.encoder import Encoder
from numerics.contrastive.loss import EmbeddedPairs, embed, pair_loss, softplus
from numerics.contrastive.pairs import Pairs
from numerics.norms import NormKind, dual_norm, steepest
from numerics.replica_streams import NormalSource

Targets: TypeAlias = Literal["none", "similar", "dissimilar", "both"]
TARGETS: tuple[Targets, ...] = ("none", "similar", "dissimilar", "both")
Sides: TypeAlias = Literal["one", "both"]
SIDES: tuple[Sides, ...] = ("one", "both")


@dataclass(frozen=True)
class PairAttack:
    """Which perturbations of pairs an attack may choose from.

    Attributes
    ----------
    kind : {"l1", "l2", "linf"}
        Norm of the attack.
    eps : float
        Size of the perturbation of either side, at least 0.
    targets : {"none", "similar", "dissimilar", "both"}
        The pairs it perturbs.
    sides : {"one", "both"}
        ``z`` alone, or ``z`` and ``z'`` together, each in a ball of its own.

    Raises
    ------
    ValueError
        If a field is outside the range above.
    """

    kind: NormKind
    eps: float
    targets: Targets = "both"
    sides: Sides = "one"

    def __post_init__(self) -> None:
        if not self.eps >= 0:
            raise ValueError(f"eps is {self.eps}; expected at least 0")
        for name, choices in (("targets", TARGETS), ("sides", SIDES)):
            value = getattr(self, name)
            if value not in choices:
                raise ValueError(f"{name} is {value!r}; expected one of {', '.join(choices)}")

    @property
    def ball(self) -> Ball:
        """The perturbations of one side."""
        return Ball(self.eps, self.kind)

    def chosen(self, y: Array) -> Array:
        """Return 1 for the pairs that it perturbs and 0 for the others, shape (..., n)."""
        xp = array_namespace(y)
        if self.targets in ("none", "both"):
            return xp.full_like(y, float(self.targets == "both"))
        return xp.astype(y > 0 if self.targets == "similar" else y < 0, y.dtype)


@dataclass(frozen=True)
class Perturbation:
    """Perturbations ``(..., n, d)`` of ``z`` and, in a two-sided attack, of ``z'``."""

    first: Array
    second: Array | None

    def applied_to(self, pairs: Pairs) -> Pairs:
        """Return the perturbed pairs."""
        moved = replace(pairs, Z=pairs.Z + self.first)
        return moved if self.second is None else replace(moved, Z_prime=pairs.Z_prime + self.second)


def fgm(encoder: Encoder, pairs: Pairs, attack: PairAttack) -> Perturbation:
    """Return the steepest step to the sphere, on both sides at once if so asked, or 0 where that lowers the loss.

    One-sided on a linear encoder this is the exact worst case.

    References
    ----------
    Goodfellow, Shlens and Szegedy, Explaining and harnessing adversarial examples (2015).
    """
    clean = embed(encoder, pairs)
    delta = fgm_step(clean, attack)
    untouched = _Worst(unperturbed(pairs, clean, attack), clean.loss)
    return untouched.joined_by(delta, pair_loss(encoder, delta.applied_to(pairs))).delta


def pgd(
    encoder: Encoder,
    pairs: Pairs,
    attack: PairAttack,
    *,
    rng: NormalSource,
    steps: int = 20,
    restarts: int = 2,
) -> Perturbation:
    """Return the worst perturbation met by projected steepest steps of length ``2.5 eps / steps``.

    Parameters
    ----------
    encoder : Encoder
        The encoder attacked; gates are held fixed in each gradient.
    pairs : Pairs
    attack : PairAttack
    rng : NormalSource
        Random starts on the sphere.
    steps : int
        Gradient steps of each run.
    restarts : int
        Runs, at least 1; the first starts at 0, the others on the sphere.

    References
    ----------
    Madry et al., Towards deep learning models resistant to adversarial attacks (2018).
    """
    clean = embed(encoder, pairs)
    origin = unperturbed(pairs, clean, attack)
    worst = _Worst(origin, clean.loss)
    for run in range(restarts):
        delta = origin if run == 0 else _random_start(origin, pairs, attack, rng)
        for _ in range(steps):
            here = embed(encoder, delta.applied_to(pairs))
            worst = worst.joined_by(delta, here.loss)
            delta = pgd_step(here, delta, attack, 2.5 * attack.eps / steps)
        worst = worst.joined_by(delta, pair_loss(encoder, delta.applied_to(pairs)))
    return worst.delta


def predicted_worst_case(encoder: Encoder, pairs: Pairs, eps: float, kind: NormKind) -> Array:
    """Return ``sp(-y g(z)^T g(z') + eps ||J(z)^T g(z')||_*)``, shape (..., n).

    For a linear encoder, where the norm is that of ``G z'``, this is the largest loss that an attack of size
    `eps` on ``z`` reaches (claim C3); for a gated one as long as no gate moves.
    """
    embedded = embed(encoder, pairs)
    growth = eps * dual_norm(embedded.first.pull(embedded.second.g), kind)
    return softplus(growth - pairs.y * embedded.score)


def fgm_step(embedded: EmbeddedPairs, attack: PairAttack) -> Perturbation:
    """Return the steepest step to the sphere, kept even where it lowers the loss."""
    first, second = _ascent(embedded, attack)
    chosen = attack.chosen(embedded.y)[..., None]
    scale = attack.eps * chosen
    return Perturbation(
        scale * steepest(first, attack.kind), None if second is None else scale * steepest(second, attack.kind)
    )


def pgd_step(embedded: EmbeddedPairs, delta: Perturbation, attack: PairAttack, length: float) -> Perturbation:
    """Return `delta` after one steepest step of this `length`, kept in the ball; `embedded` is taken there."""
    first, second = _ascent(embedded, attack)
    chosen, ball = attack.chosen(embedded.y)[..., None], attack.ball
    moved = chosen * ball.step(delta.first, first, length)
    if second is None:
        return Perturbation(moved, None)
    return Perturbation(moved, chosen * ball.step(delta.second, second, length))


def unperturbed(pairs: Pairs, clean: EmbeddedPairs, attack: PairAttack) -> Perturbation:
    """Return the perturbation that does nothing, with the replica axes of the encoder."""
    score = clean.score
    xp = array_namespace(score)
    zero = xp.broadcast_to(xp.zeros_like(score)[..., None], (*score.shape, pairs.Z.shape[-1]))
    return Perturbation(zero, None if attack.sides == "one" else zero)


def _ascent(embedded: EmbeddedPairs, attack: PairAttack) -> tuple[Array, Array | None]:
    """Return directions in which the loss grows; its slope is left out, since it may underflow."""
    y = embedded.y[..., None]
    first = embedded.first.pull(-y * embedded.second.g)
    return first, None if attack.sides == "one" else embedded.second.pull(-y * embedded.first.g)


@dataclass(frozen=True)
class _Worst:
    """The worst perturbation met so far of each pair, with its loss (..., n)."""

    delta: Perturbation
    loss: Array

    def joined_by(self, delta: Perturbation, loss: Array) -> _Worst:
        """Return the record after `delta` with its `loss` was met as well."""
        xp = array_namespace(loss)
        worse = (loss > self.loss)[..., None]
        first = xp.where(worse, delta.first, self.delta.first)
        if delta.second is None or self.delta.second is None:
            second = None
        else:
            second = xp.where(worse, delta.second, self.delta.second)
        return _Worst(Perturbation(first, second), xp.where(worse[..., 0], loss, self.loss))


def _random_start(origin: Perturbation, pairs: Pairs, attack: PairAttack, rng: NormalSource) -> Perturbation:
    """Return points of norm ``eps`` on the sides that the attack perturbs."""
    chosen = attack.chosen(pairs.y)[..., None]
    first, second = (
        None if side is None else chosen * attack.ball.random(rng, side) for side in (origin.first, origin.second)
    )
    return Perturbation(first, second)
