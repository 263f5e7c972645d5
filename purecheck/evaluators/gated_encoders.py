"""Gated encoders in exact fractions: scores of two views, and the gradients that attacks follow."""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from numerics.contrastive.encoder import Encoder
from numerics.exact import ExactArray, fractions
from purecheck.evaluators.pairs import Law
from purecheck.evaluators.registry import evaluates
from theory.quantities import attacked_pairs


@dataclass(frozen=True, eq=False, kw_only=True)
class GatedModel:
    """A gated encoder with the views that it encodes; all exact.

    Attributes
    ----------
    encoder
        The encoder in feature coordinates.
    x, other
        The attacked view and the other one, shape (d,).
    views
        The law of the views.
    V
        The outputs that the encoder should have, up to its scale, shape (q, d).
    """

    encoder: Encoder
    x: ExactArray | None = None
    other: ExactArray | None = None
    views: Law | None = None
    V: ExactArray | None = None


def jacobian(model: GatedModel, x: ExactArray) -> ExactArray:
    """The Jacobian of the encoder at a view, with its gates held fixed, shape (q, d)."""
    q = model.encoder.at(x[None]).g.shape[-1]
    outputs = fractions(np.eye(q, dtype=int).tolist())
    return np.asarray(model.encoder.at(np.broadcast_to(x, (q, len(x)))).pull(outputs))


def _embedding(model: GatedModel, view: ExactArray) -> ExactArray:
    return np.asarray(model.encoder.at(view[None]).g[0])


@evaluates(attacked_pairs.GATED_SCORE)
def gated_score(model: GatedModel) -> ExactArray:
    """The inner product of the embeddings of the two views, as a 1 x 1 matrix."""
    return fractions([[_embedding(model, np.asarray(model.x)) @ _embedding(model, np.asarray(model.other))]])


@evaluates(attacked_pairs.SIMILAR_PULL)
def similar_pull(model: GatedModel) -> ExactArray:
    """The squared attack gain of a similar pair, as a 1 x 1 matrix."""
    return _pull(model, np.asarray(model.x))


@evaluates(attacked_pairs.DISSIMILAR_PULL)
def dissimilar_pull(model: GatedModel) -> ExactArray:
    """The squared attack gain of a dissimilar pair, as a 1 x 1 matrix."""
    return _pull(model, np.asarray(model.other))


def _pull(model: GatedModel, other: ExactArray) -> ExactArray:
    gradient = _embedding(model, other) @ jacobian(model, np.asarray(model.x))
    return fractions([[gradient @ gradient]])


@evaluates(attacked_pairs.MEAN_PULL)
def mean_pull(model: GatedModel) -> Fraction:
    """The mean squared attack gain over all pairs of independent views."""
    values, probabilities = _views(model)
    embeddings = model.encoder.at(values).g
    squares = (np.sum((embeddings @ jacobian(model, x)) ** 2, axis=1) @ probabilities for x in values)
    return Fraction(sum(w * square for w, square in zip(probabilities, squares, strict=True)))


@evaluates(attacked_pairs.OFF_SUPPORT)
def off_support(model: GatedModel) -> Fraction:
    """The mean over all views of `||V^T J||_F^2`, where `J` is the Jacobian without its columns on the support."""
    values, probabilities = _views(model)
    total = Fraction(0)
    for x, probability in zip(values, probabilities, strict=True):
        off = jacobian(model, x)[:, np.asarray(x == 0, dtype=bool)]
        total += probability * Fraction(np.sum((np.asarray(model.V).T @ off) ** 2))
    return total


def _views(model: GatedModel) -> Law:
    if model.views is None:
        raise ValueError("the model has no law of its views")
    return model.views
