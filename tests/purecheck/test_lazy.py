"""Groups whose commands are imported when they are named, and commands that other packages offer."""

import json
import subprocess
import sys
from importlib.metadata import EntryPoint

import click
import pytest

from purecheck.cli import COMMANDS, lazy, main
from purecheck.cli.lazy import FURTHER, LazyGroup, installed, own

MODULE = """
import click

@click.command("further")
def command():
    \"\"\"Does something further.\"\"\"
    click.echo("further done")
    return 0
"""


@pytest.fixture
def further(tmp_path, monkeypatch):
    """A module outside of the suite that holds a command."""
    (tmp_path / "outside_of_purecheck.py").write_text(MODULE)
    monkeypatch.syspath_prepend(tmp_path)
    yield EntryPoint("further", "outside_of_purecheck:command", FURTHER)
    sys.modules.pop("outside_of_purecheck", None)


def test_a_command_is_imported_when_it_is_named(further, capsys):
    group = LazyGroup("group", find=lambda: {"further": further})
    assert group.list_commands(click.Context(group)) == ["further"]
    assert "outside_of_purecheck" not in sys.modules
    assert group.main(["further"], standalone_mode=False) == 0
    assert capsys.readouterr().out == "further done\n"


def test_a_name_that_is_no_command_is_told_with_those_that_are(further):
    group = LazyGroup("group", find=lambda: {"further": further})
    assert group.get_command(click.Context(group), "nearer") is None
    with pytest.raises(click.UsageError, match="COMMAND was 'nearer'; expected one of further"):
        group.main(["nearer"], standalone_mode=False)


def test_installed_packages_offer_commands_in_the_order_of_names(monkeypatch):
    offered = [EntryPoint(name, "somewhere:command", FURTHER) for name in ("b", "a")]
    monkeypatch.setattr(lazy, "entry_points", lambda group: offered if group == FURTHER else [])
    assert list(installed()) == ["a", "b"]


def test_no_package_takes_the_name_of_a_command_of_the_suite(monkeypatch, further):
    import purecheck.cli as suite

    taken = {name: EntryPoint(name, further.value, FURTHER) for name in (*COMMANDS, "further")}
    monkeypatch.setattr(suite, "installed", lambda: taken)
    places = suite._places()
    assert list(places) == [*COMMANDS, "further"]
    assert all(places[name] == place for name, place in own("purecheck.cli", COMMANDS).items())


def test_every_command_of_the_suite_comes_before_those_of_others(capsys):
    assert main(["--help"]) == 0
    printed = capsys.readouterr().out
    places = [printed.index(f"\n  {name} ") for name in (*COMMANDS, *installed())]
    assert places == sorted(places)


def test_the_listing_says_what_the_help_of_each_command_begins_with():
    places = own("purecheck.cli", COMMANDS)
    assert {name: place.load().get_short_help_str(1000) for name, place in places.items()} == dict(COMMANDS)


WITHOUT_ALGEBRA = {
    "--help": 0,
    "simulate --help": 0,
    "simulate supervised --help": 0,
    "audit --help": 0,
    "cifar10 inheritance --help": 0,
    "doctor": 0,
    "nonsense": 2,
    "simulate supervised --replicas none": 2,
}
ALL_IN_TURN = f"""
import json, sys
from purecheck.cli import main
found = {{}}
for line in {list(WITHOUT_ALGEBRA)}:
    found[line] = [main(line.split()), "sympy" in sys.modules]
print(json.dumps(found))
"""


def test_what_needs_no_algebra_does_not_wait_for_it():
    done = subprocess.run([sys.executable, "-c", ALL_IN_TURN], capture_output=True, text=True, check=True)  # noqa: S603
    found = json.loads(done.stdout.splitlines()[-1])
    assert found == {line: [status, False] for line, status in WITHOUT_ALGEBRA.items()}
