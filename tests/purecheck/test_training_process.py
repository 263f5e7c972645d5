"""Checks in a process of their own find what they find in this one, and their errors are not lost."""

import multiprocessing
from dataclasses import replace

import pytest

from numerics.backend import select_backend
from numerics.streams import Streams
from purecheck.context import Context, Profile
from purecheck.ledger import ledger
from purecheck.runner import run_checks
from purecheck.training_process import apart, training
from tests.purecheck.small_ledger import small

TINY = Profile("tiny", examples=2, seeds=3, steps=0.01)


def tiny():
    return Context(select_backend("numpy"), Streams(11), TINY)


def trained_checks(identifier):
    return [check for check in ledger().checks[identifier] if check.trains]


def test_only_trained_checks_of_the_suites_own_ledger_are_put_apart():
    both = [*ledger().checks["P8"], *trained_checks("E1")]
    assert apart(ledger(), both) == tuple(trained_checks("E1"))
    assert apart(ledger(), trained_checks("E1")) == ()
    assert apart(small(), small().checks["T1"]) == ()


def test_the_evidence_and_what_was_kept_are_the_same_in_either_process():
    here, there = tiny(), tiny()
    checks = trained_checks("E1")
    expected = {(check.claim, check.name): check.run(here) for check in checks}
    with training(checks, there) as beside:
        found = dict(beside.rest())
        there.keep(beside.kept())
    assert {name: replace(line, seconds=0) for name, line in found.items()} == {
        name: replace(line, seconds=0) for name, line in expected.items()
    }
    assert set(there.kept()) == set(here.kept())
    assert multiprocessing.active_children() == []


def test_an_error_in_the_other_process_is_raised_in_this_one():
    broken = replace(trained_checks("E1")[0], name="no such check")
    with training([broken], tiny()) as beside, pytest.raises(KeyError, match="no such check"):
        list(beside.rest())


def test_a_process_that_dies_is_told():
    with training(trained_checks("E1"), tiny()) as beside:
        for process in multiprocessing.active_children():
            process.kill()
            process.join()
        with pytest.raises(RuntimeError, match="without a word"):
            list(beside.rest())


def test_leaving_the_block_ends_the_process():
    with pytest.raises(KeyboardInterrupt), training(trained_checks("E2"), tiny()):
        raise KeyboardInterrupt
    assert multiprocessing.active_children() == []


def test_a_run_lists_the_evidence_in_the_order_of_the_ledger():
    run = run_checks(ledger(), ("E1",), tiny())
    for identifier, result in run.results.items():
        assert [line.check for line in result.evidence] == [check.name for check in ledger().checks[identifier]]
