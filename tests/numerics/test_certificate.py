import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from numerics.attacks import attacked_loss, choose, fgm, gate_aware_pgd, pgd, portable, random_search
from numerics.backend import to_numpy
from numerics.certificate import certified, certified_worst_case, universal_bound
from numerics.network import GatedNetwork, forward, input_gradient
from numerics.norms import NORMS
from numerics.rounding import attacked_residual_bound, square_bound
from tests.numerics.allowances import WIDER
from tests.numerics.strategies import cases

sizes = st.integers(1, 512).map(lambda k: k / 1024)
norms = st.sampled_from(NORMS)


def attacks(net, Z, y, eps, norm):
    """One perturbation of every attack."""
    rng = np.random.default_rng(0)
    yield fgm(net, Z, y, eps, norm)
    yield pgd(net, Z, y, eps, norm, rng=rng, steps=5)
    yield gate_aware_pgd(net, Z, y, eps, norm, rng=rng, steps=8)
    yield random_search(net, Z, y, eps, norm, rng=rng, trials=10)


def check_fgm_attains_the_worst_case(case, eps, norm):
    """P2, where the certificate holds with room for rounding; a zero error counts as positive."""
    net = GatedNetwork(case.W, case.a, case.b)
    inside = certified(net, case.Z, eps * WIDER, norm)
    delta = fgm(net, case.Z, case.y, eps, norm)
    root = np.sqrt(certified_worst_case(net, case.Z, case.y, eps, norm))
    error = attacked_loss(net, case.Z, case.y, delta) - certified_worst_case(net, case.Z, case.y, eps, norm)
    bound = square_bound(root, attacked_residual_bound(net, case.Z, case.y, delta, eps, norm))
    assert np.all(np.abs(error[inside]) <= bound[inside])
    return bool(np.any(inside))


@given(case=cases(min_margin=2.0**-6), eps=sizes, norm=norms)
def test_fgm_attains_the_certified_worst_case(case, eps, norm):
    assume(check_fgm_attains_the_worst_case(case, eps, norm))


@given(case=cases(min_margin=2.0**-6), eps=sizes, norm=norms)
def test_no_attack_exceeds_the_certified_worst_case(case, eps, norm):
    net = GatedNetwork(case.W, case.a, case.b)
    inside = certified(net, case.Z, eps * WIDER, norm)
    assume(np.any(inside))
    worst = certified_worst_case(net, case.Z, case.y, eps * WIDER, norm)
    for delta in attacks(net, case.Z, case.y, eps, norm):
        allowance = square_bound(np.sqrt(worst), attacked_residual_bound(net, case.Z, case.y, delta, eps, norm))
        excess = attacked_loss(net, case.Z, case.y, delta) - worst
        assert np.all(excess[inside] <= allowance[inside])


@given(case=cases(), eps=sizes, norm=norms)
def test_no_attack_exceeds_the_universal_bound(case, eps, norm):
    net = GatedNetwork(case.W, case.a, case.b)
    bound = universal_bound(net, case.Z, case.y, eps * WIDER, norm)
    for delta in attacks(net, case.Z, case.y, eps, norm):
        allowance = square_bound(np.sqrt(bound), attacked_residual_bound(net, case.Z, case.y, delta, eps, norm))
        assert np.all(attacked_loss(net, case.Z, case.y, delta) <= bound + allowance)


@given(case=cases(), eps=sizes, norm=norms)
def test_the_universal_bound_is_the_worst_case_where_no_gate_is_within_reach(case, eps, norm):
    net = GatedNetwork(case.W, case.a, case.b)
    inside = certified(net, case.Z, eps, norm)
    worst = certified_worst_case(net, case.Z, case.y, eps, norm)
    # Nothing is added to the same sum there.
    assert np.array_equal(universal_bound(net, case.Z, case.y, eps, norm)[inside], worst[inside])


@given(case=cases(), eps=sizes, norm=norms)
def test_certificates_agree_across_backends(backend, case, eps, norm):
    net, Z, y = case.network(backend), backend.asarray(case.Z), backend.asarray(case.y)
    host = GatedNetwork(case.W, case.a, case.b)
    # A reach off by rounding may decide differently only between these two sizes.
    assert np.all(to_numpy(certified(net, Z, eps, norm)) >= certified(host, case.Z, eps * WIDER, norm))
    assert np.all(to_numpy(certified(net, Z, eps, norm)) <= certified(host, case.Z, eps / WIDER, norm))
    delta = np.zeros_like(case.Z)
    for bound_of in (certified_worst_case, universal_bound):
        value = to_numpy(bound_of(net, Z, y, eps, norm))
        low, high = (bound_of(host, case.Z, case.y, size, norm) for size in (eps / WIDER, eps * WIDER))
        allowance = square_bound(np.sqrt(high), attacked_residual_bound(host, case.Z, case.y, delta, eps, norm))
        assert np.all((low - allowance <= value) & (value <= high + allowance))


def test_without_the_certificate_the_prediction_can_be_too_low():
    """P2's control: d = 1, w = a = 1, b = .5, z = .6, y = .65, eps = .3: .4225 against .1225."""
    net = GatedNetwork(np.ones((1, 1)), np.ones(1), np.array([0.5]))
    Z, y = np.array([[0.6]]), np.array([0.65])
    assert not certified(net, Z, 0.3, "l2")[0]
    delta = fgm(net, Z, y, 0.3, "l2")
    allowance = square_bound(np.asarray(0.65), attacked_residual_bound(net, Z, y, delta, 0.3, "l2"))
    assert abs(attacked_loss(net, Z, y, delta)[0] - 0.4225) <= allowance
    assert abs(certified_worst_case(net, Z, y, 0.3, "l2")[0] - 0.1225) <= allowance
    assert universal_bound(net, Z, y, 0.3, "l2")[0] >= 0.4225


FIXED = GatedNetwork(np.eye(2), np.array([1.0, -0.5]), np.array([0.25, 0.25]))


class FixedCase:
    """Both nodes far from their gates; the second sample is fitted exactly."""

    W, a, b = FIXED.W, FIXED.a, FIXED.b
    Z = np.array([[1.0, -1.0], [1.0, 1.0], [0.0, 1.0]])
    y = np.array([0.0, 0.5, 2.0])


@pytest.mark.parametrize(
    ("name", "mutant"),
    [
        ("output_and_gradient", lambda net, Z: (forward(net, Z), -input_gradient(net, Z))),
        ("sign_or_one", np.sign),
    ],
    ids=["flipped gradient", "no attack on a perfect fit"],
)
def test_a_wrong_fgm_does_not_attain_the_worst_case(monkeypatch, name, mutant):
    assert check_fgm_attains_the_worst_case(FixedCase, 0.25, "l2")
    monkeypatch.setattr(choose, "compiles_for", lambda *_: False)
    monkeypatch.setattr(portable, name, mutant)
    with pytest.raises(AssertionError):
        check_fgm_attains_the_worst_case(FixedCase, 0.25, "l2")
