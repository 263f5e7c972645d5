"""Checks in a process of their own find what they find in this one, and their errors are not lost."""

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from numerics.backend import select_backend
from numerics.streams import Streams
from purecheck.runs.ledger import ledger
from purecheck.runs.runner import run_checks
from purecheck.runs.training_process import apart, training
from purecheck.runtime.context import Context, Profile
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
        with pytest.raises(RuntimeError, match="without a message"):
            list(beside.rest())


def test_leaving_the_block_ends_the_process():
    with pytest.raises(KeyboardInterrupt), training(trained_checks("E2"), tiny()):
        raise KeyboardInterrupt
    assert multiprocessing.active_children() == []


def test_a_run_lists_the_evidence_in_the_order_of_the_ledger():
    run = run_checks(ledger(), ("E1",), tiny())
    for identifier, result in run.results.items():
        assert [line.check for line in result.evidence] == [check.name for check in ledger().checks[identifier]]


STARTED = """
import multiprocessing, signal, sys, time
import sleeper
from purecheck.runtime.processes import one_process

if __name__ == "__main__":
    signal.signal(signal.SIGHUP, signal.SIG_DFL)  # nohup ignores it, and so would this process
    with one_process() as pool:
        pool.submit(sleeper.sleep, sys.argv[1])
        (process,) = multiprocessing.active_children()
        print(process.pid, flush=True)
        time.sleep(60)
"""
SLEEPER = """
import time
from pathlib import Path

def sleep(file):
    Path(file).touch()
    time.sleep(60)
"""


def alive(pid):
    stat = Path(f"/proc/{pid}/stat")
    try:
        return stat.read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.skipif(sys.platform != "linux", reason="processes are looked up in Linux's /proc")
@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("when", ["starting", "running"])
def test_a_process_ends_with_its_parent_whatever_ends_that(end, when, tmp_path):
    (tmp_path / "sleeper.py").write_text(SLEEPER)
    (tmp_path / "script.py").write_text(STARTED)
    environment = os.environ | {"PYTHONPATH": f"{tmp_path}:{Path(__file__).parents[2]}"}
    running = tmp_path / "running"
    command = [sys.executable, str(tmp_path / "script.py"), str(running)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as parent:  # noqa: S603
        pid = int(parent.stdout.readline())
        while when == "running" and not running.exists():
            time.sleep(0.01)
        assert alive(pid)
        parent.send_signal(end)
    deadline = time.monotonic() + 2
    while alive(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not alive(pid)


def test_the_traceback_of_an_error_in_the_other_process_is_kept():
    broken = replace(trained_checks("E1")[0], name="no such check")
    with training([broken], tiny()) as beside, pytest.raises(KeyError) as caught:
        list(beside.rest())
    assert "in _evidence" in str(caught.value.__cause__)
