"""The attack inside a training step: projected gradient ascent from a random start."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor

from gpu_experiments.attacks.ball import ImageBall
from numerics.projected_ascent import projected_ascent


def attacked_images(
    ascent: Callable[[Tensor], Tensor], x: Tensor, strides: tuple[float, ...], ball: ImageBall, rng: torch.Generator
) -> Tensor:
    """Return the last points that images reach by projected steps, or `x` itself if there are no steps.

    Parameters
    ----------
    ascent : callable
        Maps points to the sum that the attack raises.
    x : Tensor, shape (n, channels, size, size)
        Images in [0, 1].
    strides : tuple of float
        Lengths of the steps.
    ball : ImageBall
    rng : torch.Generator
        Draws the start of the attack, on the device of `x`.
    """
    if not strides:
        return x

    def gradient(_: int, points: Tensor) -> Tensor:
        points = points.detach().requires_grad_()
        (found,) = torch.autograd.grad(ascent(points), points)
        return found

    return projected_ascent(random_point(ball, x, rng), strides, gradient, partial(ball.step, x))


def random_point(ball: ImageBall, x: Tensor, rng: torch.Generator) -> Tensor:
    """Return a random point of the ball around each image, drawn on its device.

    As `ImageBall.random` draws it on the host: uniform in the cube, or in direction on the sphere.
    """
    shape = (len(x), x[0].numel())
    if ball.norm == "linf":
        drawn = 2 * torch.rand(shape, generator=rng, device=x.device, dtype=x.dtype) - 1
    else:
        drawn = torch.randn(shape, generator=rng, device=x.device, dtype=x.dtype)
        drawn /= torch.linalg.vector_norm(drawn, dim=1, keepdim=True)
    points: Tensor = ball.inside(x, ball.eps * drawn)
    return points
