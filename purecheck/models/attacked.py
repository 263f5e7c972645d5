"""Small networks under attack, exact: mixtures behind a dictionary, as a clause assumes them or without."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

import numpy as np

from numerics.exact import ExactArray, fractions, signed_supports
from numerics.network import GatedNetwork
from purecheck.evaluators.model import constant_law
from purecheck.evaluators.risk import AttackedNetwork, reach_of_region
from purecheck.models.exact_networks import hadamard_block, rational_rotation
from theory.assumptions import (
    exact_fit,
    independent_features,
    inside_region,
    low_threshold,
    no_noise,
    normal_labels,
    orthogonal_dictionary,
)
from theory.claims import Clause

Law = tuple[ExactArray, ExactArray]


def feature_law(clause: Clause, d: int, p: Fraction, r: Fraction = Fraction(1)) -> Law:
    """Features of constant amplitude; without independence all of them are active at the same time, or none."""
    if independent_features in clause.assumes:
        return constant_law(d, p, r)
    patterns = signed_supports(d)
    sizes = np.abs(patterns).sum(axis=1)
    kept = patterns[(sizes == 0) | (sizes == d)]
    likely = [p / 2**d if row.any() else 1 - p for row in kept]
    return fractions(kept.tolist()) * r, fractions(likely)


def attacked_mixture(
    clause: Clause,
    theta: Sequence[Fraction],
    m: int,
    law: Law,
    *,
    eps: Fraction = Fraction(0),
    tau: Fraction = Fraction(0),
    noise: Fraction = Fraction(1, 10),
) -> AttackedNetwork:
    """The mixture of order `m` for a target, behind a dictionary, with what the clause assumes.

    Parameters
    ----------
    clause
        Assumptions that it lacks are broken: a threshold that silences features, a dictionary that stretches one of
        them, observations with noise, labels with noise of two values, an attack that moves gates.
    theta
        Target.
    m
        Order, a power of two that divides the number of features.
    law
        Of the features.
    eps
        Size of the attack: mapped into the region, monotonously, or beyond it.
    tau
        Label noise.
    noise
        What the observation noise adds to every coordinate, or takes away, where there is any.
    """
    d, features, probabilities = len(theta), *law
    stretch = fractions([1 if orthogonal_dictionary in clause.assumes else 2] + [1] * (d - 1))
    rotation = rational_rotation(d, Fraction(1, 3))
    U = fractions(np.kron(np.eye(d // m, dtype=int), hadamard_block(m)).tolist())
    fits = exact_fit in clause.assumes or low_threshold in clause.assumes
    b = Fraction(1, 2) if fits else Fraction(3, 2)
    if no_noise not in clause.assumes:
        features, probabilities = np.vstack([features, features]), np.concatenate([probabilities, probabilities]) / 2
    M = rotation * stretch
    observations = features @ M.T
    if no_noise not in clause.assumes:
        half = len(observations) // 2
        observations = observations + noise * fractions([[1]] * half + [[-1]] * half)
    model = AttackedNetwork(
        net=GatedNetwork(rotation @ (U / stretch[:, None]), fractions(theta) @ U / m, fractions([b] * d)),
        theta=fractions(theta),
        inputs=observations,
        probabilities=probabilities,
        features=features,
        M=M,
        eps=Fraction(0),
        tau=tau,
        normal=normal_labels in clause.assumes,
    )
    return replace(model, eps=size_of_attack(clause, model.net, observations, eps))


def size_of_attack(clause: Clause, net: GatedNetwork, Z: ExactArray, eps: Fraction) -> Fraction:
    """`eps`, which may be any size from 0, mapped monotonously into the region where no gate moves, or beyond it."""
    reach = reach_of_region(net, Z)
    return reach * eps / (1 + eps) if inside_region in clause.assumes else 3 * reach * (1 + eps)
