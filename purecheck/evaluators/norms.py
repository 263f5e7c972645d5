"""Norms of the effective map and of the target, and linear programs solved by listing their corners; exact."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations, product
from typing import Any

import numpy as np
from sympy import Add, Rational, sqrt, sympify

from numerics.exact import ExactArray, fractions
from numerics.network import effective_map, preactivations
from purecheck.evaluators.fits import effective
from purecheck.evaluators.model import Model, inner
from purecheck.evaluators.numbers import flint_matrix, fraction, fraction_matrix
from purecheck.evaluators.registry import evaluates
from theory.quantities import norms
from theory.theorems.fits import AbsoluteNorm
from theory.theorems.linear_programs import LargestPairing

Norm = Callable[[Sequence[Any]], Any]


@dataclass(frozen=True, kw_only=True)
class Normed(Model):
    """An instance with a norm.

    Attributes
    ----------
    norm
        The norm of a vector, given by its entries.
    """

    norm: Norm


@evaluates(norms.NORM)
def norm(model: Normed) -> Any:
    """The norm of the effective map at the input."""
    return model.norm(list(effective(model)))


@evaluates(AbsoluteNorm)
def norm_of_entries(model: Normed, entries: Sequence[Any]) -> Any:
    """The norm of the vector with those entries."""
    return model.norm(entries)


@evaluates(norms.GAIN)
def gain(model: Normed) -> Any:
    """The dual norm of the gradient at the input, where the norm of the model is the dual one."""
    return model.norm(list(_responses(model, effective(model)[None])[0]))


@evaluates(norms.MEAN_GAIN)
def mean_gain(model: Normed) -> Any:
    """The mean attack gain over the law of the input, where the norm of the model is the dual one."""
    inputs, probabilities = model.law
    return _mean(probabilities, [model.norm(list(row)) for row in _responses(model, effective_map(model.net, inputs))])


@evaluates(norms.NORM_Q, norms.NORM_INF)
def norm_in_particular(model: Normed) -> Any:
    """The norm of the effective map at the input, where the norm of the model is the one that the quantity names."""
    return norm(model)


@evaluates(norms.MEAN_EXCESS)
def mean_excess(model: Normed) -> Any:
    """The mean over inputs of the norm of the effective map less that of the active target."""
    _, probabilities = model.law
    return _mean(probabilities, excesses(model))


def excesses(model: Normed) -> list[Any]:
    """The norm of the effective map less that of the active target, at each input of the law."""
    inputs, _ = model.law
    targets = model.target * fractions((inputs != 0).astype(int).tolist())
    maps = effective_map(model.net, inputs)
    return [
        sympify(model.norm(list(beta))) - sympify(model.norm(list(aim)))
        for beta, aim in zip(maps, targets, strict=True)
    ]


@dataclass(frozen=True, kw_only=True)
class Support:
    """A dictionary, and the target on one support.

    Attributes
    ----------
    active, rest
        Columns of the dictionary on the support and off it, shapes (d, N) and (d, d - N).
    theta
        The target on the support, shape (N,).
    """

    active: ExactArray
    rest: ExactArray
    theta: ExactArray

    @property
    def response(self) -> ExactArray:
        """The gradient of the purified fit: the active columns times the target, shape (d,)."""
        return np.asarray(self.active @ self.theta)


@evaluates(norms.LEAST)
def least(model: Support) -> Fraction:
    """The least l1 norm of the gradient of a fit, by the corners of an l1 regression.

    At a corner as many entries of `M beta` vanish as `beta` has free entries.
    """
    v, free = model.response, model.rest.shape[1]
    corners = (
        v + model.rest @ solution
        for rows in combinations(range(len(v)), free)
        if (solution := _solved(model.rest[list(rows)], -v[list(rows)])) is not None
    )
    return min(map(_l1, corners))


@evaluates(norms.RATIO)
def ratio(model: Support) -> Fraction:
    """The l1 norm of the gradient of the purified fit over the least one."""
    return _l1(model.response) / least(model)


@evaluates(norms.PAIRING)
def pairing(model: Support) -> Fraction:
    """The largest inner product of the purified gradient with a dual vector, by the corners of the dual polytope."""
    return inner(model.response, best_response(model))


def best_response(model: Support) -> ExactArray:
    """A corner of the dual polytope at which the inner product with the purified gradient is largest, shape (d,)."""
    v = model.response
    return max((model.active @ c for c in _dual_corners(model.active)), key=lambda y: v @ y)


@evaluates(LargestPairing)
def largest_pairing(_model: Support, columns: Any, target: Any) -> Fraction:
    """The largest inner product over the corners, for matrices of rational SymPy numbers."""
    V, theta = (fraction_matrix(matrix) for matrix in (columns, target))
    return max(inner(theta[:, 0], c) for c in _dual_corners(V))


@evaluates(norms.L1)
def l1(model: Support) -> Fraction:
    """The l1 norm of the gradient of the purified fit."""
    return _l1(model.response)


@evaluates(norms.L2)
def l2(model: Support) -> Any:
    """The l2 norm of the target on the support."""
    return sqrt(Rational(*inner(model.theta, model.theta).as_integer_ratio()))


@evaluates(norms.LINF)
def l_inf(model: Support) -> Fraction:
    """The l_inf norm of the gradient of the purified fit."""
    return Fraction(max(np.abs(model.response)))


@evaluates(norms.C1)
def column_l1(model: Support) -> Fraction:
    """The l1 norm of the first active column."""
    return _l1(model.active[:, 0])


@evaluates(norms.CINF)
def column_l_inf(model: Support) -> Fraction:
    """The l_inf norm of the first active column."""
    return Fraction(max(np.abs(model.active[:, 0])))


@evaluates(norms.MEAN_L1)
def mean_l1(model: Model) -> Fraction:
    """The mean l1 norm of the gradient over the law of the input."""
    inputs, probabilities = model.law
    return inner(probabilities, _gains(model, effective_map(model.net, inputs)))


@evaluates(norms.PURE_MEAN_L1)
def pure_mean_l1(model: Model) -> Fraction:
    """The mean l1 norm of the gradient of the purified fit over the law of the input."""
    inputs, probabilities = model.law
    return inner(probabilities, _gains(model, model.target * fractions((inputs != 0).astype(int).tolist())))


@evaluates(norms.OWN_SAME)
def own_same(model: Model) -> Fraction:
    """The pre-activation of the first node at the input."""
    return Fraction(preactivations(model.net, model.input)[0, 0])


@evaluates(norms.OTHER_ALONE)
def other_alone(model: Model) -> Fraction:
    """The pre-activation of the second node at the input without its second feature."""
    return Fraction(preactivations(model.net, model.input * fractions([1, 0]))[0, 1])


@evaluates(norms.SAME)
def same(model: Model) -> ExactArray:
    """The effective map at the input."""
    return effective(model)


@evaluates(norms.OPPOSITE)
def opposite(model: Model) -> ExactArray:
    """The effective map at the input with the sign of its second feature reversed."""
    return np.asarray(effective_map(model.net, model.input * fractions([1, -1]))[0])


def _gains(model: Model, maps: ExactArray) -> ExactArray:
    return np.asarray(np.sum(np.abs(_responses(model, maps)), axis=-1))


def _responses(model: Model, maps: ExactArray) -> ExactArray:
    return maps if model.M is None else np.asarray(maps @ model.M.T)


def _mean(probabilities: ExactArray, values: Sequence[Any]) -> Any:
    """The mean of exact numbers, some of which may be irrational."""
    weights = (Rational(*Fraction(weight).as_integer_ratio()) for weight in probabilities)
    return Add(*(weight * sympify(value) for weight, value in zip(weights, values, strict=True)))


def _l1(x: ExactArray) -> Fraction:
    return Fraction(np.sum(np.abs(x)))


def _dual_corners(V: ExactArray) -> Iterator[ExactArray]:
    """The corners of the polytope of all `c` for which no entry of `V c` exceeds 1 in modulus."""
    for rows in combinations(range(len(V)), V.shape[1]):
        for signs in product((1, -1), repeat=len(rows)):
            c = _solved(V[list(rows)], fractions(signs))
            if c is not None and max(np.abs(V @ c)) <= 1:
                yield c


def _solved(A: ExactArray, b: ExactArray) -> ExactArray | None:
    """The solution of `A x = b` for a square `A`; None if `A` is singular."""
    if not len(A):
        return b
    try:
        solution = flint_matrix(A).solve(flint_matrix(b[:, None]))
    except ZeroDivisionError:
        return None
    return fractions([fraction(x) for x in solution.entries()])
