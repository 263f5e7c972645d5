"""`purecheck new-claim`, and claims of other packages: the example under docs/examples is what the command writes."""

import os
import re
import subprocess
import sys
from importlib.metadata import EntryPoint
from pathlib import Path
from types import SimpleNamespace

import pytest

from purecheck.cli import main
from purecheck.runs import ledger as ledgers
from purecheck.runs.ledger import ledger
from purecheck.runtime import packages
from purecheck.runtime.packages import FURTHER, PackageError
from tests.purecheck.small_ledger import check, claim
from theory.ledger import CLAIMS

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "docs" / "examples" / "purecheck-pairs"
STATED = Path("purecheck_pairs") / "f1.py"
OURS = r"^    (formula|over)=.*\n"
"""The two lines that the author of a claim replaces."""


def files(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): path.read_text(encoding="utf-8")
        for path in folder.rglob("*")
        if path.suffix in (".py", ".toml")
    }


def test_the_example_is_what_the_command_writes_but_for_the_formula_and_its_range(tmp_path, capsys):
    out = tmp_path / "purecheck-pairs"
    assert main(["new-claim", "F1", "--out", str(out)]) == 0
    written, example = files(out), files(EXAMPLE)
    assert str(out / STATED) in capsys.readouterr().out
    assert len(re.findall(OURS, example[str(STATED)], flags=re.MULTILINE)) == 2
    assert [re.sub(OURS, "", text, flags=re.MULTILINE) for _, text in sorted(written.items())] == [
        re.sub(OURS, "", text, flags=re.MULTILINE) for _, text in sorted(example.items())
    ]


@pytest.mark.slow
def test_the_written_test_fails_until_the_formula_is_filled_in_and_then_passes(tmp_path):
    out = tmp_path / "purecheck-pairs"
    main(["new-claim", "F1", "--out", str(out)])
    before = _python(out, "-m", "pytest", "-q", "-p", "no:cacheprovider", paths=[out])
    assert "is false at p = " in before.stdout
    (out / STATED).write_text((EXAMPLE / STATED).read_text(encoding="utf-8"), encoding="utf-8")
    after = _python(out, "-m", "pytest", "-q", "-p", "no:cacheprovider", paths=[out])
    assert "1 passed" in after.stdout, after.stdout


@pytest.mark.slow
def test_an_installed_package_adds_its_claim_to_every_command_and_to_pytest(tmp_path):
    script = (
        "import sys, pytest\n"
        "from purecheck.cli import main\n"
        "if __name__ == '__main__':\n"
        "    for line in ('claims', 'check F1', 'report F1 --out report'):\n"
        "        assert main(line.split()) == 0, line\n"
        "    sys.exit(pytest.main(['-p', 'no:cacheprovider', '--purecheck', '-v', '-k', 'F1', *sys.argv[1:]]))\n"
    )
    (tmp_path / "script.py").write_text(script, encoding="utf-8")
    _install(tmp_path)
    registered = any(one.value == "purecheck.pytest_plugin" for one in packages.entry_points(group="pytest11"))
    plugin = () if registered else ("-p", "purecheck.pytest_plugin")
    done = _python(tmp_path, "script.py", *plugin, paths=[tmp_path, EXAMPLE])
    assert done.returncode == 0, done.stdout + done.stderr
    assert "F1   How often a node that holds two features fires" in done.stdout
    assert re.search(r"^F1 +upheld", done.stdout, flags=re.MULTILINE)
    assert "purecheck::F1::model-pair-control PASSED" in done.stdout
    assert "How often a node that holds two features fires" in (tmp_path / "report" / "report.html").read_text()


def _install(folder: Path) -> None:
    """What pip leaves of the example: its entry points."""
    table = re.search(r'entry-points\."purecheck.claims"\]\n(.+)\n', (EXAMPLE / "pyproject.toml").read_text())
    assert table is not None
    info = folder / "purecheck_pairs-0.1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: purecheck-pairs\nVersion: 0.1.0\n")
    (info / "entry_points.txt").write_text(f"[{FURTHER}]\n{table.group(1).replace(chr(34), '')}\n")


