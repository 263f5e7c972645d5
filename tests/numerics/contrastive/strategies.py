"""Hypothesis strategies for encoders and pairs, with bounds on what they can reach.

Entries are multiples of 1/1024 of modulus at most 1/2, so that scores stay below 4 and exponentials tame.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import assume
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from numerics.backend import Backend
from numerics.contrastive.attacks import SIDES, TARGETS, PairAttack
from numerics.contrastive.encoder import ContrastiveNetwork, LinearEncoder
from numerics.contrastive.pairs import Pairs
from numerics.norms import NORMS
from tests.numerics.strategies import GRID, FloatArray, grid_arrays

LARGEST = 0.5
MARGIN = 2.0**-10
STEP = 2.0**-16  # moves a preactivation by less than MARGIN: both points of a difference lie in one gate cell

SLOPE_OF_SLOPE = 1 / 4  # largest sp''
THIRD = 1 / (6 * math.sqrt(3))  # largest |sp'''|


@dataclass(frozen=True)
class Reach:
    """Uniform bounds over a case and all points within `slack` of it.

    `length` bounds ``||g||``, `slope` the derivative of ``g`` in one entry of a parameter or an observation.
    """

    length: float
    slope: float
    roundings: int

    @property
    def evaluation_error(self) -> float:
        """Bounds the rounding error of a mean loss of at most 4 pairs, and of its gradients, in float64.

        A score passes fewer than `roundings` on terms of sum at most ``length^2``. The loss is 1-Lipschitz in it;
        `logaddexp` and the mean add fewer than 16 roundings of a number below ``log 2 + length^2``. A gradient has
        the same terms with one factor differentiated, and the slope's roundings on top.
        """
        unit = np.finfo(np.float64).eps / 2
        loss = self.roundings * self.length**2 + 16 * (math.log(2) + self.length**2)
        gradient = 2 * self.roundings * self.slope * self.length * (1 + self.length**2)
        return 2 * unit * max(loss, gradient)

    @property
    def difference_error(self) -> float:
        """Bounds a central difference of step `STEP` of the loss of pairs, against a computed derivative.

        In one entry a score is quadratic with ``|s'| <= 2 slope length`` and ``|s''| <= 2 slope^2``, hence
        ``|(sp o s)'''| <= |sp'''| |s'|^3 + 3 sp'' |s'| |s''|``.
        """
        first, second = 2 * self.slope * self.length, 2 * self.slope**2
        third = THIRD * first**3 + 3 * SLOPE_OF_SLOPE * first * second
        return self.evaluation_error * (1 / STEP + 1) + STEP**2 / 6 * third


@dataclass(frozen=True)
class EncoderCase:
    """Host parameters of an encoder, gated where there is a threshold, and pairs."""

    parameters: dict[str, FloatArray]
    b: FloatArray | None
    pairs: Pairs

    def encoder(self, backend: Backend | None = None):
        """The encoder, on the host or on `backend`."""
        arrays = dict(self.parameters) | ({} if self.b is None else {"b": self.b})
        moved: dict[str, Any] = {name: x if backend is None else backend.asarray(x) for name, x in arrays.items()}
        return LinearEncoder(**moved) if self.b is None else ContrastiveNetwork(**moved)

    def pairs_on(self, backend: Backend) -> Pairs:
        """The pairs on `backend`."""
        return Pairs(*(backend.asarray(x) for x in (self.pairs.Z, self.pairs.Z_prime, self.pairs.y)))

    def margin(self, pairs: Pairs | None = None) -> float:
        """The least distance of a preactivation from its gate; infinite for a linear encoder."""
        if self.b is None:
            return math.inf
        shown = self.pairs if pairs is None else pairs
        sizes = (np.abs(Z @ self.parameters["W"]) for Z in (shown.Z, shown.Z_prime))
        return min(float(np.min(np.abs(size - self.b[..., None, :]))) for size in sizes)

    def reach(self, slack: float = STEP) -> Reach:
        """Bounds over all entries of modulus at most ``1/2``, observations moved by at most `slack` more."""
        B, z = LARGEST + STEP, LARGEST + STEP + slack
        d = self.pairs.Z.shape[-1]
        if self.b is None:
            q = self.parameters["T"].shape[-2]
            return Reach(math.sqrt(q) * d * B * z, math.sqrt(q) * z, 4 * (d + q) + 40)
        H, q = self.parameters["C"].shape[-2:]
        # One entry of W moves g by C_h z_i, one of C by v_h, one of z by sum_h C_h w_ih.
        return Reach(math.sqrt(q) * H * d * B * B * z, math.sqrt(q) * max(d, H) * B * z, 4 * (d + H + q) + 40)


sides = st.sampled_from(SIDES)
sizes = st.integers(1, 256).map(lambda k: k / GRID)
pair_attacks = st.builds(PairAttack, st.sampled_from(NORMS), sizes, st.sampled_from(TARGETS), sides)


@st.composite
def encoder_cases(draw: st.DrawFn, min_margin: float = 0.0, linear: bool | None = None) -> EncoderCase:
    """Linear and gated encoders with 0 or 1 axis of replicas, all sizes from 1 to 3; no gate within `min_margin`."""
    half = GRID // 2

    def entries(*shape: int, low: int = -half) -> FloatArray:
        return draw(grid_arrays(shape, low, half))

    lead = draw(hnp.array_shapes(min_dims=0, max_dims=1, max_side=3))
    d, H, q, n = (draw(st.integers(1, 3)) for _ in range(4))
    pairs = Pairs(
        entries(*lead, n, d),
        entries(*lead, n, d),
        draw(hnp.arrays(np.float64, (*lead, n), elements=st.sampled_from((-1.0, 1.0)))),
    )
    if draw(st.booleans()) if linear is None else linear:
        return EncoderCase({"T": entries(*lead, q, d)}, None, pairs)
    case = EncoderCase({"W": entries(*lead, d, H), "C": entries(*lead, H, q)}, entries(*lead, H, low=0), pairs)
    assume(case.margin() >= min_margin)
    return case
