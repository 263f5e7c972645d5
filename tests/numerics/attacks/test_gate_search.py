"""The search over gates: exact steps against a grid, small networks against their exact worst case."""

import numpy as np
import pytest
from hypothesis import given, settings

from numerics.attacks import attacked_loss, gate_aware_pgd, gate_search
from numerics.attacks.search_kernels import search
from numerics.bounds import enclose
from numerics.compiled import climbing, lines
from numerics.compiled.ball import NORM_CODES
from numerics.compiled.lines import best_on_arc, best_on_segment, new_crossings
from numerics.compiled.local import Network, local_at, output
from numerics.network import GatedNetwork
from numerics.norms import NORMS, dual_norm, vector_norm
from numerics.pieces import pieces_of
from numerics.replica_streams import ReplicaNormals
from tests.numerics.allowances import norm_excess
from tests.numerics.strategies import cases
from tests.numerics.test_certificate import norms, sizes

LINES = ("gate", "soft_threshold", "biased_relu", "relu", "leaky_relu")


@settings(max_examples=25)
@given(case=cases(), eps=sizes, norm=norms)
def test_it_stays_in_the_ball_and_never_lowers_the_loss(backend, case, eps, norm):
    net, Z, y = case.network(backend), backend.asarray(case.Z), backend.asarray(case.y)
    delta = gate_search(net, Z, y, eps, norm, rng=np.random.default_rng(0))
    assert delta.shape == Z.shape
    assert np.all(np.asarray(vector_norm(delta, norm)) <= eps * (1 + norm_excess(Z.shape[-1])))
    assert np.all(np.asarray(attacked_loss(net, Z, y, delta) >= attacked_loss(net, Z, y, backend.xp.zeros_like(Z))))


def near(activation, norm, eps=0.4):
    """One observation of a dense network whose nodes have thresholds of their own."""
    rng = np.random.default_rng(2)
    net = GatedNetwork(rng.standard_normal((5, 9)), rng.standard_normal(9), rng.uniform(0.2, 0.6, 9), activation)
    pieces, z = pieces_of(net), rng.standard_normal(5)
    network = Network(net.W, pieces.breaks, pieces.slopes, pieces.constants)
    return net, z, local_at(NORM_CODES[norm], eps, network, z @ net.W, eps * dual_norm(net.W.T, norm))


@pytest.mark.parametrize("activation", LINES)
def test_the_local_network_is_the_network(activation):
    net, z, local = near(activation, "l2")
    rng = np.random.default_rng(0)
    for direction in rng.standard_normal((20, 5)):
        delta = 0.4 * direction / np.linalg.norm(direction)
        expected = attacked_loss(net, z[None], np.zeros(1), delta[None])[0]
        # A few hundred roundings of terms below 10.
        assert abs(output(local, delta, np.empty(local.v.size)) ** 2 - expected) <= 1e-12


@pytest.mark.parametrize("activation", LINES)
def test_a_segment_is_searched_to_its_end(activation):
    """No point of a fine grid is better than the point returned, whose output is the one returned."""
    _, _, local = near(activation, "linf")
    room = new_crossings(local.v.size)
    for i in range(5):
        where, best = best_on_segment(local, local.v, local.W[i], local.slope[i], -0.4, 0.4, 1e-9, room)
        grid = [value_at(local, i, t) for t in np.linspace(-0.4, 0.4, 4001)]
        assert best >= max(grid) - 1e-12
        # The margin to a break costs no more than itself times a slope.
        assert abs(value_at(local, i, where) - best) <= 1e-7


def value_at(local, i, t):
    delta = np.zeros(5)
    delta[i] = t
    return output(local, delta, np.empty(local.v.size)) - local.constant


@pytest.mark.parametrize("activation", LINES)
def test_an_arc_is_searched_to_its_end(activation):
    _, _, local = near(activation, "l2")
    room, size = new_crossings(local.v.size), local.v.size
    for i in range(4):
        start, towards = np.zeros(5), np.zeros(5)
        start[i], towards[i + 1] = 0.4, 0.4

        def on_arc(t, start=start, towards=towards):
            return output(local, (start + t * towards) / np.sqrt(1 + t * t), np.empty(size)) - local.constant

        along, across = float(local.slope @ start), float(local.slope @ towards)
        where, best = best_on_arc(local, local.W.T @ start, local.W.T @ towards, along, across, 16.0, 1e-9, room)
        assert best >= max(on_arc(t) for t in np.tan(np.linspace(-1.5, 1.5, 4001))) - 1e-12
        assert abs(on_arc(where) - best) <= 1e-7


