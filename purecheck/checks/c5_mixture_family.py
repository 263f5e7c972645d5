"""Checks of C5 besides its derivations: gated encoders in fractions, scores and gains over pairs of sign patterns."""

from collections.abc import Iterator
from fractions import Fraction
from itertools import product

import numpy as np
from scipy.linalg import block_diag

from numerics.contrastive.encoder import ContrastiveNetwork, LinearEncoder
from numerics.exact import ExactArray, fractions, signed_supports
from purecheck.evaluators.gated_encoders import GatedModel, jacobian
from purecheck.evaluators.model import constant_law
from purecheck.evaluators.numbers import fraction
from purecheck.evaluators.pairs import Law, orbit_law
from purecheck.evaluators.points import points, shuffled
from purecheck.evaluators.registry import Scene
from purecheck.methods.agrees import agrees
from purecheck.models.exact_fits import CROSS_TALK_AMPLITUDES, cross_talk_fit
from purecheck.models.exact_networks import hadamard_block, mixture, rational_rotation
from theory.assumptions import constant_amplitude, density_amplitudes, independent_features, low_threshold, no_noise
from theory.claims import Clause
from theory.contrastive.c1_gram_matrix import isometry
from theory.contrastive.c5_mixture_family import (
    DISSIMILAR_GAIN,
    GENERAL_DISSIMILAR,
    GENERAL_SIMILAR,
    LINEAR_GAIN,
    SCORES,
    SIMILAR_GAIN,
    D,
    K,
    V,
    exact_encoder,
    lam,
    second,
    uncorrelated,
)
from theory.contrastive.pairs import x, y
from theory.model import d, m, p
from theory.ranges import integers

_ORDERS = (1, 2, 4)
_AMPLITUDE = Fraction(3, 5)  # not 1, of which every power is the same
_D = 4  # the least number of features that every order divides
_ONE_SIZE = integers(_D, _D)
_NOISE: tuple[Fraction, ...] = (Fraction(1, 10), Fraction(-1, 20), Fraction(0), Fraction(0))


def outputs(clause: Clause, size: int) -> ExactArray:
    """A rational isometry of the features into one more output; without that assumption, one output is doubled."""
    columns = rational_rotation(size + 1, Fraction(1, 2))[:, :size]
    if isometry not in clause.assumes:
        columns[0] = 2 * columns[0]
    return columns


def mixture_encoder(clause: Clause, order: int, size: int, root: Fraction) -> ContrastiveNetwork:
    """The gated encoder of the mixture family at the scale `root^2`."""
    b = _AMPLITUDE / 2 if low_threshold in clause.assumes else 3 * _AMPLITUDE / 2
    U = mixture(hadamard_block(order), order, [Fraction(1)] * size, b).W
    return ContrastiveNetwork(U, U.T @ outputs(clause, size).T * root / order, fractions([b] * size))


def _features(clause: Clause, size: int) -> ExactArray:
    """Every sign pattern; amplitudes differ if the clause does not assume that they are constant."""
    spread = Fraction(0) if constant_amplitude in clause.assumes else Fraction(1, 4)
    amplitudes = fractions([_AMPLITUDE * (1 + spread * i) for i in range(size)])
    return np.asarray(fractions(signed_supports(size).tolist()) * amplitudes)


def _seen(clause: Clause, features: ExactArray) -> ExactArray:
    """The input of the encoder: the features, with noise added if the clause does not exclude it."""
    noise = fractions(_NOISE[: features.shape[-1]])
    return np.asarray(features if no_noise in clause.assumes else features + noise)


def _pairs_of_patterns(clause: Clause, rng: np.random.Generator) -> Iterator[Scene]:
    """Every sign pattern as the attacked view, at every order, each with a random other view."""
    features = _features(clause, _D)
    for order in _ORDERS:
        views, drawn = (
            shuffled(rng, len(features), list(features), list(features)),
            points(clause, rng, len(features), d=_ONE_SIZE),
        )
        for (view, other), point in zip(views, drawn, strict=True):
            encoder = mixture_encoder(clause, order, _D, fraction(point[lam]))
            model = GatedModel(encoder=encoder, x=_seen(clause, view), other=_seen(clause, other))
            at = {**point, lam: point[lam] ** 2, x: view, y: other}
            yield Scene(f"order {order}, lambda = {at[lam]}, {_where(x=view, y=other)}", at, model)


def _where(**views: ExactArray) -> str:
    return ", ".join(f"{name} = {view.astype(str).tolist()}" for name, view in views.items())


def _patterns_law(clause: Clause, size: int, rate: Fraction) -> Law:
    """Law of independent features, or of features that exclude each other."""
    values, probabilities = constant_law(size, rate, _AMPLITUDE)
    if constant_amplitude not in clause.assumes:
        return values * fractions([1 + Fraction(i, 4) for i in range(size)]), probabilities
    if independent_features not in clause.assumes:
        return orbit_law([_AMPLITUDE] + [Fraction(0)] * (size - 1), rate)
    return values, probabilities


def _square(law: Law) -> Fraction:
    """The mean square of a feature, averaged over the features."""
    values, probabilities = law
    return Fraction(probabilities @ np.mean(values**2, axis=1))


