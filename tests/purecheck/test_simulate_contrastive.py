"""`purecheck simulate contrastive`: its output, its files and its refusals."""

import json

import numpy as np
import pytest

from numerics.backend import select_backend
from numerics.contrastive.training import ContrastivePlan, Linear, train_contrastive
from numerics.features import FeatureLaw
from numerics.rounding import gamma
from numerics.streams import Streams
from purecheck.cli import main
from purecheck.io.weights import save_contrastive
from purecheck.simulation.contrastive import summarise_pairs

QUICK = ["simulate", "contrastive", "--d", "6", "--hidden", "12", "--steps", "30", "--batch", "16", "--pairs", "20"]


def run(*options):
    return main([*QUICK, *options])


@pytest.fixture(scope="module")
def facts(tmp_path_factory):
    target = tmp_path_factory.mktemp("simulate") / "facts.json"
    options = ("--replicas", "12", "--attack", "fgm", "--attacked-pairs", "dissimilar", "--json", str(target))
    assert run(*options) == 0
    return json.loads(target.read_text())


def test_the_facts_say_what_was_run(facts):
    assert (facts["schema"], facts["objective"]) == ("purecheck-simulate/1", "contrastive")
    assert facts["plan"]["attacked_pairs"] == "dissimilar"
    assert facts["plan"]["outputs"] == 6
    assert facts["plan"]["b"] == pytest.approx(0.2 / np.sqrt(0.75), rel=gamma(6, "float64"), abs=0)  # six roundings
    # The norm of 6 weights is taken twice, to scale them to 1 and to measure: 7 roundings each, and four more.
    assert facts["purity"]["gate_ratio"]["median"] == pytest.approx(0.2, rel=gamma(18, "float32"), abs=0)


def test_attacks_raise_the_loss_of_both_kinds_of_pairs_and_intervals_hold_their_medians(facts):
    assert len(facts["ladder"]) == 3
    for rung in facts["ladder"]:
        for kind in ("similar", "dissimilar"):
            assert set(rung[kind]) == {"none", "fgm", "pgd"}
            assert all(one["low"] <= one["median"] <= one["high"] for one in rung[kind].values())
            assert all(rung[kind]["none"]["median"] <= one["median"] for one in rung[kind].values())


def test_the_weights_are_those_of_the_replicas_and_need_no_pickle(tmp_path, capsys):
    target = tmp_path / "weights.npz"
    options = ("--replicas", "3", "--dictionary", "rotation", "--outputs", "4", "--rho", "1", "--out", str(target))
    assert run(*options) == 0
    with np.load(target, allow_pickle=False) as kept:
        shapes = {name: kept[name].shape for name in kept.files}
        assert str(kept["activation"]) == "gate"
    assert shapes == {"W": (3, 6, 12), "C": (3, 12, 4), "b": (12,), "M": (6, 6), "activation": ()}
    assert "dissimilar, pgd" in capsys.readouterr().out


def test_the_same_seed_gives_the_same_numbers(capsys):
    found = []
    for _ in range(2):
        assert run("--replicas", "2", "--seed", "5", "--json", "-") == 0
        facts = json.loads(capsys.readouterr().out)
        found.append((facts["purity"], facts["ladder"]))
    assert found[0] == found[1]


def test_linear_encoders_are_refused(tmp_path):
    backend, plan = (
        select_backend("numpy"),
        ContrastivePlan(law=FeatureLaw.unit_energy(4, 0.5), encoder=Linear(4), steps=1),
    )
    record = train_contrastive(plan, Streams(0), 1, backend)
    with pytest.raises(ValueError, match="LinearEncoder; expected gated ones"):
        summarise_pairs(record, [0.1], 2, Streams(0), backend)
    with pytest.raises(ValueError, match="LinearEncoder; expected gated ones"):
        save_contrastive(tmp_path / "weights.npz", record)


@pytest.mark.parametrize(
    ("options", "named"),
    [
        (["--d", "0"], "d is 0"),
        (["--p", "0"], "p is 0.0"),
        (["--b", "-1"], "b is -1.0"),
        (["--rho", "1.5"], "rho is 1.5"),
        (["--outputs", "0"], "outputs is 0"),
        (["--attack", "fgm", "--eps", "0"], "eps is 0.0"),
        (["--attacked-pairs", "all"], "--attacked-pairs"),
        (["--test-eps", "-2"], "test-eps is -2.0"),
        (["--pairs", "0"], "--pairs"),
        (["--out", "no/such/folder/w.npz"], "--out"),
    ],
)
def test_a_wrong_option_is_told_in_one_line(options, named, capsys):
    assert run(*options) == 2
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert named in told
    assert "expected" in told
