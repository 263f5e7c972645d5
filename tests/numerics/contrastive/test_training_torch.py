"""Contrastive training curves against an independent implementation by PyTorch's automatic differentiation."""

import dataclasses

import pytest

from numerics.contrastive.training import ContrastivePlan, Gated, Linear, train_contrastive
from numerics.contrastive.training.loop import batches, initial_parameters
from numerics.features import FeatureLaw
from numerics.optimisers import SGD

pytestmark = pytest.mark.deep
torch = pytest.importorskip("torch")
from tests.numerics.test_training_torch import (  # noqa: E402 - needs PyTorch
    NUMPY,
    REPLICAS,
    STREAMS,
    assert_same_curve,
    descent,
    trainable,
    unit,
)

CLEAN = ContrastivePlan(
    law=FeatureLaw.unit_energy(8, 0.25),
    encoder=Gated(12, 5, 0.1),
    sigma=0.02,
    steps=40,
    batch=32,
    dtype="float64",
    record_every=1,
)
FGM = dataclasses.replace(CLEAN, attack="fgm", eps=0.1)
PLANS = {
    "clean": CLEAN,
    "fgm, both sides": dataclasses.replace(FGM, attacked_sides="both"),
    "fgm dissimilar, unit norm": dataclasses.replace(
        FGM, attacked_pairs="dissimilar", unit_norm=True, optimiser=SGD(0.9)
    ),
    "pgd linf similar": dataclasses.replace(
        FGM, attack="pgd", norm="linf", attack_steps=3, attacked_pairs="similar", schedule="linear"
    ),
    "linear bottleneck": dataclasses.replace(FGM, encoder=Linear(3)),
}


def embed(plan, parameters, z):
    if isinstance(plan.encoder, Linear):
        return torch.einsum("rnd,rqd->rnq", z, parameters["T"])
    v = torch.einsum("rnd,rdh->rnh", z, parameters["W"])
    return torch.einsum("rnh,rhq->rnq", torch.where(v.abs() >= plan.encoder.b, v, 0.0), parameters["C"])


def losses(plan, parameters, z, other, y):
    score = (embed(plan, parameters, z) * embed(plan, parameters, other)).sum(dim=-1)
    return torch.nn.functional.softplus(-y * score)


def attack(plan, parameters, sides, y):
    """The perturbations of the plan: one full step, or steps of 2.5 eps / steps kept in the l_inf ball."""
    steps = 1 if plan.attack == "fgm" else plan.attack_steps
    stride = plan.eps if steps == 1 else 2.5 * plan.eps / steps
    chosen = {"both": y != 0, "similar": y > 0, "dissimilar": y < 0}[plan.attacked_pairs][..., None].to(y.dtype)
    moved = [True, plan.attacked_sides == "both"]
    deltas = [torch.zeros_like(z) for z in sides]
    for _ in range(steps):
        deltas = [delta.requires_grad_() for delta in deltas]
        loss = losses(plan, parameters, *(z + delta for z, delta in zip(sides, deltas, strict=True)), y).sum()
        gradients = torch.autograd.grad(loss, deltas)
        deltas = [
            (delta + stride * chosen * unit(plan, gradient) * move).detach()
            for delta, gradient, move in zip(deltas, gradients, moved, strict=True)
        ]
        if steps > 1:
            deltas = [delta.clamp(-plan.eps, plan.eps) for delta in deltas]
    return deltas


def torch_curve(plan, dtype):
    """The attacked loss of every step and replica, on the same data from the same initial parameters."""
    own = [STREAMS.child(str(k)) for k in range(REPLICAS)]
    parameters = trainable(initial_parameters(plan, own, NUMPY), dtype)

    def mean_loss(*batch):
        *sides, y = (torch.tensor(x, dtype=dtype) for x in batch)
        deltas = attack(plan, parameters, sides, y) if plan.attack != "none" else (0.0, 0.0)
        return losses(plan, parameters, *(z + delta for z, delta in zip(sides, deltas, strict=True)), y).mean(dim=-1)

    return descent(plan, parameters, batches(plan, own, NUMPY), mean_loss)


@pytest.mark.parametrize("plan", PLANS.values(), ids=PLANS)
def test_the_training_curve_is_that_of_automatic_differentiation(plan):
    ours = train_contrastive(plan, STREAMS, REPLICAS, NUMPY).history.attacked_loss
    assert_same_curve(ours, lambda dtype: torch_curve(plan, dtype))
