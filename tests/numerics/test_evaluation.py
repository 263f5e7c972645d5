import numpy as np
import pytest

from numerics.evaluation import ATTACKS, attack_ladder
from numerics.network import GatedNetwork
from numerics.rounding import gamma
from numerics.streams import Streams

EPS = (0.0, 0.05, 0.4)


@pytest.fixture(scope="module")
def data():
    """Two replicas of pure nodes on sparse features, one of them with twice the head it should have."""
    rng = np.random.default_rng(3)
    d, n = 5, 40
    X = (rng.random((2, n, d)) < 0.4) * rng.choice([-1.0, 1.0], (2, n, d))
    W = np.broadcast_to(np.eye(d), (2, d, d)).copy()
    net = GatedNetwork(W, np.ones((2, d)) * np.array([[1.0], [2.0]]), 0.5)
    return net, X, X.sum(axis=-1) + 0.1


@pytest.fixture(scope="module")
def ladder(data):
    return attack_ladder(*data, EPS, "l2", Streams(0))


def test_rungs_have_one_number_for_each_replica(ladder):
    assert [rung.eps for rung in ladder] == list(EPS)
    for rung in ladder:
        assert set(rung.risk) == set(ATTACKS)
        for value in (*rung.risk.values(), rung.worst_risk, rung.certified_fraction, rung.universal_bound):
            assert value.shape == (2,)
            assert value.dtype == np.float64


def test_without_an_attack_every_number_is_the_clean_risk(ladder):
    clean = ladder[0]
    for name in ATTACKS:
        assert np.array_equal(clean.risk[name], clean.risk["none"])
    # The prediction forms |y - f| and squares it, as the risk does.
    assert np.array_equal(clean.predicted_risk, clean.risk["none"])
    assert np.array_equal(clean.certified_fraction, [1.0, 1.0])


def test_where_the_certificate_holds_fgm_has_the_predicted_risk(ladder):
    """Pure nodes of amplitude 1 and gate .5: certified for eps < .5, and the error is never 0."""
    for rung in ladder[1:]:
        assert np.array_equal(rung.certified_fraction, [1.0, 1.0])
        # Fewer than 60 roundings of numbers below (|e| + eps ||beta||)^2 <= (5.1 + 2 sqrt 5)^2 < 100.
        assert np.all(np.abs(rung.risk["fgm"] - rung.certified_prediction) <= gamma(60, "float64") * 100)
        assert np.array_equal(rung.certified_prediction, rung.predicted_risk)


def test_the_worst_risk_lies_above_every_attack_and_below_the_bound(ladder):
    for rung in ladder:
        for risk in rung.risk.values():
            assert np.all(rung.risk["none"] <= risk)
            assert np.all(risk <= rung.worst_risk)
        assert np.all(rung.worst_risk <= rung.universal_bound + gamma(60, "float64") * 100)


def test_beyond_the_certificate_there_is_no_certified_risk(data):
    (rung,) = attack_ladder(*data, [0.75], "l2", Streams(0), attacks=["fgm"])
    assert np.array_equal(rung.certified_fraction, [0.0, 0.0])
    assert np.all(np.isnan(rung.certified_prediction))
    assert np.all(np.isnan(rung.certified_risk["fgm"]))


def test_an_attack_draws_the_same_numbers_whatever_else_runs(data, ladder):
    (alone,) = attack_ladder(*data, [0.4], "l2", Streams(0), attacks=["random_search"])
    assert np.array_equal(alone.risk["random_search"], ladder[2].risk["random_search"])


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("eps", {"eps": []}),
        ("eps", {"eps": [-0.1]}),
        ("eps", {"eps": [0.1, float("nan")]}),
        ("attacks", {"attacks": []}),
        ("attacks", {"attacks": ["apgd"]}),
    ],
)
def test_wrong_arguments_are_named(data, name, options):
    with pytest.raises(ValueError, match=rf"^{name} is .*; expected "):
        attack_ladder(*data, **({"eps": [0.1], "norm": "l2", "streams": Streams(0)} | options))
