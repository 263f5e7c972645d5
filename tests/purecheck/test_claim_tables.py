"""The tables of claims agree with the experiments that they show, and their verdicts with their rows."""

import json
import math
from fractions import Fraction

import jsonschema
import numpy as np
import pytest
from flint import arb, ctx

from numerics.backend import select_backend
from numerics.statistics import median_interval
from numerics.streams import Streams
from purecheck.checks.answers import activations as answer_about_activations
from purecheck.closed_forms import Value
from purecheck.experiments import contrastive_arms
from purecheck.experiments.activation_arms import COMPARED, SIGMA
from purecheck.experiments.activation_measured import measured
from purecheck.experiments.contrastive_measured import purity
from purecheck.reporting.json_report import report_schema
from purecheck.reporting.tables import TABLES, activation_properties
from purecheck.reporting.tables.a3_activations import TABLE as ACTIVATIONS
from purecheck.reporting.tables.c6_attack_modes import TABLE as MODES
from purecheck.reporting.tables.cells import Estimate, Known
from purecheck.runtime.context import Context, Profile
from purecheck.verdicts.error_rates import FALSE_ALARM
from theory.activations.a3_trained import A3, FULL, ActivationArm
from theory.contrastive_training import ALL_PAIRS, DISSIMILAR, GATES, SIMILAR, SIZES, PairArm
from theory.statistics import decimal


@pytest.fixture(scope="module")
def brief():
    """Twelve replicas, the fewest with an interval at the rate of the tables, and few steps."""
    assert FALSE_ALARM >= 2 * 0.5**12
    return Context(select_backend("numpy"), Streams(1), Profile("brief", examples=3, seeds=12, steps=0.02))


@pytest.fixture(scope="module")
def activations(brief):
    return ACTIVATIONS.tabulate(brief)


@pytest.fixture(scope="module")
def modes(brief):
    return MODES.tabulate(brief)


def estimate(seeds):
    ends = median_interval(seeds, false_alarm=FALSE_ALARM)
    return Estimate(float(np.median(seeds)), ends.low, ends.high)


def test_purity_by_attack_mode_is_that_of_the_encoders(brief, modes):
    assert [row[:2] for row in modes.rows] == [(0.1, 0.3), (0.1, 0.5), (0.2, 0.3), (0.2, 0.5)]
    settings = [(gate, size) for gate in GATES for size in SIZES]
    for (gate, size), (_, _, *cells) in zip(settings, modes.rows, strict=True):
        arms = (PairArm(gate), *(PairArm(gate, mode, size) for mode in (SIMILAR, DISSIMILAR, ALL_PAIRS)))
        start, similar, dissimilar, both = (purity(arm, brief).energy for arm in arms)
        compared = (similar - dissimilar, (start - similar) / (start - both), (start - dissimilar) / (start - both))
        assert cells == [estimate(seeds) for seeds in (start, similar, dissimilar, both, *compared)]


def test_the_verdict_on_attack_modes_follows_from_the_rows(modes):
    more, similar, dissimilar = ([row[column] for row in modes.rows] for column in (6, 7, 8))
    counts = (sum(cell.low > 0 for cell in more), sum(cell.high <= 0 for cell in more))
    undecided = len(more) - sum(counts)
    sentence = f"in {counts[0]} of {len(more)} settings, less in {counts[1]}, and {undecided} are undecided."
    assert sentence in modes.verdict
    for cells, words in ((dissimilar, "they attain"), (similar, "attacks on similar pairs attain")):
        values = [cell.value for cell in cells]
        assert f"{words} {min(values):.0%} to {max(values):.0%}" in modes.verdict


def test_purity_and_inherited_risk_by_activation_are_those_of_the_networks(brief, activations):
    assert [row[0] for row in activations.rows] == [one.name for one in COMPARED]
    for one, (_, _, _, *cells) in zip(COMPARED, activations.rows, strict=True):
        before, after = (measured(ActivationArm(one, ball), brief) for ball in (None, FULL))
        worst = [np.max(list(layer.inherited.values()), axis=0) for layer in (before, after)]
        stays = [after.inherited[attack] / before.inherited[attack] for attack in ("fgm", "pgd", "gate_aware")]
        assert cells == [estimate(seeds) for seeds in (before.energy, after.energy, *worst, *stays)]


