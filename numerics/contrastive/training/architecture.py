"""The encoders of contrastive training: their initial parameters, and the encoder of given parameters."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from array_api_compat import array_namespace

from numerics.activations import ActivationName, expect_activation
from numerics.backend import Array
from numerics.contrastive.encoder import ContrastiveNetwork, LinearEncoder
from numerics.optimisers import Parameters
from numerics.streams import Streams
from numerics.training.initial import gaussian_columns
from numerics.training.plan import expect_count, expect_positive, expect_size, expect_threshold

HostParameters: TypeAlias = dict[str, npt.NDArray[np.float64]]


@dataclass(frozen=True)
class Gated:
    """The gated encoder ``g(z) = sum_h C_h gate_b(w_h^T z)``.

    Parameters
    ----------
    hidden, outputs : int
        Numbers of nodes ``H`` and of outputs ``q``.
    b : float
        Gate threshold of every node, at least 0; above 0 for the other activations that have a threshold, and 0 for
        those that have none.
    activation : str
        Name of the activation of every node, in `numerics.activations`.
    scale : float
        Initial ``W ~ N(0, scale^2 / d)``, so that columns start with norm about ``scale``; ignored by a plan
        with ``unit_norm``.
    head_scale : float
        Initial ``C ~ N(0, head_scale^2 / H)``.

    Raises
    ------
    ValueError
        If a field is outside the range above.
    """

    hidden: int
    outputs: int
    b: float
    activation: ActivationName = "gate"
    scale: float = 1.0
    head_scale: float = 1.0

    def __post_init__(self) -> None:
        _expect(self, counts=("hidden", "outputs"), positive=("scale", "head_scale"))
        expect_size("b", self.b)
        expect_threshold(expect_activation(self.activation), self.b)

    def initial(self, d: int, streams: list[Streams], *, unit_norm: bool) -> HostParameters:
        """Return ``W`` ``(replicas, d, H)`` and ``C`` ``(replicas, H, q)``."""
        C = np.stack([own.generator("head").standard_normal((self.hidden, self.outputs)) for own in streams])
        return {
            "W": gaussian_columns(streams, d, self.hidden, self.scale, unit_norm=unit_norm),
            "C": C * (self.head_scale / math.sqrt(self.hidden)),
        }

    def encoder(self, parameters: Parameters) -> ContrastiveNetwork:
        """Return the encoder with these `parameters`."""
        return ContrastiveNetwork(parameters["W"], parameters["C"], float(self.b), self.activation)

    def output_norms(self, parameters: Parameters) -> Array:
        """Return the output norm ``||C_h||`` of every node, shape (..., H)."""
        return array_namespace(parameters["C"]).linalg.vector_norm(parameters["C"], axis=-1)

    @property
    def widths(self) -> tuple[int, int]:
        """The numbers of nodes and of outputs."""
        return self.hidden, self.outputs


@dataclass(frozen=True)
class Linear:
    """The linear encoder ``g(z) = T z``, a bottleneck where ``outputs < d``.

    Parameters
    ----------
    outputs : int
        Number of outputs ``q``.
    scale : float
        Initial ``T ~ N(0, scale^2 / d)``, so that rows start with norm about ``scale``.

    Raises
    ------
    ValueError
        If a field is outside the range above.
    """

    outputs: int
    scale: float = 1.0

    def __post_init__(self) -> None:
        _expect(self, counts=("outputs",), positive=("scale",))

    def initial(self, d: int, streams: list[Streams], *, unit_norm: bool) -> HostParameters:
        """Return ``T`` of shape ``(replicas, q, d)``."""
        columns = gaussian_columns(streams, d, self.outputs, self.scale, unit_norm=unit_norm)
        return {"T": np.ascontiguousarray(np.swapaxes(columns, -1, -2))}

    def encoder(self, parameters: Parameters) -> LinearEncoder:
        """Return the encoder with these `parameters`."""
        return LinearEncoder(parameters["T"])

    def output_norms(self, parameters: Parameters) -> Array:
        """Return ones, shape (..., q), since every row is an output."""
        return array_namespace(parameters["T"]).ones_like(parameters["T"][..., 0])

    @property
    def widths(self) -> tuple[int, int]:
        """The numbers of nodes, which are the outputs here, and of outputs beyond them."""
        return self.outputs, 0


Architecture: TypeAlias = Gated | Linear


def _expect(architecture: object, *, counts: tuple[str, ...], positive: tuple[str, ...]) -> None:
    for name in counts:
        expect_count(name, getattr(architecture, name))
    for name in positive:
        expect_positive(name, getattr(architecture, name))
