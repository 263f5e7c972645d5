"""ResNet-18 for images of 32 x 32 pixels: a 3 x 3 stem without pooling, and four stages of two basic blocks.

References
----------
K. He, X. Zhang, S. Ren and J. Sun, "Deep residual learning for image recognition", CVPR 2016.
"""

from __future__ import annotations

import math
from typing import cast

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from numerics.streams import Streams

_STAGES = (1, 2, 2, 2)
"""Stride of each stage; its channels are twice those of the stage before."""
_HEAD = 0.1
"""Standard deviation of initial outputs per unit of the features' root mean square."""


class ResidualBlock(nn.Module):  # type: ignore[misc]
    """Two 3 x 3 convolutions with a shortcut around them."""

    def __init__(self, before: int, after: int, stride: int) -> None:
        super().__init__()
        self.conv1, self.norm1 = _convolution(before, after, 3, stride), nn.BatchNorm2d(after)
        self.conv2, self.norm2 = _convolution(after, after, 3, 1), nn.BatchNorm2d(after)
        same = stride == 1 and before == after
        self.shortcut = (
            nn.Identity() if same else nn.Sequential(_convolution(before, after, 1, stride), nn.BatchNorm2d(after))
        )

    def forward(self, x: Tensor) -> Tensor:
        """Return the output of the block, shape (n, after, size/stride, size/stride)."""
        inside = self.norm2(self.conv2(functional.relu(self.norm1(self.conv1(x)))))
        return functional.relu(inside + self.shortcut(x))


class ResNet18(nn.Module):  # type: ignore[misc]
    """ResNet-18 under a linear head, on images in [0, 1]; its weights lie channels last.

    Parameters
    ----------
    width : int
        Channels of the stem and of the first stage.
    outputs : int
        Of the head.

    Attributes
    ----------
    mean, deviation : Tensor, shape (3, 1, 1)
        Taken off every pixel, and what it is divided by then.
    head : torch.nn.Linear
        From the ``8 width`` features to the outputs.
    """

    mean: Tensor
    deviation: Tensor

    def __init__(self, width: int, outputs: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(3, 1, 1))
        self.register_buffer("deviation", torch.ones(3, 1, 1))
        blocks, before = [], width
        for stage, stride in enumerate(_STAGES):
            after = width << stage
            blocks += [ResidualBlock(before, after, stride), ResidualBlock(after, after, 1)]
            before = after
        self.stem = nn.Sequential(_convolution(3, width, 3, 1), nn.BatchNorm2d(width), nn.ReLU())
        self.blocks = nn.Sequential(*blocks)
        self.head = nn.Linear(before, outputs)
        self.to(memory_format=torch.channels_last)

    def features(self, x: Tensor) -> Tensor:
        """Return the pooled features of images `x` (n, 3, size, size), shape (n, 8 width)."""
        scaled = ((x - self.mean) / self.deviation).contiguous(memory_format=torch.channels_last)
        return cast(Tensor, self.blocks(self.stem(scaled)).mean((2, 3)))

    def forward(self, x: Tensor) -> Tensor:
        """Return the outputs at images `x` (n, 3, size, size), shape (n, outputs)."""
        return cast(Tensor, self.head(self.features(x)))


def initial_network(width: int, outputs: int, pixels: Tensor, streams: Streams) -> ResNet18:
    """Return a network before training, on the device of `pixels`.

    Convolutions are normal of variance ``2/fan out`` (K. He et al., ICCV 2015); every parameter has a stream of its
    own name, so that a head of another size changes no other.

    Parameters
    ----------
    width, outputs : int
        As of `ResNet18`.
    pixels : Tensor of uint8, shape (n, size, size, 3)
        Images to train on: mean and deviation of each channel are taken from them.
    streams : Streams
    """
    network = ResNet18(width, outputs)
    for name, parameter in network.named_parameters():
        if parameter.ndim > 1:
            fan_out = parameter.numel() // parameter.shape[1]
            scale = _HEAD / math.sqrt(parameter.shape[1]) if name == "head.weight" else math.sqrt(2 / fan_out)
            drawn = streams.generator(f"initial/{name}").standard_normal(tuple(parameter.shape), dtype=np.float32)
            parameter.data.copy_(torch.from_numpy(scale * drawn))
    nn.init.zeros_(network.head.bias)
    levels = torch.stack([torch.bincount(one.flatten(), minlength=256) for one in pixels.unbind(3)]).double().cpu()
    shares, values = levels / levels.sum(1, keepdim=True), torch.arange(256) / 255.0
    mean = shares @ values.double()
    variance = (shares * (values - mean[:, None]) ** 2).sum(1)
    network.mean.copy_(mean[:, None, None])
    network.deviation.copy_(variance.sqrt().clamp(min=1 / 255)[:, None, None])
    return cast(ResNet18, network.to(pixels.device))


def _convolution(before: int, after: int, size: int, stride: int) -> nn.Conv2d:
    return nn.Conv2d(before, after, size, stride, padding=size // 2, bias=False)
