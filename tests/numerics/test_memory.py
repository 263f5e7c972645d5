"""Working sets bound what is allocated, and free memory is what the system and its groups leave."""

import sys
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from numerics import memory
from numerics.backend import select_backend
from numerics.contrastive.training import ContrastivePlan, Gated, Linear, train_contrastive
from numerics.contrastive.training.memory import contrastive_memory
from numerics.evaluation import attack_memory, evaluate_attacks
from numerics.features import FeatureLaw, rotation
from numerics.memory import MemoryEstimate, free_bytes, peak_bytes, resident_bytes, share_of_free
from numerics.network import GatedNetwork
from numerics.streams import Streams
from numerics.training import SupervisedPlan, train_supervised
from numerics.training.memory import supervised_memory

NUMPY = select_backend("numpy")
REPLICAS = 2
# sizes where observations times nodes, observations times features, and features times nodes dominate
SHAPES = [(4, 300, 200), (200, 4, 200), (100, 400, 4)]
ATTACKS = [{}, {"attack": "fgm", "eps": 0.1}, {"attack": "pgd", "norm": "l1", "eps": 0.1}]


def peak_of(work):
    """The most bytes of arrays that `work` holds; it has run before, so that nothing is imported or compiled."""
    work()
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def bound(work: MemoryEstimate, replicas=REPLICAS):
    return work.shared + replicas * (work.each + work.kept)


def supervised(d, H, n, activation="gate", **attack):
    return SupervisedPlan(
        law=FeatureLaw.unit_energy(d, 0.25),
        M=rotation(d, np.random.default_rng(0)),
        hidden=H,
        activation=activation,
        b=0.1 if activation == "gate" else 0.0,
        sigma=0.1,
        steps=3,
        batch=n,
        record_every=1,
        **attack,
    )


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("attack", ATTACKS, ids=["clean", "fgm", "pgd"])
@pytest.mark.parametrize("activation", ["gate", "silu"])
def test_supervised_training_stays_within_its_working_set(shape, attack, activation):
    plan = supervised(*shape, activation, **attack)
    assert peak_of(lambda: train_supervised(plan, Streams(0), REPLICAS, NUMPY)) <= bound(supervised_memory(plan))


@pytest.mark.parametrize("encoder", [Gated(400, 4, 0.1), Gated(4, 400, 0.1), Linear(300)])
@pytest.mark.parametrize(("d", "n"), [(4, 300), (300, 40)])
def test_contrastive_training_stays_within_its_working_set(encoder, d, n):
    plan = ContrastivePlan(
        law=FeatureLaw.unit_energy(d, 0.25),
        encoder=encoder,
        attack="pgd",
        norm="l1",
        eps=0.1,
        attacked_sides="both",
        steps=3,
        batch=n,
        record_every=1,
    )
    assert peak_of(lambda: train_contrastive(plan, Streams(0), REPLICAS, NUMPY)) <= bound(contrastive_memory(plan))


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("norm", ["l1", "linf"])
def test_a_suite_of_attacks_stays_within_its_working_set(shape, norm):
    d, H, n = shape
    rng = np.random.default_rng(0)
    W, a = rng.standard_normal((REPLICAS, d, H)), rng.standard_normal((REPLICAS, H))
    Z, y = rng.standard_normal((REPLICAS, n, d)), rng.standard_normal((REPLICAS, n))
    sizes = [0.1]

    def work():
        return evaluate_attacks(GatedNetwork(W, a, 0.3), Z, y, sizes, norm, Streams(0), attacks=["fgm", "gate_aware"])

    assert peak_of(work) <= bound(attack_memory(d, H, n))


def test_as_many_replicas_run_together_as_the_budget_leaves_room_for():
    work = MemoryEstimate(shared=10, each=7, kept=2)
    for replicas in (1, 3, 20):
        for budget in range(200):
            together = work.max_batch(replicas, budget)
            assert together <= replicas
            if together > 0:
                assert 10 + 7 * together + 2 * replicas <= budget
            if 0 < together < replicas:
                assert 10 + 7 * (together + 1) + 2 * replicas > budget
        assert work.max_batch(replicas, work.least(replicas)) == 1
        assert work.max_batch(replicas, work.least(replicas) - 1) < 1


def test_the_limit_of_a_control_group_bounds_what_is_free(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    most, used = tmp_path / "memory.max", tmp_path / "memory.current"
    monkeypatch.setattr(memory, "_CGROUPS", ((most, used),))
    used.write_text("700\n")
    most.write_text("1000\n")
    assert (free_bytes(NUMPY), share_of_free(NUMPY)) == (300, 150)
    most.write_text("max\n")
    assert free_bytes(NUMPY) > 2**20
    most.write_text("600\n")
    assert free_bytes(NUMPY) == 0


def test_without_the_files_of_linux_half_of_what_is_built_in_counts_as_free(monkeypatch: pytest.MonkeyPatch):
    def missing(*_: object) -> str:
        raise FileNotFoundError

    monkeypatch.setattr(memory.Path, "read_text", missing)
    monkeypatch.setattr(memory, "_CGROUPS", ())
    assert 2**20 < free_bytes(NUMPY) < sys.maxsize
    assert resident_bytes(NUMPY) == peak_bytes() > 2**20


def test_a_process_never_held_less_than_it_holds():
    held = np.ones(2**24)
    assert held.nbytes <= resident_bytes(NUMPY) <= peak_bytes()
