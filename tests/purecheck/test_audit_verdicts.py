"""`purecheck audit` by the command alone: four kinds of layer, four verdicts."""

import subprocess
import sys

import numpy as np
import pytest

from purecheck.auditing.structure import MOST
from purecheck.auditing.verdict import AuditVerdict, overall
from tests.purecheck.audited import D, R, audit, mixture, simulated

VERDICTS = ("structure", "purified", "computes_linear_function", "gradient_masked", "inherits_robustness")


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """A pure layer, a mixture layer, random weights, and layers trained cleanly and under attack."""
    folder, rng = tmp_path_factory.mktemp("audit"), np.random.default_rng(1)
    random = folder / "random.npz"
    np.savez(random, W=rng.standard_normal((D, 32)) / 4, a=rng.standard_normal(32), b=np.full(32, 0.4 * R))
    return {
        "pure": mixture(folder, 1),
        "mixture": mixture(folder, 4),
        "random": random,
        "clean": simulated(folder / "clean.npz"),
        "fgm": simulated(folder / "fgm.npz", "--attack", "fgm"),
    }


@pytest.fixture(scope="module")
def found(files):
    """Their facts, by the command alone: no option says what a network is for."""
    return {name: audit(path) for name, path in files.items()}


def test_the_verdicts_are_right_and_tell_all_kinds_of_layer_apart(found):
    told = {name: tuple(facts[verdict] for verdict in VERDICTS) for name, facts in found.items()}
    assert told["pure"] == ("pure", True, True, False, True)
    assert told["mixture"] == ("mixture", False, True, True, False)
    assert told["random"] == ("unstructured", False, False, True, False)
    assert told["clean"][:3] == ("mixed", False, True)
    assert told["fgm"] == ("purified", True, True, True, True)
    # Trained cleanly the inherited risk is near that of the constant 0: above it, or that cannot be told.
    assert told["clean"][4] is not True
    assert len(set(told.values())) == len(told)


def test_the_command_tells_four_layers_apart_by_itself(files):
    """As a person runs it, with nothing but the file."""
    paths = [str(files[name]) for name in ("pure", "mixture", "random", "clean")]
    command = "import sys; from purecheck.cli import main; sys.exit(max(main(['audit', one]) for one in sys.argv[1:]))"
    told = subprocess.run(  # noqa: S603 - this interpreter
        [sys.executable, "-c", command, *paths], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    layers = [line.split(",")[0] for line in told if line.startswith("layer: ")]
    assert layers == ["layer: pure", "layer: mixture", "layer: unstructured", "layer: mixed"]
    linear = [line.split(" a linear")[0] for line in told if line.startswith(("computes ", "does not compute "))]
    assert linear == ["computes", "computes", "does not compute", "computes"]
    purified = [line.split(":")[0] for line in told if "such a layer" in line]
    assert purified == ["purified", "not purified", "not purified", "not purified"]


def test_random_weights_compute_no_linear_function_and_a_fit_does(found):
    for name, facts in found.items():
        linearity = facts["linearity"]
        missed = facts["networks"][0]["linearity"]["r2"]
        assert missed["low"] <= missed["mean"] <= missed["high"]
        assert (linearity["r2"] > linearity["random"]) == (name != "random")


def test_a_random_layer_without_gates_is_a_linear_function_of_no_structure(tmp_path):
    rng = np.random.default_rng(2)
    np.savez(tmp_path / "open.npz", W=rng.standard_normal((D, 32)), a=rng.standard_normal(32))
    facts = audit(tmp_path / "open.npz")
    assert (facts["structure"], facts["computes_linear_function"]) == ("unstructured", True)
    # No gate can move, so P2's bound is the prediction, and gradients find all there is.
    assert (facts["certified_fraction"], facts["gradient_masked"]) == (1, False)


def test_clean_training_and_a_mixture_differ_in_how_much_their_nodes_share(found):
    assert found["mixture"]["layer"]["sharing"] == 1
    assert found["clean"]["layer"]["sharing"] < MOST
    assert 1.5 < found["clean"]["layer"]["order"] < 4


def test_every_field_of_the_contract_is_there(found):
    for facts in found.values():
        assert facts["schema"] == "purecheck-audit/2"
        assert {"participation_ratio", "largest_share", "firing_rate", "gate_ratio", "certified_fraction"} <= set(facts)
        assert {"clean", "predicted", "fgm", "pgd", "gate_aware"} <= set(facts["risk"])
        assert facts["settings"]["norm"] == "l2"
        assert facts["environment"]["seed"] == 0


def test_every_risk_lies_between_that_without_attack_and_the_universal_bound(found):
    for facts in found.values():
        risk = facts["risk"]
        for attack in ("fgm", "pgd", "gate_aware", "random_search", "worst"):
            # medians over replicas of what holds of each
            assert risk["clean"] <= risk[attack] <= risk["universal_bound"]


def test_replicas_give_the_verdict_of_more_than_half():
    yes, no, open_ = (AuditVerdict("pure", one is True, one, True, None) for one in (True, False, None))
    assert overall((yes, yes, no)).gradient_masked is True
    assert overall((yes, no)).gradient_masked is None
    assert overall((open_, open_, yes)).gradient_masked is None
    assert overall((yes, no)).purified is False
    assert overall((yes, AuditVerdict("mixed", False, None, True, None))).structure is None
