"""The gated layer on image patches: shared filters at every position, an activation, and average pooling.

All derivatives are derived by hand. An odd activation is pooled by sign, positive and negative parts separately: its
average over positions would cancel. A node then has two features in every cell.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property

from array_api_compat import array_namespace, is_numpy_array

from gpu_experiments.chunks import map_chunks
from gpu_experiments.models import kernels
from gpu_experiments.models.interface import Pullback
from gpu_experiments.models.patches import PatchGrid
from gpu_experiments.models.pooling import CellGrid
from numerics.activations import ActivationName, activation, expect_activation
from numerics.attacks.smoothing import smoothed_gate_slope
from numerics.backend import Array, to_namespace_of

ODD: frozenset[ActivationName] = frozenset({"gate", "soft_threshold", "tanh"})
"""Activations that are odd, and pooled by sign."""

_HOST_CHUNK = 2**23  # bytes; patches and preactivations then stay in the last cache
_DEVICE_CHUNK = 2**30  # bytes; kernels are large, and take an eighth of the memory of a small device


@dataclass(frozen=True, eq=False)
class Preprocessing:
    """The fixed linear map of every patch, ``z = T^T (patch - mean)``.

    Attributes
    ----------
    mean : array, shape (d,)
        Subtracted from every patch.
    T : array, shape (d, d)
        Whitening, or any other matrix.
    """

    mean: Array
    T: Array


@dataclass(frozen=True, eq=False)
class PatchEncoder:
    """The gated layer on patches, ``v_h = w_h^T z`` at every position, pooled over ``pool x pool`` cells.

    Attributes
    ----------
    W : array, shape (d, H)
        Filters on preprocessed patches.
    b : array, shape (H,)
        Thresholds; not read by activations that have none.
    activation : str
        By its name in `numerics.activations`.
    preprocessing : Preprocessing, optional
        None leaves patches as they are.
    grid : PatchGrid
        Where the patches lie.
    pool : int
        Cells along one side of an image.
    chunk_bytes : int, optional
        Bound on memory: images are computed in chunks of this size, of one image at least. Where left
        out, what stays in a core's cache on the host, and a gigabyte on a device, whose kernels want many images.

    Raises
    ------
    ValueError
        If shapes do not agree, or the activation or pooling is unknown.
    """

    W: Array
    b: Array
    activation: ActivationName = "gate"
    preprocessing: Preprocessing | None = None
    grid: PatchGrid = field(default_factory=PatchGrid)
    pool: int = 3
    chunk_bytes: int | None = None

    def __post_init__(self) -> None:
        expect_activation(self.activation)
        d = self.grid.dimension
        if self.W.ndim != 2 or self.W.shape[0] != d:
            raise ValueError(f"W has shape {self.W.shape}; expected ({d}, H)")
        if self.b.shape != self.W.shape[1:]:
            raise ValueError(f"b has shape {self.b.shape}; expected {self.W.shape[1:]}")
        if self.chunk_bytes is not None and not self.chunk_bytes > 0:
            raise ValueError(f"chunk_bytes is {self.chunk_bytes}; expected a positive number")
        CellGrid(self.grid.side, self.pool)

    @cached_property
    def cells(self) -> CellGrid:
        """The cells over which features are pooled."""
        return CellGrid(self.grid.side, self.pool)

    @property
    def parts(self) -> int:
        """Number of features of one filter in one cell: 2 for an odd activation, otherwise 1."""
        return 2 if self.activation in ODD else 1

    @property
    def width(self) -> int:
        """Number of features ``F``, ordered by cell, part and filter."""
        nodes: int = self.W.shape[1]
        return self.cells.cells * self.parts * nodes

    @cached_property
    def filters(self) -> Array:
        """The filters on pixels, ``T W``, shape (d, H)."""
        return self.W if self.preprocessing is None else self.preprocessing.T @ self.W

    @property
    def image_bytes(self) -> int:
        """Bytes that one image needs: patches, preactivations, and the cotangents of both."""
        d, width = self.W.shape
        bits: int = array_namespace(self.W).finfo(self.W.dtype).bits
        numbers: int = 2 * self.grid.positions * (d + width)
        return numbers * bits // 8

    @property
    def chunk(self) -> int:
        """Number of images computed at a time."""
        fitting = _HOST_CHUNK if is_numpy_array(self.W) else _DEVICE_CHUNK
        return max(1, (self.chunk_bytes or fitting) // self.image_bytes)

    def with_filters(self, W: Array) -> PatchEncoder:
        """Return this encoder with other filters `W` ``(d, H)``."""
        return replace(self, W=W)

    def at(self, x: Array) -> EncodedImages:
        """Return the encoder at images `x` (n, channels, size, size), all at once."""
        mean = None if self.preprocessing is None else self.preprocessing.mean
        patches = self.grid.extract(x, mean)
        return EncodedImages(self, patches, _at_every_position(patches, self.filters))

    def features(self, x: Array) -> Array:
        """Return the features of images `x`, shape (n, F), chunk by chunk."""
        return array_namespace(x).concat(map_chunks(lambda part: self.at(part).features, self.chunk, x))

    def linearise(self, x: Array, smoothing: float | None = None) -> tuple[Array, Pullback]:
        """Return the features of images `x`, shape (n, F), and what pulls a cotangent of them back to `x`.

        More than one chunk is encoded again when it is pulled back, so that no more than a chunk is held.
        """
        if x.shape[0] <= self.chunk:
            here = self.at(x)
            return here.features, lambda cotangent: here.pull(cotangent, smoothing)

        def pull(cotangent: Array) -> Array:
            parts = map_chunks(lambda one, c: self.at(one).pull(c, smoothing), self.chunk, x, cotangent)
            return array_namespace(x).concat(parts)

        return self.features(x), pull

    def nodes_cotangent(self, V: Array, cotangent: Array, smoothing: float | None = None) -> Array:
        """Return the cotangent of preactivations `V` (n, positions, H) for that of features (n, F)."""
        parts = array_namespace(V).reshape(cotangent, (V.shape[0], self.cells.cells, self.parts, V.shape[-1]))
        if smoothing is None and self._compiled(V):
            return kernels.gate_pull(V, self.b, self.cells.cell, self._weight, parts)
        return self._spread(V, parts) * self._slope(V, smoothing)

    def pooled(self, V: Array) -> Array:
        """Return the features (n, F) for preactivations `V` (n, positions, H)."""
        xp = array_namespace(V)
        if self._compiled(V):
            return kernels.gate_features(V, self.b, self.cells.cell, self._weight).reshape(V.shape[0], self.width)
        values = activation(self.activation, self.b).value(V)
        if self.parts == 1:
            pooled = self._averaging @ values
        else:
            zero = xp.zeros_like(values)
            pooled = xp.stack([self._averaging @ xp.maximum(side, zero) for side in (values, -values)], axis=2)
        return xp.reshape(pooled, (V.shape[0], self.width))

    def _spread(self, V: Array, parts: Array) -> Array:
        """Return the cotangent of each node's value at each position, by the sign of `V` for odd activations."""
        xp = array_namespace(V)
        back = xp.matrix_transpose(self._averaging)
        if self.parts == 1:
            return back @ parts[:, :, 0, :]
        return xp.where(V > 0, back @ parts[:, :, 0, :], -(back @ parts[:, :, 1, :]))

    def _slope(self, V: Array, smoothing: float | None) -> Array:
        if smoothing is None or self.activation != "gate":
            return activation(self.activation, self.b).derivative(V)
        return smoothed_gate_slope(V, self.b, smoothing * self._reach)

    def _compiled(self, V: Array) -> bool:
        return self.activation == "gate" and is_numpy_array(V)

    @cached_property
    def _averaging(self) -> Array:
        return to_namespace_of(self.W, self.cells.matrix)

    @cached_property
    def _weight(self) -> Array:
        return to_namespace_of(self.W, self.cells.weight)

    @cached_property
    def _reach(self) -> Array:
        """The largest shift of each pre-activation by an l_inf perturbation of size 1; 1 for a filter of zeros."""
        xp = array_namespace(self.W)
        reach = xp.sum(xp.abs(self.filters), axis=0)
        return xp.where(reach > 0, reach, xp.ones_like(reach))


