"""The search for counterexamples: it finds those that are known, in the smallest form, and none where none exists."""

import json
import shlex

import pytest
from sympy import Rational

from purecheck.cli import main
from purecheck.cli.falsify import command
from purecheck.runs.falsification import bounds, changed, parse_range, parse_target
from purecheck.runs.ledger import ledger
from theory.purification.p4_mixtures_fit import FITS

LEDGER = ledger()


def run(capsys: pytest.CaptureFixture[str], line: str) -> tuple[int, str]:
    """Exit status and output of `purecheck falsify` with these words."""
    status = main(["falsify", *shlex.split(line)], obj=LEDGER)
    captured = capsys.readouterr()
    return status, captured.out + captured.err


KNOWN = (
    ("P4/gate --without 'constant amplitude'", ""),
    ("P5/growth --range p=0..1", "m = 1, p = 2/3"),
    ("P3/'mean bound' --without density", "sides are 1 and 2"),
)
LONGER = (
    ("P4/fit --without 'b <= r'", ""),
    ("G2/'interior minimiser' --range p=0..1", "not a real number"),
    ("C3/'weight on similar pairs' --range rho=0..9/10", "share of similar pairs"),
    ("C3/'isotropic optimum' --without 'signed permutations'", "values like"),
    ("P3/'active part' --without 'exact fit'", "half of"),
    ("P3/'every absolute norm' --without 'absolute norm'", "not absolute"),
)


@pytest.mark.parametrize(("line", "shown"), [*KNOWN, *(pytest.param(*one, marks=pytest.mark.slow) for one in LONGER)])
def test_a_known_counterexample_is_found_and_reproduced(
    capsys: pytest.CaptureFixture[str], line: str, shown: str
) -> None:
    status, output = run(capsys, f"{line} --seconds 2")
    assert status == 0
    assert "counterexample at" in output
    assert shown in output
    again = output.partition("reproduce it with: purecheck falsify ")[2].strip()
    status, repeated = run(capsys, again)
    assert status == 0
    assert "counterexample at" in repeated


def test_an_intact_clause_has_none_and_says_how_hard_it_was_looked_for(capsys: pytest.CaptureFixture[str]) -> None:
    status, output = run(capsys, "P5/growth --seconds 0.3")
    assert status == 0
    assert "no counterexample. The formula holds on" in output


def test_a_range_on_which_the_formula_holds_is_no_success(capsys: pytest.CaptureFixture[str]) -> None:
    """The ends of a bound still belong to it: b = r fits, as b = 0 does."""
    for end in ("0", "1"):
        status, output = run(capsys, f"P4/fit --range b={end}..{end} --range r=1..1 --seconds 0.2")
        assert status == 1
        assert "no counterexample" in output


def test_json_holds_the_counterexample_and_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    status, output = run(capsys, "P4/gate --without 'b <= r' --range b=2..2 --range r=1..1 --seconds 1 --json")
    (one,) = json.loads(output)["searches"]
    assert status == 0
    assert one["counterexample"]["parameters"]["b"] == "2"
    assert one["command"].startswith("purecheck falsify P4/gate --without 'b <= r' --range b=2..2")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("P4x", "CLAIM was 'P4x'; did you mean P4"),
        ("P5/growht", "CLAUSE was 'growht'; did you mean growth?"),
        ("P4/fit --without 'constant amplitud e'", "did you mean constant amplitude?"),
        ("P4/fit --without 'integer mixture'", "integer mixture defines what the clause is about"),
        ("P4/fit --range q=0..1", "--range was of 'q'; expected one of b, r"),
        ("P4/fit --range b=1", "--range was 'b=1'; expected NAME=LO..HI with LO <= HI"),
        ("E1", "no instance of the model is held against E1"),
    ],
)
def test_what_does_not_exist_is_refused_in_one_line(
    capsys: pytest.CaptureFixture[str], line: str, message: str
) -> None:
    status, output = run(capsys, line)
    assert status == 2
    assert message in output
    assert output.count("\n") == 1


def test_a_bound_that_is_a_hypothesis_can_be_dropped() -> None:
    assert [text for _, text, _ in bounds(FITS)] == ["b <= r"]
    (threshold,) = [x for x in FITS.over if x.name == "b"]
    wider = changed(FITS, "b <= r", {})
    assert wider is not None
    assert Rational(10**6) in wider.over[threshold]
    assert changed(FITS, "b <= r", {"b": (Rational(2), Rational(2))}).over[threshold].high == 2  # type: ignore[union-attr]


def test_claims_and_clauses_are_completed() -> None:
    what = next(parameter for parameter in command.params if parameter.name == "what")
    with command.make_context("falsify", ["P5"]) as ctx:
        names = {item.value for item in what.shell_complete(ctx, "P5/gr")}
    assert names == {"P5/growth", "P5/growth over even orders"}


def test_every_clause_with_an_instance_can_be_a_target() -> None:
    assert {check.claim for check in parse_target(LEDGER, "P5")} == {"P5"}
    assert parse_range("p=0..1/2") == ("p", (Rational(0), Rational(1, 2)))
