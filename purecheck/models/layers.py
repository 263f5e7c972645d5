"""Frozen layers of pure nodes and of mixtures, exact, as a clause assumes them or without."""

from collections.abc import Sequence
from fractions import Fraction

import numpy as np
from sympy import ImmutableMatrix, Matrix, sqrt

from numerics.exact import ExactArray, fractions
from numerics.network import GatedNetwork
from purecheck.evaluators.heads import LayerWithHead
from purecheck.models.attacked import feature_law
from purecheck.models.exact_networks import hadamard_block
from theory.assumptions import constant_amplitude, low_threshold, no_noise
from theory.claims import Clause


def partly_pure(pure: int, mixed: int, m: int) -> ExactArray:
    """Weights of pure nodes on the first features and of mixtures of order `m` on the others, shape (d, d)."""
    W = np.eye(pure + mixed, dtype=int)
    W[pure:, pure:] = np.kron(np.eye(mixed // m, dtype=int), hadamard_block(m))
    return fractions(W.tolist())


def orthogonal_part(d: int, m: int) -> ImmutableMatrix:
    """The matrix `O` of a mixture layer with weights `sqrt(m) O`, in exact roots."""
    return ImmutableMatrix(Matrix(partly_pure(0, d, m).astype(int).tolist()) / sqrt(m))


def frozen_layer(
    clause: Clause,
    W: ExactArray,
    theta: Sequence[Fraction],
    p: Fraction,
    r: Fraction,
    *,
    eps: Fraction = Fraction(0),
    head: ExactArray | None = None,
) -> LayerWithHead:
    """The layer with weights `W` under features of amplitude `r`, with what the clause assumes.

    The head is that of exact fits, `w_h^T theta/||w_h||^2`, unless another is given. Assumptions that the clause lacks
    are broken: a last feature of another amplitude, observations that noise has moved, a threshold that silences
    nodes, features that are active at the same time.
    """
    inputs, probabilities = feature_law(clause, len(W), p, r)
    spread = Fraction(1) if constant_amplitude in clause.assumes else Fraction(5, 4)
    features = inputs * fractions([1] * (len(W) - 1) + [spread])
    b = r * (Fraction(1, 2) if low_threshold in clause.assumes else Fraction(3, 2))
    fits = fractions(theta) @ W / np.sum(W * W, axis=0)
    return LayerWithHead(
        net=GatedNetwork(W, fits if head is None else head, fractions([b] * W.shape[1])),
        theta=fractions(theta),
        features=features,
        inputs=features + fractions([0 if no_noise in clause.assumes else r / 10]),
        probabilities=probabilities,
        eps=eps,
    )
