"""The public Hypothesis strategies draw what their docstrings promise."""

import numpy as np
import pytest
from hypothesis import find, given
from hypothesis import strategies as st

from numerics.features import ConstantAmplitude, UniformAmplitude
from numerics.network import active, forward, preactivations
from numerics.norms import vector_norm
from numerics.rounding import gamma
from purecheck import strategies
from purecheck.strategies import attacks, dictionaries, laws, mixed_layers, near_gates, pure_layers


@given(laws(most=5))
def test_a_law_can_be_sampled_and_has_the_features_that_it_names(law):
    assert law.sample(np.random.default_rng(0), (3,)).shape == (3, law.d)
    assert 1 <= law.d <= 5
    assert 0 < law.p < 1


@pytest.mark.parametrize("kind", [ConstantAmplitude, UniformAmplitude])
def test_both_laws_of_amplitudes_are_drawn(kind):
    assert isinstance(find(laws(), lambda law: isinstance(law.amplitude, kind)).amplitude, kind)


@given(laws(constant=True))
def test_amplitudes_are_constant_where_that_is_asked(law):
    assert isinstance(law.amplitude, ConstantAmplitude)


@given(st.integers(1, 6).flatmap(dictionaries))
def test_dictionaries_are_orthogonal(M):
    d = len(M)
    # An orthogonal factor of LAPACK is orthogonal up to some d^2 roundings in each entry.
    assert np.max(np.abs(M.T @ M - np.eye(d))) <= gamma(8 * d * d, "float64")


@given(st.one_of(pure_layers(), mixed_layers()), st.integers(0, 2**32 - 1))
def test_no_threshold_of_a_pure_or_mixed_layer_cuts_off_a_part_of_the_target(net, seed):
    d = net.W.shape[0]
    x = np.random.default_rng(seed).integers(-1, 2, (20, d)).astype(float)
    # Both sides are two sums of d products each, and neither exceeds the sum of the moduli.
    bound = gamma(4 * d, "float64") * 2 * (np.abs(x) @ np.abs(net.W) @ np.abs(net.a))
    assert np.all(np.abs(forward(net, x) - x @ (net.W @ net.a)) <= bound)


@given(pure_layers())
def test_a_pure_layer_has_one_feature_in_each_node(net):
    assert np.array_equal(net.W, np.eye(len(net.W)))


@given(mixed_layers(orders=[2, 4]))
def test_every_node_of_a_mixed_layer_mixes_the_same_number_of_features(net):
    assert set(np.sum(net.W != 0, axis=0)) in ({2}, {4})


@given(near_gates(ulps=3))
def test_thresholds_lie_as_many_floats_from_the_preactivations_as_stated(near):
    gates = np.abs(near.z @ near.net.W)
    distance = np.abs(near.net.b - gates)
    assert np.array_equal(distance == 0, near.steps == 0)
    assert np.array_equal(active(preactivations(near.net, near.z[None]), near.net.b)[0], near.steps <= 0)
    assert np.all(distance <= 3 * np.spacing(near.net.b))


@given(attacks(largest=0.25))
def test_attacks_are_of_a_size_and_norm_that_the_attacks_take(attack):
    assert 0 <= attack.eps <= 0.25
    assert vector_norm(np.ones(2), attack.norm) > 0


def test_what_is_public_is_documented():
    assert all((getattr(strategies, name).__doc__ or "").strip() for name in strategies.__all__)
