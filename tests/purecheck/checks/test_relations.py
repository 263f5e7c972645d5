"""Sentence, verdict and control of every clause of relations follow from the clause, whatever is moved in it."""

import re
from dataclasses import replace

import numpy as np
import pytest
from sympy import Rational

from purecheck.checks import recorded, trained
from purecheck.experiments import readers
from purecheck.experiments.readers import READERS, kept_as
from purecheck.methods import holds
from purecheck.methods.holds import HoldsTrained
from purecheck.runs.ledger import ledger
from purecheck.verdicts.evidence import Outcome
from purecheck.verdicts.relations import Points
from tests.purecheck.checks.synthetic import SEEDS, context, measurements, moved_relations, observations
from theory.ledger import CLAIMS

TRAINED = [replace(check, answer=None) for check in trained.CHECKS]
ALL = [*TRAINED, *recorded.CHECKS]


def named(check) -> str:
    return f"{check.claim}: {check.statement.name}"


def with_relation(clause, place, relation):
    relations = clause.relations
    return replace(clause, relations=(*relations[:place], relation, *relations[place + 1 :]))


def test_every_clause_of_relations_has_this_check_and_no_clause_has_it_twice():
    stated = [(claim.id, clause.name) for claim in CLAIMS for clause in claim.clauses if clause.relations]
    assert sorted(stated) == sorted((check.claim, check.statement.name) for check in ALL)
    bound = [
        (identifier, check.statement.name)
        for identifier, checks in ledger().checks.items()
        for check in checks
        if isinstance(check, holds.Holds)
    ]
    assert sorted(bound) == sorted(stated)


def test_no_sentence_types_a_number_beside_its_relations():
    for check in ALL:
        prose = re.sub(r"\$[^$]*\$", "", check.statement.says.replace("ResNet-18", ""))
        assert not re.search(r"(?<![A-Z])\d", prose), check.statement.name


@pytest.mark.parametrize("check", TRAINED, ids=named)
def test_a_clause_is_upheld_where_it_holds_and_all_that_lies_next_to_it_is_refuted(check):
    found = check.run(context(observations(check.statement)))
    assert (found.outcome, found.control.rejected, found.cases) == (Outcome.UPHELD, True, SEEDS)


@pytest.mark.parametrize("check", TRAINED, ids=named)
def test_a_number_that_is_moved_in_the_clause_moves_sentence_and_verdict(check):
    clause, seen = check.statement, context(observations(check.statement))
    for place, relation in enumerate(clause.relations):
        for verdict in HoldsTrained.verdicts(check, replace(clause, relations=(relation,)), seen):
            for near in verdict.next_to_it():
                changed = with_relation(clause, place, relation.with_number(near.number))
                assert check.examine(changed, seen).outcome is Outcome.REFUTED
                assert changed.sentence != clause.sentence


@pytest.mark.parametrize("check", TRAINED, ids=named)
def test_an_arm_attack_or_size_that_is_moved_in_the_clause_moves_sentence_and_verdict(check, monkeypatch):
    clause, known = check.statement, observations(check.statement)
    asked = set()

    def read(measurement, _context, other):
        asked.add(kept_as(measurement))
        found = known.get(kept_as(measurement))
        return other(next(iter(known.values()))) if found is None else found

    count = 0
    for place, relation in enumerate(clause.relations):
        for one in moved_relations(relation):
            changed, outcomes = with_relation(clause, place, one), []
            for fill in (1e-6, 1e6):
                asked.clear()
                monkeypatch.setattr(holds, "read", lambda m, c, fill=fill: read(m, c, lambda x: filled(x, fill)))
                outcomes.append(check.examine(changed, context()).outcome)
                assert not asked <= set(known)
            assert changed.sentence != clause.sentence
            assert any(outcome is not Outcome.UPHELD for outcome in outcomes)
            count += 1
    assert count >= len(clause.relations)


def filled(like, value):
    """Numbers of the same shape that are all `value`."""
    if isinstance(like, Points):
        return Points(np.full_like(like.values, value), like.slack)
    return np.full_like(like, value)


@pytest.mark.parametrize("check", TRAINED, ids=named)
def test_swapping_or_turning_a_relation_refutes_it(check):
    seen = context(observations(check.statement))
    for relation in check.statement.relations:
        for opposite in relation.opposites():
            changed = replace(check.statement, relations=(opposite,))
            assert check.examine(changed, seen).outcome is Outcome.REFUTED


@pytest.mark.parametrize("check", TRAINED, ids=named)
def test_every_measurement_has_a_reader(check):
    for relation in check.statement.relations:
        for _, one in relation.instances():
            for term in (one.left, one.right):
                for _, measurement in measurements(term) if term is not None else ():
                    assert (measurement.statistic.name, type(measurement.arm)) in READERS


def test_seeds_that_disagree_leave_a_clause_undecided():
    (check,) = [one for one in TRAINED if named(one) == "E1: mixtures"]
    (relation,) = check.statement.relations
    split = {kept_as(relation.left): np.linspace(1, 3, SEEDS)}
    found = check.run(context(split))
    assert found.outcome is Outcome.UNDECIDED
    assert found.control.rejected
    assert "participation ratio" in found.counterexample


def test_the_control_says_how_near_it_lies():
    (check,) = [one for one in TRAINED if named(one) == "E2: FGM in l2"]
    energy, mean = (one.left for one in check.statement.relations)
    clean = check.statement.relations[1].right
    seen = {kept_as(energy): np.linspace(1.03, 1.18, SEEDS), kept_as(mean): 2.0 + 0.01 * np.arange(SEEDS)}
    seen[kept_as(clean)] = seen[kept_as(mean)] + 3.0
    found = check.run(context(seen))
    assert found.outcome is Outcome.UPHELD
    near = [near for one in check.verdicts(check.statement, context(seen)) for near in one.next_to_it()]
    low = np.sort(seen[kept_as(energy)])[2]
    assert 0 < low - float(near[0].number) < 0.02
    assert "instead of 1.5, where [" in found.control.found


def test_a_reader_is_given_the_arm_and_the_arguments_of_its_measurement(monkeypatch):
    inherited_from = []
    (check,) = [one for one in TRAINED if named(one) == "E3: inheritance"]
    monkeypatch.setattr(readers, "inherited", lambda arm, ball, _context: inherited_from.append((arm, ball)) or FOUND)
    check.examine(check.statement, context())
    arms = {arm.name for arm, _ in inherited_from}
    assert arms == {"fgm", "clean"}
    assert {ball.size for _, ball in inherited_from} == {Rational(1, 5), Rational(2, 5)}


FOUND = dict.fromkeys(("fgm", "pgd", "gate_aware"), np.ones(SEEDS))
