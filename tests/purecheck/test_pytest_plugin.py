"""`pytest --purecheck`: each check and each control is a test of its own, and a failure says what the claim states."""

import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from importlib.metadata import entry_points
from pathlib import Path

import pytest
from sympy import Lt

from purecheck import strategies
from purecheck.pytest_plugin import collection, options
from purecheck.pytest_plugin.collection import slug
from purecheck.runs.ledger import Ledger, bind, ledger
from purecheck.runtime.context import PROFILES
from tests.purecheck.small_ledger import check, claim, small
from theory.ledger import CLAIMS, GROUPS
from theory.purification.p5_firing_probability import P5

pytest_plugins = ["pytester"]

PAGE = (Path(__file__).parents[2] / "docs" / "pytest.md").read_text(encoding="utf-8")
PLUGIN = "purecheck.pytest_plugin"
# A checkout that was installed before the plugin existed has no entry point for it.
NAMED = () if any(one.value == PLUGIN for one in entry_points(group="pytest11")) else ("-p", PLUGIN)

Tester = Callable[..., pytest.RunResult]


@pytest.fixture
def with_ledger(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Tester:
    """Runs pytest in an empty folder on a ledger."""

    def run(book: Ledger, *arguments: str) -> pytest.RunResult:
        monkeypatch.setattr(collection, "ledger", lambda: book)
        return pytester.runpytest_inprocess(*NAMED, "-p", "no:xdist", "--purecheck", *arguments)

    return run


def test_two_claims_pass_in_an_empty_folder(pytester):
    done = pytester.runpytest_inprocess(*NAMED, "--purecheck", "-v", "-k", "(P2 or N2) and model")
    assert done.ret == pytest.ExitCode.OK
    for identifier in ("P2", "N2"):
        names = [slug(one.name) for one in ledger().checks[identifier] if "model" in one.name]
        done.stdout.fnmatch_lines_random([f"purecheck::{identifier}::{name} PASSED*" for name in names])
        done.stdout.fnmatch_lines_random([f"purecheck::{identifier}::{name}-control PASSED*" for name in names])


def test_a_planted_error_fails_with_the_sentence_the_numbers_and_the_command(with_ledger):
    growth = P5.clause("growth")
    wrong = growth.stating(Lt(growth.formula.lhs, growth.formula.rhs))
    model = [one for one in ledger().checks["P5"] if one.name == "model: growth"]
    book = bind([replace(P5, clauses=(wrong,), depends_on=())], model)
    done = with_ledger(book, "-k", "model-growth and not control", "--purecheck-seed", "7")
    done.assert_outcomes(failed=1, deselected=done.parseoutcomes()["deselected"])
    done.stdout.fnmatch_lines(
        [
            f"P5: {P5.title}",
            f"P5/growth (theorem): {wrong.sentence}".replace("[", "[[]"),
            "refuted (*): model: growth, * cases*",
            "*pytest --purecheck --purecheck-seed 7 --purecheck-profile quick -k 'P5 and model-growth'",
            "*purecheck check P5 --seed 7 --profile quick",
        ]
    )


@pytest.mark.parametrize(
    ("kind", "says", "control", "declared", "outcomes"),
    [
        ("theorem", 1, 2, 3, {"passed": 2}),
        ("theorem", 2, 3, 3, {"failed": 1, "passed": 1}),
        ("theorem", 1, 1, 3, {"passed": 1, "failed": 1}),
        ("theorem", 1, 2, 9, {"failed": 1, "passed": 1}),
        ("open question", 2, 3, 3, {"passed": 2}),
        ("open question", 1, 2, 9, {"failed": 1, "passed": 1}),
        ("conjecture", 2, 3, 3, {"passed": 2}),
    ],
    ids=["upheld", "refuted", "void", "undecided", "answered no", "not answered", "decided"],
)
def test_the_tests_pass_where_the_clause_is_as_claimed_and_the_control_rejected(
    with_ledger, kind, says, control, declared, outcomes
):
    book = bind([claim("T1", of=kind)], [check("T1", says=says, control=control, declared=declared)])
    found = with_ledger(book).parseoutcomes()
    assert {name: found.get(name, 0) for name in outcomes} == outcomes


def test_markers_select_by_group_kind_cost_and_role(with_ledger):
    for chosen, expected in (
        ("purecheck(kind='open question')", 2),
        ("purecheck(kind='theorem')", 6),
        ("purecheck(role='control')", 4),
        ("purecheck(group='other') and purecheck(cost='seconds')", 8),
        ("purecheck(claim='T1')", 2),
    ):
        assert with_ledger(small(), "-m", chosen, "--strict-markers").parseoutcomes()["passed"] == expected, chosen


def test_junit_names_the_claim_and_the_check(with_ledger, pytester):
    with_ledger(small(), "--junit-xml=found.xml")
    cases = ET.parse(pytester.path / "found.xml").iter("testcase")  # noqa: S314 - pytest has written it just now
    assert {(one.get("classname"), one.get("name")) for one in cases} >= {
        ("purecheck.T1", "count-the-sum"),
        ("purecheck.T1", "count-the-sum-control"),
    }


@pytest.mark.parametrize(
    ("given", "seed"),
    [
        ((), 0),
        (("--purecheck-seed=5",), 5),
        (("--hypothesis-seed=6",), 6),
        (("--purecheck-seed=5", "--hypothesis-seed=6"), 5),
    ],
)
def test_the_seed_is_that_of_the_suite_or_of_hypothesis(with_ledger, given, seed):
    with_ledger(small(), *given).stdout.fnmatch_lines([f"purecheck: seed {seed}, profile quick"])


@pytest.mark.parametrize("given", ["--hypothesis-seed=random", "--purecheck-seed=-1"])
def test_a_seed_that_is_no_number_of_a_stream_is_refused_in_one_line(with_ledger, given):
    done = with_ledger(small(), given)
    assert done.ret == pytest.ExitCode.USAGE_ERROR
    done.stderr.fnmatch_lines([f"ERROR: {given.partition('=')[0]} was *; expected an integer of at least 0 *"])


def test_tests_of_the_project_run_beside_the_claims(with_ledger, pytester):
    pytester.makepyfile("def test_own(): pass")
    with_ledger(small()).assert_outcomes(passed=9)


def test_without_the_option_nothing_is_collected_and_nothing_of_the_suite_imported(pytester):
    pytester.makepyfile(
        "import sys\n\ndef test_own(): assert not {'numpy', 'sympy', 'theory', 'numerics'} & set(sys.modules)"
    )
    # Other plugins that happen to be installed may import NumPy; this one must not.
    lone = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-m", "pytest", "-p", PLUGIN, "-p", "no:cacheprovider"],
        cwd=pytester.path,
        env={**os.environ, **lone},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "1 passed" in done.stdout, done.stdout + done.stderr


def test_every_test_of_the_suite_has_an_id_of_its_own():
    for identifier, checks in ledger().checks.items():
        assert max(Counter(slug(one.name) for one in checks).values()) == 1, identifier


def test_every_claim_belongs_to_a_group():
    assert list(ledger().groups)[: len(CLAIMS)] == [one.id for one in CLAIMS]


def test_the_options_name_the_profiles_of_the_runs():
    assert tuple(PROFILES) == options.PROFILES


def test_the_plugin_is_registered():
    assert f'purecheck = "{PLUGIN}"' in (Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8")


def test_the_property_on_the_page_passes(pytester):
    (block,) = re.findall(r"^```python\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL)
    pytester.makepyfile(block)
    pytester.runpytest_inprocess("-p", "no:xdist").assert_outcomes(passed=1)


def test_the_page_names_every_strategy_and_every_group():
    assert all(f"`{name}(" in PAGE for name in strategies.__all__ if name.islower())
    assert all(f"`'{name}'`" in PAGE for name in GROUPS)
