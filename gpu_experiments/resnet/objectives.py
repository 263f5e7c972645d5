"""The objectives that pre-training minimises and its attack raises: classification, or the contrastive loss (C)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol, TypeAlias

import torch
from torch import Tensor
from torch.nn import functional

from gpu_experiments.resnet.images import DeviceImages, random_views
from gpu_experiments.resnet.plan import ResNetPretraining
from numerics.contrastive.attacks import PairAttack
from numerics.streams import Streams

Network: TypeAlias = Callable[[Tensor], Tensor]


@dataclass(frozen=True, eq=False)
class Batch:
    """Images that an attack may perturb, and the targets of their loss.

    Attributes
    ----------
    x : Tensor, shape (n, 3, size, size)
        Images in [0, 1].
    targets : tuple of Tensor
        Labels ``(n,)``; or 1 for similar pairs and -1 for others ``(n,)``, and the second views, of the shape of `x`.
    """

    x: Tensor
    targets: tuple[Tensor, ...]


class ResNetObjective(Protocol):
    """A training loss, and the batches that it is computed on."""

    @property
    def updates(self) -> int:
        """The number of batches in an epoch, all of one size; left-over images wait for the next order."""
        ...

    def batches(self, epoch: int) -> Iterator[Batch]:
        """Yield the batches of an epoch, from streams that the epoch names."""
        ...

    def held_out(self) -> Batch:
        """Return images that are never trained on, the same at every epoch."""
        ...

    def ascent(self, network: Network, batch: Batch) -> Callable[[Tensor], Tensor]:
        """Return the sum over a batch that an attack raises, as a function of its images."""
        ...

    def judged(self, network: Network, batch: Batch, points: Tensor) -> tuple[Tensor, Tensor]:
        """Return the loss at each of the `points`, and whether the network is right there, both ``(n,)``."""
        ...


@dataclass(frozen=True, eq=False)
class Supervised:
    """The cross-entropy of labelled images."""

    plan: ResNetPretraining
    train: DeviceImages
    rest: DeviceImages
    streams: Streams

    @property
    def updates(self) -> int:
        """The number of batches in an epoch."""
        return updates(self.plan, self.train)

    def batches(self, epoch: int) -> Iterator[Batch]:
        """Yield augmented images with their labels."""
        streams = self.streams.child(f"epoch {epoch}")
        views = random_views(self.train, streams.generator("views/first"), flip=self.plan.flip, shift=self.plan.shift)
        for chosen in orders(self.plan, self.train, streams):
            yield Batch(views[chosen], (self.train.labels[chosen],))

    def held_out(self) -> Batch:
        """Return the held-out images as they are."""
        return Batch(self.rest.plain(), (self.rest.labels,))

    def ascent(self, network: Network, batch: Batch) -> Callable[[Tensor], Tensor]:
        """Return the sum of the cross-entropies."""
        (labels,) = batch.targets
        return lambda points: functional.cross_entropy(network(points).float(), labels, reduction="sum")

    def judged(self, network: Network, batch: Batch, points: Tensor) -> tuple[Tensor, Tensor]:
        """Return cross-entropies, and whether the largest logit is that of the label."""
        (labels,) = batch.targets
        logits = network(points).float()
        return functional.cross_entropy(logits, labels, reduction="none"), logits.argmax(1) == labels


@dataclass(frozen=True, eq=False)
class Contrastive:
    """The loss of pairs, ``log(1 + exp(-y g(x)^T g(x')))``: two views of one image are similar, of two are not.

    Every entry of a batch is one pair, similar or not with probability 1/2 each; an attack moves its first view.
    """

    plan: ResNetPretraining
    train: DeviceImages
    rest: DeviceImages
    streams: Streams

    @property
    def updates(self) -> int:
        """The number of batches in an epoch, with every image first in one pair."""
        return updates(self.plan, self.train)

    def batches(self, epoch: int) -> Iterator[Batch]:
        """Yield augmented pairs."""
        streams = self.streams.child(f"epoch {epoch}")
        yield from self._pairs(self.train, streams, orders(self.plan, self.train, streams))

    def held_out(self) -> Batch:
        """Return one pair with every held-out image first, the same at every epoch."""
        everything = torch.arange(len(self.rest), device=self.rest.labels.device)
        return next(self._pairs(self.rest, self.streams.child("held out"), iter([everything])))

    def ascent(self, network: Network, batch: Batch) -> Callable[[Tensor], Tensor]:
        """Return the sum of ``-y g(x)^T g(x')`` over the pairs that are attacked.

        The slope of the loss in the score is positive and omitted, since it may underflow.
        """
        y, partners = batch.targets
        with torch.no_grad():
            embedded = network(partners)
        direction = -(y * self._attacked(y))[:, None] * embedded
        return lambda points: (network(points) * direction).sum()

    def judged(self, network: Network, batch: Batch, points: Tensor) -> tuple[Tensor, Tensor]:
        """Return the losses of pairs, and whether the sign of their score is right."""
        y, partners = batch.targets
        moved = torch.where(self._attacked(y)[:, None, None, None] > 0, points, batch.x)
        first, second = network(torch.cat([moved, partners])).float().chunk(2)
        signed = y * (first * second).sum(1)
        return functional.softplus(-signed), signed > 0

    def _attacked(self, y: Tensor) -> Tensor:
        """Return 1 for the pairs that the attack moves and 0 for the others, shape (n,)."""
        targets = self.plan.attacked_pairs if self.plan.strides else "none"
        chosen: Tensor = PairAttack(self.plan.norm, self.plan.eps, targets).chosen(y)
        return chosen

    def _pairs(self, images: DeviceImages, streams: Streams, chosen: Iterator[Tensor]) -> Iterator[Batch]:
        plan, n, device = self.plan, len(images), images.labels.device
        first, second = (
            random_views(images, streams.generator(f"views/{name}"), flip=plan.flip, shift=plan.shift)
            for name in ("first", "second")
        )
        similar = torch.from_numpy(streams.generator("similarity").random(n) < 0.5).to(device)
        # Any other image: a step of 1 to n - 1 from the image itself.
        step = torch.from_numpy(streams.generator("others").integers(1, n, n)).to(device)
        for some in chosen:
            here = similar[some]
            partner = torch.where(here, some, (some + step[some]) % n)
            yield Batch(first[some], (torch.where(here, 1.0, -1.0), second[partner]))


def updates(plan: ResNetPretraining, images: DeviceImages) -> int:
    """Return the number of batches of an epoch."""
    return max(1, len(images) // plan.batch)


def orders(plan: ResNetPretraining, images: DeviceImages, streams: Streams) -> Iterator[Tensor]:
    """Yield the indices of each batch, all of one size, so that code is compiled once and no batch is small.

    Batch statistics of a few images would be noisy. Images that are left over in the random order are not used in this
    epoch.
    """
    order = torch.from_numpy(streams.generator("order").permutation(len(images))).to(images.labels.device)
    for start in range(updates(plan, images)):
        yield order[start * plan.batch : (start + 1) * plan.batch]
