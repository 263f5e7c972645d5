"""In every kind of training, a replica depends neither on other replicas nor on the way in which they are run."""

import dataclasses

import numpy as np
import pytest

from numerics.backend import select_backend, to_numpy
from numerics.contrastive.training import ContrastivePlan, train_contrastive
from numerics.streams import Streams
from numerics.training import SupervisedPlan, train_supervised
from numerics.training.engine import choose
from tests.numerics.contrastive.test_training import PLANS as CONTRASTIVE
from tests.numerics.test_training import PLANS as SUPERVISED

TRAIN = {SupervisedPlan: train_supervised, ContrastivePlan: train_contrastive}
PLANS = {f"supervised, {name}": plan for name, plan in SUPERVISED.items()} | {
    f"contrastive, {name}": plan for name, plan in CONTRASTIVE.items()
}
NUMPY = select_backend("numpy")
every_plan = pytest.mark.parametrize("plan", PLANS.values(), ids=PLANS)


def train(plan, replicas, backend=NUMPY, **options):
    return TRAIN[type(plan)](plan, Streams(7), replicas, backend, **options)


def assert_same_record(one, other):
    """Equality to the last bit: the same products in the same order."""
    for field in dataclasses.fields(one):
        mine, theirs = getattr(one, field.name), getattr(other, field.name)
        if field.name == "plan":
            assert mine is theirs
        elif dataclasses.is_dataclass(mine):
            assert_same_record(mine, theirs)
        elif isinstance(mine, str):
            assert mine == theirs
        else:
            assert np.array_equal(to_numpy(mine), to_numpy(theirs), equal_nan=True), field.name


@every_plan
def test_a_replica_does_not_depend_on_how_many_there_are(plan):
    one, five = train(plan, 1), train(plan, 5)
    assert np.array_equal(one.U_final[0], five.U_final[0])
    assert np.array_equal(one.history.attacked_loss[:, 0], five.history.attacked_loss[:, 0])
    assert not np.array_equal(five.U_final[0], five.U_final[1])


@every_plan
def test_replicas_trained_in_turn_are_those_trained_together(plan):
    assert_same_record(train(plan, 3, memory_bytes=1), train(plan, 3))


@every_plan
def test_training_is_portable(backend, plan, monkeypatch):
    """Without the compiled engine, which is held against the portable path in test_training_engine."""
    if backend.name == "cupy":
        pytest.skip("rounds differently: single steps are compared in test_training_step and contrastive/test_loss")
    monkeypatch.setattr(choose, "compiles_for", lambda _: False)
    assert_same_record(train(plan, 2, backend), train(plan, 2))


@pytest.mark.parametrize("plan", [SUPERVISED["clean"], CONTRASTIVE["clean"]], ids=["supervised", "contrastive"])
def test_no_replicas_are_refused(plan):
    with pytest.raises(ValueError, match=r"^replicas is 0; expected at least 1$"):
        train(plan, 0)
