"""The data of all contestants: networks, and observations whose attack does not depend on the order of summation.

A float32 sum in another order can change a gate whose pre-activation lies within rounding of its threshold. The attack
then takes another direction, and two correct programs differ by more than rounding. So observations are drawn until
there are enough for which no order of summation changes a gate of the clean pass, and these fill the batch repeatedly.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from math import sqrt
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from numerics.features import FeatureLaw
from purecheck.bench.step_bounds import AttackedPass, ProblemNetwork, Uncertain, attacked_pass, weight_gradients

Single = NDArray[np.float32]
Kind = Literal["dense", "purified"]

P = 0.05
"""Probability that a feature is active, which is the firing rate of a pure node."""
FEWEST, MOST = 8, 64
"""Least and largest number of different observations for each replica."""
# 2,560 observations in all: where they do not suffice, the attack is decided at fewer than one in 300.
_DRAWN, _MOST_DRAWS = 128, 20


@dataclass(frozen=True)
class CaseSize:
    """The numbers of replicas, features `d`, nodes `H` and observations `n` of a case."""

    replicas: int
    d: int
    hidden: int
    n: int

    @property
    def shown(self) -> str:
        """The sizes as a short text."""
        return f"{self.replicas} x ({self.d}, {self.hidden}) x {self.n}"


@dataclass(frozen=True, eq=False)
class Problem:
    """One batch for a stack of networks, in float32 on the host.

    Attributes
    ----------
    kind
        `dense`: Gaussian weights, half of the gates open; `purified`: one feature per node, open with probability `P`.
    size
        Its sizes.
    W, a, b
        Networks: shapes (replicas, d, H) and (replicas, H), and one threshold.
    Z, y
        Observations, shape (replicas, n, d), and labels, shape (replicas, n).
    eps
        Size of the attack in l2.
    different
        The number of different observations of each replica: row `i` equals row `i mod different`.
    """

    kind: Kind
    size: CaseSize
    W: Single
    a: Single
    b: float
    Z: Single
    y: Single
    eps: float
    different: int

    @cached_property
    def network(self) -> ProblemNetwork:
        """The networks in float64."""
        return ProblemNetwork(self.W.astype(np.float64), self.a.astype(np.float64), self.b)

    @cached_property
    def attacked(self) -> AttackedPass:
        """The attacked pass over the different observations."""
        Z, y = (x[:, : self.different].astype(np.float64) for x in (self.Z, self.y))
        return attacked_pass(self.network, Z, y, self.eps, "float32")

    @cached_property
    def gradients(self) -> dict[str, Uncertain]:
        """The outcome of the training step with a bound on its error."""
        rows = np.arange(self.size.n) % self.different
        shares = np.bincount(rows, minlength=self.different) / self.size.n
        return weight_gradients(self.network, self.attacked, shares[None], self.size.n, "float32")


def make_problem(kind: Kind, size: CaseSize, rng: np.random.Generator) -> Problem:
    """A problem of this kind and size.

    Raises
    ------
    RuntimeError
        If observations whose attack is decided are too rare.
    """
    law = FeatureLaw.unit_energy(size.d, P)
    r = 1 / sqrt(P * size.d)
    W, a, b, eps = (_dense if kind == "dense" else _purified)(size, r, rng)
    net = ProblemNetwork(W.astype(np.float64), a.astype(np.float64), b)

    def draw() -> tuple[Single, Single]:
        X = law.sample(rng, (size.replicas, _DRAWN), np.float32)
        return X, (X.sum(axis=-1) + rng.standard_normal(X.shape[:-1])).astype(np.float32)

    Z, y = _decided(net, eps, draw, min(size.n, MOST))
    rows = np.arange(size.n) % Z.shape[1]
    return Problem(kind, size, W, a, b, np.take(Z, rows, axis=1), np.take(y, rows, axis=1), eps, Z.shape[1])


def _dense(size: CaseSize, r: float, rng: np.random.Generator) -> tuple[Single, Single, float, float]:
    """Weights of norm about 1, so that pre-activations have variance `1/d`, and a threshold at their median modulus."""
    W = rng.standard_normal((size.replicas, size.d, size.hidden)) / sqrt(size.d)
    a = rng.standard_normal((size.replicas, size.hidden)) / sqrt(size.hidden)
    return W.astype(np.float32), a.astype(np.float32), float(np.float32(ndtri(0.75) / sqrt(size.d))), 0.4 * r


def _purified(size: CaseSize, r: float, rng: np.random.Generator) -> tuple[Single, Single, float, float]:
    """Networks whose node `h` holds feature `h mod d`, with cross-talk of norm 0.1; heads share each feature."""
    W = rng.standard_normal((size.replicas, size.d, size.hidden)) * (0.1 / sqrt(size.d))
    nodes = np.arange(size.hidden)
    signs = rng.choice([-1.0, 1.0], (size.replicas, size.hidden))
    W[:, nodes % size.d, nodes] += signs
    a = signs * min(1.0, size.d / size.hidden)
    return W.astype(np.float32), a.astype(np.float32), float(np.float32(0.4 * r)), 0.3 * r


def _decided(
    net: ProblemNetwork, eps: float, draw: Callable[[], tuple[Single, Single]], most: int
) -> tuple[Single, Single]:
    """At most `most` observations per replica whose attack is decided, the same number for each replica."""
    fewest = min(FEWEST, most)
    found: list[list[tuple[Single, Single]]] = [[] for _ in range(net.W.shape[0])]
    for _ in range(_MOST_DRAWS):
        Z, y = draw()
        good = attacked_pass(net, Z.astype(np.float64), y.astype(np.float64), eps, "float32").decided
        for replica, kept in enumerate(found):
            kept.extend((Z[replica, i], y[replica, i]) for i in np.flatnonzero(good[replica]))
        count = min(most, *map(len, found))
        if count >= fewest:
            rows = [kept[:count] for kept in found]
            return (
                np.stack([[z for z, _ in own] for own in rows]).astype(np.float32),
                np.stack([[label for _, label in own] for own in rows]).astype(np.float32),
            )
    raise RuntimeError(f"fewer than {fewest} observations whose attack is decided in {_MOST_DRAWS} draws")
