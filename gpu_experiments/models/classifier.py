"""The gated layer on patches under a linear head: a classifier, or the embedding of contrastive training."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

from array_api_compat import array_namespace

from gpu_experiments.chunks import map_chunks
from gpu_experiments.models.encoder import EncodedImages, PatchEncoder
from gpu_experiments.models.interface import Pullback
from numerics.backend import Array
from numerics.optimisers import Parameters


@dataclass(frozen=True, eq=False)
class PatchClassifier:
    """A gated image model, ``logits = features C + c0``.

    Attributes
    ----------
    encoder : PatchEncoder
    C : array, shape (F, classes)
        Head.
    c0 : array, shape (classes,)
        Its constant.

    Raises
    ------
    ValueError
        If shapes do not agree.
    """

    encoder: PatchEncoder
    C: Array
    c0: Array

    def __post_init__(self) -> None:
        if self.C.ndim != 2 or self.C.shape[0] != self.encoder.width:
            raise ValueError(f"C has shape {self.C.shape}; expected ({self.encoder.width}, classes)")
        if self.c0.shape != self.C.shape[1:]:
            raise ValueError(f"c0 has shape {self.c0.shape}; expected {self.C.shape[1:]}")

    @property
    def chunk(self) -> int:
        """Number of images computed at a time."""
        return self.encoder.chunk

    @property
    def parameters(self) -> Parameters:
        """The parameters that training changes: ``W``, ``C`` and ``c0``."""
        return {"W": self.encoder.W, "C": self.C, "c0": self.c0}

    def with_parameters(self, parameters: Parameters) -> PatchClassifier:
        """Return this model with other ``W``, ``C`` and ``c0``."""
        return replace(self, encoder=self.encoder.with_filters(parameters["W"]), C=parameters["C"], c0=parameters["c0"])

    def at(self, x: Array) -> ClassifiedImages:
        """Return the model at images `x` (n, channels, size, size), all at once."""
        return ClassifiedImages(self, self.encoder.at(x))

    def logits(self, x: Array) -> Array:
        """Return the logits of images `x`, shape (n, classes), chunk by chunk."""
        return array_namespace(x).concat(map_chunks(lambda part: self.at(part).logits, self.chunk, x))

    def linearise(self, x: Array, smoothing: float | None = None) -> tuple[Array, Pullback]:
        """Return the true logits of images `x` and what pulls a cotangent of them back to `x`.

        The parameters and the meaning of `smoothing` are those of `GatedImageModel.linearise`. More than one chunk
        is computed again when it is pulled back, so that no more than a chunk is held.
        """
        if x.shape[0] <= self.chunk:
            here = self.at(x)
            return here.logits, lambda cotangent: here.pull(cotangent, smoothing)

        def pull(cotangent: Array) -> Array:
            parts = map_chunks(lambda one, c: self.at(one).pull(c, smoothing), self.chunk, x, cotangent)
            return array_namespace(x).concat(parts)

        return self.logits(x), pull


@dataclass(frozen=True, eq=False)
class ClassifiedImages:
    """A model at given images, with the forward pass that derivatives need."""

    model: PatchClassifier
    encoded: EncodedImages

    @cached_property
    def logits(self) -> Array:
        """The logits, shape (n, classes)."""
        return self.encoded.features @ self.model.C + self.model.c0

    def pull(self, cotangent: Array, smoothing: float | None = None) -> Array:
        """Return the gradient in the images of ``sum(cotangent * logits)``, in their shape."""
        return self.encoded.pull(cotangent @ self._head, smoothing)

    def parameter_gradients(self, cotangent: Array) -> Parameters:
        """Return the gradients in ``W``, ``C`` and ``c0`` of ``sum(cotangent * logits)``."""
        xp = array_namespace(cotangent)
        return {
            "W": self.encoded.filter_gradient(cotangent @ self._head),
            "C": xp.matrix_transpose(self.encoded.features) @ cotangent,
            "c0": xp.sum(cotangent, axis=0),
        }

    @property
    def _head(self) -> Array:
        return array_namespace(self.model.C).matrix_transpose(self.model.C)
