"""Training curves against an independent implementation by PyTorch's automatic differentiation."""

import dataclasses

import numpy as np
import pytest

from numerics.backend import select_backend
from numerics.features import FeatureLaw
from numerics.optimisers import SGD
from numerics.streams import Streams
from numerics.training import SupervisedPlan, train_supervised
from numerics.training.batches import batches
from numerics.training.initial import initial_parameters

pytestmark = pytest.mark.deep
torch = pytest.importorskip("torch")

NUMPY = select_backend("numpy")
STREAMS = Streams(11)
REPLICAS = 3
CLEAN = SupervisedPlan(
    law=FeatureLaw.unit_energy(8, 0.25),
    hidden=12,
    b=0.1,
    sigma=0.02,
    steps=40,
    batch=32,
    dtype="float64",
    record_every=1,
)
PLANS = {
    "clean": CLEAN,
    "fgm l2": dataclasses.replace(CLEAN, attack="fgm", eps=0.1),
    "pgd linf": dataclasses.replace(CLEAN, attack="pgd", norm="linf", eps=0.05, attack_steps=3, schedule="linear"),
    "unit norm": dataclasses.replace(CLEAN, attack="fgm", eps=0.1, unit_norm=True, optimiser=SGD(0.9)),
}


def forward(W, a, b, z):
    v = torch.einsum("rnd,rdh->rnh", z, W)
    return torch.einsum("rnh,rh->rn", torch.where(v.abs() >= b, v, 0.0), a)


def unit(plan, g):
    return g.sign() if plan.norm == "linf" else torch.nn.functional.normalize(g, dim=-1)


def attack(plan, W, a, z, y):
    """The perturbation of the plan: one full step, or steps of 2.5 eps / steps kept in the ball."""
    steps = 1 if plan.attack == "fgm" else plan.attack_steps
    stride = plan.eps if steps == 1 else 2.5 * plan.eps / steps
    delta = torch.zeros_like(z)
    for _ in range(steps):
        delta.requires_grad_()
        loss = ((y - forward(W, a, plan.b, z + delta)) ** 2).sum()
        (gradient,) = torch.autograd.grad(loss, delta)
        delta = (delta + stride * unit(plan, gradient)).detach()
        if steps > 1:
            delta = delta.clamp(-plan.eps, plan.eps)
    return delta


def optimiser_of(plan, parameters):
    if isinstance(plan.optimiser, SGD):
        return torch.optim.SGD(parameters, lr=plan.learning_rate, momentum=plan.optimiser.momentum)
    return torch.optim.Adam(parameters, lr=plan.learning_rate)


def rate_of(plan, step):
    falls = {"cosine": lambda t: (1 + np.cos(np.pi * t)) / 2, "linear": lambda t: 1 - t}[plan.schedule]
    return plan.learning_rate * falls(step / plan.steps)


def assert_same_curve(ours, curve):
    """Agreement with `curve`, a function of the dtype, to what rounding explains.

    Precision ladder: training carries roundings on in proportion to the unit roundoff. What float32 does to the
    curve, scaled by 2^-29, is what float64 does; a factor 2^6 allows for one sum of roundings being lucky.
    """
    theirs = curve(torch.float64)
    coarse = np.max(np.abs(curve(torch.float32) - theirs))
    assert coarse > 0
    assert np.max(np.abs(ours - theirs)) <= 2.0**-29 * 2**6 * coarse


def descent(plan, parameters, batches, mean_loss):
    """The losses of every step, ``mean_loss(batch)`` by replica, along the updates that they lead to."""
    optimiser = optimiser_of(plan, list(parameters.values()))
    curve = []
    for step, batch in enumerate(batches):
        loss = mean_loss(*batch)
        optimiser.param_groups[0]["lr"] = rate_of(plan, step)
        optimiser.zero_grad()
        loss.sum().backward()
        with torch.no_grad():
            W = parameters.get("W")
            if plan.unit_norm:
                W.grad -= W * (W.grad * W).sum(dim=-2, keepdim=True)
            optimiser.step()
            if plan.unit_norm:
                W /= W.norm(dim=-2, keepdim=True)
        curve.append(loss.detach().double().numpy())
    return np.stack(curve)


def trainable(start, dtype):
    return {name: torch.tensor(x, dtype=dtype, requires_grad=True) for name, x in start.items()}


def torch_curve(plan, dtype):
    """The attacked loss of every step and replica, on the same data from the same initial parameters."""
    own = [STREAMS.child(str(k)) for k in range(REPLICAS)]
    parameters = trainable(initial_parameters(plan, own, NUMPY), dtype)
    W, a = parameters["W"], parameters["a"]

    def mean_loss(*batch):
        z, y = (torch.tensor(x, dtype=dtype) for x in batch)
        delta = attack(plan, W, a, z, y) if plan.attack != "none" else 0.0
        return ((y - forward(W, a, plan.b, z + delta)) ** 2).mean(dim=-1)

    return descent(plan, parameters, batches(plan, own, NUMPY), mean_loss)


@pytest.mark.parametrize("plan", PLANS.values(), ids=PLANS)
def test_the_training_curve_is_that_of_automatic_differentiation(plan):
    ours = train_supervised(plan, STREAMS, REPLICAS, NUMPY).history.attacked_loss
    assert_same_curve(ours, lambda dtype: torch_curve(plan, dtype))
