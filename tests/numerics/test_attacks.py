import numpy as np
import pytest
from hypothesis import given

from numerics.attacks import attacked_loss, fgm, gate_aware_pgd, pgd, random_search
from numerics.attacks.smoothing import smoothed_gate_slope
from numerics.backend import to_numpy
from numerics.network import GatedNetwork
from numerics.norms import vector_norm
from numerics.rounding import gamma
from tests.numerics.allowances import norm_excess
from tests.numerics.strategies import cases
from tests.numerics.test_certificate import attacks, norms, sizes


@given(case=cases(), eps=sizes, norm=norms)
def test_attacks_stay_in_the_ball_and_never_lower_the_loss(backend, case, eps, norm):
    net, Z, y = case.network(backend), backend.asarray(case.Z), backend.asarray(case.y)
    # `delta` is zero or was judged by the same products in the same order: no allowance for rounding.
    clean = to_numpy(attacked_loss(net, Z, y, backend.xp.zeros_like(Z)))
    for delta in attacks(net, Z, y, eps, norm):
        assert delta.shape == Z.shape
        assert np.all(to_numpy(vector_norm(delta, norm)) <= eps * (1 + norm_excess(Z.shape[-1])))
        assert np.all(to_numpy(attacked_loss(net, Z, y, delta)) >= clean)


@given(case=cases(), norm=norms)
def test_an_attack_of_size_zero_does_nothing(case, norm):
    net = GatedNetwork(case.W, case.a, case.b)
    for delta in attacks(net, case.Z, case.y, 0.0, norm):
        assert not np.any(delta)


def test_observations_shared_by_replicas_get_perturbations_of_their_own():
    rng = np.random.default_rng(1)
    net = GatedNetwork(rng.standard_normal((3, 4, 5)), rng.standard_normal((3, 5)), 0.1)
    Z, y = rng.standard_normal((2, 4)), np.zeros(2)
    for delta in attacks(net, Z, y, 0.1, "l2"):
        assert delta.shape == (3, 2, 4)


@pytest.fixture
def masked():
    """A silent node just below its gate: the gradient is zero, the jump is within reach (claim E8)."""
    return GatedNetwork(np.ones((1, 1)), np.ones(1), np.array([0.5])), np.array([[0.375]]), np.array([0.0])


def test_gradient_attacks_do_not_see_a_gate_within_reach(masked):
    net, Z, y = masked
    rng = np.random.default_rng(0)
    assert not np.any(fgm(net, Z, y, 0.25, "l2"))
    assert not np.any(pgd(net, Z, y, 0.25, "l2", rng=rng, restarts=1))


def test_the_gate_aware_attack_opens_a_gate_within_reach(masked):
    net, Z, y = masked
    delta = gate_aware_pgd(net, Z, y, 0.25, "l2", rng=np.random.default_rng(0), restarts=1)
    assert attacked_loss(net, Z, y, delta)[0] >= 0.5**2


def test_the_gate_aware_attack_closes_a_gate_within_reach():
    """The output jumps from .625 to 0 while the target lies above it."""
    net, Z, y = GatedNetwork(np.ones((1, 1)), np.ones(1), np.array([0.5])), np.array([[0.625]]), np.array([2.0])
    delta = gate_aware_pgd(net, Z, y, 0.25, "l2", rng=np.random.default_rng(0), restarts=1)
    assert attacked_loss(net, Z, y, delta)[0] == 4.0


def test_random_search_opens_a_gate_without_gradients(masked):
    net, Z, y = masked
    delta = random_search(net, Z, y, 0.25, "l2", rng=np.random.default_rng(0), trials=20)
    assert attacked_loss(net, Z, y, delta)[0] >= 0.5**2


@pytest.mark.parametrize("width", [0.01, 0.1, 1.0])
@pytest.mark.parametrize("b", [0.0, 0.5])
def test_smoothed_gate_slope_is_the_complex_step_derivative(width, b):
    v = np.linspace(0.05, 2.0, 40)

    def smoothed(z):
        return z * (0.5 + 0.5 * np.tanh((z - b) / (2 * width))) if b else z

    # A complex step takes no difference: its truncation error is below 1e-60.
    expected = smoothed(v + 1e-30j).imag / 1e-30
    # Of some 20 operations the argument (v - b)/width amplifies rounding most, by (v + b)/width; the slope of the
    # logistic function times v/width carries it on.
    bound = gamma(40, "float64") * (1 + (v + b) / width) * (1 + v / width)
    assert np.all(np.abs(smoothed_gate_slope(v, np.asarray(b), width) - expected) <= bound)
    assert np.all(np.abs(smoothed_gate_slope(-v, np.asarray(b), width) - expected) <= bound)