@pytest.mark.parametrize("norm", NORMS)
def test_small_networks_are_solved(norm):
    """On every observation the excess is within 1 % of that of the exact worst case."""
    rng = np.random.default_rng(4)
    net = GatedNetwork(rng.standard_normal((4, 8)), rng.standard_normal(8), 0.4)
    Z, y = rng.standard_normal((10, 4)), rng.standard_normal(10)
    delta = gate_search(net, Z, y, 0.2, norm, rng=np.random.default_rng(0))
    clean, found = (attacked_loss(net, Z, y, x) for x in (np.zeros_like(Z), delta))
    assert np.all(found - clean >= 0.99 * (enclose(net, Z, y, 0.2, norm, boxes=2000).bound - clean))


@pytest.mark.parametrize("norm", NORMS)
def test_it_finds_more_than_the_gate_aware_attack(norm):
    rng = np.random.default_rng(7)
    net = GatedNetwork(rng.standard_normal((10, 30)), rng.standard_normal(30), 1.0)
    Z, y = 0.5 * rng.standard_normal((20, 10)), rng.standard_normal(20)
    searched, ascended = (
        attacked_loss(net, Z, y, attack(net, Z, y, 0.3, norm, rng=np.random.default_rng(0)))
        for attack in (gate_search, gate_aware_pgd)
    )
    assert np.mean(searched) > 1.02 * np.mean(ascended)


@pytest.mark.parametrize("norm", NORMS)
def test_compiled_and_interpreted_searches_agree(norm, monkeypatch):
    """The loops without the compiler, which may take sums in another order, find the same to rounding."""
    net, z, _ = near("gate", norm)
    pieces = pieces_of(net)
    network = Network(net.W, pieces.breaks, pieces.slopes, pieces.constants)
    arguments = (NORM_CODES[norm], 0.4, 1e-8, network, dual_norm(net.W.T, norm), z[None], np.zeros(1))
    draws = np.random.default_rng(3).random((1, 6))
    mine, theirs = np.empty((1, 5)), np.empty((1, 5))
    search(*arguments, np.zeros((2, 1, 5)), draws, 3, mine)
    for module in (climbing, lines, __import__("numerics.attacks.search_kernels", fromlist=["search"])):
        for name, function in vars(module).items():
            if hasattr(function, "py_func"):
                monkeypatch.setattr(module, name, function.py_func)
    search.py_func(*arguments, np.zeros((2, 1, 5)), draws, 3, theirs)
    # Rounding may choose another of two equal steps, but not a worse end.
    losses = [attacked_loss(net, z[None], np.zeros(1), delta)[0] for delta in (mine, theirs)]
    assert abs(losses[0] - losses[1]) <= 1e-6 * losses[0]


def test_replicas_are_attacked_on_their_own():
    rng = np.random.default_rng(8)
    W, a = rng.standard_normal((3, 6, 9)), rng.standard_normal((3, 9))
    Z, y = rng.standard_normal((3, 5, 6)), rng.standard_normal((3, 5))
    own = ReplicaNormals([np.random.default_rng(k) for k in range(3)])
    together = gate_search(GatedNetwork(W, a, 0.5), Z, y, 0.2, "l2", rng=own)
    for k in range(3):
        alone = gate_search(GatedNetwork(W[k], a[k], 0.5), Z[k], y[k], 0.2, "l2", rng=np.random.default_rng(k))
        assert np.array_equal(together[k], alone)


def test_an_activation_that_bends_is_attacked_by_its_slopes():
    rng = np.random.default_rng(0)
    net = GatedNetwork(rng.standard_normal((4, 6)), rng.standard_normal(6), 0.0, "tanh")
    Z, y = rng.standard_normal((5, 4)), np.zeros(5)
    delta = gate_search(net, Z, y, 0.2, "l2", rng=rng)
    assert np.all(attacked_loss(net, Z, y, delta) > attacked_loss(net, Z, y, 0 * delta))


def test_no_effort_is_refused():
    net = GatedNetwork(np.eye(2), np.ones(2), 0.5)
    with pytest.raises(ValueError, match="effort is 0; expected"):
        gate_search(net, np.ones((1, 2)), np.ones(1), 0.1, "l2", rng=np.random.default_rng(0), effort=0)