def test_leaks_and_energies_are_exact_or_enclosed(activations):
    facts = {row[0]: row[1:3] for row in activations.rows}
    exact = {name: leak.exact for name, (leak, _) in facts.items()}
    assert exact == dict.fromkeys((one.name for one in COMPARED), "0") | {
        "relu": "1/2",
        "silu": "1/2",
        "gelu": "1/2",
        "tanh": "1",
    }
    assert facts["relu"][1] == Known(0.5, "1/2", 0.0)
    energy = facts["gelu"][1]
    assert energy.exact is None
    assert 0 < energy.error_bound < 2.0**-53
    with ctx.workprec(200):
        assert abs(gelu_energy(Fraction(repr(SIGMA)) ** 2) - energy.value) <= energy.error_bound


def gelu_energy(square: Fraction) -> arb:
    """A2's formula for GELU at the variance `square`, relative to it."""
    v = arb(square.numerator) / square.denominator
    curved = (v / (1 + v)).asin() / (2 * arb.pi()) + v / (arb.pi() * (1 + v) * (1 + 2 * v).sqrt())
    return arb(1) / 4 + curved


def test_the_error_of_a_quotient_counts_its_rounding():
    third = activation_properties.relative_to(Value("", {}, 1.0, None, 1e-20), Fraction(3))
    assert third.exact is None
    assert third.error_bound >= abs(Fraction(third.value) - Fraction(1, 3)) + Fraction(1e-20) / 3
    assert third.error_bound < 2.0**-53
    assert activation_properties.relative_to(Value("", {}, 0.5, "1/2", 0.0), Fraction(3)).exact == "1/6"


def test_the_verdict_on_activations_is_the_answer_of_the_check(brief, activations):
    assert activations.verdict == answer_about_activations(brief)
    for name, leak, _, _, features, *_, by_fgm, by_pgd, by_gate in activations.rows:
        stays = max(cell.value for cell in (by_fgm, by_pgd, by_gate))
        assert f"{name} (leak {leak.value:g}, {features.value:.2f} features per node, at most {stays:.0%}" in (
            activations.verdict
        )


def test_the_note_on_activations_says_what_the_clauses_ask(activations):
    asked = (*A3.clause("thresholds purify").relations, *A3.clause("thresholds pass robustness on").relations)
    for number in (decimal(one.bound) for one in asked):
        assert f" {number} " in activations.note.replace(",", " ").replace(".  ", " ")


@pytest.mark.parametrize("table", [ACTIVATIONS, MODES], ids=lambda one: one.name)
def test_a_table_follows_the_schema_and_defines_its_intervals(brief, table):
    made = table.tabulate(brief)
    facts = {"name": table.name, **made.to_dict()}
    jsonschema.validate(facts, {"$defs": report_schema()["$defs"], "$ref": "#/$defs/table"})
    assert json.loads(json.dumps(facts, allow_nan=False)) == facts
    assert "medians over 12 seeds, [low, high] are order statistics" in made.note
    for row in made.rows:
        for cell in row:
            if isinstance(cell, Estimate):
                assert cell.low <= cell.value <= cell.high
                assert math.isfinite(cell.low + cell.high)


def test_nothing_is_trained_for_a_table_that_a_check_has_trained(brief, monkeypatch):
    for table in (ACTIVATIONS, MODES):
        table.tabulate(brief)

    def refuse(*_arguments):
        raise AssertionError("trained again")

    monkeypatch.setattr(contrastive_arms, "train_contrastive", refuse)
    monkeypatch.setattr("purecheck.experiments.activation_arms.train_supervised", refuse)
    for table in (ACTIVATIONS, MODES):
        table.tabulate(brief)


def test_the_tables_of_both_open_questions_are_in_the_report():
    assert {ACTIVATIONS, MODES} <= set(TABLES)


def test_no_two_columns_share_a_heading(activations, modes):
    for table in (activations, modes):
        assert len(set(table.columns)) == len(table.columns)
