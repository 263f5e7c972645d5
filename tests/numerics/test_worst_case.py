"""The exact worst case against every other attack, the region certificate, and linear programmes over all patterns."""

from itertools import product

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from numerics.attacks import attacked_loss
from numerics.certificate import certified, certified_worst_case
from numerics.network import GatedNetwork, forward
from numerics.norms import dual_norm, vector_norm
from numerics.rounding import attacked_residual_bound, square_bound
from numerics.worst_case import DUAL_TOLERANCE, GAP_TOLERANCE, worst_case
from tests.numerics.allowances import WIDER, norm_excess
from tests.numerics.strategies import cases
from tests.numerics.test_certificate import attacks, sizes

polyhedra = st.sampled_from(["l1", "linf"])


@settings(max_examples=25)
@given(case=cases(), eps=sizes, norm=polyhedra)
def test_no_attack_is_stronger_and_the_perturbation_is_in_the_ball(case, eps, norm):
    net = GatedNetwork(case.W, case.a, case.b)
    worst = worst_case(net, case.Z, case.y, eps, norm)
    assert np.all(vector_norm(worst.delta, norm) <= eps * (1 + norm_excess(case.Z.shape[-1])))
    assert np.all(worst.value <= worst.bound)
    for delta in attacks(net, case.Z, case.y, eps, norm):
        # rounding may carry an l1 attack past eps: it is judged where it lies in the ball
        inside = delta / np.maximum(1, WIDER * vector_norm(delta, norm) / eps)[..., None] if norm == "l1" else delta
        assert np.all(attacked_loss(net, case.Z, case.y, inside) <= worst.bound)


@settings(max_examples=25)
@given(case=cases(min_margin=2.0**-6), eps=sizes, norm=polyhedra)
def test_inside_the_certificate_it_is_the_worst_case_of_p2(case, eps, norm):
    net = GatedNetwork(case.W, case.a, case.b)
    inside = certified(net, case.Z, eps * WIDER, norm)
    assume(np.any(inside))
    worst, expected = worst_case(net, case.Z, case.y, eps, norm), certified_worst_case(net, case.Z, case.y, eps, norm)
    slack = square_bound(np.sqrt(expected), attacked_residual_bound(net, case.Z, case.y, worst.delta, eps, norm))
    assert np.all((worst.bound >= expected - slack)[inside])
    assert np.all(np.abs(worst.value - expected)[inside] <= slack[inside])


def by_patterns(net, z, y, eps, norm, margin):
    """The largest residual for every gate pattern and sign that keeps `margin` parts of its reach to every gate."""
    d, H = net.W.shape
    v, reach = z @ net.W, eps * dual_norm(net.W.T, norm)
    found = {}
    for pattern, sign in product(product([-1, 0, 1], repeat=H), (1, -1)):
        fires = np.array(pattern) != 0
        rows, sides = [], []
        for h, side in enumerate(pattern):
            keep = net.b[h] + margin * reach[h] if side else net.b[h] - margin * reach[h]
            for s in [side] if side else [1, -1]:
                # side v >= keep where it fires, s v <= keep on both sides where it is silent
                rows.append(-s * net.W[:, h] if side else s * net.W[:, h])
                sides.append(s * v[h] - keep if side else keep - s * v[h])
        slope = net.W @ np.where(fires, net.a, 0)
        flip = np.hstack([np.eye(d), -np.eye(d)])
        result = linprog(
            -sign * slope @ flip,
            A_ub=np.vstack([np.array(rows) @ flip, np.ones(2 * d)] if norm == "l1" else [np.array(rows) @ flip]),
            b_ub=[*sides, eps] if norm == "l1" else sides,
            bounds=[(0, eps)] * (2 * d),
            options={"primal_feasibility_tolerance": 1e-10},
        )
        if result.x is not None:
            # The residual grows in the direction of `sign`: only there is it a worst case.
            delta = flip @ result.x
            output = np.sum(np.where(fires, net.a * (v + delta @ net.W), 0))
            found[pattern, sign] = sign * (output - y), delta
    return found


