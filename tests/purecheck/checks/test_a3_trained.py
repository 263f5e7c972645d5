"""A3 judges what was observed, whichever way it came out; its arms differ where they say."""

import dataclasses

import numpy as np
import pytest

from numerics.activations import THRESHOLDED
from numerics.backend import select_backend
from numerics.streams import Streams
from purecheck.checks.a3_trained import ATTACKS, CHECKS, answer
from purecheck.context import Context, Profile
from purecheck.evidence import Outcome
from purecheck.experiments.activation_arms import ARMS, COMPARED, CURVED, FULL, LINEAR, LONGER, SCREENING, Arm, plan
from purecheck.experiments.activation_measured import Measured, measured
from purecheck.figures import a3_activations
from theory.activations.a3_trained import A3

SEEDS = 20
CHECK = {check.clauses[0]: check for check in CHECKS}


@pytest.fixture
def tiny() -> Context:
    """Three replicas, eight steps: the whole path of an arm in a second."""
    return Context(select_backend("numpy"), Streams(3), Profile("tiny", examples=3, seeds=3, steps=0.01))


def around(value):
    return value * (1 + 0.01 * np.linspace(-1, 1, SEEDS))


def one(features, mixed, fit, cross_talk, cancelled, risk):
    inherited = {name: around(risk) for name in ("none", *ATTACKS)}
    return Measured(around(mixed), around(features), around(fit), around(cross_talk), around(cancelled), inherited)


CLEAN = one(6.0, 8.0, 0.01, 0.6, 0.0, 1.8)
PURIFIED = one(1.2, 2.0, 0.01, 0.05, 0.9, 0.6)
MIXED = one(6.0, 8.0, 0.8, 0.9, 0.0, 1.8)


def seen(**changed):
    """Observations as claimed, but for the activations `changed`, after attacks."""
    after = dict.fromkeys((*SCREENING, *CURVED), PURIFIED) | dict.fromkeys(LINEAR, MIXED) | changed
    return {arm: after[arm.activation] if arm.size else CLEAN for arm in ARMS}


def outcome(clause, observed):
    check = CHECK[clause]
    kept = Context(select_backend("numpy"), Streams(0), Profile("quick", 10, SEEDS, 1.0))
    kept.once(f"{check.claim}/{check.name}", lambda: observed)
    return check.run(kept)


def test_every_clause_has_a_check_with_another_statement_as_control():
    assert set(CHECK) == {clause.name for clause in A3.clauses}
    assert all(check.control.statement != check.statement for check in CHECKS)


@pytest.mark.parametrize("clause", CHECK)
def test_what_is_claimed_is_upheld_and_its_control_rejected(clause):
    found = outcome(clause, seen())
    assert found.outcome is Outcome.UPHELD
    assert found.control.rejected


@pytest.mark.parametrize(
    ("clause", "changed"),
    [
        ("thresholds purify", {"soft_threshold": MIXED}),
        ("a linear odd part keeps mixtures", {"relu": PURIFIED}),
        ("thresholds pass robustness on", {"gate": MIXED}),
        ("without jumps, against every attack", {"biased_relu": MIXED}),
        ("a linear odd part passes nothing on", {"gelu": PURIFIED}),
        ("cross-talk", {"silu": PURIFIED}),
        ("the price", {"gate": MIXED}),
        ("tanh purifies late", {"tanh": MIXED}),
        ("tanh passes robustness on", {"tanh": MIXED}),
        ("tanh cancels its leak", {"tanh": MIXED}),
    ],
)
def test_the_opposite_is_refuted(clause, changed):
    found = outcome(clause, seen(**changed))
    assert found.outcome is Outcome.REFUTED
    assert next(iter(changed)) in found.counterexample


def test_robustness_that_only_gradients_see_is_no_robustness_without_jumps():
    masked = dataclasses.replace(PURIFIED, inherited=PURIFIED.inherited | {"gate_aware": around(3.0)})
    assert outcome("without jumps, against every attack", seen(soft_threshold=masked)).outcome is Outcome.REFUTED


def test_the_answer_is_computed():
    told = answer(seen())
    purified, rest = told.split(" Not so with ")
    assert all(f"{name} (leak" in purified for name in (*SCREENING, *CURVED))
    assert all(f"{name} (leak" in rest for name in LINEAR)
    turned = answer(seen(relu=PURIFIED, gate=MIXED)).split(" Not so with ")
    assert "relu (leak" in turned[0].replace("biased_relu", "")
    assert "gate (leak" in turned[1]
    split = dataclasses.replace(PURIFIED, energy=np.linspace(1, 3, SEEDS))
    assert "Undecided for tanh" in answer(seen(tanh=split))


def test_the_open_question_is_answered_in_the_evidence():
    found = outcome("thresholds pass robustness on", seen())
    assert "FGM training purifies" in found.figure


def test_arms_differ_in_activation_attack_and_length_alone(tiny):
    for arm in ARMS:
        one_plan, gate = plan(arm, tiny), plan(Arm("gate", 0.0), tiny)
        assert one_plan.activation == arm.activation
        assert (one_plan.b > 0) == (arm.activation in THRESHOLDED)
        assert one_plan.attack == ("fgm" if arm.size else "none")
        assert one_plan.steps == gate.steps * (LONGER if arm.activation in CURVED else 1)
        assert (one_plan.law, one_plan.sigma, one_plan.batch) == (gate.law, gate.sigma, gate.batch)


@pytest.mark.parametrize("name", ["soft_threshold", "silu"])
def test_the_whole_path_of_an_arm_runs(tiny, name):
    found = measured(Arm(name, FULL), tiny)
    assert found is measured(Arm(name, FULL), tiny)
    for values in (found.participation, found.energy, found.fit, found.cross_talk, found.cancelled):
        assert values.shape == (3,)
        assert np.all(np.isfinite(values))
    assert np.all(found.energy >= 1)
    assert np.all((found.cancelled >= 0) & (found.cancelled <= 1))
    assert all(np.all(found.inherited[attack] >= found.inherited["none"]) for attack in ATTACKS)


def test_the_figure_shows_every_activation_with_its_leak():
    shared = Context(select_backend("numpy"), Streams(0), Profile("quick", 10, SEEDS, 1.0))
    for arm, value in seen().items():
        shared.once(f"activations/{arm}", lambda value=value: value)
    leak, noise, features, risk = a3_activations.draw(shared, None).axes
    assert [text.get_text() for text in leak.get_yticklabels()] == [name.replace("_", " ") for name in COMPARED]
    widths = [bar.get_width() for bar in leak.patches]
    assert widths == [0, 0, 0, 0.5, 0.5, 0.5, 1.0]
    assert all(bar.get_width() < 1e-40 for bar in noise.patches[:3])
    assert len(features.patches) == len(risk.patches) == 2 * len(COMPARED)
