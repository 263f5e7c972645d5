"""False theorems, planted consistently as an author errs, are refuted by the checks of their own clause."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
from click.testing import CliRunner
from sympy import Eq, Gt, Integer

from purecheck.methods.agrees import agrees
from purecheck.runs.ledger import ledger
from purecheck.runs.plants import main, model_checks, planted
from purecheck.verdicts.check import near
from purecheck.verdicts.evidence import Outcome
from tests.purecheck.small_ledger import context
from theory.model import m, p
from theory.purification.p5_firing_probability import GROWTH, SERIES, FiringProbability
from theory.ranges import COUNT, between
from theory.variants import variants

SAMPLE = 60
"""Clauses of which every variant is planted in `make test`: about 30 s; `make plants` takes all."""


def check_of(claim, clause):
    return next(check for check in model_checks(ledger(), [claim]) if check.statement.name == clause)


def finding(claim, clause):
    """What the model makes of a clause that stands in the ledger under that name."""
    return replace(check_of(claim, clause.name), statement=clause).examine(clause, context())


def test_growth_of_the_firing_probability_claimed_up_to_one_is_refuted():
    wrong = replace(GROWTH, over={m: COUNT, p: between(0, 1)}, box={})
    assert finding("P5", wrong).outcome is Outcome.REFUTED


def test_a_range_too_wide_by_little_is_refuted():
    wrong = replace(GROWTH, over={m: COUNT, p: between(0, GROWTH.over[p].high + Integer(1) / 100)}, box={})
    assert finding("P5", wrong).outcome is Outcome.REFUTED


def clauses_of_a_sample():
    checks = model_checks(ledger())
    chosen = np.random.default_rng(0).permutation(len(checks))[:SAMPLE]
    return [pytest.param(checks[i], id=f"{checks[i].claim}-{checks[i].statement.name}") for i in sorted(chosen)]


@pytest.mark.parametrize("check", clauses_of_a_sample())
def test_no_false_variant_of_a_clause_survives(check):
    failures = [
        f"{one.variant.miss.description}: {one.found}" for one in planted([check], context()) if one.fate == "failure"
    ]
    assert not failures


def test_every_derived_clause_is_held_against_the_model():
    held = {(check.claim, check.statement.name) for check in model_checks(ledger())}
    derived = {
        (claim.id, clause.name)
        for claim in ledger().claims.values()
        for clause in claim.clauses
        if clause.derive is not None
    }
    assert derived <= held, sorted(derived - held)


def test_every_clause_has_variants_of_several_kinds():
    for check in model_checks(ledger()):
        kinds = {one.kind for one in variants(check.statement)}
        assert {"factor", "resolution"} & kinds, (check.claim, check.statement.name)


def test_a_check_too_weak_for_its_clause_is_a_failure():
    weak = agrees(
        "P5", SERIES, lambda clause, rng: itertools.islice(check_of("P5", "series").scenes(clause, rng), 0), 0
    )
    fates = {one.fate for one in planted([weak], context())}
    assert fates == {"failure", "open"}


def test_a_variant_that_says_the_same_is_told_from_a_failure():
    same = replace(SERIES, formula=Eq(SERIES.formula.lhs, SERIES.formula.rhs), resolution=Integer(0))
    check = replace(check_of("P5", "series"), statement=same, control=near(GROWTH))
    assert "equal" in {one.fate for one in planted([check], context())}


def test_the_command_lists_survivors_and_ends_with_status_one_where_a_check_fails(monkeypatch):
    weak = replace(check_of("P5", "growth"), scenes=lambda _clause, _rng: iter(()), declared=0)
    monkeypatch.setattr("purecheck.runs.plants.model_checks", lambda _ledger, _claims: [weak])
    result = CliRunner().invoke(main, ["P5"])
    assert result.exit_code == 1
    assert "failure   P5 growth" in result.output


def test_the_command_refuses_an_unknown_claim():
    result = CliRunner().invoke(main, ["P55"])
    assert result.exit_code == 2
    assert "CLAIM was 'P55'" in result.output


def test_a_wrong_direction_is_refuted():
    wrong = GROWTH.stating(Gt(FiringProbability(m, p) - FiringProbability(m + 1, p), 0))
    assert finding("P5", wrong).outcome is Outcome.REFUTED
