"""Measurements on seeds do not depend on how many are made together, and stay within the memory they declare."""

import tracemalloc
from dataclasses import astuple, is_dataclass

import numpy as np
import pytest
from sympy import Rational

from numerics.backend import select_backend
from numerics.memory import MemoryEstimate
from numerics.streams import Streams
from purecheck.experiments import activation_measured, arms, contrastive_measured, exact_arms, linear_arms, measured
from purecheck.experiments.seed_batches import in_batches, observed
from purecheck.runtime.context import Context, Profile
from theory.activations.a3_trained import FULL, SILU, ActivationArm
from theory.contrastive_training import ALL_PAIRS, GATES, PROBE, SIZES, PairArm, bottleneck
from theory.statistics import Ball
from theory.training.arms import (
    ATTACKED,
    ATTACKED_DENSE,
    ATTACKED_LINF,
    CLEAN,
    HEAD_BALLS,
    L2,
    LINF,
    NEARBY,
    NORM_BALLS,
)

SEEDS = 3
NUMPY = select_backend("numpy")
PAIR_ARM = PairArm(GATES[0], ALL_PAIRS, SIZES[0])
BALL = HEAD_BALLS[-1]
EXPERIMENTS = {
    "training": lambda context: arms.trained(ATTACKED, context).history,
    "attack risks": lambda context: measured.attack_risks(CLEAN, BALL, context),
    "inherited": lambda context: measured.inherited(ATTACKED_DENSE, NORM_BALLS[-1], context),
    "pointwise": lambda context: measured.pointwise(ATTACKED_LINF, Ball(LINF, NEARBY), context),
    "inherited pointwise": lambda context: measured.inherited_pointwise(ATTACKED, Ball(L2, NEARBY), context),
    "inherited gain": lambda context: measured.inherited_gain(CLEAN, context),
    "activations": lambda context: activation_measured.measured(ActivationArm(SILU, FULL), context),
    "pairs": lambda context: contrastive_measured.increase(PAIR_ARM, PROBE, context),
    "contrastive heads": lambda context: contrastive_measured.inherited(PAIR_ARM, BALL, context),
    "linear": lambda context: linear_arms.eigenvalues(bottleneck(3, Rational(0)), context),
    "exact": lambda context: exact_arms.found(exact_arms.NEARBY, context),
}


def context(memory=None, seeds=SEEDS):
    """A context with little training, in which the experiments run the same code."""
    return Context(NUMPY, Streams(3), Profile("tiny", examples=1, seeds=seeds, steps=0.003), memory=memory)


def arrays(found):
    """All arrays in a result."""
    if is_dataclass(found):
        return [array for part in astuple(found) for array in arrays(part)]
    if isinstance(found, dict):
        return [array for part in found.values() for array in arrays(part)]
    return [np.asarray(found)]


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_seeds_measured_one_by_one_give_the_same_bits_as_together(name):
    one_by_one, together = (arrays(EXPERIMENTS[name](context(memory))) for memory in (1, None))
    assert len(one_by_one) == len(together)
    for ours, theirs in zip(one_by_one, together, strict=True):
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("name", ["attack risks", "inherited gain", "activations", "pairs"])
def test_the_result_of_a_seed_does_not_depend_on_the_number_of_seeds(name):
    few, many = (arrays(EXPERIMENTS[name](context(seeds=seeds))) for seeds in (2, 3))
    for ours, theirs in zip(few, many, strict=True):
        np.testing.assert_array_equal(ours, theirs[:2])


@pytest.mark.parametrize(
    ("name", "work"),
    [
        ("attack risks", [measured.ATTACKING]),
        ("pointwise", [measured.ATTACKING]),
        ("inherited", [measured.FITTING, measured.ATTACKING]),
        ("inherited gain", [measured.FITTING, measured.ATTACKING]),
        ("activations", [activation_measured.MEASURING]),
        ("pairs", [contrastive_measured.PAIRED]),
        ("contrastive heads", [contrastive_measured.FITTING, contrastive_measured.ATTACKING]),
    ],
)
def test_measuring_takes_no_more_than_its_estimate(name, work, monkeypatch):
    peaks = []

    def watched(measure, promised, whose):
        measure(range(1))  # imports and compiles everything before memory is traced
        tracemalloc.start()
        try:
            found = in_batches(measure, promised, whose)
            peaks.append((promised, tracemalloc.get_traced_memory()[1]))
        finally:
            tracemalloc.stop()
        return found

    for module in (measured, activation_measured, contrastive_measured):
        monkeypatch.setattr(module, "in_batches", watched)
    EXPERIMENTS[name](context())
    assert [promised for promised, _ in peaks] == work
    for promised, peak in peaks:
        assert peak <= SEEDS * promised.each


def test_seeds_run_together_as_far_as_memory_allows(monkeypatch):
    chunks = []

    def measure(chunk):
        chunks.append(list(chunk))
        return {"squares": np.square(list(chunk))}

    whose = context(memory=1, seeds=5)
    for budget, expected in ((0, [[0], [1], [2], [3], [4]]), (20, [[0, 1], [2, 3], [4]]), (50, [[0, 1, 2, 3, 4]])):
        monkeypatch.setattr(Context, "memory_budget", lambda _, budget=budget: budget)
        assert list(in_batches(measure, MemoryEstimate(0, 10, 0), whose)["squares"]) == [0, 1, 4, 9, 16]
        assert chunks == expected
        chunks.clear()


def test_observations_of_a_seed_are_its_own():
    X, Z = observed(arms.LAW, None, 0.1, 4, Streams(0), range(2))
    later = observed(arms.LAW, None, 0.1, 4, Streams(0), range(1, 2))
    assert np.array_equal(X[1:], later[0])
    assert np.array_equal(Z[1:], later[1])
    assert not np.array_equal(Z[0], Z[1])
