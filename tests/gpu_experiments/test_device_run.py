"""`make gpu`: each part ends within its limit, and none takes another with it."""

import json
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from gpu_experiments import device_run
from gpu_experiments.device_run import PARTS, Part, command, run_part

WRITES = "import json, sys; json.dump({'found': 1}, open(sys.argv[-1], 'w')); print('said')"
FAILS = "print('reason'); raise SystemExit(3)"


def part(name, code, **settings):
    return Part(name, ("-c", code), ("-c", code), settings.pop("limit", 30), **settings)


def run(tmp_path, *parts, monkeypatch):
    monkeypatch.setattr(device_run, "PARTS", parts)
    json_file, log_file = tmp_path / "run.json", tmp_path / "run.log"
    done = CliRunner().invoke(command, ["--dry-run", "--json", str(json_file), "--log", str(log_file)])
    return done, json.loads(json_file.read_text()), log_file.read_text()


def test_a_part_that_fails_does_not_stop_the_next(tmp_path, monkeypatch):
    done, facts, log = run(tmp_path, part("a", FAILS), part("b", WRITES), monkeypatch=monkeypatch)
    assert done.exit_code == 1
    assert [(one["part"], one["outcome"], one["status"]) for one in facts["parts"]] == [
        ("a", "failed", 3),
        ("b", "passed", 0),
    ]
    assert facts["parts"][1]["result"] == {"found": 1}
    assert log.index("== a") < log.index("reason") < log.index("== b") < log.index("said")


def test_a_part_over_its_limit_is_stopped(tmp_path):
    with (tmp_path / "log").open("wb", buffering=0) as log:
        found = run_part(part("slow", "import time; time.sleep(600)", limit=1, writes_json=False), log, dry_run=True)
    assert (found.outcome, found.status, found.result) == ("stopped", None, None)


def test_a_part_that_means_nothing_on_the_host_is_not_run(tmp_path, monkeypatch):
    done, facts, _ = run(tmp_path, Part("tf32", ("-c", FAILS), None, 1), monkeypatch=monkeypatch)
    assert done.exit_code == 0
    assert facts["parts"][0]["outcome"] == "not run"


def test_all_limits_together_stay_below_five_minutes():
    assert sum(one.limit for one in PARTS) < 300


def test_without_a_device_nothing_is_written(tmp_path):
    done = CliRunner().invoke(command, ["--json", str(tmp_path / "run.json"), "--log", str(tmp_path / "run.log")])
    assert done.exit_code == 2
    assert "backend 'cupy' cannot run here" in done.output
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("one", PARTS, ids=lambda one: one.name)
def test_each_command_line_is_one_that_its_command_takes(one):
    from gpu_experiments.paper_scale.command import command as paper_scale
    from purecheck.cli import cli

    commands = {"purecheck": cli, "gpu_experiments.paper_scale": paper_scale}
    for arguments in filter(None, (one.arguments, one.dry_arguments)):
        assert arguments[0] == "-m"
        if arguments[1] == "pytest":
            assert all(Path(folder).is_dir() for folder in arguments if folder.startswith("tests/"))
            continue
        context = click.Context(commands[arguments[1]])
        name, rest = arguments[2], list(arguments[2:])
        if isinstance(commands[arguments[1]], click.Group):
            found = commands[arguments[1]].get_command(context, name)
            rest = rest[1:]
        else:
            found = commands[arguments[1]]
        found.make_context(name, [*rest, "--json", "-"], resilient_parsing=False)


@pytest.mark.slow
def test_every_part_runs_dry_on_the_host(tmp_path):
    json_file = tmp_path / "run.json"
    done = CliRunner().invoke(command, ["--dry-run", "--json", str(json_file), "--log", str(tmp_path / "run.log")])
    facts = json.loads(json_file.read_text())
    outcomes = {one["part"]: one["outcome"] for one in facts["parts"]}
    assert done.exit_code == 0, (outcomes, (tmp_path / "run.log").read_text()[-2000:])
    assert outcomes == {one.name: "not run" if one.dry_arguments is None else "passed" for one in PARTS}
    assert facts["environment"]["backend"] == "numpy"
