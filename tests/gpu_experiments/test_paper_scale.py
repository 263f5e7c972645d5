import json
import math

import numpy as np
import pytest
from click.testing import CliRunner

from gpu_experiments.paper_scale import command as command_module
from gpu_experiments.paper_scale.command import command
from gpu_experiments.paper_scale.cost import Cost, time_trial
from gpu_experiments.paper_scale.sizes import Sizes
from gpu_experiments.paper_scale.training import Block, blocks, on_device, on_host, train_block
from numerics.backend import select_backend
from numerics.streams import Streams
from tests.numerics.device.host import HostDevice

NUMPY = select_backend("numpy")
SMALL = {"d": 6, "k": 2, "hidden": 8, "replicas": 2, "steps": 60, "batch": 16}
SIZES = Sizes(**SMALL)
HOST = on_host(NUMPY)


def run(*arguments, **sizes):
    options = [f"--{name}={value}" for name, value in {**SMALL, **sizes}.items()]
    return CliRunner().invoke(command, [*options, "--backend", "numpy", *map(str, arguments)])


def test_the_defaults_are_the_size_of_the_paper():
    plan = Sizes().plan("adversarial")
    assert (plan.law.d, plan.hidden, plan.steps, plan.batch) == (1000, 10_000, 5000, 1024)
    assert plan.eps == plan.b == 0.4 / math.sqrt(10)
    assert Sizes().plan("clean").attack == "none"


@pytest.fixture(params=["host", "device"])
def train(request, monkeypatch):
    if request.param == "host":
        return HOST
    monkeypatch.setattr("gpu_experiments.paper_scale.training.cupy_device", lambda dtype, **_: HostDevice(dtype))
    return on_device(NUMPY, "float32")


def test_both_arms_start_alike_and_only_one_is_attacked(train):
    clean, adversarial = (train_block(Block(arm, 0, 2), SIZES, 0, train)["history"] for arm in ("clean", "adversarial"))
    assert clean["participation"][0] == adversarial["participation"][0]
    assert clean["attacked_loss"] == clean["clean_loss"]
    assert min(adversarial["attacked_loss"][0]) > min(clean["attacked_loss"][0])


def test_a_replica_is_the_same_in_whatever_block_it_is_trained(train):
    plan = SIZES.plan("adversarial")
    both, alone = train(plan, Streams(0), 2, first=0), train(plan, Streams(0), 1, first=1)
    np.testing.assert_array_equal(both.attacked_loss[:, 1], alone.attacked_loss[:, 0])


def test_blocks_hold_every_replica_of_both_arms_once():
    found = blocks(Sizes(replicas=7), 3)
    for arm in ("clean", "adversarial"):
        assert [k for one in found if one.arm == arm for k in range(one.first, one.first + one.replicas)] == [*range(7)]


def test_a_finished_run_is_read_and_not_trained_again(tmp_path, monkeypatch):
    first = run("--out", tmp_path, "--json", tmp_path / "first.json")
    assert first.exit_code == 0, first.output
    monkeypatch.setattr(command_module, "train_block", None)
    again = run("--out", tmp_path, "--json", tmp_path / "again.json")
    assert again.exit_code == 0, again.output
    facts = [json.loads((tmp_path / name).read_text()) for name in ("first.json", "again.json")]
    assert facts[0]["blocks"] == facts[1]["blocks"]
    assert facts[0]["estimate"]["seconds_left"] > 0
    assert facts[1]["estimate"] == {}


def test_a_stopped_run_goes_on_with_the_blocks_that_are_missing(tmp_path, monkeypatch):
    run("--out", tmp_path)
    (tmp_path / "adversarial-1-1.json").unlink()
    trained = []

    def watched(block, *settings):
        trained.append(block.name)
        return train_block(block, *settings)

    monkeypatch.setattr(command_module, "train_block", watched)
    assert run("--out", tmp_path).exit_code == 0
    assert trained == ["adversarial-1-1"]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (None, "belongs to a run with other sizes, seed or backend; expected another --out"),
        ("{", "remove it, and the block is trained again"),
        ("{}", "is not a finished block of this command"),
    ],
)
def test_files_of_another_run_and_broken_files_are_refused_by_name(tmp_path, content, problem):
    run("--out", tmp_path)
    file = tmp_path / "clean-0-0.json"
    if content is not None:
        file.write_text(content)
    done = run("--out", tmp_path, **({"steps": 61} if content is None else {}))
    assert done.exit_code == 2
    assert str(file) in done.output
    assert problem in done.output


def test_the_estimate_alone_trains_nothing(tmp_path):
    done = run("--estimate", "--out", tmp_path)
    assert done.exit_code == 0, done.output
    assert "in all" in done.output
    assert not list(tmp_path.iterdir())


def test_the_estimate_grows_by_the_cost_of_a_step():
    cost = Cost({"clean": 2.0, "adversarial": 3.0}, {"clean": 0.5, "adversarial": 1.0})
    assert cost.seconds([Block("clean", 0, 1), Block("adversarial", 0, 1)], 10) == 2 + 5 + 3 + 10


def test_a_trial_measures_only_the_first_of_its_steps():
    recorded = []

    def train(plan, _streams, _replicas, *, first):
        recorded.append((plan.steps, plan.record_every, first))

    time_trial(Sizes(), 0, train, 1)
    assert all(steps == every for steps, every, _ in recorded)


def test_without_a_device_it_says_so():
    done = CliRunner().invoke(command, [])
    assert done.exit_code == 2
    assert "backend 'cupy' cannot run here" in done.output


def test_sizes_out_of_range_are_refused():
    done = run(steps=0)
    assert done.exit_code == 2
    assert "steps is 0; expected a whole number of at least 1" in done.output
