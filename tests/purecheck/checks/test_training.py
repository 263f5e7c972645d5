"""The supervised experiments run the arms that the theory names, and P2 holds on their networks point by point."""

import numpy as np
import pytest
from sympy import Rational

from numerics.backend import select_backend
from numerics.streams import Streams
from purecheck.checks.trained import CHECKS
from purecheck.experiments.arms import plan, trained
from purecheck.experiments.measured import Pointwise, attack_risks, inherited, pointwise, purity
from purecheck.runtime.context import Context, Profile
from purecheck.verdicts.evidence import Outcome
from theory.statistics import Ball
from theory.training.arms import ATTACKED, ATTACKED_DENSE, CLEAN, CLEAN_SMALL, L2, NEARBY, SUPERVISED_ARMS

SEEDS = 20
SMALL_BALL = Ball(L2, Rational(1, 5))


@pytest.fixture(scope="module")
def tiny() -> Context:
    """Three replicas, fifteen steps: the whole path of an experiment in a second."""
    return Context(select_backend("numpy"), Streams(3), Profile("tiny", examples=3, seeds=3, steps=0.01))


@pytest.mark.parametrize(
    ("fgm", "certified", "expected"),
    [(1.0, True, Outcome.UPHELD), (1.0 - 1e-9, True, Outcome.REFUTED), (1.0, False, Outcome.UNDECIDED)],
)
def test_a_prediction_off_by_more_than_rounding_is_refuted(fgm, certified, expected):
    (check,) = [one for one in CHECKS if (one.claim, one.statement.name) == ("E6", "certified")]
    ones = np.ones((2, 3))
    losses = dict.fromkeys(("none", "pgd", "gate_aware", "random_search"), 0.5 * ones) | {"fgm": fgm * ones}
    seen = Pointwise(np.full((2, 3), certified), ones, ones, 1e-12 * ones, losses)
    kept = Context(select_backend("numpy"), Streams(0), Profile("quick", 10, SEEDS, 1.0))
    kept.keep({f"pointwise/{arm}/{Ball(L2, NEARBY)}": seen for arm in SUPERVISED_ARMS})
    found = check.run(kept)
    assert found.outcome is expected
    if expected is Outcome.UPHELD:
        assert found.control.rejected
        assert "instead of 1" in found.control.found


def test_the_whole_path_of_an_experiment_runs(tiny):
    for arm in (ATTACKED, ATTACKED_DENSE):
        record = trained(arm, tiny)
        assert record is trained(arm, tiny)
        assert record.net.W.shape == (3, *record.U_initial.shape[-2:])
        found = purity(arm, tiny)
        assert np.all(found.mean >= 1)
        assert np.all(found.energy >= 1)
        for risks in (attack_risks(arm, SMALL_BALL, tiny), inherited(arm, SMALL_BALL, tiny)):
            assert all(np.all(risk >= risks["none"]) for risk in risks.values())


def test_the_certificate_holds_point_by_point_on_networks_that_hardly_trained(tiny):
    one = pointwise(CLEAN, Ball(L2, NEARBY), tiny)
    worst = np.maximum.reduce(list(one.losses.values()))
    assert one.certified.any()
    assert np.all((worst <= one.predicted + one.slack)[one.certified])
    assert np.all(worst <= one.universal + one.slack)


def test_arms_share_their_data_and_differ_where_they_say(tiny):
    first, second = trained(CLEAN, tiny), trained(CLEAN_SMALL, tiny)
    assert first.plan.law == second.plan.law
    assert (first.plan.unit_norm, second.plan.unit_norm) == (False, True)
    assert first.plan.b == 0.4 * first.plan.law.amplitude.r


@pytest.mark.parametrize("arm", SUPERVISED_ARMS, ids=lambda arm: arm.name)
def test_a_plan_is_what_its_arm_says(arm, tiny):
    made = plan(arm, tiny)
    r = made.law.amplitude.r
    assert (made.b, made.unit_norm, made.M is not None) == (float(arm.gate) * r, arm.unit, arm.dense)
    if arm.attack is None:
        assert (made.attack, made.eps) == ("none", 0.0)
    else:
        assert (made.attack, made.norm, made.eps) == ("fgm", arm.attack.norm.name, float(arm.attack.size) * r)


def test_names_and_words_of_arms_are_unique():
    assert len({arm.name for arm in SUPERVISED_ARMS}) == len({str(arm) for arm in SUPERVISED_ARMS}) == 9
