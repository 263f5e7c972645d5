"""Hand-derived gradients of attacked training agree with PyTorch's automatic differentiation."""

import dataclasses

import numpy as np
import pytest

from gpu_experiments.models.classifier import PatchClassifier
from gpu_experiments.pretraining.contrastive import ContrastiveObjective
from gpu_experiments.pretraining.initial import initial_model, on_backend
from gpu_experiments.pretraining.supervised import SupervisedObjective
from numerics.activations import ACTIVATIONS
from numerics.backend import select_backend
from numerics.streams import Streams
from tests.gpu_experiments.pretraining.small_plans import PLANS, images

pytestmark = pytest.mark.deep
torch = pytest.importorskip("torch")

NUMPY = select_backend("numpy")
SMOOTH = torch.nn.functional
VALUES = {
    "gate": lambda v, b: torch.where(v.abs() >= b, v, 0.0),
    "soft_threshold": lambda v, b: v.sign() * (v.abs() - b).clamp(min=0),
    "biased_relu": lambda v, b: (v - b).clamp(min=0),
    "relu": lambda v, _: SMOOTH.relu(v),
    "leaky_relu": lambda v, _: SMOOTH.leaky_relu(v, 0.01),
    "tanh": lambda v, _: torch.tanh(v),
    "sigmoid": lambda v, _: torch.sigmoid(v),
    "silu": lambda v, _: SMOOTH.silu(v),
    "gelu": lambda v, _: SMOOTH.gelu(v),
}


def reference(model, parameters, x, smoothing=None):
    """The logits by unfolding, activation and averages over cells."""
    encoder = model.encoder
    mean, T, b = (torch.tensor(a) for a in (encoder.preprocessing.mean, encoder.preprocessing.T, encoder.b))
    patches = SMOOTH.unfold(x, encoder.grid.patch, stride=encoder.grid.stride).transpose(1, 2)
    v = (patches - mean) @ (T @ parameters["W"])
    values = VALUES[encoder.activation](v, b)
    if smoothing is not None:
        reach = (T @ parameters["W"]).abs().sum(dim=0)
        values = v * torch.sigmoid((v.abs() - b) / (smoothing * reach))
    odd = encoder.activation in ("gate", "soft_threshold", "tanh")
    sides = [values.clamp(min=0), (-values).clamp(min=0)] if odd else [values]
    weights = torch.tensor(encoder.cells.matrix, dtype=v.dtype)
    pooled = torch.stack([torch.einsum("cp,nph->nch", weights, side) for side in sides], dim=2)
    return pooled.reshape(len(x), -1) @ parameters["C"] + parameters["c0"]


def tensors(model):
    return {name: torch.tensor(x, requires_grad=True) for name, x in model.parameters.items()}


def precise(model, dtype):
    """The model with the same numbers in `dtype`."""
    return on_backend(model, NUMPY, dtype)


def assert_explained_by_rounding(ours, theirs):
    """Agreement of ``ours(dtype)`` with PyTorch in float64, to what rounding explains.

    Precision ladder: what float32 does to our own numbers, scaled by 2^-29, is what float64 does; a factor 2^6
    allows for one sum of roundings being lucky.
    """
    fine, coarse = ours("float64"), ours("float32")
    error = np.max(np.abs(coarse - fine))
    assert error > 0
    assert np.max(np.abs(fine - theirs)) <= 2.0**-29 * 2**6 * error


def model_of(activation):
    plan = dataclasses.replace(PLANS["supervised, clean"], dtype="float64", head_scale=1.0)
    encoder = dataclasses.replace(plan.encoder, activation=activation)
    model = initial_model(dataclasses.replace(plan, encoder=encoder), images().pixels, 3, Streams(0), NUMPY)
    return PatchClassifier(model.encoder, model.C, model.c0 + 0.1)


X = np.random.default_rng(1).random((6, 3, 32, 32))
COTANGENT = np.random.default_rng(2).standard_normal((6, 3))


