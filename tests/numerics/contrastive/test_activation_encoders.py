"""Encoders of every activation agree with networks for each output, and can be trained and attacked."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from numerics.activations import ACTIVATIONS, THRESHOLDED
from numerics.backend import select_backend
from numerics.contrastive.attacks import PairAttack, fgm, pgd
from numerics.contrastive.encoder import ContrastiveNetwork
from numerics.contrastive.loss import pair_loss
from numerics.contrastive.training import ContrastivePlan, Gated, train_contrastive
from numerics.features import FeatureLaw
from numerics.network import GatedNetwork, forward, gated_outputs, input_gradient, nodes, preactivations
from numerics.norms import vector_norm
from numerics.rounding import gamma
from numerics.streams import Streams
from tests.numerics.allowances import norm_excess
from tests.numerics.contrastive.strategies import encoder_cases

names = st.sampled_from(ACTIVATIONS)
THRESHOLD = 0.1
SLOPE = 1.2  # largest |act'| of all activations (SiLU, 1.0999; GELU, 1.1290)


def encoder(case, name):
    b = np.maximum(case.b, 2.0**-10)
    return ContrastiveNetwork(case.parameters["W"], case.parameters["C"], b, name)


def outputs(net):
    """The networks of one output each."""
    return [GatedNetwork(net.W, net.C[..., k], net.b, net.activation) for k in range(net.C.shape[-1])]


def rounding(net, Z):
    """Two orders of summation of the same products differ by this, at entries of modulus at most 1.

    A term is a product of an entry of Z, of W, of C, a slope, and a value of a node (`|act(v)| <= 1 + |v|`), and takes
    part in fewer than d + H + q + n + 4 roundings; there are at most d H max(n, q) of them.
    """
    d, H = net.W.shape[-2:]
    q, n = net.C.shape[-1], Z.shape[-2]
    return 2 * gamma(d + H + q + n + 4, "float64") * d * H * max(n, q) * SLOPE * (1 + d)


@given(case=encoder_cases(linear=False), name=names)
def test_every_output_is_a_network(case, name):
    net, Z = encoder(case, name), case.pairs.Z
    embedding, bound = net.at(Z), rounding(net, case.pairs.Z)
    for k, alone in enumerate(outputs(net)):
        unit = np.zeros_like(embedding.g)
        unit[..., k] = 1
        gradient = input_gradient(alone, Z)
        assert np.all(np.abs(embedding.g[..., k] - forward(alone, Z)) <= bound)
        assert np.all(np.abs(embedding.pull(unit) - gradient) <= bound)
        assert np.all(np.abs(embedding.push(Z)[..., k] - np.vecdot(gradient, Z)) <= bound)


@given(case=encoder_cases(linear=False), name=names)
def test_parameter_gradients_are_those_of_the_networks(case, name):
    net, Z = encoder(case, name), case.pairs.Z
    found, bound = net.at(Z).parameter_gradients(np.ones((*Z.shape[:-1], net.C.shape[-1]))), rounding(net, Z)
    in_W = np.zeros_like(net.W)
    for k, alone in enumerate(outputs(net)):
        seen = gated_outputs(alone, Z)
        assert np.all(np.abs(found["C"][..., k] - np.sum(seen, axis=-2)) <= bound)
        slopes = nodes(alone).derivative(preactivations(alone, Z))
        in_W += np.matrix_transpose(Z) @ slopes * alone.a[..., None, :]
    assert np.all(np.abs(found["W"] - in_W) <= bound)


def plan(name, **changes):
    settings = {"steps": 12, "batch": 32, "record_every": 6, "sigma": 0.02} | changes
    b = THRESHOLD if name in THRESHOLDED else 0.0
    return ContrastivePlan(law=FeatureLaw.unit_energy(6, 0.3), encoder=Gated(9, 4, b, name), **settings)


@pytest.mark.parametrize("name", ACTIVATIONS)
@pytest.mark.parametrize("attack", ["none", "fgm", "pgd"])
def test_every_activation_trains_and_is_attacked(name, attack):
    settings = {"attack": attack, "eps": 0.0 if attack == "none" else 0.1}
    record = train_contrastive(plan(name, **settings), Streams(3), 2, select_backend("numpy"))
    trained = record.encoder
    assert trained.activation == name
    assert np.all(np.isfinite(trained.W))
    assert not np.array_equal(record.U_initial, record.U_final)


@given(case=encoder_cases(linear=False), name=names, eps=st.sampled_from([0.05, 0.3]))
def test_attacks_stay_in_the_ball(case, name, eps):
    net, attack = encoder(case, name), PairAttack("l2", eps)
    for delta in (fgm(net, case.pairs, attack), pgd(net, case.pairs, attack, rng=np.random.default_rng(0))):
        assert np.all(vector_norm(delta.first, "l2") <= eps * (1 + norm_excess(delta.first.shape[-1])))
        assert np.all(np.isfinite(pair_loss(net, delta.applied_to(case.pairs))))


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_thresholds_go_with_activations_that_have_one(name):
    wrong = 0.1 if name not in THRESHOLDED else -0.1
    with pytest.raises(ValueError, match=r"b is -?0\.1; expected"):
        Gated(4, 4, wrong, name)
    if name in THRESHOLDED and name != "gate":
        with pytest.raises(ValueError, match="a threshold above 0"):
            Gated(4, 4, 0.0, name)


def test_an_unknown_activation_is_refused():
    with pytest.raises(ValueError, match="activation is 'cube'"):
        Gated(4, 4, 0.1, "cube")


def test_the_slope_bound_covers_every_activation():
    v = np.linspace(-8, 8, 4001)[:, None]
    for name in ACTIVATIONS:
        alone = GatedNetwork(np.ones((1, 1)), np.ones(1), np.full(1, THRESHOLD), name)
        assert np.max(np.abs(nodes(alone).derivative(v))) <= SLOPE
