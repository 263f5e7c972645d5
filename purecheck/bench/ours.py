"""The suite as a contestant."""

from collections.abc import Callable
from typing import Any

import numpy as np

from numerics.attacks import fgm, gate_aware_pgd, pgd
from numerics.backend import Array, Backend, to_numpy
from numerics.network import GatedNetwork
from numerics.streams import Streams
from numerics.training.engine import StepShape, TrainingStep, choose_step
from numerics.training.engine.device import DeviceStep, cupy_device
from numerics.training.step import StepGradients, TrainingAttack
from purecheck.bench.contestant import Computed, Contestant
from purecheck.bench.device import synchronisation
from purecheck.bench.problem import Problem

OURS = "purecheck"

Attack = Callable[[GatedNetwork, Array, Array, float, np.random.Generator], Array]

ATTACKS: dict[str, Attack] = {
    "fgm": lambda net, Z, y, eps, _rng: fgm(net, Z, y, eps, "l2"),
    "pgd": lambda net, Z, y, eps, rng: pgd(net, Z, y, eps, "l2", rng=rng, steps=20, restarts=1),
    "gate_aware": lambda net, Z, y, eps, rng: gate_aware_pgd(net, Z, y, eps, "l2", rng=rng, steps=20, restarts=1),
}


def step(problem: Problem, backend: Backend) -> Contestant:
    """The suite's training step on the attacked loss, with FGM in l2."""
    finish = synchronisation(backend)
    parameters = {"W": backend.asarray(problem.W), "a": backend.asarray(problem.a)}
    Z, y, size = backend.asarray(problem.Z), backend.asarray(problem.y), problem.size
    shape = StepShape(size.replicas, size.d, size.hidden, size.n)
    engine = _engine(backend, shape, problem.b, TrainingAttack("l2", problem.eps))

    def run() -> StepGradients:
        found = engine.gradients(parameters, Z, y)
        finish()
        return found

    def outcome(found: StepGradients) -> Computed:
        return {name: to_numpy(x) for name, x in found.gradients.items()}

    return Contestant(OURS, run, outcome)


def _engine(backend: Backend, shape: StepShape, b: float, attack: TrainingAttack) -> TrainingStep:
    """The step that training uses at paper scale on a device, or the one that it uses on the host."""
    if backend.name == "cupy":
        return DeviceStep(cupy_device(shape.dtype), shape, b, attack)
    return choose_step(backend, shape, b, attack)


def attack(name: str, problem: Problem, backend: Backend, streams: Streams) -> Contestant:
    """The suite's attack called `name` on all observations."""
    finish = synchronisation(backend)
    net = GatedNetwork(backend.asarray(problem.W), backend.asarray(problem.a), problem.b)
    Z, y = backend.asarray(problem.Z), backend.asarray(problem.y)

    def run() -> Any:
        delta = ATTACKS[name](net, Z, y, problem.eps, streams.generator(name))
        finish()
        return delta

    return Contestant(OURS, run, lambda delta: {"delta": to_numpy(delta)})
