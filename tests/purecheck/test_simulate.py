"""`purecheck simulate supervised`: what it prints, writes and refuses."""

import json

import numpy as np
import pytest

from numerics.rounding import gamma
from purecheck.cli import main

QUICK = [
    "simulate",
    "supervised",
    "--d",
    "6",
    "--hidden",
    "12",
    "--steps",
    "30",
    "--batch",
    "16",
    "--observations",
    "20",
]


def run(*options):
    return main([*QUICK, *options])


@pytest.fixture(scope="module")
def facts(tmp_path_factory):
    target = tmp_path_factory.mktemp("simulate") / "facts.json"
    assert run("--replicas", "12", "--attack", "fgm", "--tau", "0.1", "--json", str(target)) == 0
    return json.loads(target.read_text())


def test_the_facts_say_what_was_run_and_on_what(facts):
    assert facts["schema"] == "purecheck-simulate/1"
    assert facts["plan"]["attack"] == "fgm"
    assert facts["plan"]["eps"] == pytest.approx(0.4 / np.sqrt(0.6), rel=gamma(6, "float64"), abs=0)  # six roundings
    assert facts["environment"]["seed"] == 0
    assert facts["environment"]["backend"] == "numpy"


def test_every_measurement_has_an_interval_that_holds_its_median(facts):
    measured = [*facts["purity"].values()]
    for rung in facts["ladder"]:
        measured += [*rung["risk"].values(), rung["worst"], rung["certified_fraction"]]
    assert all(one["low"] <= one["median"] <= one["high"] for one in measured)


def test_the_ladder_holds_every_attack_between_no_attack_and_the_universal_bound(facts):
    for rung in facts["ladder"]:
        assert set(rung["risk"]) == {"none", "fgm", "pgd", "gate_aware", "random_search"}
        for risk in rung["risk"].values():
            assert rung["risk"]["none"]["median"] <= risk["median"] <= rung["universal_bound"]["high"]


def test_few_replicas_have_no_interval(capsys):
    assert run("--replicas", "2", "--json", "-") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["purity"]["participation_ratio"]["low"] is None
    assert run("--replicas", "2") == 0
    assert "too few replicas" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["weights.txt", "weights", "weights.npz.gz"])
def test_weights_are_only_written_under_a_name_that_readers_know(tmp_path, capsys, name):
    assert run("--replicas", "2", "--out", str(tmp_path / name)) == 2
    assert f"{name}' has another ending; expected a name that ends in .npz" in capsys.readouterr().err
    assert not (tmp_path / name).exists()


@pytest.mark.parametrize("p", ["0", "-0.1", "1.01", "2"])
def test_a_probability_outside_its_range_is_told_both_ends(capsys, p):
    assert run("--p", p) == 2
    assert "expected a probability above 0 and at most 1" in capsys.readouterr().err


def test_the_weights_are_those_of_the_replicas_and_need_no_pickle(tmp_path, capsys):
    target = tmp_path / "weights.npz"
    assert run("--replicas", "3", "--dictionary", "rotation", "--out", str(target)) == 0
    with np.load(target, allow_pickle=False) as kept:
        assert kept["W"].shape == (3, 6, 12)
        assert kept["a"].shape == (3, 12)
        assert kept["b"].shape == (12,)
        assert np.max(np.abs(kept["M"].T @ kept["M"] - np.eye(6))) <= 6 * 6 * 2.0**-50
        assert str(kept["activation"]) == "gate"
    assert "participation ratio" in capsys.readouterr().out


def test_another_activation_is_trained_attacked_kept_and_told_without_what_the_gate_alone_has(tmp_path, capsys):
    target = tmp_path / "weights.npz"
    assert run("--replicas", "2", "--attack", "pgd", "--activation", "silu", "--out", str(target), "--json", "-") == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["plan"]["activation"], found["plan"]["b"]) == ("silu", 0.0)
    assert "gate_ratio" not in found["purity"]
    for rung in found["ladder"]:
        assert rung["predicted"] is rung["certified_fraction"] is rung["universal_bound"] is None
        assert rung["worst"]["median"] >= rung["risk"]["none"]["median"]
    with np.load(target, allow_pickle=False) as kept:
        assert str(kept["activation"]) == "silu"
        assert not np.any(kept["b"])
    assert run("--replicas", "2", "--activation", "soft_threshold") == 0
    told = capsys.readouterr().out
    assert "gate ratio" in told
    assert "certified fraction" not in told


def test_the_same_seed_gives_the_same_numbers(capsys):
    found = []
    for _ in range(2):
        assert run("--replicas", "2", "--seed", "5", "--json", "-") == 0
        facts = json.loads(capsys.readouterr().out)
        found.append((facts["purity"], facts["ladder"]))
    assert found[0] == found[1]


