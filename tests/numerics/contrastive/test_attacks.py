import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import numerics.contrastive.attacks as attacks_module
from numerics.backend import to_numpy
from numerics.contrastive.attacks import PairAttack, fgm, pgd
from numerics.contrastive.encoder import LinearEncoder
from numerics.contrastive.loss import pair_loss
from numerics.contrastive.pairs import Pairs
from numerics.norms import NORMS, project, vector_norm
from tests.numerics.allowances import norm_excess
from tests.numerics.contrastive.strategies import EncoderCase, encoder_cases, pair_attacks, sizes
from tests.numerics.contrastive.worst_case import predicted_worst_case

norms = st.sampled_from(NORMS)


def perturbations(encoder, pairs, attack):
    yield fgm(encoder, pairs, attack)
    yield pgd(encoder, pairs, attack, rng=np.random.default_rng(0), steps=4)


@given(case=encoder_cases(), attack=pair_attacks)
def test_attacks_stay_in_the_ball_and_never_lower_the_loss(backend, case, attack):
    encoder, pairs = case.encoder(backend), case.pairs_on(backend)
    # A perturbation is zero or was judged by the same products in the same order: no allowance for rounding.
    zero = backend.xp.zeros_like(pairs.Z)
    clean = to_numpy(pair_loss(encoder, dataclasses.replace(pairs, Z=pairs.Z + zero)))
    for delta in perturbations(encoder, pairs, attack):
        assert (delta.second is None) == (attack.sides == "one")
        for side in (delta.first, delta.second):
            if side is not None:
                longest = to_numpy(vector_norm(side, attack.norm))
                assert np.all(longest <= attack.eps * (1 + norm_excess(pairs.Z.shape[-1])))
        assert np.all(to_numpy(pair_loss(encoder, delta.applied_to(pairs))) >= clean)


@given(case=encoder_cases(), attack=pair_attacks)
def test_pairs_that_are_no_target_are_left_alone(case, attack):
    spared = {"none": case.pairs.y != 0, "similar": case.pairs.y < 0, "dissimilar": case.pairs.y > 0}
    left = spared.get(attack.targets, case.pairs.y == 0)
    for delta in perturbations(case.encoder(), case.pairs, attack):
        for side in (delta.first, delta.second):
            assert side is None or not np.any(side[left])


def worst_case_error(case, eps, *, predictions=2):
    """Bound the rounding error of losses of an encoder at observations moved by `eps`, and of the prediction.

    Either is 1-Lipschitz in a score whose terms are those of `Reach`, attack included; finding the steepest
    direction takes fewer roundings than its bound counts.
    """
    return predictions * case.reach(slack=2 * eps).evaluation_error


def check_fgm_attains_the_prediction(case, eps, norm):
    encoder = case.encoder()
    worst = predicted_worst_case(encoder, case.pairs, eps, norm)
    delta = fgm(encoder, case.pairs, PairAttack(norm, eps))
    loss = pair_loss(encoder, delta.applied_to(case.pairs))
    assert np.all(np.abs(loss - worst) <= worst_case_error(case, eps))


@given(case=encoder_cases(linear=True), eps=sizes, norm=norms)
def test_fgm_on_one_side_is_the_exact_worst_case_of_a_linear_encoder(case, eps, norm):
    check_fgm_attains_the_prediction(case, eps, norm)


@given(case=encoder_cases(linear=True), eps=sizes, norm=norms, seed=st.integers(0, 99))
def test_no_attack_exceeds_the_worst_case_of_a_linear_encoder(case, eps, norm, seed):
    encoder, pairs = case.encoder(), case.pairs
    worst = predicted_worst_case(encoder, pairs, eps, norm) + worst_case_error(case, eps)
    proposals = project(np.random.default_rng(seed).standard_normal((20, *pairs.Z.shape)), eps, norm)
    for delta in proposals:
        assert np.all(pair_loss(encoder, dataclasses.replace(pairs, Z=pairs.Z + delta)) <= worst)
    for found in perturbations(encoder, pairs, PairAttack(norm, eps)):
        assert np.all(pair_loss(encoder, found.applied_to(pairs)) <= worst)


def test_an_attack_on_both_sides_exceeds_that_on_one():
    encoder = LinearEncoder(np.eye(2))
    pairs = Pairs(np.array([[1.0, 0.0]]), np.array([[1.0, 0.0]]), np.array([1.0]))
    one, both = (
        pair_loss(encoder, fgm(encoder, pairs, PairAttack("l2", 0.25, sides=sides)).applied_to(pairs))
        for sides in ("one", "both")
    )
    # Scores .75 and .75^2, both exact.
    assert np.array_equal(one, np.logaddexp(0.0, [-0.75]))
    assert np.array_equal(both, np.logaddexp(0.0, [-0.5625]))


FIXED = EncoderCase(
    {"T": np.array([[0.5, 0.25], [0.0, 0.5]])},
    None,
    Pairs(np.array([[0.5, -0.25]]), np.array([[0.25, 0.5]]), np.array([-1.0])),
)


def test_a_flipped_direction_is_told_apart(monkeypatch):
    check_fgm_attains_the_prediction(FIXED, 0.125, "l2")
    ascent = attacks_module.ascent_direction
    monkeypatch.setattr(attacks_module, "ascent_direction", lambda *a: -ascent(*a))
    with pytest.raises(AssertionError):
        check_fgm_attains_the_prediction(FIXED, 0.125, "l2")


def test_observations_shared_by_replicas_get_perturbations_of_their_own():
    rng = np.random.default_rng(1)
    encoder = LinearEncoder(rng.standard_normal((3, 2, 4)))
    pairs = Pairs(rng.standard_normal((5, 4)), rng.standard_normal((5, 4)), np.ones(5))
    for delta in perturbations(encoder, pairs, PairAttack("l2", 0.1, sides="both")):
        assert delta.first.shape == delta.second.shape == (3, 5, 4)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("l2", -0.1), "eps is -0.1"),
        (("l2", 0.1, "all"), "targets is 'all'"),
        (("l2", 0.1, "both", "two"), "sides is 'two'"),
    ],
)
def test_an_attack_names_the_field_that_is_wrong(arguments, message):
    with pytest.raises(ValueError, match=message):
        PairAttack(*arguments)