@pytest.mark.parametrize(
    ("activation", "smoothing"), [*((name, None) for name in ACTIVATIONS), ("gate", 0.05)], ids=str
)
def test_gradients_are_those_of_automatic_differentiation(activation, smoothing):
    model = model_of(activation)
    x, parameters = torch.tensor(X, requires_grad=True), tensors(model)
    (reference(model, parameters, x, smoothing) * torch.tensor(COTANGENT)).sum().backward()

    def gradients(dtype):
        own, there = precise(model, dtype), X.astype(dtype)
        pulled = own.linearise(there, smoothing)[1](COTANGENT.astype(dtype))
        if smoothing is not None:
            return pulled.ravel()
        learnt = own.at(there).parameter_gradients(COTANGENT.astype(dtype))
        return np.concatenate([pulled.ravel(), *(learnt[name].ravel() for name in ("W", "C", "c0"))])

    wanted = [x.grad] if smoothing is not None else [x.grad, *(parameters[name].grad for name in ("W", "C", "c0"))]
    assert_explained_by_rounding(gradients, np.concatenate([g.numpy().ravel() for g in wanted]))


def attacked(plan, x, start, loss):
    """The last points of the attack: signs of gradients in the cube, or their directions in the ball."""
    points = start
    for stride in plan.strides:
        points = points.detach().requires_grad_()
        (g,) = torch.autograd.grad(loss(points), points)
        if plan.norm == "linf":
            delta = (points + stride * g.sign() - x).clamp(-plan.eps, plan.eps)
        else:
            step = g / g.flatten(1).norm(dim=1).clamp(min=1e-300)[:, None, None, None]
            delta = points + stride * step - x
            size = delta.flatten(1).norm(dim=1)[:, None, None, None]
            delta = torch.where(size > plan.eps, plan.eps * delta / size, delta)
        points = (x + delta).clamp(0, 1).detach()
    return points


def supervised_loss(plan, model, parameters, batch):
    x, start, labels = batch

    def loss(points):
        return SMOOTH.cross_entropy(reference(model, parameters, points), labels, reduction="sum")

    return loss(attacked(plan, x, start, loss))


def contrastive_loss(plan, model, parameters, batch):
    x, start, second, y = batch
    embedded = reference(model, parameters, second)

    def loss(points):
        score = (reference(model, parameters, points) * embedded).sum(dim=1)
        # PyTorch's own softplus is linear from 20 on, which is wrong by 2e-9.
        return torch.logaddexp(-y * score, torch.zeros_like(score)).sum()

    dissimilar = y < 0
    moved = attacked(plan, x, start, loss) if plan.strides else start
    return loss(torch.where(dissimilar[:, None, None, None], moved, x))


OBJECTIVES = {
    "supervised, clean": (SupervisedObjective, supervised_loss, 3),
    "supervised, pgd l2, momentum": (SupervisedObjective, supervised_loss, 3),
    "supervised, fgm": (SupervisedObjective, supervised_loss, 3),
    "contrastive, clean": (ContrastiveObjective, contrastive_loss, 5),
    "contrastive, fgm on dissimilar pairs": (ContrastiveObjective, contrastive_loss, 5),
}


@pytest.mark.parametrize("name", PLANS)
def test_a_training_step_is_that_of_automatic_differentiation(name):
    kind, loss, outputs = OBJECTIVES[name]
    plan = dataclasses.replace(PLANS[name], dtype="float64", head_scale=1.0)
    data = images()
    model = initial_model(plan, data.pixels, outputs, Streams(0), NUMPY)
    objective = kind(plan, data, Streams(0), NUMPY)
    batch = next(objective.batches(0))
    parameters = tensors(model)
    value = loss(plan, model, parameters, [torch.tensor(part) for part in batch])
    value.backward()

    def sums(dtype):
        cast = [part.astype(dtype) if part.dtype.kind == "f" else part for part in batch]
        found = objective.sums(precise(model, dtype), *cast)
        return np.concatenate([[found.loss], *(found.gradients[key].ravel() for key in ("W", "C", "c0"))])

    theirs = [[value.item()], *(parameters[key].grad.numpy().ravel() for key in ("W", "C", "c0"))]
    assert_explained_by_rounding(sums, np.concatenate(theirs))
