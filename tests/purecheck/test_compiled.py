"""What is kept for the next start of the command is what would be computed anew."""

import subprocess
import sys

import pytest

from purecheck.cli.stated import _of_the_suite, stated
from purecheck.runtime import compiled as module
from purecheck.runtime.compiled import compiled

HEAVY = ("sympy", "scipy", "numba", "matplotlib", "hypothesis", "jsonschema")


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "user_cache_path", lambda *_, **__: tmp_path / "cache")
    return tmp_path / "cache"


def count(values):
    """A function that returns the next of the `values` at each call."""
    rest = iter(values)
    return lambda: next(rest)


def test_a_value_is_computed_once(cache):
    build = count([{"first": 1}, {"second": 2}])
    assert compiled("value", build) == compiled("value", build) == {"first": 1}
    assert len(list(cache.iterdir())) == 1


def test_a_change_of_the_source_computes_it_again_and_leaves_no_old_file(cache, monkeypatch):
    build = count([1, 2])
    assert compiled("value", build) == 1
    monkeypatch.setattr(module, "_fingerprint", lambda: "changed")
    assert compiled("value", build) == 2
    assert [path.name for path in cache.iterdir()] == ["value-changed.json"]


@pytest.mark.parametrize("content", ["", "{", "[" * 100_000, "NaN", "\x00"])
def test_a_broken_file_is_replaced(cache, content):
    compiled("value", lambda: 1)
    (file,) = cache.iterdir()
    file.write_text(content)
    assert compiled("value", lambda: 2) == 2
    assert file.read_text() == "2\n"


def test_a_folder_that_cannot_be_written_loses_nothing_but_time(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setattr(module, "user_cache_path", lambda *_, **__: tmp_path / "file" / "cache")
    assert compiled("value", lambda: 1) == 1


def test_without_a_home_nothing_is_written_in_the_working_folder(tmp_path, monkeypatch):
    from pathlib import Path

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(module, "user_cache_path", lambda *_, **__: Path("~/.cache/purecheck"))
    assert compiled("value", lambda: 1) == 1
    assert not list(tmp_path.iterdir())


def test_the_fingerprint_covers_every_module_of_the_claims(tmp_path, monkeypatch):
    for package in ("theory", "numerics", "purecheck"):
        (tmp_path / package / "deep").mkdir(parents=True)
        (tmp_path / package / "deep" / "module.py").write_text("1")
    monkeypatch.setattr(module, "_ROOT", tmp_path)

    def fingerprint():
        module._fingerprint.cache_clear()
        return module._fingerprint()

    try:
        seen = {fingerprint()}
        for path in tmp_path.rglob("*.py"):
            path.write_text("2")
            seen.add(fingerprint())
            path.rename(path.with_name("renamed.py"))
            seen.add(fingerprint())
        assert len(seen) == 7
    finally:
        module._fingerprint.cache_clear()


def test_the_claims_that_are_kept_are_those_of_the_ledger(cache):
    import click

    context = click.Context(click.Command("claims"))
    assert stated(context) == stated(context) == _of_the_suite()
    assert len(list(cache.iterdir())) == 1


@pytest.mark.parametrize(
    "arguments", [["claims"], ["check", "--help"], ["report", "--help"], ["check", "p5"]], ids=" ".join
)
def test_what_needs_no_derivation_imports_nothing_that_takes_long(arguments):
    from purecheck.cli import main

    main(["claims"])  # so that the claims are kept
    code = f"""
import sys
from purecheck.cli import main
main({arguments!r})
print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)
"""
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stderr.splitlines()[-1] == "[]"
