import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from numerics.backend import to_numpy
from numerics.features import rotation
from numerics.network import GatedNetwork
from numerics.purity import (
    energy_mean,
    firing_rate,
    gate_ratio,
    largest_share,
    live_mean,
    live_nodes,
    participation_ratio,
    subspace_participation,
)
from numerics.rounding import gamma
from tests.numerics.assertions import assert_array_equals
from tests.numerics.strategies import cases, grid_arrays

weights = st.tuples(st.integers(1, 3), st.integers(1, 6), st.integers(1, 4)).flatmap(grid_arrays)


def relative(d):
    """Squares twice, d - 1 sums, a square and a division, of entries scaled once: under 2 d + 10 roundings."""
    return gamma(2 * d + 10, "float64")


@given(U=weights)
def test_purity_is_that_of_its_definition(backend, xp, U):
    d = U.shape[-2]
    squares = U**2
    dead = np.all(U == 0, axis=-2)
    energy = np.where(dead, np.nan, squares.sum(-2))
    ratio = energy**2 / np.where(dead, 1, (squares**2).sum(-2))
    share = squares.max(-2) / energy
    there = backend.asarray(U)
    assert_array_equals(participation_ratio(there), ratio, bound=2 * relative(d) * d, xp=xp)
    assert_array_equals(largest_share(there), share, bound=2 * relative(d), xp=xp)


@given(U=weights)
def test_participation_and_share_bound_each_other(U):
    """max u^4 <= sum u^4 <= max u^2 sum u^2, hence 1/share <= ratio <= 1/share^2; and 1 <= ratio <= d."""
    d = U.shape[-2]
    live = np.any(U != 0, axis=-2)
    ratio, share = participation_ratio(U)[live], largest_share(U)[live]
    slack = 1 + 3 * relative(d)
    assert np.all((ratio * slack >= 1 / share) & (ratio <= slack / share**2))
    assert np.all((ratio * slack >= 1) & (ratio <= d * slack))


@given(U=weights, power=st.sampled_from([-700, 700]))
def test_purity_does_not_depend_on_the_scale(U, power):
    scaled = np.ldexp(U, power)
    assert np.array_equal(participation_ratio(scaled), participation_ratio(U), equal_nan=True)
    assert np.array_equal(largest_share(scaled), largest_share(U), equal_nan=True)


def test_dead_nodes_carry_no_weight(xp):
    """One node is pure, one mixes two features, one has no weights, one has no head."""
    U = xp.asarray([[1.0, 1.0, 0.0, 1.0], [0.0, 1.0, 0.0, 0.5]])
    a = xp.asarray([1.0, 2.0, 3.0, 0.0])
    live = live_nodes(U, a)
    assert to_numpy(live).tolist() == [True, True, False, False]
    assert_array_equals(live_mean(participation_ratio(U), live), 1.5, bound=0, xp=xp)


@given(d=st.integers(1, 5), seed=st.integers(0, 99))
def test_the_span_of_features_is_pure_however_the_nodes_mix_them(backend, xp, d, seed):
    rng = np.random.default_rng(seed)
    q = int(rng.integers(1, d + 1))
    features = np.eye(d)[:, rng.permutation(d)[:q]]
    mixed = features @ rotation(q, rng)
    # Householder's QR turns the span by at most sqrt(q) gamma_{10 d q} (Higham, theorem 19.4; the columns are
    # orthonormal), hence each leverage by twice that; the ratio doubles it again.
    bound = 8 * q * np.sqrt(q) * gamma(10 * d * q + 10, "float64")
    assert_array_equals(subspace_participation(backend.asarray(mixed)), 1.0, bound=bound, xp=xp)


@given(u=hnp.arrays(np.float64, 4, elements=st.integers(-8, 8)).filter(np.any))
def test_the_span_of_one_node_is_the_node(u):
    U = u[:, None]
    assert np.isclose(subspace_participation(U), participation_ratio(U)[0], rtol=gamma(200, "float64"), atol=0)


def test_a_span_in_no_direction_of_its_own_is_as_impure_as_can_be():
    U = np.array([[1.0, 1.0], [1.0, -1.0], [1.0, 1.0], [1.0, -1.0]])
    assert abs(subspace_participation(U) - 2.0) <= 16 * gamma(100, "float64")


def test_without_live_nodes_there_is_no_mean(xp):
    mean = live_mean(xp.ones((2, 3)), xp.asarray([[False] * 3, [True] * 3]))
    assert_array_equals(mean, [np.nan, 1.0], bound=0, xp=xp)


def test_gate_ratio_is_the_threshold_over_the_signal(xp):
    W = xp.asarray([[3.0, 0.0], [4.0, 0.0]])
    assert_array_equals(gate_ratio(W, xp.asarray([2.5, 1.0]), 0.5), [1.0, np.nan], bound=0, xp=xp)


@given(case=cases())
def test_firing_rate_counts_the_observations_that_fire(backend, xp, case):
    rate = firing_rate(case.network(backend), backend.asarray(case.Z))
    fires = np.abs(case.Z @ case.W) >= case.b[..., None, :]
    # A count of at most four over their number: one rounding, on either side.
    assert_array_equals(rate, fires.mean(axis=-2), bound=2 * gamma(1, "float64"), xp=xp)


def test_firing_rate_takes_replicas():
    net = GatedNetwork(np.ones((2, 1, 1)), np.ones((2, 1)), np.array([[0.5], [1.5]]))
    Z = np.array([[[1.0], [2.0]], [[1.0], [2.0]]])
    assert firing_rate(net, Z) == pytest.approx(np.array([[1.0], [0.5]]), abs=0)


def test_spare_nodes_hardly_count_in_the_energy_mean():
    U = np.asarray([[1.0, 1.0, 0.0], [0.0, 1.0, 0.0]])
    a = np.asarray([1.0, 1e-3, 0.0])
    ratio = participation_ratio(U)
    bound = 4 * 2.0**-53 * 2
    assert abs(float(energy_mean(ratio, U, a)) - (1 + 2 * 2e-6) / (1 + 2e-6)) <= bound
    assert np.isnan(energy_mean(ratio, U, np.zeros(3)))
