"""`audit --memory`: within the budget at ten times the replicas, with the same results however they are divided."""

import json
import re
import subprocess
import sys
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from numerics.backend import select_backend
from numerics.streams import Streams
from purecheck.auditing import attacked as attacking
from purecheck.auditing.given_network import GivenNetwork
from purecheck.auditing.measured import measure
from purecheck.auditing.memory_estimate import audit_memory, dictionary_memory
from purecheck.auditing.plan import AuditPlan
from purecheck.cli import main

NUMPY = select_backend("numpy")
RUN = """
import sys
from numerics.memory import peak_bytes
from purecheck.cli import main
status = main(sys.argv[1:])
print(peak_bytes(), file=sys.stderr)
sys.exit(status)
"""


def given(replicas, d, H, q=1):
    rng = np.random.default_rng(1)
    W, heads = rng.standard_normal((replicas, d, H)), rng.standard_normal((replicas, q, H))
    return GivenNetwork(W, heads, np.full((replicas, H), 0.3), None, "gate", np.zeros((replicas, q)), 0.0)


def plan(observations):
    return AuditPlan(p=0.3, r=1.0, sigma=0.02, eps=0.1, norm="l1", observations=observations)


def measured(network, settings, memory=None):
    return measure(network, settings, Streams(2), NUMPY, lambda _done, _total, _what: None, memory)


@pytest.mark.parametrize("sizes", [(2, 4, 300), (2, 120, 8), (6, 8, 8, 3)])
@pytest.mark.parametrize("observations", [50, 600])
def test_an_audit_takes_no_more_than_its_estimate(sizes, observations):
    network, settings = given(*sizes), plan(observations)
    measured(given(1, 2, 2), plan(2))
    tracemalloc.start()
    try:
        measured(network, settings, memory=1)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    work, total = audit_memory(network, settings), network.heads.shape[0] * network.heads.shape[1]
    assert peak <= work.shared + work.each + total * work.kept


def test_networks_attacked_in_turn_lose_what_they_lose_together():
    network, settings = given(4, 6, 10, 2), plan(20)
    one_by_one, together = measured(network, settings, memory=1), measured(network, settings)
    for name, losses in one_by_one.own.losses.items():
        np.testing.assert_array_equal(losses, together.own.losses[name])
    np.testing.assert_array_equal(one_by_one.inherited.worst, together.inherited.worst)


def test_more_observations_than_a_block_are_attacked_block_by_block(monkeypatch):
    monkeypatch.setattr(attacking, "BLOCK", 8)
    found = measured(given(2, 6, 10), plan(20))
    assert all(np.all(np.isfinite(losses)) for losses in found.own.losses.values())
    assert found.own.worst.shape == (2, 20)


def test_estimating_a_dictionary_takes_no_more_than_its_estimate():
    from numerics.dictionary import estimate_dictionary

    rng = np.random.default_rng(0)
    Z = rng.choice([0.0, 0.0, 0.0, 1.0, -1.0], (5000, 12))
    estimate_dictionary(Z, rng)
    tracemalloc.start()
    try:
        estimate_dictionary(Z, rng)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak <= dictionary_memory(Z).shared


def least(path):
    """The least budget in bytes that the command asks for, which is the program's own size here and what it needs."""
    command = [sys.executable, "-c", RUN, "audit", str(path), "--memory", "2MiB"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)  # noqa: S603
    return int(re.search(r"expected at least (\d+)MiB", done.stderr)[1]) * 2**20


def audited(path, *options):
    command = [sys.executable, "-c", RUN, "audit", str(path), "--json", "-", *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)  # noqa: S603
    assert done.returncode == 0, done.stderr
    facts = json.loads(done.stdout)
    del facts["environment"]
    return facts, int(done.stderr)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak of a process is read from Linux")
def test_ten_times_the_replicas_stay_within_budgets(tmp_path):
    network = given(30, 12, 30)
    paths = {}
    for replicas in (3, 30):
        paths[replicas] = tmp_path / f"{replicas}.npz"
        np.savez(paths[replicas], W=network.W[:replicas], a=network.heads[:replicas, 0], b=network.b[:replicas])
    free, _ = audited(paths[30])
    enough = least(paths[30])
    for replicas, budget in ((3, enough), (30, enough), (30, enough + 100 * 2**20)):
        found, peak = audited(paths[replicas], "--memory", f"{budget}B")
        assert peak <= budget
        assert found == free or replicas == 3


def test_a_budget_below_one_network_is_told_in_one_line_before_anything_is_written(tmp_path, capsys):
    np.savez(tmp_path / "w.npz", W=np.eye(4), a=np.ones(4))
    assert main(["audit", str(tmp_path / "w.npz"), "--json", str(tmp_path / "facts.json"), "--memory", "2MiB"]) == 2
    printed, told = capsys.readouterr()
    assert (printed, told.count("\n")) == ("", 1)
    assert "memory was 2MiB; expected at least " in told
    assert not (tmp_path / "facts.json").exists()
