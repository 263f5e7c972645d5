"""Attacks on one or both sides of pairs: on all pairs, or on similar or dissimilar ones only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from array_api_compat import array_namespace, device

from numerics.backend import Array
from numerics.ball import Ball
from numerics.contrastive.encoder import Encoder
from numerics.contrastive.loss import EmbeddedPairs, embed, pair_loss
from numerics.contrastive.pairs import Pairs
from numerics.norms import Norm, steepest
from numerics.projected_ascent import Worst, pgd_lengths, worst_of_run
from numerics.replica_streams import NormalSource

Targets: TypeAlias = Literal["none", "similar", "dissimilar", "both"]
TARGETS: tuple[Targets, ...] = ("none", "similar", "dissimilar", "both")
Sides: TypeAlias = Literal["one", "both"]
SIDES: tuple[Sides, ...] = ("one", "both")


@dataclass(frozen=True)
class PairAttack:
    """The perturbations of pairs from which an attack may choose.

    Attributes
    ----------
    norm : {"l1", "l2", "linf"}
        Norm of the attack.
    eps : float
        Size of the perturbation of either side, at least 0.
    targets : {"none", "similar", "dissimilar", "both"}
        The pairs that are perturbed.
    sides : {"one", "both"}
        ``z`` alone, or ``z`` and ``z'`` together, each in a ball of its own.

    Raises
    ------
    ValueError
        If a field is outside the range above.
    """

    norm: Norm
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
        return Ball(self.eps, self.norm)

    def chosen(self, y: Array) -> Array:
        """Return 1 for the pairs that are perturbed and 0 for the others, shape (..., n)."""
        xp = array_namespace(y)
        if self.targets in ("none", "both"):
            return xp.full_like(y, float(self.targets == "both"))
        return xp.astype(y > 0 if self.targets == "similar" else y < 0, y.dtype)


@dataclass(frozen=True)
class Perturbation:
    """Perturbations of ``z`` and, in a two-sided attack, of ``z'``.

    Attributes
    ----------
    sides : array, shape (1 or 2, ..., n, d)
        The perturbations of ``z`` and, if there are two, of ``z'``.
    """

    sides: Array

    @property
    def first(self) -> Array:
        """The perturbations of ``z``, shape ``(..., n, d)``."""
        return self.sides[0, ...]

    @property
    def second(self) -> Array | None:
        """The perturbations of ``z'``, shape ``(..., n, d)``; None in a one-sided attack."""
        return self.sides[1, ...] if self.sides.shape[0] == 2 else None

    def applied_to(self, pairs: Pairs) -> Pairs:
        """Return the perturbed pairs."""
        moved = replace(pairs, Z=pairs.Z + self.first)
        return moved if self.second is None else replace(moved, Z_prime=pairs.Z_prime + self.second)


def fgm(encoder: Encoder, pairs: Pairs, attack: PairAttack) -> Perturbation:
    """Return the steepest step to the sphere, on one side or on both at once, or 0 where that lowers the loss.

    One-sided on a linear encoder this is the exact worst case.

    References
    ----------
    Goodfellow, Shlens and Szegedy, Explaining and harnessing adversarial examples (2015).
    """
    clean = embed(encoder, pairs)
    delta = farthest(clean, attack)
    worst = Worst(unperturbed(pairs, clean, attack).sides, clean.loss)
    return Perturbation(worst.joined_by(delta.sides, pair_loss(encoder, delta.applied_to(pairs))).point)


def pgd(
    encoder: Encoder,
    pairs: Pairs,
    attack: PairAttack,
    *,
    rng: NormalSource,
    steps: int = 20,
    restarts: int = 2,
) -> Perturbation:
    """Return the worst perturbation of projected gradient ascent with steps of length ``2.5 eps / steps``.

    Parameters
    ----------
    encoder : Encoder
        The encoder attacked; gates are held fixed in each gradient.
    pairs : Pairs
        The pairs attacked.
    attack : PairAttack
        The perturbations that are allowed.
    rng : NormalSource
        Source of the random starts on the sphere.
    steps : int
        Gradient steps of each run.
    restarts : int
        Runs, at least 1; the first starts at 0, the others on the sphere.

    References
    ----------
    Madry et al., Towards deep learning models resistant to adversarial attacks (2018).
    """
    clean = embed(encoder, pairs)
    origin = unperturbed(pairs, clean, attack).sides
    step = projected_step(pairs.y, attack)

    def loss(sides: Array) -> Array:
        return pair_loss(encoder, Perturbation(sides).applied_to(pairs))

    def loss_and_gradient(_: int, sides: Array) -> tuple[Array, Array]:
        here = embed(encoder, Perturbation(sides).applied_to(pairs))
        return here.loss, ascent_direction(here, attack)

    worst = Worst(origin, clean.loss)
    for run in range(restarts):
        start = origin if run == 0 else _random_start(origin, pairs, attack, rng)
        worst = worst_of_run(worst, start, pgd_lengths(attack.eps, steps), loss_and_gradient, loss, step)
    return Perturbation(worst.point)


def farthest(embedded: EmbeddedPairs, attack: PairAttack) -> Perturbation:
    """Return the steepest step from the embedded pairs to the sphere, kept even where it lowers the loss."""
    chosen = attack.chosen(embedded.y)[..., None]
    return Perturbation(attack.eps * chosen * steepest(ascent_direction(embedded, attack), attack.norm))


def projected_step(y: Array, attack: PairAttack) -> Callable[[Array, Array, float], Array]:
    """Return the step of `numerics.projected_ascent` on the sides of a perturbation, for pairs with similarities `y`.

    Pairs that the attack does not perturb stay where they are.
    """
    chosen, ball = attack.chosen(y)[..., None], attack.ball

    def step(sides: Array, direction: Array, length: float) -> Array:
        return chosen * ball.step(sides, direction, length)

    return step


def ascent_direction(embedded: EmbeddedPairs, attack: PairAttack) -> Array:
    """Return directions in which the loss increases, one for each side that the attack perturbs.

    The slope of the loss in the score is positive and omitted, since it may underflow.
    """
    y = embedded.y[..., None]
    directions = [embedded.first.pull(-y * embedded.second.g)]
    if attack.sides == "both":
        directions.append(embedded.second.pull(-y * embedded.first.g))
    return array_namespace(y).stack(directions)


def unperturbed(pairs: Pairs, clean: EmbeddedPairs, attack: PairAttack) -> Perturbation:
    """Return the zero perturbation, with the replica axes of the encoder."""
    score = clean.score
    sides = 1 if attack.sides == "one" else 2
    shape = (sides, *score.shape, pairs.Z.shape[-1])
    return Perturbation(array_namespace(score).zeros(shape, dtype=score.dtype, device=device(score)))


def _random_start(origin: Array, pairs: Pairs, attack: PairAttack, rng: NormalSource) -> Array:
    """Return points of norm ``eps`` on the sides that the attack perturbs, drawn for one side after the other."""
    chosen = attack.chosen(pairs.y)[..., None]
    starts = [chosen * attack.ball.random(rng, origin[side, ...]) for side in range(origin.shape[0])]
    return array_namespace(origin).stack(starts)
