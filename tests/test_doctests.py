"""The examples in docstrings and in the documentation give the results that they show."""

import doctest
import importlib
import re
import shlex
from pathlib import Path

import click
import pytest

from purecheck.cli import cli, main

ROOT = Path(__file__).parent.parent
PACKAGES = ("theory", "numerics", "purecheck", "gpu_experiments")
PAGES = (*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md")), ROOT / "results" / "README.md")
OPTIONS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


def with_examples(paths):
    return [path for path in paths if re.search(r"^ *>>> ", path.read_text(encoding="utf-8"), flags=re.MULTILINE)]


# The functions of `import purecheck` have a test each in tests/purecheck/test_api.py.
MODULES = with_examples(
    path for name in PACKAGES for path in sorted((ROOT / name).rglob("*.py")) if path.name != "api.py"
)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_examples_of_a_module(path):
    name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    failed, attempted = doctest.testmod(importlib.import_module(name), optionflags=OPTIONS)
    assert attempted > 0
    assert failed == 0


@pytest.mark.parametrize("path", with_examples(PAGES), ids=lambda path: path.name)
def test_python_examples_of_a_page(path):
    failed, _ = doctest.testfile(str(path), module_relative=False, optionflags=OPTIONS)
    assert failed == 0


def console_examples():
    """Each `$ purecheck ...` in a console block, and the output shown below it, where `...` stands for any text."""
    for page in PAGES:
        for block in re.findall(r"^```console\n(.*?)^```$", page.read_text(), flags=re.MULTILINE | re.DOTALL):
            for command, output in re.findall(r"^\$ purecheck (.+)\n((?:(?!\$ ).*\n)*)", block, flags=re.MULTILINE):
                yield pytest.param(command, output, id=f"{page.name}: {command}")


@pytest.mark.parametrize(("command", "output"), [*console_examples()])
def test_a_console_example_prints_what_the_page_shows(command, output, capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert main(shlex.split(command)) == 0
    printed = capsys.readouterr().out
    assert doctest.OutputChecker().check_output(output, printed, OPTIONS), printed


def named_commands():
    """Every command line of `purecheck` in an indented or fenced block, without the words that explain it."""
    for page in PAGES:
        for line in re.findall(
            r"^(?:    |\$ )(?:[A-Z0-9_]+=\S+ )*purecheck (.+)$", page.read_text(), flags=re.MULTILINE
        ):
            yield pytest.param(re.split(r" {2,}", line)[0], id=f"{page.name}: {line}"[:80])


@pytest.mark.parametrize("line", [*named_commands()])
def test_a_command_on_a_page_is_understood(line, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    for folder in ("DIR", "results"):
        (tmp_path / folder).mkdir()
    for file in re.findall(r"\S+\.(?:npz|npy|safetensors|pt|onnx|skops)|(?<=--against )\S+", line):
        (tmp_path / file).touch()
    command, words = cli, shlex.split(line)
    context = click.Context(cli, info_name="purecheck")
    while isinstance(command, click.Group):
        name, command, words = command.resolve_command(context, words)
        context = click.Context(command, parent=context, info_name=name)
    command.make_context(name, words, parent=context.parent)