@pytest.mark.parametrize("norm", ["l1", "linf"])
@pytest.mark.parametrize("seed", range(5))
def test_linear_programmes_over_every_gate_pattern_find_the_same(seed, norm):
    rng = np.random.default_rng(seed)
    net = GatedNetwork(rng.standard_normal((2, 3)), rng.standard_normal(3), rng.uniform(0.3, 0.8, 3))
    z, y, eps = rng.standard_normal(2), float(rng.standard_normal()), 0.5
    worst = worst_case(net, z[None], np.array([y]), eps, norm)
    # Costs are scaled by at most `size`; in d = 2 and H = 3 the ranges of variables and rows add up to less than 200.
    size = float(np.sum(np.abs(net.a) * (np.abs(z) @ np.abs(net.W) + 4 * eps * dual_norm(net.W.T, norm))))
    slack = size * (GAP_TOLERANCE + 200 * DUAL_TOLERANCE)
    wider, kept = (by_patterns(net, z, y, eps, norm, margin) for margin in (-(2.0**-29), 2.0**-29))
    largest = max(residual for residual, _ in wider.values())
    near = [one for one, (residual, _) in wider.items() if residual >= largest - slack]
    assert kept.keys() >= set(near)
    assert np.sqrt(worst.value[0]) <= largest + size * DUAL_TOLERANCE
    assert np.sqrt(worst.value[0]) >= min(kept[one][0] for one in near) - size * DUAL_TOLERANCE
    assert np.sqrt(worst.bound[0]) <= largest + slack
    for _, delta in kept.values():
        inside = delta * (1 - 2.0**-30)
        assert attacked_loss(net, z[None], np.array([y]), inside[None])[0] <= worst.bound[0]


def test_closing_a_gate_is_found_where_fgm_finds_less():
    net, z, y = GatedNetwork(np.ones((1, 1)), np.ones(1), np.array([0.5])), np.array([[0.6]]), np.array([0.65])
    for norm in ("l1", "linf"):
        worst = worst_case(net, z, y, 0.3, norm)
        assert worst.value[0] == 0.65**2
        assert forward(net, z + worst.delta)[0] == 0
        assert worst.bound[0] - worst.value[0] <= 2 * 0.65 * 1.5 * (GAP_TOLERANCE + 200 * DUAL_TOLERANCE)


def test_a_gate_that_must_stay_just_shut_has_a_supremum_that_nothing_attains():
    """The output is v below the gate of the second node at .5, and 0 from there on."""
    net = GatedNetwork(np.ones((1, 2)), np.array([1.0, -1.0]), np.array([0.0, 0.5]))
    worst = worst_case(net, np.array([[0.45]]), np.array([0.0]), 0.1, "linf")
    assert (0.5 - 0.1 * 2.0**-29) ** 2 <= worst.value[0] < 0.25 <= worst.bound[0]


def test_time_that_runs_out_leaves_a_bound_that_holds():
    rng = np.random.default_rng(0)
    net = GatedNetwork(rng.standard_normal((10, 20)), rng.standard_normal(20), 0.4)
    Z, y = rng.standard_normal((2, 10)), np.zeros(2)
    hurried, patient = (worst_case(net, Z, y, 0.1, "linf", seconds=seconds) for seconds in (1e-9, 10.0))
    assert np.all(patient.value <= hurried.bound)
    assert np.all(patient.bound <= hurried.bound)


def test_no_attack_has_the_loss_of_no_attack():
    net = GatedNetwork(np.ones((1, 1)), np.ones(1), 0.5)
    worst = worst_case(net, np.array([[0.6]]), np.array([0.5]), 0.0, "l1")
    assert not np.any(worst.delta)
    assert worst.value[0] == attacked_loss(net, np.array([[0.6]]), np.array([0.5]), np.zeros((1, 1)))[0]


@pytest.mark.parametrize(("eps", "norm", "named"), [(0.1, "l2", "norm is 'l2'"), (-1.0, "l1", "eps is -1.0")])
def test_what_cannot_be_solved_is_refused(eps, norm, named):
    net = GatedNetwork(np.ones((1, 1)), np.ones(1), 0.5)
    with pytest.raises(ValueError, match=named):
        worst_case(net, np.zeros((1, 1)), np.zeros(1), eps, norm)


def test_a_network_without_gates_is_refused():
    net = GatedNetwork(np.eye(2), np.ones(2), 0.0, "tanh")
    with pytest.raises(ValueError, match="activation is 'tanh'; expected 'gate'"):
        worst_case(net, np.ones((1, 2)), np.ones(1), 0.1, "linf")
