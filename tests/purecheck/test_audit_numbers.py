"""The numbers of an audit that the theory knows: effective maps, cross-talk, purity, leaks and targets."""

import numpy as np
import pytest

from numerics.activations import ACTIVATIONS, THRESHOLDED
from numerics.rounding import gamma
from numerics.statistics import FALSE_ALARM, sample_size
from purecheck.auditing.linearity import linear_part
from purecheck.auditing.verdict import least_mixture_cross_talk
from tests.purecheck.audited import D, P, audit, mixture


def test_the_effective_map_of_a_mixture_weighs_its_firing_probability(tmp_path):
    """P5 without noise: `pi_m` of ||theta||^2, within the error of its sample at the rate of the suite."""
    n = 1100
    assert n >= sample_size(detectable := 0.2)
    pi = 1 - ((1 - P) ** 4 + 6 * 2 * (P / 2) ** 2 * (1 - P) ** 2 + 6 * (P / 2) ** 4)
    for m, expected in ((1, P), (4, pi)):
        facts = audit(mixture(tmp_path, m), "--theta", "1", "--sigma", "0", "--eps", "0", "--observations", str(n))
        # The share of firing nodes is in [0, 1]: Hoeffding's inequality.
        assert (
            abs(facts["effective_map"]["energy"] - expected) <= np.sqrt(np.log(2 / FALSE_ALARM) / (2 * n)) < detectable
        )
        # Feature weights err by fewer than 2 D roundings each (M^T M U), outputs of m nodes by as many again.
        assert facts["risk"]["clean"] <= (4 * m * D * gamma(4 * D, "float64")) ** 2


def test_dead_nodes_have_no_purity_and_count_nowhere(tmp_path):
    W, a = np.eye(4, 6), np.array([1.0, 1, 1, 1, 1, 0])
    W[:, 5] = 1.0
    np.savez(tmp_path / "dead.npz", W=W, a=a, b=np.full(6, 0.3))
    facts = audit(tmp_path / "dead.npz", "--p", "0.3", "--r", "1")
    assert facts["participation_ratio"] == 1
    assert facts["networks"][0]["nodes"]["participation_ratio"][4] is None


def test_pure_nodes_without_a_gate_leave_the_effective_map_full_of_cross_talk(tmp_path):
    np.savez(tmp_path / "linear.npz", W=np.eye(D), a=np.ones(D))
    facts = audit(tmp_path / "linear.npz", "--theta", "1")
    assert facts["participation_ratio_by_energy"] == 1
    assert facts["effective_map"]["energy"] == 1
    assert (facts["structure"], facts["purified"]) == ("pure", False)
    assert facts["leak"]["slope"] == 1


@pytest.mark.parametrize("p", [0.05, 0.3, 0.6, 0.9])
def test_the_cross_talk_of_the_least_mixture_is_that_of_order_two(p):
    """Nine supports and signs, enumerated: `(1, 1)` and `(1, -1)` at `theta = (1, 1)` have heads 1 and 0."""
    total = off = 0.0
    for x in np.ndindex(3, 3):
        signs = np.array(x) - 1.0
        weight = np.prod(np.where(signs == 0, 1 - p, p / 2))
        beta = np.ones(2) * (abs(signs.sum()) >= 0.5)
        total, off = total + weight * np.sum(beta**2), off + weight * np.sum(beta[signs == 0] ** 2)
    assert abs(off / total - least_mixture_cross_talk(p)) <= gamma(80, "float64")


def test_the_linear_part_is_found_with_its_constant():
    """Orthogonal columns of signs: the condition number is 1, and LAPACK's backward error below 16 m n roundings."""
    n, d = 64, 6
    columns = np.array([[(-1) ** bin(i & (1 << j)).count("1") for j in range(d)] for i in range(n)], dtype=float)
    theta = np.arange(1.0, d + 1)
    part = linear_part(columns, (columns @ theta + 2)[None, None])
    error = gamma(16 * n * d, "float64") * np.sqrt(np.sum(theta**2) + 4)
    assert np.max(np.abs(part.theta[0, 0] - theta)) <= error
    assert abs(part.offset[0, 0] - 2) <= error


def test_targets_given_are_used(tmp_path):
    """One feature, always active, and dyadic: `f - theta x` is `2 x` for `theta = -1`, so the risk is 4."""
    path = tmp_path / "one.npz"
    np.savez(path, W=np.eye(1), a=np.ones(1), b=np.full(1, 0.25))
    for theta, risk in (("1", 0), ("-1", 4), ("2", 0.25)):
        facts = audit(path, "--p", "1", "--r", "0.5", "--sigma", "0", "--theta", theta)
        assert (facts["settings"]["target"], facts["risk"]["clean"]) == ("given", risk)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_every_activation_is_audited_and_tells_what_it_has_no_number_for(name, tmp_path):
    rng = np.random.default_rng(3)
    arrays = {"W": np.kron([1.0, -1.0], np.eye(6)), "a": np.repeat([1.0, -1.0], 6)}
    arrays |= {"b": np.full(12, 0.3)} if name in THRESHOLDED else {}
    np.savez(tmp_path / "w.npz", **arrays, activation=name)
    facts = audit(tmp_path / "w.npz", "--r", "1", "--p", "0.2", "--observations", "30", "--seed", str(rng.integers(9)))
    assert facts["structure"] == "pure"
    assert facts["settings"]["activation"] == name
    assert (facts["certified_fraction"] is None) == (name != "gate") == ("certified_fraction" in facts["unavailable"])
    assert (facts["gate_ratio"] is None) == ("gate_ratio" in facts["unavailable"])
    thresholded = name in ("gate", "soft_threshold", "biased_relu")
    assert (facts["gate_ratio"] is None) == (not thresholded)
    # A1: a layer that leaks is pure and yet not purified; a pair of ReLUs is the identity.
    assert (facts["leak"]["energy"] == 0) == facts["purified"] == thresholded


def test_the_leak_of_pure_pairs_is_the_slope_at_rest(tmp_path):
    """Six features with heads 1 and -1 on `+-e_i`: `sum_h a_h act'(0) u_jh = 2 act'(0)`; silent with 1 - p."""
    W, a = np.kron([1.0, -1.0], np.eye(6)), np.repeat([1.0, -1.0], 6)
    for name, slope in (("silu", 0.5), ("gelu", 0.5), ("relu", 0.5), ("tanh", 1.0), ("sigmoid", 0.25)):
        np.savez(tmp_path / "w.npz", W=W, a=a, activation=name)
        leak = audit(tmp_path / "w.npz", "--p", "0.25", "--theta", "1", "--observations", "4")["leak"]
        assert (leak["slope"], leak["energy"]) == (slope, 0.75 * (2 * slope) ** 2)
