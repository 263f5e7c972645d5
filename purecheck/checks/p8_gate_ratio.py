"""Checks of P8 beside its derivations: counts of features that fire a node alone, exact and by the numerics."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import product

import numpy as np
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from numerics.backend import to_numpy
from numerics.features import rotation
from numerics.network import GatedNetwork, active, preactivations
from numerics.purity import gate_ratio
from numerics.rounding import gamma
from purecheck.check import Control
from purecheck.comparison import Comparison
from purecheck.context import Context
from purecheck.methods.enumerated import Enumerated
from purecheck.methods.sampled import Sampled
from purecheck.strategies import reals, seeds
from theory.purification.p8_gate_ratio import COUNT, SINGLE, TOGETHER

Limit = Callable[[Fraction], Fraction]
"""`limit(x)`: how many features may fire a node alone, `x = (r ||w||/b)^2`."""

_NODES = tuple(product(range(-2, 3), repeat=3))
_THRESHOLDS = (Fraction(1, 2), Fraction(1), Fraction(2), Fraction(5, 2))


def _alone(u: tuple[int, ...], b: Fraction) -> int:
    """How many features of amplitude one fire the node when they act alone."""
    return sum(abs(x) >= b for x in u)


def _every_node(limit: Limit) -> Iterator[Comparison]:
    for u, b in product(_NODES, _THRESHOLDS):
        ratio = Fraction(sum(x * x for x in u)) / b**2
        yield Comparison(_alone(u, b), "<=", limit(ratio), f"u = {u}, r = 1, b = {b}")


def _single_or_pair(features: int) -> Iterator[Comparison]:
    """With a large gate ratio at most one feature alone; `(1, 1)` under 3/2 fires on this many together."""
    for u, b in product(_NODES, _THRESHOLDS):
        if 2 * b**2 > sum(x * x for x in u):
            yield Comparison(_alone(u, b), "<=", 1, f"u = {u}, r = 1, b = {b}")
    u, b = (1, 1), Fraction(3, 2)
    firing = [n for n in (1, 2) if sum(u[:n]) >= b]
    yield Comparison(min(firing), "==", features, f"u = {u}, r = 1, b = {b}")


@dataclass(frozen=True)
class Layer:
    """Random nodes of the numerics, given by what is drawn."""

    d: int
    r: float
    b: float
    seed: int


def layers() -> SearchStrategy[Layer]:
    """Layers of up to twelve features, behind a random dictionary."""
    return st.builds(Layer, d=st.integers(2, 12), r=reals(0.25, 2.0), b=reals(0.1, 2.0), seed=seeds())


def _counts(share: float, layer: Layer, context: Context) -> Iterator[Comparison]:
    """Nodes of the network against the gate ratio that `numerics` reports, at `share` of the claimed bound."""
    rng = np.random.default_rng(layer.seed)
    M = rotation(layer.d, rng)
    W = M @ (rng.standard_normal((layer.d, 8)) * rng.random((layer.d, 8)) ** 3)
    backend = context.backend
    net = GatedNetwork(backend.asarray(W), backend.asarray(np.ones(8)), layer.b)
    alone = backend.asarray(layer.r * M.T)
    counts = to_numpy(active(preactivations(net, alone), net.b)).sum(axis=0)
    # ||M^T M - I|| in the spectral norm is at most d times its largest entry, known up to rounding.
    defect = layer.d * (float(np.abs(M.T @ M - np.eye(layer.d)).max()) + gamma(2 * layer.d, np.float64))
    ratios = to_numpy(gate_ratio(net.W, net.b, layer.r))
    for count, ratio in zip(counts, ratios, strict=True):
        limit = share / float(ratio) ** 2
        # A gate fires from b - e on, e <= gamma_d r ||w|| its rounding; ||u||^2 <= (1 + defect) ||w||^2; and the ratio
        # and its square take at most 4 d + 8 roundings.
        lowered = 1 - gamma(2 * layer.d, np.float64) / float(ratio)
        slack = limit * ((1 + defect) * (1 + gamma(4 * layer.d + 8, np.float64)) / lowered**2 - 1)
        yield Comparison(float(count), "<=", limit, f"{layer}, gate ratio {float(ratio):.6g}", slack)


CHECKS = (
    Enumerated(
        claim="P8",
        clauses=(COUNT.name,),
        name="every small node",
        statement=lambda ratio: ratio,
        control=Control("half the bound", lambda ratio: ratio / 2),
        cases=_every_node,
        declared=len(_NODES) * len(_THRESHOLDS),
    ),
    Enumerated(
        claim="P8",
        clauses=(SINGLE.name, TOGETHER.name),
        name="one alone, two together",
        statement=2,
        control=Control("one feature is enough", 1),
        cases=_single_or_pair,
        declared=1 + sum(2 * b**2 > sum(x * x for x in u) for u, b in product(_NODES, _THRESHOLDS)),
    ),
    Sampled(
        claim="P8",
        clauses=(COUNT.name, SINGLE.name),
        name="nodes of a random layer",
        statement=1.0,
        control=Control("half the bound", 0.5),
        examples=layers(),
        compare=_counts,
    ),
)
