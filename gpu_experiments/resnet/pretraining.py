"""Pre-training of ResNet-18 on labels or on pairs, clean or under attack."""

from __future__ import annotations

from pathlib import Path

from gpu_experiments.data import Images
from gpu_experiments.resnet.backend import TorchBackend
from gpu_experiments.resnet.checkpoint import configuration
from gpu_experiments.resnet.images import DeviceImages
from gpu_experiments.resnet.network import initial_network
from gpu_experiments.resnet.objectives import Contrastive, Supervised
from gpu_experiments.resnet.plan import ResNetPretraining
from gpu_experiments.resnet.training import Progress, TrainedResNet, train
from gpu_experiments.stored import CheckpointFile
from numerics.streams import Streams


def pretrain_resnet(
    plan: ResNetPretraining,
    images: Images,
    streams: Streams,
    backend: TorchBackend,
    *,
    checkpoint: Path | None = None,
    progress: Progress | None = None,
) -> TrainedResNet:
    """Return the network trained on `images` except those that are held out, with its history.

    Parameters
    ----------
    plan : ResNetPretraining
        The network, the attack and the optimiser.
    images : Images
        Training images in a random order: the first are held out. Labels from 0 to the number of classes minus 1; not
        read by contrastive pre-training.
    streams : Streams
        All random numbers of the run; initial weights, order and augmentation do not depend on the attack.
    backend : TorchBackend
        Where to compute.
    checkpoint : Path, optional
        File that is written after every epoch; if it exists, the run continues from it.
    progress : callable, optional
        Called with the number of finished epochs and the number of all epochs.

    Raises
    ------
    ValueError
        If there are too few images, or the checkpoint belongs to another configuration.
    """
    least = plan.held_out + plan.batch
    if len(images) < least:
        raise ValueError(f"images has {len(images)} images; expected {least} at least, held_out and one batch")
    resumed = (
        CheckpointFile(checkpoint, configuration(plan, images, streams, "all", backend.place.type))
        if checkpoint
        else None
    )
    held_out, rest = DeviceImages.of(images, backend.place).split(plan.held_out)
    supervised = plan.objective == "supervised"
    outputs = int(images.labels.max()) + 1 if supervised else plan.embedding
    network = initial_network(plan.width, outputs, rest.pixels, streams)
    objective = (Supervised if supervised else Contrastive)(plan, rest, held_out, streams)
    return train(network, plan, objective, streams, checkpoint=resumed, progress=progress)
