"""The import contract of pyproject.toml rejects an upward import: tried on packages of the same names."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parent.parent / "pyproject.toml"
PACKAGES = ("theory", "numerics", "purecheck", "gpu_experiments")
RUN = "from importlinter.cli import lint_imports_command; lint_imports_command()"


def lint(folder: Path, imports: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """What import-linter says of packages that import nothing but `imports`, under the contracts of the project."""
    for name in PACKAGES:
        (folder / name).mkdir()
        (folder / name / "__init__.py").write_text(f"import {imports[name]}\n" if name in imports else "")
    shutil.copy(PROJECT, folder)
    return subprocess.run([sys.executable, "-c", RUN], cwd=folder, capture_output=True, check=False, text=True)  # noqa: S603


def test_imports_that_run_one_way_are_accepted(tmp_path):
    done = lint(tmp_path, {"purecheck": "theory, numerics", "gpu_experiments": "numerics, purecheck"})
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("importer", "imported"),
    [
        ("theory", "purecheck"),
        ("theory", "numerics"),
        ("theory", "numpy"),
        ("numerics", "theory"),
        ("numerics", "gpu_experiments"),
        ("purecheck", "gpu_experiments"),
        ("numerics", "torch"),
        ("gpu_experiments", "theory"),
    ],
)
def test_an_import_against_the_contract_is_rejected(tmp_path, importer, imported):
    done = lint(tmp_path, {importer: imported})
    assert done.returncode == 1
    assert f"{importer} is not allowed to import {imported}" in done.stdout