@pytest.mark.parametrize(
    ("options", "named"),
    [
        (["--d", "0"], "d is 0"),
        (["--p", "2"], "p is 2.0"),
        (["--r", "-1"], "r is -1.0"),
        (["--b", "nan"], "b is nan"),
        (["--attack", "fgm", "--eps", "0"], "eps is 0.0"),
        (["--norm", "l3"], "--norm"),
        (["--activation", "softplus"], "--activation"),
        (["--activation", "tanh", "--b", "0.3"], "b is 0.3"),
        (["--activation", "biased_relu", "--b", "0"], "b is 0.0"),
        (["--test-eps", "-2"], "test-eps is -2.0"),
        (["--replicas", "0"], "--replicas"),
        (["--steps", "0"], "steps is 0"),
        (["--theta", "no/such/file.json"], "theta is"),
        (["--theta", "uniform:3..2"], "--theta"),
        (["--amplitude", "uniform:0..1"], "amplitude is uniform:0..1"),
        (["--amplitude", "uniform:1"], "--amplitude"),
        (["--amplitude", "uniform:1..x"], "amplitude is x"),
        (["--amplitude", "uniform:1..2", "--r", "1"], "r is 1.0"),
        (["--test-effort", "some"], "--test-effort"),
        (["--bounded", "-1"], "--bounded"),
        (["--out", "no/such/folder/w.npz"], "--out"),
    ],
)
def test_a_wrong_option_is_told_in_one_line(options, named, capsys):
    assert run(*options) == 2
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert named in told
    assert "expected" in told


def facts_of(capsys, *options):
    assert run("--replicas", "2", *options, "--json", "-") == 0
    return json.loads(capsys.readouterr().out)


def test_the_worst_case_of_some_observations_is_bounded(capsys):
    bounded = facts_of(capsys, "--attack", "fgm", "--bounded", "4")
    small = bounded["ladder"][0]
    assert small["sandwich"]["median"] >= 1
    assert 0 <= small["solved"]["median"] <= 1
    unbounded = facts_of(capsys, "--attack", "fgm", "--bounded", "0")
    assert unbounded["ladder"][0]["sandwich"] is unbounded["ladder"][0]["solved"] is None
    assert bounded["ladder"][0]["risk"] == unbounded["ladder"][0]["risk"]


def test_strong_attacks_raise_the_worst_risk_and_say_whether_more_effort_would(capsys):
    quick, strong = (facts_of(capsys, "--bounded", "0", "--test-effort", effort) for effort in ("quick", "strong"))
    for one, other in zip(quick["ladder"], strong["ladder"], strict=True):
        assert one["doubling_gain"] is None
        assert other["doubling_gain"]["median"] >= 0
        assert one["worst"]["median"] <= other["worst"]["median"]
        assert one["risk"].items() <= other["risk"].items()


def test_networks_that_have_not_learned_are_reported(capsys):
    slow = ("--bounded", "0", "--attack", "fgm", "--optimiser", "sgd")
    assert run("--replicas", "2", *slow) == 0
    assert "Warning: the networks have not learned their target" in capsys.readouterr().err
    assert not facts_of(capsys, *slow)["learned"]


def test_networks_that_have_learned_are_not_reported(capsys):
    assert run("--replicas", "2", "--bounded", "0", "--steps", "400", "--batch", "64", "--tau", "0.2") == 0
    assert not capsys.readouterr().err


def test_a_target_is_drawn_or_read(tmp_path, capsys):
    target = tmp_path / "theta.json"
    target.write_text("[1, -2, 0.5, 0, 3, 1]")
    theta = [facts_of(capsys, "--theta", given)["plan"]["theta"] for given in ("ones", "normal", "uniform:2..3")]
    assert theta[0] == [1.0] * 6
    assert len(set(theta[1])) == len(set(theta[2])) == 6
    assert all(2 <= one <= 3 for one in theta[2])
    assert facts_of(capsys, "--theta", str(target))["plan"]["theta"] == [1.0, -2.0, 0.5, 0.0, 3.0, 1.0]


def test_an_amplitude_can_have_a_density(capsys):
    assert facts_of(capsys, "--amplitude", "uniform:0.5..1.5")["plan"]["amplitude"] == {"r_min": 0.5, "r_max": 1.5}


@pytest.mark.parametrize(
    ("content", "named"),
    [("[1, 2]", "theta has shape (2,)"), ('["1"]', "something else"), ("[1", "theta is"), ("[true]", "something else")],
)
def test_a_target_file_that_is_no_target_is_refused(content, named, tmp_path, capsys):
    target = tmp_path / "theta.json"
    target.write_text(content)
    assert run("--theta", str(target)) == 2
    message = capsys.readouterr().err
    assert message.count("\n") == 1
    assert named in message
    assert "expected" in message