def _all_pairs(clause: Clause, rng: np.random.Generator) -> Iterator[Scene]:
    """Every pair of sign patterns of one or two groups, at every order."""
    shapes = ((1, 1), (1, 2), (2, 2), (4, 4), (1, 2), (2, 2), (2, 2), (1, 3), (2, 4))
    drawn = points(clause, rng, len(shapes), m=integers(1, 4))
    for ((order, size),), point in zip(shuffled(rng, len(shapes), shapes), drawn, strict=True):
        law = _patterns_law(clause, size, fraction(point[p]))
        encoder = mixture_encoder(clause, order, size, fraction(point[lam]))
        at = {**point, lam: point[lam] ** 2, m: order, d: size, second: _square(law)}
        model = GatedModel(encoder=encoder, views=(_seen(clause, law[0]), law[1]))
        yield Scene(f"order {order}, d = {size}, p = {point[p]}, lambda = {at[lam]}", at, model)


def _linear(clause: Clause, rng: np.random.Generator) -> Iterator[Scene]:
    """Every pair of sign patterns under linear encoders."""
    for point in points(clause, rng, 9, d=integers(1, 3)):
        size = int(point[d])
        law = constant_law(size, Fraction(1, 3), _AMPLITUDE)
        encoder = LinearEncoder(outputs(clause, size) * fraction(point[lam]))
        at = {**point, lam: point[lam] ** 2, second: _square(law)}
        yield Scene(
            f"d = {size}, lambda = {at[lam]}", at, GatedModel(encoder=encoder, views=(_seen(clause, law[0]), law[1]))
        )


# No cross-talk, and both signs of it up to the steepest that `cross_talk_fit` admits.
_SHEARS = (Fraction(0), Fraction(-2, 5), Fraction(1, 5))


def fitting_encoder(clause: Clause, shear: Fraction, root: Fraction) -> ContrastiveNetwork:
    """An encoder that fits amplitudes from 1 to 6/5, with separate nodes for each output.

    It has cross-talk unless `shear` is 0. Without the assumption of a density, it fits only the amplitude 1, by two
    nodes whose outputs cancel there.
    """
    heads = outputs(clause, 2) * root
    if density_amplitudes not in clause.assumes:
        W = fractions([[1, 0, 1, "1.05"], [0, 1, 1, "0.95"]])
        C = np.vstack([heads.T, fractions([[1, 1, 1], [-1, -1, -1]])])
        return ContrastiveNetwork(W, C, fractions(["0.5", "0.5", "1.6", "1.6"]))
    nets = [cross_talk_fit(list(row), shear * i / 2).net for i, row in enumerate(heads)]
    C = fractions(block_diag(*(net.a[:, None] for net in nets)).tolist())
    if exact_encoder not in clause.assumes:
        C = 2 * C
    return ContrastiveNetwork(np.hstack([net.W for net in nets]), C, np.concatenate([net.b for net in nets]))


def _amplitudes(clause: Clause) -> tuple[Fraction, ...]:
    return CROSS_TALK_AMPLITUDES if density_amplitudes in clause.assumes else (Fraction(1),)


def _cross_talk(clause: Clause, rng: np.random.Generator) -> Iterator[Scene]:
    """Every sign pattern of two features, with each amplitude."""
    for shear, amplitude in product(_SHEARS, _amplitudes(clause)):
        views, drawn = shuffled(rng, 9, list(signed_supports(2))), points(clause, rng, 9, d=integers(2, 2))
        for (view,), point in zip(views, drawn, strict=True):
            features = fractions(view.tolist()) * amplitude
            encoder = fitting_encoder(clause, shear, fraction(point[lam]))
            model = GatedModel(encoder=encoder, x=_seen(clause, features), V=outputs(clause, 2))
            support = fractions(np.diag(np.abs(view)).tolist())
            values = {x: features, V: model.V, D: support, K: jacobian(model, np.asarray(model.x)), d: 2}
            at = {**point, lam: point[lam] ** 2, **values}
            yield Scene(f"shear {shear}, lambda = {at[lam]}, {_where(x=features)}", at, model)


def _cross_talk_law(clause: Clause, rng: np.random.Generator) -> Iterator[Scene]:
    """Two features with each amplitude, and every pair of views."""
    for shear, point in product(_SHEARS, points(clause, rng, 3, d=integers(2, 2))):
        law = _two_features(clause, fraction(point[p]))
        encoder = fitting_encoder(clause, shear, fraction(point[lam]))
        model = GatedModel(encoder=encoder, views=(_seen(clause, law[0]), law[1]), V=outputs(clause, 2))
        at = {**point, lam: point[lam] ** 2, second: _square(law)}
        yield Scene(f"shear {shear}, p = {point[p]}, lambda = {at[lam]}", at, model)


def _two_features(clause: Clause, rate: Fraction) -> Law:
    """The law of two features with every sign and amplitude; their signs agree if correlation is not excluded."""
    values = _amplitudes(clause)
    one = {Fraction(0): 1 - rate} | {sign * value: rate / (2 * len(values)) for sign in (1, -1) for value in values}
    pairs = list(product(one, repeat=2))
    probabilities = fractions([one[first] * one[other] for first, other in pairs])
    if uncorrelated not in clause.assumes:
        pairs = [(first, abs(other) if first > 0 else -abs(other) if first < 0 else other) for first, other in pairs]
    return fractions(pairs), probabilities


CHECKS = (
    agrees("C5", SCORES, _pairs_of_patterns, len(_ORDERS) * 3**_D),
    agrees("C5", SIMILAR_GAIN, _pairs_of_patterns, len(_ORDERS) * 3**_D),
    agrees("C5", DISSIMILAR_GAIN, _all_pairs, 9),
    agrees("C5", LINEAR_GAIN, _linear, 9),
    agrees("C5", GENERAL_SIMILAR, _cross_talk, 54),
    agrees("C5", GENERAL_DISSIMILAR, _cross_talk_law, 9),
)
