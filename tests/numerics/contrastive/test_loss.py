import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import numerics.contrastive.encoder as encoder_module
from numerics.backend import to_numpy
from numerics.contrastive.encoder import ContrastiveNetwork, LinearEncoder
from numerics.contrastive.loss import embed, pair_loss, parameter_gradients, sigmoid, softplus
from numerics.contrastive.pairs import Pairs
from tests.numerics.assertions import assert_array_equals
from tests.numerics.contrastive.strategies import MARGIN, STEP, EncoderCase, encoder_cases


def input_gradients(embedded):
    """The gradients of each pair's loss in ``z`` and in ``z'``, each of shape (..., n, d)."""
    slope = embedded.slope[..., None]
    return embedded.first.pull(slope * embedded.second.g), embedded.second.pull(slope * embedded.first.g)


def mean_loss(case):
    return np.mean(pair_loss(case.encoder(), case.pairs), axis=-1)


def difference(value, x, index):
    """The central difference in the entry ``x[..., *index]``."""
    up, down = x.copy(), x.copy()
    up[(..., *index)] += STEP
    down[(..., *index)] -= STEP
    return (value(up) - value(down)) / (2 * STEP)


def check_parameter_gradients(case):
    gradients = parameter_gradients(embed(case.encoder(), case.pairs))
    assert gradients.keys() == case.parameters.keys()
    for name, x in case.parameters.items():

        def value(moved, name=name):
            return mean_loss(dataclasses.replace(case, parameters=case.parameters | {name: moved}))

        for index in np.ndindex(*x.shape[-2:]):
            error = np.abs(gradients[name][(..., *index)] - difference(value, x, index))
            assert np.all(error <= case.reach().difference_error)


@given(case=encoder_cases(min_margin=MARGIN))
def test_parameter_gradients_agree_with_central_differences(case):
    check_parameter_gradients(case)


@given(case=encoder_cases(min_margin=MARGIN))
def test_input_gradients_of_both_sides_agree_with_central_differences(case):
    encoder = case.encoder()
    for side, gradient in zip(("Z", "Z_prime"), input_gradients(embed(encoder, case.pairs)), strict=True):

        def value(moved, side=side):
            return pair_loss(encoder, dataclasses.replace(case.pairs, **{side: moved}))

        for i in range(case.pairs.Z.shape[-1]):
            error = np.abs(gradient[..., i] - difference(value, getattr(case.pairs, side), (i,)))
            assert np.all(error <= case.reach().difference_error)


@given(case=encoder_cases(), seed=st.integers(0, 99))
def test_push_and_pull_are_adjoint_and_euler_holds(case, seed):
    """c . J t = J^T c . t, and J z = g where no node has a bias."""
    embedding = case.encoder().at(case.pairs.Z)
    rng = np.random.default_rng(seed)
    t, c = rng.uniform(-0.5, 0.5, case.pairs.Z.shape), rng.uniform(-0.5, 0.5, embedding.g.shape)
    # Entries of t are those of an observation and c is shorter than any g with entries 1/2.
    bound = case.reach().evaluation_error * (1 + math.sqrt(c.shape[-1]) / 2)
    assert np.all(np.abs(np.vecdot(c, embedding.push(t)) - np.vecdot(embedding.pull(c), t)) <= bound)
    assert np.all(np.abs(embedding.push(case.pairs.Z) - embedding.g) <= bound)


@given(case=encoder_cases())
def test_everything_is_the_same_on_every_backend(backend, xp, case):
    here, there = embed(case.encoder(backend), case.pairs_on(backend)), embed(case.encoder(), case.pairs)
    bound = 2 * case.reach().evaluation_error
    assert_array_equals(here.loss, there.loss, bound=bound, xp=xp)
    for one, other in zip(input_gradients(here), input_gradients(there), strict=True):
        assert_array_equals(one, other, bound=bound, xp=xp)
    expected = parameter_gradients(there)
    for name, gradient in parameter_gradients(here).items():
        assert_array_equals(gradient, expected[name], bound=bound, xp=xp)


