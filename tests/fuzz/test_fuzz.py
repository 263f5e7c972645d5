"""The fuzzer detects failures, a short run finds none, and inputs that once failed are refused."""

import os
import signal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz import commands
from tests.fuzz.commands import COMMANDS, Command, run
from tests.fuzz.doors import CORPUS, DOORS, Door, path_for, refuses_or_reads


@pytest.mark.parametrize("path", sorted(CORPUS.iterdir()), ids=lambda path: path.name)
def test_what_was_found_once_is_refused_or_read(path, tmp_path):
    name = path.name.split("-")[0]
    place = path_for(name, tmp_path)
    place.write_bytes(DOORS[name].pack(path.read_bytes()))
    assert refuses_or_reads(DOORS[name], place) is None


@pytest.mark.parametrize("name", DOORS)
def test_no_damage_gets_past_a_reader(name, tmp_path_factory):
    place = path_for(name, tmp_path_factory.mktemp("door"))

    @given(content=DOORS[name].inputs(name))
    def attempt(content):
        place.write_bytes(content)
        problem = refuses_or_reads(DOORS[name], place)
        if problem is not None:
            raise problem

    attempt()


def test_a_reader_that_raises_anything_else_is_seen(tmp_path):
    def careless(path):
        return path.read_bytes()[5]

    (tmp_path / "input").write_bytes(b"")
    assert isinstance(refuses_or_reads(Door(st.binary(), careless), tmp_path / "input"), IndexError)


@pytest.fixture(scope="module")
def compiled():
    """Compiled loops, so that no command is charged with their compilation."""
    commands.warm_up()


@pytest.mark.slow
@pytest.mark.usefixtures("compiled")
@pytest.mark.parametrize("name", COMMANDS)
def test_whole_commands_end_as_they_must(name):
    @settings(max_examples=5)
    @given(command=COMMANDS[name])
    def attempt(command):
        assert run(command).fault is None, command

    attempt()


class Ending:
    """A command line that ends in some way."""

    def __init__(self, end):
        self.run = end


def _print_traceback():
    os.write(2, b"Traceback (most recent call last):\n")
    return 1


def _leave_half():
    Path(".writing-x").mkdir()
    return 0


@pytest.mark.parametrize(
    ("end", "fault"),
    [
        (_print_traceback, "status 1"),
        (lambda: 70, "status 70"),
        (lambda: os.kill(os.getpid(), signal.SIGKILL), "status -9"),
        (lambda: os.write(2, b"one\ntwo\n") and 2, "not one line"),
        (lambda: os.write(1, b"\x1b[2J") and 0, "codes"),
        (lambda: sum(range(10**7)) and 0, "it took 0"),
        (_leave_half, "it left"),
        (lambda: len(bytearray(2**28)) and 0, "MB"),
    ],
)
def test_a_command_that_ends_otherwise_is_seen(end, fault, monkeypatch):
    monkeypatch.setattr(commands, "import_module", lambda _: Ending(end))
    if fault == "it took 0":
        monkeypatch.setattr(commands, "LONGEST", 0.05)
        monkeypatch.setattr(commands.signal, "alarm", lambda _: 0)
    if fault == "MB":
        monkeypatch.setattr(commands, "MEMORY", 0)
        monkeypatch.setattr(commands, "BEYOND", 2**27)
    assert fault in (run(Command("x", ())).fault or "")
