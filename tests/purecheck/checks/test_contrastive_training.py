"""The contrastive experiments judge what was observed, whichever way it came out."""

from typing import Any

import numpy as np
import pytest
from sympy import Integer, Rational

from numerics.backend import select_backend
from numerics.rounding import gamma
from numerics.streams import Streams
from purecheck.checks import c6_attack_modes, linear_optima
from purecheck.checks import trained as trained_checks
from purecheck.experiments.contrastive_arms import every_arm, plan, trained
from purecheck.experiments.contrastive_measured import along_training, increase, inherited, purity
from purecheck.experiments.linear_arms import eigenvalues, row_participation, span_participation
from purecheck.experiments.readers import kept_as, read
from purecheck.methods.holds import HoldsTrained
from purecheck.runtime.context import Context, Profile
from purecheck.verdicts.evidence import Outcome
from theory.contrastive.c6_attack_modes import C6
from theory.contrastive_training import (
    ALL_PAIRS,
    DISSIMILAR,
    E5,
    GATES,
    PAIRS_BY_ENERGY,
    PROBE,
    RISE_IN_TRAINING,
    SIMILAR,
    SIZES,
    PairArm,
    bottleneck,
    isometric,
)
from theory.training.arms import HEAD_BALLS

SEEDS = 20
CHECKS: tuple[Any, ...] = (*linear_optima.CHECKS, *c6_attack_modes.CHECKS, *trained_checks.CHECKS)
EXACT = [check for check in CHECKS if not check.trains]


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
    value = {SIMILAR: similar, DISSIMILAR: dissimilar, ALL_PAIRS: both, None: start}
    return {arm: around(value[arm.attacked]) for arm in every_arm()}


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


def kept(found):
    """A run that has measured these participation ratios, by arm."""
    made = Context(select_backend("numpy"), Streams(0), Profile("quick", 10, SEEDS, 1.0))
    made.keep({kept_as(PAIRS_BY_ENERGY(arm)): values for arm, values in found.items()})
    return made


def of_clause(claim, clause):
    (check,) = [one for one in CHECKS if isinstance(one, HoldsTrained) and one.statement is claim.clause(clause)]
    return check


def test_the_question_of_the_attack_modes_comes_out_either_way():
    check = of_clause(C6, "dissimilar pairs purify more")
    one, other = check.run(kept(purities(3.0, 1.5))), check.run(kept(purities(1.5, 3.0)))
    assert (one.outcome, other.outcome) == (Outcome.UPHELD, Outcome.REFUTED)
    assert "in 4, less in 0, open in 0" in one.figure
    assert "in 0, less in 4, open in 0" in other.counterexample
    assert "they attain 92% to 92%, those on similar pairs 61% to 61%" in one.figure


def test_modes_that_do_not_differ_over_seeds_stay_open():
    seen = purities(2.0, 2.0)
    noisy = {arm: around(2.0, 1.0 if arm.attacked is SIMILAR else 0.0) if arm.size else x for arm, x in seen.items()}
    found = of_clause(C6, "dissimilar pairs purify more").run(kept(noisy))
    assert found.outcome is Outcome.UNDECIDED
    assert "open in 4" in found.counterexample


def test_one_measurement_along_training_that_falls_below_refutes():
    check = of_clause(E5, "along training")
    similar = np.stack([around(0.03)] * 4)
    arms = [PairArm(gate, *attack) for gate in GATES for attack in ((), (SIMILAR, SIZES[0]))]

    def found(dip):
        made = kept({})
        for place, arm in enumerate(arms):
            rise = np.asarray([[0.1], [0.1], [dip if place == 1 else 0.1], [0.1]])
            for pairs, values in ((SIMILAR, similar), (DISSIMILAR, similar + rise)):
                one = RISE_IN_TRAINING(arm, pairs=pairs, size=PROBE, since=Integer(50))
                made.keep({kept_as(one): values})
        return check.run(made)

    assert found(0.1).outcome is Outcome.UPHELD
    assert found(0.1).control.rejected
    assert found(-0.01).outcome is Outcome.REFUTED


def test_measurements_along_training_begin_where_the_clause_says(tiny):
    arm = PairArm(GATES[1], DISSIMILAR, SIZES[0])
    step, rise = along_training(arm, tiny)
    one = RISE_IN_TRAINING(arm, pairs=SIMILAR, size=PROBE, since=Integer(50))
    np.testing.assert_array_equal(read(one, tiny), rise.similar[step >= 50])
    assert 0 < (step >= 50).sum() < len(step)


def test_a_mean_eigenvalue_off_the_prediction_is_refuted():
    (check,) = [one for one in linear_optima.CHECKS if one.claim == "C2" and "mean eigenvalue" in one.name]
    arm = isometric(Integer(0))
    scale = linear_optima.Setting(arm.d, arm.p, arm.eps).scale
    right = np.repeat(around(scale)[:, None], arm.d, axis=1)
    assert outcome(check, {arm: right}).outcome is Outcome.UPHELD
    assert outcome(check, {arm: 1.02 * right}).outcome is Outcome.REFUTED


def test_the_whole_path_of_a_gated_experiment_runs(tiny):
    arm = PairArm(GATES[1], DISSIMILAR, SIZES[0])
    record = trained(arm, tiny)
    assert record is trained(arm, tiny)
    assert record.plan.pair_attack.targets == "dissimilar"
    assert np.all(purity(arm, tiny).energy >= 1)
    step, rise = along_training(arm, tiny)
    assert rise.gap.shape == (len(step), 3)
    assert np.all(increase(arm, PROBE, tiny).similar > 0)
    risks = inherited(arm, HEAD_BALLS[0], tiny)
    assert all(np.all(risk >= risks["none"]) for risk in risks.values())


def test_the_clean_arm_attacks_nothing(tiny):
    assert plan(PairArm(GATES[0]), tiny).pair_attack.targets == "none"
    targets = {plan(arm, tiny).pair_attack.targets for arm in every_arm()}
    assert targets == {"none", "similar", "dissimilar", "both"}


def test_the_whole_path_of_a_linear_experiment_runs(tiny):
    full, narrow = isometric(Rational(3, 10)), bottleneck(3, Rational(3, 10))
    assert eigenvalues(full, tiny).shape == (3, full.d)
    assert np.all(eigenvalues(full, tiny)[:, 0] > 0)
    for ratio, most in ((row_participation(full, tiny), full.d), (span_participation(narrow, tiny), 4)):
        assert np.all(ratio >= 1)
        assert np.all(ratio <= most * (1 + gamma(100, "float64")))  # sums of at most 12 squares
