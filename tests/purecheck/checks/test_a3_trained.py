"""A3 answers from what was observed, whichever way it came out; its arms differ where they say."""

import dataclasses

import numpy as np
import pytest

from numerics.activations import THRESHOLDED
from numerics.backend import select_backend
from numerics.streams import Streams
from purecheck.checks.answers import activations
from purecheck.checks.trained import CHECKS
from purecheck.experiments.activation_arms import ARMS, COMPARED, plan
from purecheck.experiments.activation_measured import MeasuredActivation, measured
from purecheck.reporting.figures import a3_activations
from purecheck.runtime.context import Context, Profile
from purecheck.verdicts.evidence import Outcome
from theory.activations.a3_trained import (
    A3,
    CURVED,
    FULL,
    GATE,
    LINEAR,
    LONGER,
    SCREENING,
    SILU,
    SOFT_THRESHOLD,
    TANH,
    ActivationArm,
)
from theory.training.arms import ATTACKS

SEEDS = 20
CHECK = {check.statement.name: check for check in CHECKS if check.claim == "A3"}
NAMES = [attack.name for attack in ATTACKS]


@pytest.fixture
def tiny() -> Context:
    """Three replicas, eight steps: the whole path of an arm in a second."""
    return Context(select_backend("numpy"), Streams(3), Profile("tiny", examples=3, seeds=3, steps=0.01))


def around(value):
    return value * (1 + 0.01 * np.linspace(-1, 1, SEEDS))


def one(features, mixed, fit, cross_talk, uncancelled, risk):
    inherited = {name: around(risk) for name in ("none", *NAMES)}
    return MeasuredActivation(
        around(mixed), around(features), around(fit), around(cross_talk), around(uncancelled), inherited
    )


CLEAN = one(6.0, 8.0, 0.01, 0.6, 1.0, 1.8)
PURIFIED = one(1.2, 2.0, 0.01, 0.05, 0.1, 0.6)
MIXED = one(6.0, 8.0, 0.8, 0.9, 1.0, 1.8)


def kept(**changed) -> Context:
    """A run that observed what is claimed, but for the activations `changed`, after attacks."""
    after = dict.fromkeys((*SCREENING, *CURVED), PURIFIED) | dict.fromkeys(LINEAR, MIXED)
    after = {name.name: found for name, found in after.items()} | changed
    made = Context(select_backend("numpy"), Streams(0), Profile("quick", 10, SEEDS, 1.0))
    made.keep({f"activations/{arm}": after[arm.activation.name] if arm.attack else CLEAN for arm in ARMS})
    return made


def outcome(clause, **changed):
    return CHECK[clause].run(kept(**changed))


def test_every_clause_may_come_out_either_way():
    assert {clause.kind for clause in A3.clauses} == {"open question"}


@pytest.mark.parametrize("clause", CHECK)
def test_what_is_claimed_is_upheld_and_its_control_rejected(clause):
    found = outcome(clause)
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
def test_the_opposite_is_refuted_and_named(clause, changed):
    found = outcome(clause, **changed)
    assert found.outcome is Outcome.REFUTED
    (name,) = changed
    assert {one.name: str(one) for one in COMPARED}[name] in found.counterexample


def test_robustness_that_only_gradients_see_is_no_robustness_without_jumps():
    masked = dataclasses.replace(PURIFIED, inherited=PURIFIED.inherited | {"gate_aware": around(3.0)})
    found = outcome("without jumps, against every attack", soft_threshold=masked)
    assert found.outcome is Outcome.REFUTED


def test_the_answer_is_computed():
    purified, rest = activations(kept()).split(" This does not hold with ")
    assert all(f"{name.name} (leak" in purified for name in (*SCREENING, *CURVED))
    assert all(f"{name.name} (leak" in rest for name in LINEAR)
    turned = activations(kept(relu=PURIFIED, gate=MIXED)).split(" This does not hold with ")
    assert "relu (leak" in turned[0].replace("biased_relu", "")
    assert "gate (leak" in turned[1]
    split = dataclasses.replace(PURIFIED, energy=np.linspace(1, 3, SEEDS))
    assert "undecided with tanh" in activations(kept(tanh=split))


def test_the_open_question_is_answered_in_the_evidence():
    assert "FGM training purifies" in outcome("thresholds pass robustness on").figure


def test_arms_differ_in_activation_attack_and_length_alone(tiny):
    for arm in ARMS:
        one_plan, gate = plan(arm, tiny), plan(ActivationArm(GATE), tiny)
        assert one_plan.activation == arm.activation.name
        assert (one_plan.b > 0) == (arm.activation.name in THRESHOLDED)
        assert one_plan.attack == ("fgm" if arm.attack else "none")
        assert one_plan.steps == gate.steps * (LONGER if arm.activation is TANH else 1)
        assert (one_plan.law, one_plan.sigma, one_plan.batch) == (gate.law, gate.sigma, gate.batch)


@pytest.mark.parametrize("activation", [SOFT_THRESHOLD, SILU], ids=lambda one: one.name)
def test_the_whole_path_of_an_arm_runs(tiny, activation):
    arm = ActivationArm(activation, FULL)
    found = measured(arm, tiny)
    assert found is measured(arm, tiny)
    for values in (found.participation, found.energy, found.fit, found.cross_talk, found.uncancelled):
        assert values.shape == (3,)
        assert np.all(np.isfinite(values))
    assert np.all(found.energy >= 1)
    assert np.all((found.uncancelled >= 0) & (found.uncancelled <= 1))
    assert all(np.all(found.inherited[attack] >= found.inherited["none"]) for attack in NAMES)


def test_the_figure_shows_every_activation_with_its_leak():
    leak, noise, features, risk = a3_activations.draw(kept()).axes
    assert [text.get_text() for text in leak.get_yticklabels()] == [one.name.replace("_", " ") for one in COMPARED]
    widths = [bar.get_width() for bar in leak.patches]
    assert widths == [0, 0, 0, 0.5, 0.5, 0.5, 1.0]
    assert all(bar.get_width() < 1e-40 for bar in noise.patches[:3])
    assert len(features.patches) == len(risk.patches) == 2 * len(COMPARED)
    asked = A3.clause("thresholds purify").relations[0].bound
    assert features.lines[-1].get_xdata() == [float(asked)] * 2
