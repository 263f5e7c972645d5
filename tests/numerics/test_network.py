import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from numerics.backend import to_numpy
from numerics.network import (
    GatedNetwork,
    active,
    effective_map,
    forward,
    input_gradient,
    preactivations,
    squared_loss_gradients,
)
from numerics.rounding import central_difference_bound, forward_bound, gamma, preactivation_bound, unit_roundoff
from tests.numerics.assertions import assert_array_equals
from tests.numerics.strategies import Case, cases

MARGIN = 2.0**-8
STEP = 2.0**-10  # moves a preactivation by at most 2 STEP < MARGIN: both points lie in one gate cell


def node_by_node(case):
    """f(z) as its definition reads, one sample and node at a time."""
    out = np.zeros(case.y.shape)
    for index in np.ndindex(*case.y.shape):
        *replica, sample = index
        net = tuple(replica)
        for h in range(case.a.shape[-1]):
            v = sum(case.Z[(*index, i)] * case.W[(*net, i, h)] for i in range(case.Z.shape[-1]))
            out[net][sample] += case.a[(*net, h)] * (v if abs(v) >= case.b[(*net, h)] else 0.0)
    return out


def loss_and_bound(net, Z, y):
    """The mean squared error in float64 and a bound on its rounding error.

    The residual errs by e = (bound on f) + u |residual|, its square by e (2 |residual| + e), and squaring,
    n - 1 sums and the division by gamma_{n+1}; one rounding more makes up for those of the bound.
    """
    residual = forward(net, Z) - y
    e = forward_bound(net, Z) + unit_roundoff("float64") * np.abs(residual)
    n = Z.shape[-2]
    loss = np.mean(residual**2, axis=-1)
    return loss, np.mean(e * (2 * np.abs(residual) + e), axis=-1) + gamma(n + 2, "float64") * loss


def central_difference(value_and_bound, x, index):
    """The central difference of a quadratic in the entry `x[..., *index]`, and a bound on its error."""
    up, down = x.copy(), x.copy()
    up[(..., *index)] += STEP
    down[(..., *index)] -= STEP
    (high, high_bound), (low, low_bound) = value_and_bound(up), value_and_bound(down)
    evaluation = np.maximum(high_bound, low_bound) + unit_roundoff("float64") * np.abs(high - low)
    bound = np.vectorize(lambda e: central_difference_bound(STEP, e))(evaluation)
    return (high - low) / (2 * STEP), bound


def parameter_gradient_bounds(case, net):
    """Bounds on the rounding errors of the gradients in W and a.

    Each is a sum over n samples of products of the slope 2 (f - y)/n; the slope errs through the residual by
    e of `loss_and_bound`, and fewer than n + d + 4 roundings follow on each term.
    """
    n, d = case.Z.shape[-2:]
    residual = np.abs(forward(net, case.Z) - case.y)
    error = forward_bound(net, case.Z) + unit_roundoff("float64") * residual
    relative = gamma(n + d + 4, "float64")
    slope = (2 / n) * (error + relative * (residual + error))[..., None]
    W = np.swapaxes(np.abs(case.Z), -1, -2) @ (slope * np.abs(case.a)[..., None, :])
    V = np.abs(case.Z) @ np.abs(case.W)
    return W, np.sum(V * slope, axis=-2)


@given(case=cases())
def test_forward_is_the_sum_over_nodes_on_every_backend(backend, xp, case):
    net, Z = case.network(backend), backend.asarray(case.Z)
    # On the grid the preactivations are exact, so no gate is decided by rounding.
    assert_array_equals(forward(net, Z), node_by_node(case), bound=2 * forward_bound(net, Z), xp=xp)


@given(case=cases())
def test_preactivations_and_active_set_follow_their_definitions(backend, xp, case):
    net, Z = case.network(backend), backend.asarray(case.Z)
    V = preactivations(net, Z)
    assert_array_equals(V, case.Z @ case.W, bound=2 * preactivation_bound(net, Z), xp=xp)
    fires = np.abs(case.Z @ case.W) >= case.b[..., None, :]
    assert_array_equals(xp.astype(active(V, net.b), xp.int8), fires.astype(np.int8), bound=0, xp=xp, dtype="int8")


def test_a_node_fires_on_its_threshold(xp):
    net = GatedNetwork(xp.ones((1, 1)), xp.ones((1,)), 0.5)
    Z = xp.asarray([[0.5], [-0.5], [0.25]])
    assert_array_equals(forward(net, Z), [0.5, -0.5, 0.0], bound=0, xp=xp)


@given(case=cases())
def test_network_is_its_effective_map_applied_to_the_features(backend, xp, case):
    """P1: f(z) = beta(z)^T M^T z everywhere, with M = I."""
    net, Z = case.network(backend), backend.asarray(case.Z)
    beta = effective_map(net, Z)
    # Either side sums the same products a_h w_ih z_i, each through fewer than d + H roundings.
    assert_array_equals(xp.sum(beta * Z, axis=-1), to_numpy(forward(net, Z)), bound=2 * forward_bound(net, Z), xp=xp)


@given(case=cases(min_margin=MARGIN))
def test_input_gradient_agrees_with_central_differences(case):
    net = GatedNetwork(case.W, case.a, case.b)
    gradient = input_gradient(net, case.Z)
    own = gamma(case.a.shape[-1], "float64") * (
        np.ones_like(case.Z[..., :1]) * (np.abs(case.W) @ np.abs(case.a)[..., None])[..., 0][..., None, :]
    )
    for i in range(case.Z.shape[-1]):
        difference, bound = central_difference(lambda Z: (forward(net, Z), forward_bound(net, Z)), case.Z, (i,))
        assert np.all(np.abs(gradient[..., i] - difference) <= bound + own[..., i])


