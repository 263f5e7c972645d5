"""Square mixtures in fractions: what a direction does to their risk to first order, and exact dual certificates.

At ``tau = 0`` the risk of a fit moves along a change ``dbeta(x)`` of the effective map at the rate
``2 eps E[ ||beta|| |dbeta^T x| + eps beta^T dbeta ]``. If numbers ``mu(x)`` balance every node,
``E[1{h fires} (beta - mu x)] = 0``, and ``eps |mu(x)| <= ||beta(x)||``, then ``||beta|| |dbeta^T x| >=
-eps mu dbeta^T x`` makes this rate at least 0 in every direction: the dual of the linear program has value 0.
"""

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import numpy as np
import scipy.optimize

from numerics.exact import ExactArray, fractions, signed_supports, support_probabilities
from numerics.mixtures import hadamard
from numerics.network import GatedNetwork, active, effective_map, preactivations
from purecheck.evaluators.numbers import flint_matrix, fraction

_DENOMINATOR = (
    10**6
)  # of multipliers before they are corrected exactly: the programme errs by less, and powers stay short


@dataclass(frozen=True)
class SquareMixture:
    """The mixture of order `m` on constant amplitude 1, with thresholds 1/2, in fractions.

    Attributes
    ----------
    theta
        Target.
    m
        Order, a Hadamard order that divides the number of features.
    p
        Probability that a feature is active.
    """

    theta: tuple[Fraction, ...]
    m: int
    p: Fraction

    @property
    def d(self) -> int:
        """Number of features, and of nodes."""
        return len(self.theta)

    @cached_property
    def network(self) -> GatedNetwork:
        """The network, in exact arrays."""
        U = fractions(np.kron(np.eye(self.d // self.m), hadamard(self.m).T).astype(int).tolist())
        return GatedNetwork(U, fractions(self.theta) @ U / self.m, fractions([Fraction(1, 2)] * self.d))

    @cached_property
    def inputs(self) -> ExactArray:
        """Every input but 0, shape (n, d)."""
        return fractions(signed_supports(self.d)[1:].tolist())

    @cached_property
    def probabilities(self) -> ExactArray:
        """Their probabilities, shape (n,)."""
        return support_probabilities(signed_supports(self.d)[1:], self.p)

    @cached_property
    def gates(self) -> ExactArray:
        """1 where a node fires, shape (n, H)."""
        fires = active(preactivations(self.network, self.inputs), self.network.b)
        return fractions(fires.astype(int).tolist())

    @cached_property
    def beta(self) -> ExactArray:
        """Effective map on every input, shape (n, d)."""
        return np.asarray(effective_map(self.network, self.inputs))

    @cached_property
    def gate_equations(self) -> ExactArray:
        """`E[1{h fires} c(x) x_i]` as a linear map of `c`, shape (H d, n)."""
        weights = self.probabilities[:, None, None] * self.gates[:, :, None] * self.inputs[:, None, :]
        return np.asarray(weights.reshape(len(self.inputs), -1).T)

    @cached_property
    def pull(self) -> ExactArray:
        """`E[1{h fires} beta_i]`, shape (H d,): what has to be balanced."""
        weights = self.probabilities[:, None, None] * self.gates[:, :, None] * self.beta[:, None, :]
        return np.asarray(weights.sum(axis=0).reshape(-1))

    def certificate(self) -> ExactArray:
        """Numbers `mu(x)` that balance every node exactly, shape (n,), small against `||beta(x)||`.

        A linear program in floating point finds them, least in `max |mu|/||beta||`; rounded to fractions, as many as
        there are independent equations are solved for exactly.

        Raises
        ------
        ValueError
            If the linear program finds none: nothing locks the mixture.
        """
        near = fractions([Fraction(float(x)).limit_denominator(_DENOMINATOR) for x in self._least_multipliers()])
        return _solved(self.gate_equations, self.pull, near)

    def _least_multipliers(self) -> np.ndarray:
        size = len(self.inputs)
        norms = np.sqrt((self.beta**2).sum(axis=1).astype(float))
        one_sided = np.vstack(
            [np.hstack([sign * np.eye(size), -norms[:, None]]) for sign in (1, -1)],
        )
        program = scipy.optimize.linprog(
            np.eye(size + 1)[size],
            A_ub=one_sided,
            b_ub=np.zeros(2 * size),
            A_eq=np.hstack([self.gate_equations.astype(float), np.zeros((len(self.pull), 1))]),
            b_eq=self.pull.astype(float),
            bounds=[(None, None)] * size + [(0, None)],
        )
        if program.x is None:
            raise ValueError(f"the linear program for d = {self.d}, m = {self.m} ended so: {program.message}")
        return np.asarray(program.x[:size])

    def slope(self, change: ExactArray) -> Fraction:
        """`E[beta^T dbeta]`: the slope over `2 eps^2` along a `change` of the effective map that keeps the fit."""
        return Fraction((self.probabilities * (self.beta * change).sum(axis=1)).sum())

    def purification(self) -> ExactArray:
        """How the effective map changes as the heads move to pure nodes, shape (n, d)."""
        return np.asarray(fractions(self.theta) * abs(self.inputs) - self.beta)

    def fit_freedom(self) -> int:
        """Dimension of the exact fits in the gate cell, in the products `a_h u_h`."""
        equations = (self.gates[:, :, None] * self.inputs[:, None, :]).reshape(len(self.inputs), -1)
        return int(equations.shape[1] - flint_matrix(equations).rref()[1])


def _solved(equations: ExactArray, right: ExactArray, near: ExactArray) -> ExactArray:
    """A solution of `equations x = right` that keeps `near` but for one entry an independent equation."""
    missing = right - equations @ near
    reduced, rank = flint_matrix(np.hstack([equations, missing[:, None]])).rref()
    solution, last = near.copy(), equations.shape[1]
    for row in range(rank):
        pivot = next(column for column in range(last + 1) if reduced[row, column] != 0)
        if pivot == last:
            raise ValueError("the equations have no solution")
        solution[pivot] += fraction(reduced[row, last])
    return solution
