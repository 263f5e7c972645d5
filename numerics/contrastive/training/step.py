"""One contrastive training step with hand-derived gradients: forward pass, attack, attacked pass, gradients."""

from __future__ import annotations

from array_api_compat import array_namespace

from numerics.backend import Array
from numerics.contrastive.attacks import (
    PairAttack,
    Perturbation,
    ascent_direction,
    farthest,
    projected_step,
    unperturbed,
)
from numerics.contrastive.encoder import Encoder
from numerics.contrastive.loss import EmbeddedPairs, embed, parameter_gradients
from numerics.contrastive.pairs import Pairs
from numerics.projected_ascent import pgd_lengths, projected_ascent
from numerics.training.step import StepGradients


def contrastive_step(encoder: Encoder, pairs: Pairs, attack: PairAttack, steps: int) -> StepGradients:
    """Return gradients of the mean loss at the attacked pairs, perturbations held fixed, and both mean losses.

    Parameters
    ----------
    encoder : Encoder
        Replicas on the leading axes.
    pairs : Pairs
        Observations ``(replicas, n, d)``.
    attack : PairAttack
        The perturbations that are allowed.
    steps : int
        Gradient steps of the attack: 0 trains on the clean loss, 1 is FGM.
    """
    clean = embed(encoder, pairs)
    attacked = clean if steps == 0 else _attacked(encoder, pairs, clean, attack, steps)
    mean = array_namespace(pairs.y).mean
    return StepGradients(parameter_gradients(attacked), mean(clean.loss, axis=-1), mean(attacked.loss, axis=-1))


def training_perturbation(
    encoder: Encoder, pairs: Pairs, clean: EmbeddedPairs, attack: PairAttack, steps: int
) -> Perturbation:
    """Return the perturbation of FGM or PGD started at the clean pairs: the last point, even if its loss is lower.

    One step goes to the sphere; the lengths of several are those of `numerics.projected_ascent.pgd_lengths`.
    """
    if steps == 1:
        return farthest(clean, attack)

    def gradient(k: int, sides: Array) -> Array:
        here = clean if k == 0 else embed(encoder, Perturbation(sides).applied_to(pairs))
        return ascent_direction(here, attack)

    start, lengths = unperturbed(pairs, clean, attack).sides, pgd_lengths(attack.eps, steps)
    return Perturbation(projected_ascent(start, lengths, gradient, projected_step(pairs.y, attack)))


def _attacked(encoder: Encoder, pairs: Pairs, clean: EmbeddedPairs, attack: PairAttack, steps: int) -> EmbeddedPairs:
    delta = training_perturbation(encoder, pairs, clean, attack, steps)
    first = encoder.at(pairs.Z + delta.first)
    # A one-sided attack leaves the other side as it was embedded.
    second = clean.second if delta.second is None else encoder.at(pairs.Z_prime + delta.second)
    return EmbeddedPairs(first, second, pairs.y)
