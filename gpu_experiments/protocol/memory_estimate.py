"""Memory that a run needs, estimated from its sizes before it starts."""

from __future__ import annotations

from gpu_experiments.attacks.evaluation import SECTION_BYTES
from gpu_experiments.data import Dataset
from gpu_experiments.models.encoder import ODD
from gpu_experiments.pretraining.initial import SAMPLE
from gpu_experiments.pretraining.plan import EncoderPlan
from gpu_experiments.protocol.run import ProtocolRun
from gpu_experiments.resnet.plan import ResNetPretraining

_FLOAT32, _FLOAT64 = 4, 8
_INTERPRETER = 2**29  # the interpreter with its libraries, compiled code, and the linear algebra's buffers

_PYTORCH = 2**29  # its libraries, and the buffers of its convolutions


def memory_needed(run: ProtocolRun, dataset: Dataset) -> int:
    """Return the peak memory of a run in bytes, without the images as they were read.

    A copy of the images, a section under attack, and the larger of pre-training and the head's features with the copy
    that L-BFGS's products may make of them.
    """
    plan, image = run.pretraining, int(dataset.test.pixels[0].size)
    if isinstance(plan, ResNetPretraining):
        training, width = _resnet(plan)
    else:
        training, width = _gated(plan.encoder, run.train_images)
    features = 2 * min(run.head.images, len(dataset.train)) * width * _FLOAT32
    copies = int(dataset.train.pixels.nbytes) + run.suite.images * image * _FLOAT32
    return _INTERPRETER + copies + SECTION_BYTES + max(training, features)


def _gated(plan: EncoderPlan, images: int) -> tuple[int, int]:
    """Return bytes of pre-training, and features.

    Its sample in double precision: patches, their centred copy, and preactivations.
    """
    sample = min(SAMPLE, images) * plan.grid.positions * _FLOAT64
    parts = 2 if plan.activation in ODD else 1
    return sample * (3 * plan.grid.dimension), plan.pool**2 * parts * plan.hidden


def _resnet(plan: ResNetPretraining) -> tuple[int, int]:
    """Return bytes of pre-training, and features.

    PyTorch, and what is held of the images of a pass for its gradient. Of a stage, whose images have half the numbers
    of the stage before: four convolutions, four normalised copies, and four copies after their ReLU or sum; the stem
    adds three of the size of the first.
    """
    held = 4 * 3 * (1 + 1 / 2 + 1 / 4 + 1 / 8) + 3
    image = int(held * plan.width * 32 * 32 * _FLOAT32)
    sides = 2 if plan.objective == "contrastive" else 1
    return _PYTORCH + max(sides * plan.batch, plan.held_out) * image, plan.features
