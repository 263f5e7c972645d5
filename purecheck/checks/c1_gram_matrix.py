"""Checks of C1 besides its derivations: encoders in exact fractions, and losses over every pair of small laws."""

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

import numpy as np
from sympy import Integer, Rational

from numerics.exact import ExactArray, fractions
from purecheck.evaluators.encoders import Encoded
from purecheck.evaluators.numbers import fraction
from purecheck.evaluators.points import points
from purecheck.evaluators.registry import Scene
from purecheck.methods.agrees import agrees
from purecheck.models.exact_networks import rational_rotation
from purecheck.models.small_pairs import shown, small_pairs
from theory.assumptions import orthogonal_dictionary
from theory.claims import Clause
from theory.contrastive.c1_gram_matrix import (
    CONVEX,
    IMPURE,
    INVARIANT,
    ISOMETRY,
    MINIMISER,
    REACHED,
    REDUCED,
    SYMMETRISED,
    B,
    G,
    P,
    T,
    direction,
    isometry,
    q,
    trace,
)
from theory.contrastive.isotropic import anisotropic, entry, i, j, orthogonal_motion
from theory.contrastive.pairs import x, y
from theory.model import d, eps
from theory.ranges import integers

_FEW = integers(1, 3)


def entries(rng: np.random.Generator, *shape: int) -> ExactArray:
    """Random fractions with denominator 6, up to 2 in modulus."""
    return fractions((np.asarray(rng.integers(-12, 13, shape), dtype=object) * Fraction(1, 6)).tolist())


def _rotation(rng: np.random.Generator, size: int) -> ExactArray:
    return rational_rotation(size, Fraction(int(rng.integers(1, 6)), 7))


def _views(clause: Clause, rng: np.random.Generator) -> Iterator[Scene]:
    """Encoders of every shape, under dictionaries, with two views."""
    for point in points(clause, rng, 16, d=_FEW, q=_FEW):
        size, outputs = int(point[d]), int(point[q])
        U, view, other = entries(rng, outputs, size), entries(rng, size), entries(rng, size)
        M = _rotation(rng, size) if orthogonal_dictionary in clause.assumes else entries(rng, size, size)
        model = Encoded(T=U, x=view, other=other, dictionary=M)
        yield Scene(where(T=U, x=view, y=other, M=M), {**point, T: U, x: view, y: other}, model)


def where(**arrays: ExactArray) -> str:
    """The arrays by name, for readers."""
    return ", ".join(f"{name} = {array.astype(str).tolist()}" for name, array in arrays.items())


def _stacks(clause: Clause, rng: np.random.Generator) -> Iterator[Scene]:
    """Encoders with the rows of a square matrix, as many as there are outputs, and zeros below."""
    for point in points(clause, rng, 16, d=_FEW):
        size, outputs = int(point[d]), int(point[q])
        if outputs < 1:
            continue
        rows = entries(rng, size, size)
        U = fractions(np.zeros((outputs, size), dtype=int).tolist())
        U[: min(size, outputs)] = rows[: min(size, outputs)]
        yield Scene(f"q = {outputs}, {where(B=rows)}", {**point, B: rows}, Encoded(T=U))


def _directions(clause: Clause, rng: np.random.Generator) -> Iterator[Scene]:
    """The laws of pairs, at random Gram matrices, along directions that are long, short or confined to one feature."""
    for model in small_pairs(clause):
        U = entries(rng, model.d, model.d)
        corner = fractions(np.zeros((model.d, model.d), dtype=int).tolist())
        corner[-1, -1] = Fraction(1)
        ways = [entries(rng, model.d, model.d) / 2, corner, corner / 100]
        if direction not in clause.assumes:
            ways.append(corner * 0)
        for H in ways:
            yield Scene(f"{shown(model)}, {where(T=U, H=H)}", {}, replace(model, G=U.T @ U, H=H))


def motions(clause: Clause, rng: np.random.Generator) -> Iterator[Scene]:
    """Encoders and views, moved by rotations."""
    for point in points(clause, rng, 16, d=_FEW):
        size = int(point[d])
        U, view, other = entries(rng, size, size), entries(rng, size), entries(rng, size)
        moved = _rotation(rng, size) if orthogonal_motion in clause.assumes else entries(rng, size, size)
        model = Encoded(T=U, x=view, other=other, motion=moved)
        values = {**point, G: U.T @ U, P: moved, x: view, y: other}
        yield Scene(where(T=U, x=view, y=other, P=moved), values, model)


def _averages(clause: Clause, rng: np.random.Generator) -> Iterator[Scene]:
    """Every kind of entry of small Gram matrices."""
    for point in points(clause, rng, 18, d=_FEW):
        size = int(point[d])
        U = entries(rng, size, size)
        model = Encoded(T=U, i=int(point[i]) - 1, j=int(point[j]) - 1)
        yield Scene(f"{point}, {where(T=U)}", {**point, entry: U.T @ U}, model)


def losses(clause: Clause, rng: np.random.Generator) -> Iterator[Scene]:
    """The laws of pairs at random Gram matrices, at ones close to isotropic, and at some of one feature alone."""
    for law in small_pairs(clause):
        (point,) = points(clause, rng, 1)
        model = replace(law, eps=fraction(point[eps])) if eps in clause.over else law
        size = model.d
        identity, first = (fractions(np.diag(one).tolist()) for one in ([1] * size, [1] + [0] * (size - 1)))
        if anisotropic not in clause.assumes:
            yield Scene(f"{shown(model)}, G = I", point, model.at(identity))
        if size > 1:
            U = entries(rng, size, size)
            for gram in (U.T @ U, identity + first / 10, identity - first, first / 2):
                yield Scene(f"{shown(model)}, {where(G=gram)}", point, model.at(gram))


def _isometries(clause: Clause, rng: np.random.Generator) -> Iterator[Scene]:
    """Isometries into as many outputs as features or one more, with scales that keep them rational."""
    for point in points(clause, rng, 12, d=_FEW):
        size, more = int(point[d]), int(rng.integers(0, 2))
        V = _rotation(rng, size + more)[:, :size] if isometry in clause.assumes else entries(rng, size + more, size)
        scale = Fraction(int(rng.integers(1, 13)), 6)
        at = {**point, trace: Rational(scale.numerator, scale.denominator) ** 2 * size}
        yield Scene(f"c = {at[trace]}, {where(V=V)}", at, Encoded(T=scale * V))


def _reflections(clause: Clause, rng: np.random.Generator) -> Iterator[Scene]:
    """The first nodes of the reflection, in few and in many dimensions."""
    for point in (*points(clause, rng, 5), {d: Integer(2000)}):
        size = int(point[d])
        nodes = fractions(np.eye(2, size, dtype=int).tolist()) - Fraction(2, size)
        yield Scene(f"d = {size}", point, Encoded(T=nodes))


CHECKS = (
    agrees("C1", REDUCED, _views, 16),
    agrees("C1", REACHED, _stacks, 12),
    agrees("C1", CONVEX, _directions, 20),
    agrees("C1", INVARIANT, motions, 16),
    agrees("C1", SYMMETRISED, _averages, 18),
    agrees("C1", MINIMISER, losses, 16),
    agrees("C1", ISOMETRY, _isometries, 12),
    agrees("C1", IMPURE, _reflections, 6),
)
