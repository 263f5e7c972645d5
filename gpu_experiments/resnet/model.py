"""The ResNet as an image model: attacked through its own gradients, or by attacks of other libraries."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from gpu_experiments.models.interface import Pullback
from gpu_experiments.resnet.network import ResNet18

_HOST, _DEVICE = 100, 1000


@dataclass(frozen=True, eq=False)
class ResNetModel:
    """A frozen ResNet in evaluation mode.

    Attributes
    ----------
    network : ResNet18
        Takes no gradients in its weights from then on.
    """

    network: ResNet18

    def __post_init__(self) -> None:
        self.network.eval().requires_grad_(False)

    @property
    def chunk(self) -> int:
        """Number of images computed at a time, whose activations are held: `_HOST` or `_DEVICE`."""
        return _DEVICE if self.network.mean.is_cuda else _HOST

    def features(self, x: Tensor) -> Tensor:
        """Return the features of images `x` (n, 3, size, size), shape (n, F), chunk by chunk."""
        with torch.no_grad():
            return torch.cat([self.network.features(part) for part in torch.split(x, self.chunk)])

    def logits(self, x: Tensor) -> Tensor:
        """Return the logits of images `x` (n, 3, size, size), shape (n, classes), chunk by chunk."""
        with torch.no_grad():
            return torch.cat([self.network(part) for part in torch.split(x, self.chunk)])

    def linearise(self, x: Tensor) -> tuple[Tensor, Pullback]:
        """Return the logits of images `x`, shape (n, classes), and what pulls a cotangent of them back to `x`.

        More than one chunk is computed again when it is pulled back, so that only one chunk is held at a time.
        """
        if len(x) <= self.chunk:
            return self._linearise(x)

        def pull(cotangent: Tensor) -> Tensor:
            parts = zip(torch.split(x, self.chunk), torch.split(cotangent, self.chunk), strict=True)
            return torch.cat([self._linearise(part)[1](c) for part, c in parts])

        return self.logits(x), pull

    def _linearise(self, x: Tensor) -> tuple[Tensor, Pullback]:
        here = x.detach().requires_grad_()
        with torch.enable_grad():
            logits = self.network(here)

        def pull(cotangent: Tensor) -> Tensor:
            (gradient,) = torch.autograd.grad(logits, here, cotangent, retain_graph=True)
            return gradient

        return logits.detach(), pull
