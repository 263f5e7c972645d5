"""Initial parameters of the replicas, each from its own stream."""

from __future__ import annotations

import math

import numpy as np

from numerics.arrays import Floats
from numerics.backend import Backend
from numerics.optimisers import Parameters
from numerics.streams import Streams
from numerics.training.plan import SupervisedPlan


def initial_parameters(plan: SupervisedPlan, streams: list[Streams], backend: Backend) -> Parameters:
    """Return ``W`` of shape ``(replicas, d, H)`` and ``a`` of shape ``(replicas, H)``.

    Columns of ``W`` are Gaussian with norm about ``plan.scale``, or uniform on the unit sphere with
    ``plan.unit_norm``; heads are Gaussian with norm about ``plan.head_scale``.
    """
    W = gaussian_columns(streams, plan.law.d, plan.hidden, plan.scale, unit_norm=plan.unit_norm)
    a = np.stack([own.generator("head").standard_normal(plan.hidden) for own in streams])
    a *= plan.head_scale / math.sqrt(plan.hidden)
    return {name: backend.asarray(x.astype(plan.dtype)) for name, x in (("W", W), ("a", a))}


def gaussian_columns(streams: list[Streams], d: int, H: int, scale: float, *, unit_norm: bool) -> Floats:
    """Return weights ``(replicas, d, H)`` of norm about `scale`, or exactly 1 with `unit_norm`, on the host."""
    W = np.stack([own.generator("weights").standard_normal((d, H)) for own in streams])
    W *= scale / math.sqrt(d)
    return W / np.linalg.norm(W, axis=-2, keepdims=True) if unit_norm else W
