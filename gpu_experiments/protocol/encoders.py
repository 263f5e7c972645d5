"""The encoder of a run: pre-trained, or read from the disk."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt

from gpu_experiments.data import Images
from gpu_experiments.models.classifier import PatchClassifier
from gpu_experiments.models.encoder import PatchEncoder, Preprocessing
from gpu_experiments.pretraining.contrastive import pretrain_contrastive
from gpu_experiments.pretraining.loop import Pretrained
from gpu_experiments.pretraining.plan import ContrastivePretraining, EncoderPlan, SupervisedPretraining
from gpu_experiments.pretraining.supervised import pretrain_supervised
from gpu_experiments.protocol.stages import Arrays
from numerics.backend import Backend, to_numpy
from numerics.streams import Streams


def pretrain(
    plan: SupervisedPretraining | ContrastivePretraining,
    images: Images,
    seed: int,
    backend: Backend,
    checkpoint: Path,
    progress: Callable[[int, int], None],
) -> Pretrained:
    """Return the model that `plan` trains on `images`, continuing from its checkpoint if there is one."""
    streams = Streams(seed).child("pretraining")
    if isinstance(plan, ContrastivePretraining):
        return pretrain_contrastive(plan, images, streams, backend, checkpoint=checkpoint, progress=progress)
    return pretrain_supervised(plan, images, streams, backend, checkpoint=checkpoint, progress=progress)


def arrays_of(model: PatchClassifier) -> dict[str, npt.NDArray[np.floating]]:
    """Return all arrays of a model, on the host."""
    encoder, steps = model.encoder, model.encoder.preprocessing
    arrays = {"W": encoder.W, "b": encoder.b, "C": model.C, "c0": model.c0}
    if steps is not None:
        arrays |= {"mean": steps.mean, "T": steps.T}
    return {name: to_numpy(x) for name, x in arrays.items()}


def model_of(arrays: Arrays, plan: EncoderPlan, backend: Backend) -> PatchClassifier:
    """Return the model with these arrays, on `backend`."""
    there = {name: backend.asarray(x) for name, x in arrays.items()}
    steps = Preprocessing(there["mean"], there["T"]) if "T" in there else None
    encoder = PatchEncoder(there["W"], there["b"], plan.activation, steps, plan.grid, plan.pool)
    return PatchClassifier(encoder, there["C"], there["c0"])
