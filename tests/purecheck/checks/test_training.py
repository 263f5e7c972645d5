"""The checks of group E judge what was observed, whichever way it came out."""

import numpy as np
import pytest

from numerics.backend import select_backend
from numerics.streams import Streams
from purecheck.checks import e1_mixtures, e2_purification, e3_inheritance, e6_prediction, e8_masking
from purecheck.context import Context, Profile
from purecheck.evidence import Outcome
from purecheck.experiments.arms import ARMS, trained
from purecheck.experiments.measured import Pointwise, Purity, inherited, ladder, pointwise, purity
from purecheck.experiments.medians import median_compares

SEEDS = 20
CHECKS = [*e1_mixtures.CHECKS, *e2_purification.CHECKS, *e3_inheritance.CHECKS, *e8_masking.CHECKS]


@pytest.fixture(scope="module")
def tiny() -> Context:
    """Three replicas, fifteen steps: the whole path of an experiment in a second."""
    return Context(select_backend("numpy"), Streams(3), Profile("tiny", examples=3, seeds=3, steps=0.01))


def around(value, spread=0.01):
    return value + spread * np.linspace(-1, 1, SEEDS)


def outcome(check, observed):
    """What a check comes to on given observations."""
    kept = Context(select_backend("numpy"), Streams(0), Profile("quick", 10, SEEDS, 1.0))
    kept.once(f"{check.claim}/{check.name}", lambda: observed)
    return check.run(kept)


def test_mixtures_are_told_from_pure_nodes():
    check = e1_mixtures.CHECKS[0]
    names = ("clean", "clean, small gate", "clean, large gate")
    mixed = {name: Purity(around(4.0), around(3.0)) for name in names}
    pure = {name: Purity(around(1.1), around(1.0)) for name in names}
    assert outcome(check, mixed).outcome is Outcome.UPHELD
    assert outcome(check, pure).outcome is Outcome.REFUTED
    assert "participation ratio" in outcome(check, pure).counterexample


def test_seeds_that_disagree_leave_a_statement_undecided():
    check = e1_mixtures.CHECKS[0]
    split = {"clean": Purity(np.linspace(1, 3, SEEDS), around(1.0))}
    assert outcome(check, split).outcome is Outcome.UNDECIDED


def test_purification_is_refuted_where_clean_training_is_purer():
    check = e2_purification.CHECKS[0]
    seen = e2_purification.Seen(
        mean={"clean": around(1.2), "fgm": around(1.4)}, energy={"clean": around(1.0), "fgm": around(1.2)}
    )
    assert outcome(check, seen).outcome is Outcome.REFUTED


def test_a_prediction_off_by_more_than_rounding_is_refuted():
    check = e6_prediction.CHECKS[0]
    ones = np.ones((2, 3))
    exact = Pointwise(ones > 0, ones, ones, 1e-12 * ones, {"none": 0.5 * ones, "fgm": ones})
    off = Pointwise(ones > 0, ones, ones, 1e-12 * ones, {"none": 0.5 * ones, "fgm": ones - 1e-9})
    nothing = Pointwise(ones < 0, ones, ones, 1e-12 * ones, {"none": 0.5 * ones, "fgm": ones})
    assert outcome(check, {"fgm": exact}).outcome is Outcome.UPHELD
    assert outcome(check, {"fgm": off}).outcome is Outcome.REFUTED
    assert outcome(check, {"fgm": nothing}).outcome is Outcome.UNDECIDED


def test_every_control_is_another_statement():
    for check in [*CHECKS, *e6_prediction.CHECKS]:
        assert check.control.statement != check.statement


def test_medians_are_compared_without_assumptions_on_the_law():
    seeds = np.full(SEEDS, 2.0)
    seeds[:2] = -1e9
    assert median_compares(seeds, ">", 1.0, "two outliers").holds is True
    seeds[:3] = -1e9
    assert median_compares(seeds, ">", 1.0, "three outliers").holds is None
    assert median_compares(seeds[:5], ">", 1.0, "too few").holds is None


def test_the_whole_path_of_an_experiment_runs(tiny):
    for name in ("fgm", "fgm l_inf, dense"):
        record = trained(name, tiny)
        assert record is trained(name, tiny)
        assert record.net.W.shape == (3, *record.U_initial.shape[-2:])
        found = purity(name, tiny)
        assert np.all(found.mean >= 1)
        assert np.all(found.energy >= 1)
        for risks in (ladder(name, 0.2, tiny), inherited(name, 0.2, tiny)):
            assert all(np.all(risk >= risks["none"]) for risk in risks.values())


def test_the_certificate_holds_point_by_point_on_networks_that_hardly_trained(tiny):
    one = pointwise("clean", 0.01, tiny)
    worst = np.maximum.reduce(list(one.losses.values()))
    assert one.certified.any()
    assert np.all((worst <= one.predicted + one.slack)[one.certified])
    assert np.all(worst <= one.universal + one.slack)


def test_arms_share_their_data_and_differ_where_they_say(tiny):
    first, second = trained("clean", tiny), trained("clean, small gate", tiny)
    assert first.plan.law == second.plan.law
    assert (first.plan.unit_norm, second.plan.unit_norm) == (False, True)
    assert {arm.kind for arm in ARMS.values()} == {"l2", "linf"}
    assert first.plan.b == 0.4 * first.plan.law.amplitude.r
