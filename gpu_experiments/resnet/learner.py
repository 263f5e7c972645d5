"""A network with its optimiser: updates one at a time, and its whole state as tensors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Literal, TypeAlias, cast

import torch
from torch import Tensor, nn

from gpu_experiments.resnet.network import ResNet18
from gpu_experiments.resnet.objectives import Batch, Network, ResNetObjective
from gpu_experiments.resnet.plan import ResNetPretraining
from gpu_experiments.resnet.training_attack import attacked_images

Part: TypeAlias = Literal["all", "head"]
"""The part that is trained: everything, or only the head on frozen features."""


class Learner:
    """A network under training by stochastic gradient descent with Nesterov momentum.

    Attacks use the network in evaluation mode, and losses use batch statistics (T. Pang et al., "Bag of tricks for
    adversarial training", ICLR 2021): so running statistics are those of the attacked images alone. A frozen encoder
    stays in evaluation mode.

    Parameters
    ----------
    network : ResNet18
        Trained in place.
    plan : ResNetPretraining
    part : {"all", "head"}
    """

    def __init__(self, network: ResNet18, plan: ResNetPretraining, part: Part) -> None:
        self.network, self.plan, self.part = network, plan, part
        self.device = network.mean.device
        on_gpu = self.device.type == "cuda"
        self._run = _compiled(network) if plan.compiled and on_gpu else cast(Network, network)
        self._precision = getattr(torch, plan.precision) if on_gpu else torch.float32
        trained: nn.Module = network if part == "all" else network.head
        self._trained = {name: p for name, p in network.named_parameters() if any(p is q for q in trained.parameters())}
        network.requires_grad_(False)
        trained.requires_grad_(True)
        self._optimiser = torch.optim.SGD(
            list(self._trained.values()),
            lr=plan.learning_rate,
            momentum=plan.momentum,
            nesterov=plan.momentum > 0,
            weight_decay=plan.weight_decay,
        )
        self._scaler = torch.amp.GradScaler(self.device.type, enabled=self._precision == torch.float16)

    def update(self, objective: ResNetObjective, batch: Batch, rate: float, rng: torch.Generator) -> Tensor:
        """Return the sums of losses and of right answers at the attacked images, after one update at this `rate`."""
        plan = self.plan
        self.network.eval()
        with self._products():
            points = attacked_images(objective.ascent(self._run, batch), batch.x, plan.strides, plan.ball, rng)
        self.network.train(self.part == "all")
        with self._products():  # anew: weights that were cast where no gradients were taken have none
            losses, right = objective.judged(self._run, batch, points)
        for group in self._optimiser.param_groups:
            group["lr"] = rate
        self._scaler.scale(losses.mean()).backward()
        self._scaler.step(self._optimiser)
        self._scaler.update()
        self._optimiser.zero_grad(set_to_none=True)
        return torch.stack([losses.detach().sum(), right.sum()]).double()

    def tensors(self) -> dict[str, Tensor]:
        """Return copies of everything on which the next update depends, by name."""
        found = {f"network/{name}": x for name, x in self.network.state_dict().items()}
        for name, parameter in self._trained.items():
            if parameter in self._optimiser.state:
                found[f"momentum/{name}"] = self._optimiser.state[parameter]["momentum_buffer"]
        if self._scaler.is_enabled():
            found |= {f"scaler/{name}": torch.tensor(x) for name, x in self._scaler.state_dict().items()}
        return {name: x.detach().clone(memory_format=torch.contiguous_format) for name, x in found.items()}

    def go_back(self, tensors: Mapping[str, Tensor]) -> None:
        """Restore the state that `tensors` returned."""
        self.network.load_state_dict(group(tensors, "network"))
        self._optimiser.state.clear()
        for name, kept in group(tensors, "momentum").items():
            parameter = self._trained[name]
            self._optimiser.state[parameter]["momentum_buffer"] = torch.empty_like(parameter).copy_(kept).detach()
        if self._scaler.is_enabled():
            self._scaler.load_state_dict({name: x.item() for name, x in group(tensors, "scaler").items()})

    @contextmanager
    def _products(self) -> Iterator[None]:
        """Compute products in the precision of the plan."""
        with torch.autocast(self.device.type, self._precision, enabled=self._precision != torch.float32):
            yield


def _compiled(network: ResNet18) -> Network:
    """Return `network` compiled, for each mode and shape apart.

    Code of other networks is forgotten first: it counts towards the number of versions after which PyTorch gives up.
    """
    torch.compiler.reset()
    return cast(Network, torch.compile(network, dynamic=False))


def group(tensors: Mapping[str, Tensor], name: str) -> dict[str, Tensor]:
    """Return the tensors of one group by their names in it."""
    return {key.removeprefix(f"{name}/"): x for key, x in tensors.items() if key.startswith(f"{name}/")}
