"""`purecheck audit` as a command: its words, its seed, and options that it refuses."""

import json

import numpy as np
import pytest

from purecheck.auditing.verdict import MASKED
from purecheck.cli import main
from tests.purecheck.audited import D, R, audit, mixture


def test_words_and_facts_say_the_same(tmp_path, capsys):
    path = mixture(tmp_path, 4)
    assert main(["audit", str(path)]) == 0
    told = capsys.readouterr().out
    facts = audit(path)
    assert f"layer: mixture, the nodes mix several features, in groups that share them: {0:.3f} of the energy" in told
    assert f"R^2 {facts['linearity']['r2']:.5f}" in told
    assert f"gradient-masked: at l2 {0.4 * R:.3g}" in told
    assert f"(masked: above {MASKED} times)" in told
    assert "target: inferred" in told
    capsys.readouterr()
    assert main(["audit", str(path), "--json", "-"]) == 0
    assert json.loads(capsys.readouterr().out)["purified"] is False


def test_what_is_not_known_is_told_with_its_reason(tmp_path, capsys):
    np.savez(tmp_path / "w.npz", W=np.eye(D), a=np.ones(D), activation="silu")
    assert main(["audit", str(tmp_path / "w.npz")]) == 0
    told = capsys.readouterr().out
    assert "certified fraction: unknown, claim P2 speaks of the gate; the activation is silu" in told
    assert "gate ratio: unknown, the silu has no threshold" in told


def test_the_same_seed_gives_the_same_facts(tmp_path):
    first, second = (audit(mixture(tmp_path, 4), "--seed", "3") for _ in range(2))
    for facts in (first, second):
        facts.pop("environment")
    assert first == second


@pytest.mark.parametrize(
    ("options", "named"),
    [
        (["--p", "0"], "p is 0.0"),
        (["--r", "-1"], "r is -1.0"),
        (["--sigma", "nan"], "sigma is nan"),
        (["--eps", "inf"], "eps is inf"),
        (["--eps", "1e300"], "eps is 1e+300"),
        (["--r", "1e-300"], "r is 1e-300"),
        (["--theta", "1,x"], "theta is '1,x'"),
        (["--theta", "1,2"], "theta has 2 entries; expected 1 or 16"),
        (["--theta", "0"], "theta is (0.0,)"),
        (["--observations", "1"], "--observations"),
        (["--exact", "3"], "exact is 3 in l2"),
        (["--activation", "gelu", "--exact", "3", "--norm", "linf"], "exact is 3; expected 0"),
        (["--activation", "swish"], "--activation"),
        (["--norm", "l3"], "--norm"),
        (["--b", "-1"], "expected"),
        (["--seconds", "-1"], "seconds is -1.0"),
    ],
)
def test_a_wrong_option_is_told_in_one_line(options, named, tmp_path, capsys):
    path = tmp_path / "plain.npz"
    np.savez(path, W=np.eye(D), a=np.ones(D))
    assert main(["audit", str(path), *options]) == 2
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert named in told
    assert "expected" in told
