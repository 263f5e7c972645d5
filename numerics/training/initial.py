"""Initial parameters of the replicas, each from its own stream."""

from __future__ import annotations

import math

import numpy as np

from numerics.backend import Backend
from numerics.optimisers import Parameters
from numerics.streams import Streams
from numerics.training.plan import SupervisedPlan


def initial_parameters(plan: SupervisedPlan, streams: list[Streams], backend: Backend) -> Parameters:
    """Return ``W`` of shape ``(replicas, d, H)`` and ``a`` of shape ``(replicas, H)``.

    Columns of ``W`` are Gaussian with norm about ``plan.scale``, or uniform on the unit sphere with
    ``plan.unit_norm``; heads are Gaussian with norm about ``plan.head_scale``.
    """
    d, H = plan.law.d, plan.hidden
    W = np.stack([own.generator("weights").standard_normal((d, H)) for own in streams])
    a = np.stack([own.generator("head").standard_normal(H) for own in streams])
    W *= plan.scale / math.sqrt(d)
    if plan.unit_norm:
        W /= np.linalg.norm(W, axis=-2, keepdims=True)
    a *= plan.head_scale / math.sqrt(H)
    return {
        "W": backend.asarray(W.astype(plan.dtype)),
        "a": backend.asarray(a.astype(plan.dtype)),
    }
