"""Hand-derived gradients agree with central differences where the function is linear between its kinks."""

import numpy as np
import pytest

from numerics.backend import to_numpy
from numerics.rounding import central_difference_bound, gamma
from tests.gpu_experiments.models.small_models import (
    BOUND,
    CLASSES,
    IMAGES,
    PIECEWISE_LINEAR,
    ROUNDINGS,
    STEP,
    case,
    grid_numbers,
)

SEEDS = (0, 1000, 2000)


def value(case, model, x):
    return float(np.sum(case.cotangent * model.logits(x)))


def difference_bound(case, activation, name, direction):
    """Bound the difference of slope and gradient: rounding in both, no truncation of a linear function.

    The gradient times the direction is the same sum of terms, through one product and sum an entry more.
    """
    evaluation = 2 * BOUND * case.size(activation)
    along = case.size(activation, **{name: direction})
    return central_difference_bound(STEP, evaluation) + gamma(ROUNDINGS + direction.size + 1, "float64") * along


@pytest.mark.parametrize("activation", PIECEWISE_LINEAR)
@pytest.mark.parametrize("seed", SEEDS)
def test_the_gradient_in_images_is_the_slope(activation, seed):
    one = case(seed)
    model, direction = one.model(activation), grid_numbers(np.random.default_rng(seed), one.x.shape)
    _, pull = model.linearise(one.x)
    slope = (value(one, model, one.x + STEP * direction) - value(one, model, one.x - STEP * direction)) / (2 * STEP)
    found = float(np.sum(pull(one.cotangent) * direction))
    assert abs(slope - found) <= difference_bound(one, activation, "x", direction)
    assert abs(found) > difference_bound(one, activation, "x", direction)


@pytest.mark.parametrize("activation", PIECEWISE_LINEAR)
@pytest.mark.parametrize("name", ["W", "C", "c0"])
def test_the_gradient_in_parameters_is_the_slope(activation, name):
    one = case(SEEDS[0])
    model = one.model(activation)
    found = model.at(one.x).parameter_gradients(one.cotangent)[name]
    direction = grid_numbers(np.random.default_rng(5), found.shape)
    there, back = (
        value(
            one,
            model.with_parameters(model.parameters | {name: model.parameters[name] + sign * STEP * direction}),
            one.x,
        )
        for sign in (1, -1)
    )
    slope, gradient = (there - back) / (2 * STEP), float(np.sum(found * direction))
    assert abs(slope - gradient) <= difference_bound(one, activation, name, direction)
    assert abs(gradient) > difference_bound(one, activation, name, direction)


@pytest.mark.parametrize("activation", ["gate", "tanh", "relu"])
def test_every_namespace_computes_the_same(backend, activation):
    one = case(SEEDS[1])
    here, there = one.model(activation), one.model(activation, backend)
    bound = 2 * BOUND * one.size(activation) / np.min(np.abs(one.cotangent[one.cotangent != 0]))
    logits, pull = there.linearise(backend.asarray(one.x))
    assert np.max(np.abs(to_numpy(logits) - here.logits(one.x))) <= bound
    for smoothing in (None, 0.1):
        wanted = here.linearise(one.x, smoothing)[1](one.cotangent)
        pull = there.linearise(backend.asarray(one.x), smoothing)[1]
        found = to_numpy(pull(backend.asarray(one.cotangent)))
        unit = 2 * BOUND * one.size(activation, x=np.ones_like(one.x))
        # A smoothed slope is at most 1 + max|v|/(4 width) in size, and its window errs with |v| over the width.
        steep = 1.0 if smoothing is None else _steepness(here, one.x, smoothing)
        assert np.max(np.abs(found - wanted)) <= unit * steep
    gradients = there.at(backend.asarray(one.x)).parameter_gradients(backend.asarray(one.cotangent))
    for name, gradient in here.at(one.x).parameter_gradients(one.cotangent).items():
        unit = 2 * BOUND * one.size(activation, **{name: np.ones_like(gradient)})
        assert np.max(np.abs(to_numpy(gradients[name]) - gradient)) <= unit


def _steepness(model, x, smoothing):
    V, reach = np.abs(model.at(x).encoded.V), np.sum(np.abs(model.encoder.filters), axis=0)
    ratio = np.max((V + model.encoder.b) / (smoothing * reach))
    return float((1 + ratio) ** 3)


def test_a_gate_smoothed_over_nothing_is_held_fixed():
    one = case(SEEDS[2])
    model = one.model("gate")
    widest = float(np.max(np.sum(np.abs(model.encoder.filters), axis=0)))
    # The window is exactly open or shut where the margin is 100 widths: tanh(50) rounds to 1.
    narrow = one.margin / (100 * widest)
    pulled = [model.linearise(one.x, smoothing)[1](one.cotangent) for smoothing in (narrow, None)]
    assert np.max(np.abs(pulled[0] - pulled[1])) <= 2 * BOUND * one.size("gate", x=np.ones_like(one.x))
    wide = model.linearise(one.x, 0.5)[1](one.cotangent)
    assert np.max(np.abs(wide - pulled[1])) > 0.01 * np.max(np.abs(pulled[1]))


@pytest.mark.parametrize("chunk", [1, 2, IMAGES])
def test_chunks_change_nothing_but_rounding(chunk):
    one = case(SEEDS[0])
    whole, parts = one.model("gate", chunk=IMAGES + 1), one.model("gate", chunk=chunk)
    assert parts.chunk == chunk
    bound = 2 * BOUND * one.size("gate") / np.min(np.abs(one.cotangent[one.cotangent != 0]))
    assert np.max(np.abs(parts.logits(one.x) - whole.logits(one.x))) <= bound
    pulled = [model.linearise(one.x)[1](one.cotangent) for model in (whole, parts)]
    assert pulled[1].shape == one.x.shape
    assert np.max(np.abs(pulled[0] - pulled[1])) <= 2 * BOUND * one.size("gate", x=np.ones_like(one.x))


def test_no_images_have_no_logits():
    one = case(SEEDS[0])
    logits, pull = one.model("gate").linearise(one.x[:0])
    assert logits.shape == (0, CLASSES)
    assert pull(logits).shape == (0, *one.x.shape[1:])
