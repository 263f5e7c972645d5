"""Working sets bound what is allocated, and free memory is what the system and its groups leave."""

import sys
import tracemalloc
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from numerics import memory, memory_estimates
from numerics.backend import select_backend
from numerics.contrastive.attacks import PairAttack, pgd
from numerics.contrastive.encoder import ContrastiveNetwork
from numerics.contrastive.loss import pair_loss
from numerics.contrastive.pairs import sample_pairs
from numerics.contrastive.training import ContrastivePlan, Gated, Linear, train_contrastive
from numerics.evaluation import evaluate_attacks
from numerics.features import FeatureLaw, observe, rotation
from numerics.heads import least_squares_head
from numerics.memory import MemoryEstimate, free_bytes, peak_bytes, resident_bytes, share_of_free
from numerics.memory_estimates import (
    attack_memory,
    contrastive_memory,
    head_memory,
    pair_attack_memory,
    supervised_memory,
)
from numerics.network import GatedNetwork, gated_outputs
from numerics.streams import Streams
from numerics.training import SupervisedPlan, batches, train_supervised

NUMPY = select_backend("numpy")
REPLICAS = 2
LOOSEST = 3
"""At least a third of a budget that binds is used."""
# sizes (d, H, n) where arrays of observations times nodes, observations times features, and weights dominate
SHAPES = [(2, 500, 250), (500, 2, 250), (300, 300, 2)]
LARGEST = [{}, {"attack": "fgm", "eps": 0.1}, {"attack": "pgd", "norm": "l1", "eps": 0.1}]
"""Attacks in training: a projection on the l1 ball takes the most."""


@pytest.fixture
def small_blocks(monkeypatch):
    """Data are drawn step by step: a block of 2**18 numbers would hide the arrays of a step, which vary with shape."""
    monkeypatch.setattr(batches, "BLOCK_NUMBERS", 1)
    monkeypatch.setattr(memory_estimates, "BLOCK_NUMBERS", 1)
    drawing = min(REPLICAS, memory.cores())
    monkeypatch.setattr(memory_estimates, "cores", lambda: drawing)


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
        hidden=H,
        activation=activation,
        b=0.1 if activation == "gate" else 0.0,
        sigma=0.1,
        tau=0.1,
        steps=3,
        batch=n,
        record_every=1,
        **attack,
    )


def pairs(encoder, d, n):
    return ContrastivePlan(
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


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("activation", ["gate", "silu"])
def test_supervised_training_takes_its_estimate_or_somewhat_less(shape, activation):
    plans = [supervised(*shape, activation, **attack) for attack in LARGEST]
    peak = max(peak_of(lambda plan=plan: train_supervised(plan, Streams(0), REPLICAS, NUMPY)) for plan in plans)
    assert peak <= bound(supervised_memory(plans[0])) <= LOOSEST * peak


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("linear", [False, True], ids=["gated", "linear"])
def test_contrastive_training_takes_its_estimate_or_somewhat_less(shape, linear):
    d, H, n = shape
    plan = pairs(Linear(H) if linear else Gated(H, 3, 0.1), d, n)
    peak = peak_of(lambda: train_contrastive(plan, Streams(0), REPLICAS, NUMPY))
    assert peak <= bound(contrastive_memory(plan)) <= LOOSEST * peak


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_drawing_takes_its_estimate_or_somewhat_less(dtype):
    M = rotation(30, np.random.default_rng(0))
    plan = replace(supervised(30, 2, 128), M=M, dtype=dtype, steps=150)  # more than two blocks
    peak = peak_of(lambda: train_supervised(plan, Streams(0), REPLICAS, NUMPY))
    assert peak <= bound(supervised_memory(plan)) <= LOOSEST * peak


@pytest.mark.parametrize("shape", [(2, 300, 100), (300, 2, 100), (200, 200, 2)])
def test_a_suite_of_attacks_takes_its_estimate_or_somewhat_less(shape):
    d, H, n = shape
    rng = np.random.default_rng(0)

    def work(activation):
        W, a = rng.standard_normal((REPLICAS, d, H)), rng.standard_normal((REPLICAS, H))
        Z, y = rng.standard_normal((REPLICAS, n, d)), rng.standard_normal((REPLICAS, n))
        net = GatedNetwork(W, a, 0.3 if activation == "gate" else 0.0, activation)
        return evaluate_attacks(net, Z, y, [0.1], "l1", Streams(0), attacks=["pgd"])

    peak = max(peak_of(lambda name=name: work(name)) for name in ("gate", "silu"))
    assert peak <= bound(attack_memory(d, H, n)) <= LOOSEST * peak


@pytest.mark.parametrize("shape", SHAPES)
def test_attacks_on_pairs_take_their_estimate_or_somewhat_less(shape):
    d, H, n = shape
    law, attack = pairs(Gated(H, 3, 0.1), d, n).pair_law, PairAttack("l1", 0.1)
    rng = np.random.default_rng(0)

    def work():
        W, C = rng.standard_normal((REPLICAS, d, H)), rng.standard_normal((REPLICAS, H, 3))
        encoder = ContrastiveNetwork(W, C, np.full((REPLICAS, H), 0.1), "gate")
        kinds = [sample_pairs(law, n, Streams(0).child(kind), range(REPLICAS), NUMPY) for kind in "ab"]
        return [pair_loss(encoder, pgd(encoder, one, attack, rng=rng, steps=3).applied_to(one)) for one in kinds]

    peak = peak_of(work)
    assert peak <= bound(pair_attack_memory(d, H, 3, n)) <= LOOSEST * peak


@pytest.mark.parametrize("shape", [(2, 100, 1500), (1000, 2, 200), (2, 200, 200)])
def test_fitting_a_head_takes_its_estimate_or_somewhat_less(shape):
    d, H, n = shape
    rng = np.random.default_rng(0)

    def work(ridge):
        W = rng.standard_normal((REPLICAS, d, H))
        _, Z = observed(n, d)
        net = GatedNetwork(W, np.ones((REPLICAS, H)), np.full((REPLICAS, H), 0.1))
        return least_squares_head(gated_outputs(net, Z), Z[..., 0], ridge)

    peak = max(peak_of(lambda ridge=ridge: work(ridge)) for ridge in (0.0, 0.1))
    assert peak <= bound(head_memory(d, H, n)) <= LOOSEST * peak


def observed(n, d):
    """Features and observations of each replica, drawn one after the other and stacked."""
    law, rng = FeatureLaw.unit_energy(d, 0.25), np.random.default_rng(0)
    drawn = [law.sample(rng, (n,)).astype(np.float64) for _ in range(REPLICAS)]
    return np.stack(drawn), np.stack([observe(X, None, 0.1, rng) for X in drawn])


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
