import json
import math

import pytest
from click.testing import CliRunner

from gpu_experiments import paper_scale
from gpu_experiments.paper_scale import Sizes, command, measure
from numerics.backend import BackendUnavailable, select_backend
from tests.numerics.device.host import HostDevice

NUMPY = select_backend("numpy")
SMALL = {"d": 6, "k": 2, "hidden": 8, "replicas": 2, "steps": 60, "batch": 16}


def test_the_defaults_are_the_size_of_the_paper():
    plan = Sizes().plan(adversarial=True)
    assert (plan.law.d, plan.hidden, plan.steps, plan.batch) == (1000, 10_000, 5000, 1024)
    assert plan.eps == plan.b == 0.4 / math.sqrt(10)
    assert Sizes().plan(adversarial=False).attack == "none"


def test_both_arms_start_alike_and_only_one_is_attacked():
    arms = measure(Sizes(**SMALL), 0, HostDevice("float32"), NUMPY)
    clean, adversarial = (arms[name]["history"] for name in ("clean", "adversarial"))
    assert clean["participation"][0] == adversarial["participation"][0]
    assert clean["attacked_loss"] == clean["clean_loss"]
    assert min(adversarial["attacked_loss"][0]) > min(clean["attacked_loss"][0])
    assert arms["clean"]["sampling"] == "device"


@pytest.fixture
def on_the_host(monkeypatch):
    monkeypatch.setattr(paper_scale, "select_backend", lambda _: NUMPY)
    monkeypatch.setattr(paper_scale, "cupy_device", lambda dtype, _: HostDevice(dtype))


@pytest.mark.usefixtures("on_the_host")
def test_the_record_says_what_was_run_and_how_it_ended(tmp_path):
    options = [f"--{name}={value}" for name, value in SMALL.items()]
    file = tmp_path / "run.json"
    done = CliRunner().invoke(command, [*options, "--seed", "3", "--precision", "tf32", "--json", str(file)])
    assert done.exit_code == 0, done.output
    facts = json.loads(file.read_text())
    assert (facts["schema"], facts["seed"], facts["precision"]) == ("purecheck-paper-scale/1", 3, "tf32")
    assert facts["sizes"].items() >= SMALL.items()
    assert len(facts["arms"]["clean"]["history"]["participation"][-1]) == SMALL["replicas"]
    assert [line.split(":")[0] for line in done.output.splitlines()] == ["clean", "adversarial"]


def test_without_a_device_it_says_so(monkeypatch):
    def unavailable(_):
        raise BackendUnavailable("backend 'cupy' cannot run here: no device")

    monkeypatch.setattr(paper_scale, "select_backend", unavailable)
    done = CliRunner().invoke(command, [])
    assert done.exit_code == 2
    assert "cannot run here: no device" in done.output


@pytest.mark.usefixtures("on_the_host")
def test_sizes_out_of_range_are_problems_of_usage():
    done = CliRunner().invoke(command, ["--steps", "0"])
    assert done.exit_code == 2
    assert "steps is 0; expected a whole number of at least 1" in done.output
