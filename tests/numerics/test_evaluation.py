import numpy as np
import pytest

from numerics import evaluation as evaluating
from numerics.attacks import gate_search, pgd
from numerics.ball import Ball
from numerics.bounds import CLOSED
from numerics.evaluation import ATTACKS, DOUBLING, EFFORTS, evaluate_attacks
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
def evaluations(data):
    return evaluate_attacks(*data, EPS, "l2", Streams(0))


def test_rungs_have_one_number_for_each_replica(evaluations):
    assert [evaluation.eps for evaluation in evaluations] == list(EPS)
    for evaluation in evaluations:
        assert set(evaluation.risk) == set(ATTACKS)
        for value in (
            *evaluation.risk.values(),
            evaluation.worst_risk,
            evaluation.certified_fraction,
            evaluation.universal_bound,
        ):
            assert value.shape == (2,)
            assert value.dtype == np.float64


def test_without_an_attack_every_number_is_the_clean_risk(evaluations):
    clean = evaluations[0]
    for name in ATTACKS:
        assert np.array_equal(clean.risk[name], clean.risk["none"])
    # The prediction forms |y - f| and squares it, as the risk does.
    assert np.array_equal(clean.predicted_risk, clean.risk["none"])
    assert np.array_equal(clean.certified_fraction, [1.0, 1.0])


def test_where_the_certificate_holds_fgm_has_the_predicted_risk(evaluations):
    """Pure nodes of amplitude 1 and gate .5: certified for eps < .5, and the error is never 0."""
    for evaluation in evaluations[1:]:
        assert np.array_equal(evaluation.certified_fraction, [1.0, 1.0])
        # Fewer than 60 roundings of numbers below (|e| + eps ||beta||)^2 <= (5.1 + 2 sqrt 5)^2 < 100.
        assert np.all(np.abs(evaluation.risk["fgm"] - evaluation.certified_prediction) <= gamma(60, "float64") * 100)
        assert np.array_equal(evaluation.certified_prediction, evaluation.predicted_risk)


def test_the_worst_risk_lies_above_every_attack_and_below_the_bound(evaluations):
    for evaluation in evaluations:
        for risk in evaluation.risk.values():
            assert np.all(evaluation.risk["none"] <= risk)
            assert np.all(risk <= evaluation.worst_risk)
        assert np.all(evaluation.worst_risk <= evaluation.universal_bound + gamma(60, "float64") * 100)


def test_beyond_the_certificate_there_is_no_certified_risk(data):
    (evaluation,) = evaluate_attacks(*data, [0.75], "l2", Streams(0), attacks=["fgm"])
    assert np.array_equal(evaluation.certified_fraction, [0.0, 0.0])
    assert np.all(np.isnan(evaluation.certified_prediction))
    assert np.all(np.isnan(evaluation.certified_risk["fgm"]))


def test_an_attack_draws_the_same_numbers_whatever_else_runs(data, evaluations):
    (alone,) = evaluate_attacks(*data, [0.4], "l2", Streams(0), attacks=["random_search"])
    assert np.array_equal(alone.risk["random_search"], evaluations[2].risk["random_search"])


def test_the_strong_suite_repeats_its_search_with_twice_the_effort(data):
    (strong,) = evaluate_attacks(*data, [0.4], "l2", Streams(0), attacks=EFFORTS["strong"])
    assert set(strong.risk) == set(EFFORTS["strong"])
    # The network is small enough for the first search to find the worst case.
    assert np.all((strong.doubling_gain >= 0) & (strong.doubling_gain <= DOUBLING))
    assert np.all(strong.worst_risk >= strong.risk["gate_search"])


def test_a_search_that_finds_little_is_flagged(data, monkeypatch):
    """The search gives up at once unless it is repeated with twice the effort."""

    def lazy(net, Z, y, eps, norm, *, rng, effort=1):
        return gate_search(net, Z, y, eps, norm, rng=rng) if effort > 1 else np.zeros_like(Z)

    monkeypatch.setattr(evaluating, "gate_search", lazy)
    (weak,) = evaluate_attacks(*data, [0.4], "l2", Streams(0), attacks=["gate_search"])
    assert np.all(weak.doubling_gain > DOUBLING)


def test_without_the_search_there_is_no_gain(evaluations):
    assert all(np.all(np.isnan(evaluation.doubling_gain)) for evaluation in evaluations)


def test_the_worst_case_of_pure_nodes_is_enclosed(data):
    """Where the certificate holds the sandwich is closed; beyond it the bound stays above the loss."""
    inside, beyond = evaluate_attacks(*data, [0.4, 0.75], "l2", Streams(0), attacks=["fgm"], bounded=6)
    assert inside.sandwich.shape == (2, 6)
    assert np.all((inside.sandwich >= 1) & (inside.sandwich <= 1 + CLOSED))
    assert np.all(beyond.sandwich >= 1)


def test_a_loss_of_zero_that_no_attack_raises_is_solved():
    net = GatedNetwork(np.eye(2), np.ones(2), 0.5)
    (found,) = evaluate_attacks(net, np.zeros((1, 2)), np.zeros(1), [0.1], "l2", Streams(0), attacks=["fgm"], bounded=1)
    assert np.array_equal(found.sandwich, [1.0])


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("eps", {"eps": []}),
        ("eps", {"eps": [-0.1]}),
        ("eps", {"eps": [0.1, float("nan")]}),
        ("eps", {"eps": [float("inf")]}),
        ("attacks", {"attacks": []}),
        ("attacks", {"attacks": ["apgd"]}),
        ("bounded", {"bounded": 41}),
        ("bounded", {"bounded": -1}),
    ],
)
def test_wrong_arguments_are_named(data, name, options):
    with pytest.raises(ValueError, match=rf"^{name} is .*; expected "):
        evaluate_attacks(*data, **({"eps": [0.1], "norm": "l2", "streams": Streams(0)} | options))


@pytest.mark.parametrize("axes", [(slice(None), None), (slice(0, 1),), (slice(None, -1),)])
def test_targets_that_are_not_one_for_each_observation_are_refused(data, axes):
    net, Z, y = data
    with pytest.raises(ValueError, match="one target an observation"):
        evaluate_attacks(net, Z, y[(..., *axes)], [0.1], "l2", Streams(0))


@pytest.mark.parametrize("name", ["steps", "restarts"])
def test_an_attack_without_steps_or_runs_is_refused(data, name):
    with pytest.raises(ValueError, match=f"{name} is 0; expected at least 1"):
        pgd(*data, 0.1, "l2", rng=Streams(0).generator("starts"), **{name: 0})


@pytest.mark.parametrize("norm", ["l1", "l2", "linf"])
def test_an_infinite_ball_is_refused(norm):
    with pytest.raises(ValueError, match="eps is inf; expected a finite number"):
        Ball(float("inf"), norm)