@dataclass(frozen=True, eq=False)
class EncodedImages:
    """An encoder at given images, with the forward pass that derivatives need.

    Attributes
    ----------
    encoder : PatchEncoder
    patches : array, shape (n, positions, d)
        The patches less their mean, not yet whitened.
    V : array, shape (n, positions, H)
        Pre-activations.
    """

    encoder: PatchEncoder
    patches: Array
    V: Array

    @cached_property
    def features(self) -> Array:
        """The features, shape (n, F)."""
        return self.encoder.pooled(self.V)

    def pull(self, cotangent: Array, smoothing: float | None = None) -> Array:
        """Return the gradient in the images of ``sum(cotangent * features)``, in their shape."""
        encoder = self.encoder
        nodes = encoder.nodes_cotangent(self.V, cotangent, smoothing)
        return encoder.grid.fold(_at_every_position(nodes, array_namespace(nodes).matrix_transpose(encoder.filters)))

    def filter_gradient(self, cotangent: Array) -> Array:
        """Return the gradient in the filters `W` of ``sum(cotangent * features)``, shape (d, H)."""
        xp = array_namespace(self.V)
        nodes = self.encoder.nodes_cotangent(self.V, cotangent)
        d, width = self.encoder.W.shape
        on_pixels = xp.matrix_transpose(xp.reshape(self.patches, (-1, d))) @ xp.reshape(nodes, (-1, width))
        steps = self.encoder.preprocessing
        return on_pixels if steps is None else xp.matrix_transpose(steps.T) @ on_pixels


def _at_every_position(values: Array, matrix: Array) -> Array:
    """Return ``values @ matrix`` for `values` (n, positions, k), computed as one large product, which is fastest."""
    xp = array_namespace(values)
    n, positions, k = values.shape
    return xp.reshape(xp.reshape(values, (-1, k)) @ matrix, (n, positions, matrix.shape[1]))