@given(case=encoder_cases())
def test_replicas_do_not_mix(case):
    full = pair_loss(case.encoder(), case.pairs)
    for index in np.ndindex(*full.shape[:-1]):
        alone = EncoderCase(
            {name: x[index] for name, x in case.parameters.items()},
            None if case.b is None else case.b[index],
            Pairs(case.pairs.Z[index], case.pairs.Z_prime[index], case.pairs.y[index]),
        )
        loss = pair_loss(alone.encoder(), alone.pairs)
        assert np.all(np.abs(loss - full[index]) <= 2 * case.reach().evaluation_error)


FIXED = EncoderCase(
    {"W": np.array([[0.5, 0.25], [-0.25, 0.5]]), "C": np.array([[0.5, 0.25], [-0.5, 0.5]])},
    np.array([0.15625, 0.15625]),
    Pairs(np.array([[0.5, -0.5], [0.5, 0.25]]), np.array([[0.5, 0.5], [0.25, 0.5]]), np.array([1.0, -1.0])),
)


def test_a_flipped_gate_is_told_apart(monkeypatch):
    """A backward pass with the gates of the forward pass turned round."""
    assert FIXED.margin() >= MARGIN
    check_parameter_gradients(FIXED)
    embedding = encoder_module.GatedEmbedding
    pull = embedding._back_to_nodes
    monkeypatch.setattr(
        embedding, "_back_to_nodes", lambda self, c: pull(dataclasses.replace(self, slopes=1 - self.slopes), c)
    )
    with pytest.raises(AssertionError):
        check_parameter_gradients(FIXED)


def test_a_flipped_sign_is_told_apart(monkeypatch):
    embedding = encoder_module.GatedEmbedding
    gradients = embedding.parameter_gradients
    monkeypatch.setattr(
        embedding, "parameter_gradients", lambda self, c: {name: -x for name, x in gradients(self, c).items()}
    )
    with pytest.raises(AssertionError):
        check_parameter_gradients(FIXED)


def test_softplus_and_sigmoid_do_not_overflow(xp):
    t = xp.asarray([-1000.0, 0.0, 1000.0], dtype=xp.float64)
    assert_array_equals(softplus(t), [0.0, math.log(2), 1000.0], bound=4e-16, xp=xp)
    assert_array_equals(sigmoid(t), [0.0, 0.5, 1.0], bound=4e-16, xp=xp)


def test_sigmoid_keeps_its_relative_accuracy_in_the_tail():
    """e^-t (1 - e^-t + ...): at 40 the second term is below 2^-57; exp and log1p err by a few roundings of 40."""
    assert abs(sigmoid(np.asarray(-40.0)) / math.exp(-40.0) - 1) <= 64 * np.finfo(np.float64).eps


def test_a_linear_encoder_scores_through_its_gram_matrix(xp):
    T = xp.asarray([[[1.0, 2.0, 0.5]], [[0.0, 1.0, -1.0]]])
    encoder = LinearEncoder(T)
    host = to_numpy(T)
    assert_array_equals(encoder.gram(), np.swapaxes(host, -1, -2) @ host, bound=0, xp=xp, dtype=str(T.dtype)[-7:])
    assert encoder.columns.shape == (2, 3, 1)


@pytest.mark.parametrize(
    ("W", "C", "b", "message"),
    [
        ((2, 3), (2, 4), (), "W, C have shapes"),
        ((5, 2, 3), (3, 4), (), "W, C have shapes"),
        ((3,), (4,), (), "W, C have shapes"),
        ((2, 3), (3, 4), (2,), "b has shape"),
    ],
)
def test_shapes_that_do_not_agree_are_refused(xp, W, C, b, message):
    with pytest.raises(ValueError, match=message):
        ContrastiveNetwork(xp.ones(W), xp.ones(C), xp.ones(b))