@given(case=cases(min_margin=MARGIN))
def test_weight_gradient_agrees_with_central_differences(case):
    net = GatedNetwork(case.W, case.a, case.b)
    gradients = squared_loss_gradients(net, case.Z, case.y)
    own, _ = parameter_gradient_bounds(case, net)
    for index in np.ndindex(*case.W.shape[-2:]):
        difference, bound = central_difference(
            lambda W: loss_and_bound(GatedNetwork(W, case.a, case.b), case.Z, case.y), case.W, index
        )
        assert np.all(np.abs(gradients.W[(..., *index)] - difference) <= bound + own[(..., *index)])


@given(case=cases(min_margin=MARGIN))
def test_head_gradient_agrees_with_central_differences(case):
    net = GatedNetwork(case.W, case.a, case.b)
    gradients = squared_loss_gradients(net, case.Z, case.y)
    _, own = parameter_gradient_bounds(case, net)
    for h in range(case.a.shape[-1]):
        difference, bound = central_difference(
            lambda a: loss_and_bound(GatedNetwork(case.W, a, case.b), case.Z, case.y), case.a, (h,)
        )
        assert np.all(np.abs(gradients.a[..., h] - difference) <= bound + own[..., h])


@given(case=cases())
def test_gradients_are_the_same_on_every_backend(backend, xp, case):
    net, Z, y = case.network(backend), backend.asarray(case.Z), backend.asarray(case.y)
    host = GatedNetwork(case.W, case.a, case.b)
    expected, actual = squared_loss_gradients(host, case.Z, case.y), squared_loss_gradients(net, Z, y)
    loss, loss_bound = loss_and_bound(host, case.Z, case.y)
    W_bound, a_bound = parameter_gradient_bounds(case, host)
    assert_array_equals(actual.loss, loss, bound=2 * loss_bound, xp=xp)
    assert_array_equals(actual.W, expected.W, bound=2 * W_bound, xp=xp)
    assert_array_equals(actual.a, expected.a, bound=2 * a_bound, xp=xp)


@given(case=cases(), seed=st.integers(0, 99))
def test_effective_map_is_the_input_gradient_in_feature_coordinates(backend, xp, case, seed):
    """With M a signed permutation, M beta = grad f holds without rounding."""
    rng = np.random.default_rng(seed)
    d = case.Z.shape[-1]
    M = np.eye(d)[rng.permutation(d)] * rng.choice([-1.0, 1.0], d)
    net, Z = case.network(backend), backend.asarray(case.Z)
    back = xp.matmul(effective_map(net, Z, backend.asarray(M)), backend.asarray(M.T))
    assert_array_equals(back, to_numpy(input_gradient(net, Z)), bound=0, xp=xp)


def test_the_gradient_over_all_nodes_is_not_the_input_gradient():
    """The control of P1: silent nodes do not count."""
    net = GatedNetwork(np.eye(2), np.ones(2), np.array([0.5, 0.5]))
    Z = np.array([[1.0, 0.25]])
    assert np.array_equal(input_gradient(net, Z), [[1.0, 0.0]])
    assert not np.array_equal(input_gradient(net, Z), net.a @ net.W.T)


@given(case=cases())
def test_replicas_do_not_mix(case):
    full = forward(GatedNetwork(case.W, case.a, case.b), case.Z)
    for index in np.ndindex(*case.a.shape[:-1]):
        alone = GatedNetwork(case.W[index], case.a[index], case.b[index])
        bound = 2 * forward_bound(alone, case.Z[index])
        assert np.all(np.abs(forward(alone, case.Z[index]) - full[index]) <= bound)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_dtype_is_kept(backend, xp, dtype):
    case = Case(np.eye(2), np.ones(2), np.zeros(2), np.ones((3, 2)), np.zeros(3))
    net = case.network(backend, dtype)
    Z, y = backend.asarray(case.Z, dtype), backend.asarray(case.y, dtype)
    gradients = squared_loss_gradients(net, Z, y)
    for x in (forward(net, Z), effective_map(net, Z), gradients.loss, gradients.W, gradients.a):
        assert x.dtype == getattr(xp, dtype)


def test_a_scalar_threshold_is_that_of_every_node(xp):
    net = GatedNetwork(xp.ones((3, 2, 4)), xp.ones((3, 4)), 0.5)
    assert_array_equals(net.b, np.full((3, 4), 0.5), bound=0, xp=xp)


@pytest.mark.parametrize(
    ("W", "a", "b", "message"),
    [
        ((2, 3), (2,), (), "W, a have shapes"),
        ((4, 2, 3), (3,), (), "W, a have shapes"),
        ((3,), (3,), (), "W, a have shapes"),
        ((2, 3), (3,), (2,), "b has shape"),
    ],
)
def test_shapes_that_do_not_agree_are_refused(xp, W, a, b, message):
    with pytest.raises(ValueError, match=message):
        GatedNetwork(xp.ones(W), xp.ones(a), xp.ones(b))


@pytest.mark.parametrize("shape", [(3, 1), (1,), (4,)])
def test_gradients_need_one_target_for_each_observation(xp, shape):
    net = GatedNetwork(xp.ones((2, 4)), xp.ones(4), 0.5)
    with pytest.raises(ValueError, match="one target an observation"):
        squared_loss_gradients(net, xp.ones((3, 2)), xp.ones(shape))
