"""Hypothesis strategies for P6 and P7: noisy fits, samples attacked inside P2's region, moves inside a gate cell."""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from hypothesis import assume
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from numerics.arrays import Floats
from numerics.backend import Array, Backend
from numerics.network import GatedNetwork
from purecheck.strategies.numbers import rationals, reals


@dataclass(frozen=True)
class AttackedSample:
    """A network, one input without one of the features, its target, and an attack within the certified radius.

    Attributes
    ----------
    W, a, b
        Parameters of the network, shapes (d, H), (H,), (H,).
    x
        Input, shape (d,); zero at `absent`.
    y
        Regression target.
    share
        Size of the attack over the distance to the nearest gate, from 0 to 1.
    absent
        Index of a feature that is not in the support.
    """

    W: Floats
    a: Floats
    b: Floats
    x: Floats
    y: float
    share: float
    absent: int

    @property
    def eps(self) -> float:
        """Size of the attack."""
        gaps = np.abs(np.abs(self.x @ self.W) - self.b)
        return self.share * float(np.min(gaps / np.linalg.norm(self.W, axis=0)))

    def on(self, backend: Backend) -> tuple[GatedNetwork, Array, Array, float, int]:
        """The network, the input (1, d), the target (1,), the size of the attack and the absent feature."""
        net = GatedNetwork(*(backend.asarray(part) for part in (self.W, self.a, self.b)))
        return net, backend.asarray(self.x[None, :]), backend.asarray([self.y]), self.eps, self.absent


@st.composite
def attacked_samples(draw: st.DrawFn) -> AttackedSample:
    """Samples with `d` and `H` from 1 to 4, thresholds above 0, every node with a weight."""
    d, nodes = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    absent = draw(st.integers(0, d - 1))
    x = draw(hnp.arrays(float, d, elements=reals(-2, 2)))
    x[absent] = 0.0
    sample = AttackedSample(
        W=draw(hnp.arrays(float, (d, nodes), elements=reals(-2, 2))),
        a=draw(hnp.arrays(float, nodes, elements=reals(-2, 2))),
        b=draw(hnp.arrays(float, nodes, elements=reals(0.01, 1))),
        x=x,
        y=draw(reals(-2, 2)),
        share=draw(reals(0.1, 0.9)),
        absent=absent,
    )
    assume(float(np.min(np.linalg.norm(sample.W, axis=0))) > 1e-3)
    assume(sample.eps > 1e-3)
    return sample


@dataclass(frozen=True)
class CellMove:
    """A mixture, an attack inside P2's region, and a change of the parameters that moves no gate.

    Attributes
    ----------
    theta, m, p, eps
        Target, order, probability of a feature, size of the attack; amplitude 1, thresholds 1/2.
    weights, heads
        Change of the weights (d, d) and of the head (d,).
    share
        Share of the head that moves to dormant pure nodes, if there are any.
    """

    theta: tuple[float, ...]
    m: int
    p: Fraction
    eps: float
    weights: Floats
    heads: Floats
    share: float


@st.composite
def cell_moves(draw: st.DrawFn) -> CellMove:
    """Moves of the mixtures `(d, m) = (2, 2), (4, 2), (4, 4)`; some are zero, and some move the head far."""
    d, m = draw(st.sampled_from([(2, 2), (4, 2), (4, 4)]))
    weight_size = draw(st.sampled_from([0.0, 0.01, 0.1]))
    head_size = draw(st.sampled_from([0.0, 0.01, 1.0]))
    return CellMove(
        theta=tuple(draw(st.lists(reals(0.1, 2), min_size=d, max_size=d))),
        m=m,
        p=draw(rationals(Fraction(1, 20), Fraction(9, 10), denominator=20)),
        # Every pre-activation is an integer, at least 1/2 from the threshold, and a node has norm m^(1/2): P2's radius
        # is 1/2 over that. Up to 0.7 of it leaves room for the change of the weights.
        eps=draw(reals(0.1, 0.7)) * 0.5 / m**0.5,
        weights=weight_size * draw(hnp.arrays(float, (d, d), elements=reals(-1, 1))),
        heads=head_size * draw(hnp.arrays(float, d, elements=reals(-1, 1))),
        share=draw(reals(0.1, 1)),
    )


@dataclass(frozen=True)
class NoisyFit:
    """A mixture that fits, with label noise and an attack inside P2's region; amplitude 1, thresholds 1/2.

    Attributes
    ----------
    theta, m, p, tau, eps
        Target, order, probability of a feature, label noise, size of the attack.
    """

    theta: tuple[float, ...]
    m: int
    p: Fraction
    tau: float
    eps: float


@st.composite
def noisy_fits(draw: st.DrawFn, unit_target: bool = False) -> NoisyFit:
    """Mixtures of order 1, 2 or 4 on at most 4 features; the target consists of ones if `unit_target` is set."""
    d, m = draw(st.sampled_from([(1, 1), (2, 1), (2, 2), (3, 1), (4, 1), (4, 2), (4, 4)]))
    entry = st.just(1.0) if unit_target else reals(0.1, 2)
    return NoisyFit(
        theta=tuple(draw(st.lists(entry, min_size=d, max_size=d))),
        m=m,
        p=draw(rationals(Fraction(1, 20), Fraction(19, 20), denominator=20)),
        tau=draw(reals(0.1, 2)),
        eps=draw(reals(0.1, 0.9)) * 0.5 / m**0.5,  # a share of P2's radius, as in `cell_moves`
    )
