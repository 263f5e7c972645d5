"""The contrastive experiments judge what was observed, whichever way it came out."""

import numpy as np
import pytest
from sympy import Integer, Rational

from numerics.backend import select_backend
from numerics.rounding import gamma
from numerics.streams import Streams
from purecheck.checks import c1q_trained, c6_attack_modes, e4_contrastive_purification, e5_attacked_pairs, linear_optima
from purecheck.context import Context, Profile
from purecheck.evidence import Outcome
from purecheck.experiments.contrastive_arms import GATES, PairArm, clean, mode_arms, plan, trained
from purecheck.experiments.contrastive_measured import Increase, along_training, increase, inherited, purity
from purecheck.experiments.linear_arms import bottleneck, eigenvalues, isometric, row_participation, span_participation
from purecheck.methods.trained import Trained

SEEDS = 20
CHECKS = (
    *linear_optima.CHECKS,
    *c1q_trained.CHECKS,
    *c6_attack_modes.CHECKS,
    *e4_contrastive_purification.CHECKS,
    *e5_attacked_pairs.CHECKS,
)
EXACT = [check for check in CHECKS if not isinstance(check, Trained)]


@pytest.fixture(scope="module")
def tiny():
    """Three replicas, a few steps: the whole path of an experiment in seconds."""
    return Context(select_backend("numpy"), Streams(3), Profile("tiny", examples=30, seeds=3, steps=0.06))


def around(value, spread=0.01):
    return value + spread * np.linspace(-1, 1, SEEDS)


def outcome(check, observed):
    """What a check comes to on given observations."""
    kept = Context(select_backend("numpy"), Streams(0), Profile("quick", 10, SEEDS, 1.0))
    kept.once(f"{check.claim}/{check.name}", lambda: observed)
    return check.run(kept)


def named(checks, name):
    return next(check for check in checks if check.name == name)


def purities(similar, dissimilar, both=1.1, start=6.0):
    found = {clean(gate): around(start) for gate in GATES}
    value = {"similar": similar, "dissimilar": dissimilar, "both": both}
    return found | {arm: around(value[arm.attacked]) for arm in mode_arms()}


@pytest.mark.parametrize("check", EXACT, ids=lambda check: f"{check.claim}: {check.name}")
def test_an_exact_check_is_upheld_and_rejects_its_control(check, tiny):
    evidence = check.run(tiny)
    assert evidence.outcome is Outcome.UPHELD
    assert evidence.control.rejected


def test_a_loss_with_attacks_on_the_wrong_pairs_turns_the_solver_check_red(monkeypatch, tiny):
    honest = linear_optima.GramLoss
    monkeypatch.setattr(linear_optima, "GramLoss", lambda law, similar, _other: honest(law, similar, 0.0))
    check = named(
        [one for one in linear_optima.CHECKS if one.claim == "C3"], "convex solver against the predicted scale"
    )
    assert check.run(tiny).outcome is Outcome.REFUTED


def test_every_control_is_another_statement():
    for check in CHECKS:
        assert check.control.statement != check.statement


def test_the_question_of_the_attack_modes_comes_out_either_way():
    check = named(c6_attack_modes.CHECKS, "dissimilar against similar pairs attacked")
    one, other = outcome(check, purities(3.0, 1.5)), outcome(check, purities(1.5, 3.0))
    assert (one.outcome, other.outcome) == (Outcome.UPHELD, Outcome.REFUTED)
    assert "in 4, less in 0, open in 0" in one.figure
    assert "in 0, less in 4, open in 0" in other.counterexample
    assert "they attain 92% to 92%, those on similar pairs 61% to 61%" in one.figure


def test_modes_that_do_not_differ_over_seeds_stay_open():
    seen = purities(2.0, 2.0)
    noisy = {arm: around(2.0, 1.0 if arm.attacked == "similar" else 0.0) if arm.size else x for arm, x in seen.items()}
    check = named(c6_attack_modes.CHECKS, "dissimilar against similar pairs attacked")
    assert outcome(check, noisy).outcome is Outcome.UNDECIDED
    assert "open in 4" in outcome(check, noisy).counterexample


def test_one_measurement_along_training_that_falls_below_refutes():
    check = named(e5_attacked_pairs.CHECKS, "increase along training")
    similar = np.stack([around(0.03)] * 4)
    above = Increase(similar, similar + 0.1)
    dip = Increase(similar, similar + np.asarray([[0.1], [0.1], [-0.01], [0.1]]))
    assert outcome(check, {clean(0.1): above}).outcome is Outcome.UPHELD
    assert outcome(check, {clean(0.1): above, clean(0.2): dip}).outcome is Outcome.REFUTED


def test_a_mean_eigenvalue_off_the_prediction_is_refuted():
    (check,) = [one for one in linear_optima.CHECKS if one.claim == "C2" and "mean eigenvalue" in one.name]
    arm = isometric(Integer(0))
    scale = linear_optima.Setting(arm.d, arm.p, arm.eps).scale
    right = np.repeat(around(scale)[:, None], arm.d, axis=1)
    assert outcome(check, {arm: right}).outcome is Outcome.UPHELD
    assert outcome(check, {arm: 1.02 * right}).outcome is Outcome.REFUTED


def test_a_bottleneck_that_keeps_its_mixture_refutes_the_transition():
    check = c1q_trained.CHECKS[0]
    clean_arm, middle, pure = c1q_trained.ONE_OUTPUT
    seen = {clean_arm: around(11.8), middle: around(2.0), pure: np.ones(SEEDS)}
    assert outcome(check, seen).outcome is Outcome.UPHELD
    assert outcome(check, seen | {pure: around(2.0)}).outcome is Outcome.REFUTED


def test_the_whole_path_of_a_gated_experiment_runs(tiny):
    arm = PairArm(0.2, "dissimilar", 0.3)
    record = trained(arm, tiny)
    assert record is trained(arm, tiny)
    assert record.plan.pair_attack.targets == "dissimilar"
    assert np.all(purity(arm, tiny).energy >= 1)
    step, rise = along_training(arm, tiny)
    assert rise.gap.shape == (len(step), 3)
    assert np.all(increase(arm, 0.2, tiny).similar > 0)
    risks = inherited(arm, 0.2, tiny)
    assert all(np.all(risk >= risks["none"]) for risk in risks.values())


def test_the_clean_arm_attacks_nothing(tiny):
    assert plan(clean(0.1), tiny).pair_attack.targets == "none"
    assert {arm.attacked for arm in mode_arms()} == {"similar", "dissimilar", "both"}


def test_the_whole_path_of_a_linear_experiment_runs(tiny):
    full, narrow = isometric(Rational(3, 10)), bottleneck(3, Rational(3, 10))
    assert eigenvalues(full, tiny).shape == (3, full.d)
    assert np.all(eigenvalues(full, tiny)[:, 0] > 0)
    for ratio, most in ((row_participation(full, tiny), full.d), (span_participation(narrow, tiny), 4)):
        assert np.all(ratio >= 1)
        assert np.all(ratio <= most * (1 + gamma(100, "float64")))  # sums of at most 12 squares
