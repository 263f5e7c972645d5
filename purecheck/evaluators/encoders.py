"""Linear encoders in exact fractions: scores, Gram matrices and their averages, and the purity of nodes."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import permutations, product

import numpy as np

from numerics.contrastive.encoder import LinearEncoder
from numerics.exact import ExactArray, fractions
from numerics.purity import participation_ratio
from purecheck.evaluators.registry import evaluates
from theory.quantities import encoders


@dataclass(frozen=True, kw_only=True)
class Encoded:
    """A linear encoder with the views that it encodes; all exact.

    Attributes
    ----------
    T
        The encoder in feature coordinates, shape (q, d).
    x, other
        Two views in feature coordinates, shape (d,).
    dictionary
        The dictionary from which observations are made, shape (d, d).
    motion
        An orthogonal matrix that moves the features, shape (d, d).
    i, j
        Indices (from 0) of an entry of a Gram matrix or of a pair of nodes.
    """

    T: ExactArray
    x: ExactArray | None = None
    other: ExactArray | None = None
    dictionary: ExactArray | None = None
    motion: ExactArray | None = None
    i: int = 0
    j: int = 0


def score(encoder: LinearEncoder, z: ExactArray, other: ExactArray) -> Fraction:
    """Inner product of the embeddings of two observations, shape (d,) each."""
    g, g_other = encoder.at(np.stack([z, other])).g
    return Fraction(g @ g_other)


@evaluates(encoders.SCORE)
def observed_score(model: Encoded) -> ExactArray:
    """The score of the observations that the dictionary makes of the two views, as a 1 x 1 matrix."""
    M = np.asarray(model.dictionary)
    return fractions([[score(LinearEncoder(model.T @ M.T), M @ model.x, M @ model.other)]])


@evaluates(encoders.GRAM)
def gram(model: Encoded) -> ExactArray:
    """The Gram matrix: the inner products of the columns of the encoder, shape (d, d)."""
    return fractions(LinearEncoder(model.T).gram())


@evaluates(encoders.MOVED_SCORE)
def moved_score(model: Encoded) -> ExactArray:
    """The score after `motion` is applied to the encoder and to both views, as a 1 x 1 matrix."""
    P = np.asarray(model.motion)
    return fractions([[score(LinearEncoder(model.T @ P.T), P @ model.x, P @ model.other)]])


@evaluates(encoders.MOVED_PULL)
def moved_pull(model: Encoded) -> ExactArray:
    """The squared norm of the gradient of the score in the first view, for the moved encoder, as a 1 x 1 matrix."""
    embedding = LinearEncoder(model.T @ np.asarray(model.motion).T).at(np.asarray(model.other)[None])
    pulled = embedding.pull(embedding.g)[0]
    return fractions([[pulled @ pulled]])


@evaluates(encoders.AVERAGE)
def average(model: Encoded) -> Fraction:
    """The mean of one entry of the Gram matrix over all signed permutations of the features."""
    d = model.T.shape[1]
    moved = [LinearEncoder(model.T @ P.T).gram()[model.i, model.j] for P in _signed_permutations(d)]
    return sum(moved, start=Fraction(0)) / len(moved)


@evaluates(encoders.LENGTH)
def length(model: Encoded) -> Fraction:
    """The squared norm of the weights of the first node."""
    return Fraction(model.T[0] @ model.T[0])


@evaluates(encoders.INNER)
def inner(model: Encoded) -> Fraction:
    """The inner product of the weights of the first two nodes."""
    return Fraction(model.T[0] @ model.T[1])


@evaluates(encoders.PURITY)
def purity(model: Encoded) -> Fraction:
    """The participation ratio of the first node, computed as for networks."""
    return Fraction(participation_ratio(LinearEncoder(model.T).columns)[0])


def _signed_permutations(d: int) -> Iterator[ExactArray]:
    for places in permutations(range(d)):
        for signs in product((1, -1), repeat=d):
            yield fractions(np.diag(signs)[list(places)].tolist())
