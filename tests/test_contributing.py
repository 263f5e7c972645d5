"""The steps of CONTRIBUTING add a claim: followed to the letter on a copy of the repository."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent
COPIED = ("theory", "numerics", "purecheck", "gpu_experiments", "docs", "pyproject.toml")


def test_the_steps_add_a_claim_that_is_proved(tmp_path):
    _copy(tmp_path)
    for name, code in _files():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(code)
    _register(tmp_path)
    checked = _run(tmp_path, "-m", "purecheck", "check", "P10")
    assert re.search(r"^P10 +upheld +proved", checked, flags=re.MULTILINE), checked
    _run(tmp_path, "docs/chapters.py", "purification")
    assert (
        "## P10. How often a node that holds two features fires"
        in (tmp_path / "docs/theory/purification.md").read_text()
    )
    assert "1 passed" in _run(tmp_path, "-m", "pytest", "-q", "tests/theory/test_p10_pair.py")


def _copy(folder: Path) -> None:
    for name in COPIED:
        if (ROOT / name).is_file():
            shutil.copy(ROOT / name, folder)
        else:
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", "_build"))


def _files() -> list[tuple[str, str]]:
    """The files that the page shows, by their names."""
    page = (ROOT / "CONTRIBUTING.md").read_text()
    blocks = re.findall(r'^ +```python title="(.+?)"\n(.*?)^ +```$', page, flags=re.MULTILINE | re.DOTALL)
    return [(name, dedent(code)) for name, code in blocks]


def _register(folder: Path) -> None:
    _edit(
        folder / "theory/purification/__init__.py",
        ("from theory.purification.p9", "from theory.purification.p10_pair import P10\nfrom theory.purification.p9"),
        (", P9)", ", P9, P10)"),
    )
    _edit(
        folder / "purecheck/checks/__init__.py",
        ("    p9_mixing_nodes,\n", "    p9_mixing_nodes,\n    p10_pair,\n"),
        ("    *p9_mixing_nodes.CHECKS,\n", "    *p9_mixing_nodes.CHECKS,\n    *p10_pair.CHECKS,\n"),
    )


def _edit(path: Path, *changes: tuple[str, str]) -> None:
    text = path.read_text()
    for old, new in changes:
        assert text.count(old) == 1, (path, old)
        text = text.replace(old, new)
    path.write_text(text)


def _run(folder: Path, *arguments: str) -> str:
    """What Python prints in the copy, where it imports the copy and nothing else of the project."""
    done = subprocess.run(  # noqa: S603
        [sys.executable, *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder)},
        capture_output=True,
        check=False,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