def _python(folder: Path, *arguments: str, paths: list[Path]) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(  # noqa: S603
        [sys.executable, *arguments],
        cwd=folder,
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join(map(str, [*paths, ROOT])),
            "XDG_CACHE_HOME": str(folder / "cache"),
        },
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("identifier", "message"),
    [
        ("P5", "ID was 'P5'; expected an id that no claim has yet"),
        ("p5", "ID was 'p5'; expected a capital letter"),
        ("../F", "ID was '../F'; expected a capital letter"),
        ("F1", "ID was 'F1'; expected a claim that is not there yet"),
    ],
)
def test_an_id_that_is_taken_or_no_id_is_refused_and_nothing_written(tmp_path, capsys, identifier, message):
    out = tmp_path / "own"
    assert main(["new-claim", "F1", "--out", str(out)]) == 0
    before = files(out)
    assert main(["new-claim", identifier, "--out", str(out)]) == 2
    assert message in capsys.readouterr().err
    assert files(out) == before


def test_a_second_claim_keeps_the_project_and_prints_the_line_to_add(tmp_path, capsys):
    out = tmp_path / "own"
    assert main(["new-claim", "F1", "--out", str(out)]) == 0
    project = (out / "pyproject.toml").read_text()
    assert main(["new-claim", "F2", "--out", str(out)]) == 0
    assert 'pyproject.toml: F2 = "own.f2"' in capsys.readouterr().out
    assert (out / "pyproject.toml").read_text() == project


def with_package(monkeypatch: pytest.MonkeyPatch, module: object) -> EntryPoint:
    entry = EntryPoint("pairs", "purecheck_pairs.f1", FURTHER)
    monkeypatch.setattr(ledgers, "further", lambda: (entry,))
    monkeypatch.setattr(EntryPoint, "load", lambda _self: module)
    return entry


def test_claims_of_a_package_come_last_in_a_group_of_its_name(monkeypatch):
    with_package(monkeypatch, SimpleNamespace(CLAIMS=(claim("F1", "P5"),), CHECKS=(check("F1"),)))
    book = ledger.__wrapped__()
    assert list(book.claims) == [*(one.id for one in CLAIMS), "F1"]
    assert book.groups["F1"] == "purecheck_pairs"
    assert [one.name for one in book.checks["F1"]] == ["count the sum"]


@pytest.mark.parametrize(
    ("module", "reason"),
    [
        (SimpleNamespace(CLAIMS=(claim("P5"),), CHECKS=()), "claim id 'P5': used twice"),
        (SimpleNamespace(CLAIMS=(claim("F1", "F9"),), CHECKS=()), "depends on 'F9'"),
        (SimpleNamespace(CLAIMS=(claim("F1"),), CHECKS=(check("F1", clause="none"),)), "expected some of"),
        (SimpleNamespace(CLAIMS=()), "has no tuple CHECKS"),
        (SimpleNamespace(), "has no tuple CLAIMS and no tuple CHECKS"),
    ],
    ids=["taken id", "unknown dependency", "unknown clause", "no checks", "nothing"],
)
def test_a_package_that_cannot_be_used_is_named_with_the_reason(monkeypatch, module, reason):
    entry = with_package(monkeypatch, module)
    with pytest.raises(PackageError, match=re.escape(reason)) as refused:
        ledger.__wrapped__()
    assert packages.described(entry) in str(refused.value)


def test_a_package_that_cannot_be_imported_is_one_line_of_the_command(monkeypatch, capsys):
    monkeypatch.setattr(packages, "further", lambda: ())
    monkeypatch.setattr(ledgers, "further", lambda: (EntryPoint("gone", "no_such_package.claims", FURTHER),))
    ledger.cache_clear()
    try:
        assert main(["check", "N2"]) == 2
    finally:
        ledger.cache_clear()
    assert re.fullmatch(r"purecheck: entry point gone = .* cannot be imported: .*\n", capsys.readouterr().err)


def test_what_a_package_states_is_read_again_when_its_source_changes(monkeypatch, tmp_path):
    (tmp_path / "further_claims_here.py").write_text("A = 1\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(packages, "further", lambda: (EntryPoint("a", "further_claims_here", FURTHER),))
    before = packages.state()
    assert packages.state() == before
    (tmp_path / "further_claims_here.py").write_text("A = 2\n")
    assert packages.state() != before
