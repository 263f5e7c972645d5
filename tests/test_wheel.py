"""The wheel works without a checkout: on the oldest and the newest Python, in an empty folder."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.pythons import NEWEST, OLDEST, interpreter

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent
SOURCES = ("theory", "numerics", "purecheck", "gpu_experiments", "results")
PIP = ("-m", "pip", "--quiet", "--disable-pip-version-check")


def run(*command: object, folder: Path) -> str:
    """What a command prints; an error with all of it where the command fails. No variable names the checkout."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    ran = subprocess.run(  # noqa: S603
        [str(word) for word in command], cwd=folder, env=environment, capture_output=True, check=False, text=True
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """A wheel built from a copy of the sources: a folder `build` of the checkout could hold files of an older one."""
    copy, built = tmp_path_factory.mktemp("sources"), tmp_path_factory.mktemp("wheel")
    for name in ("pyproject.toml", "setup.py", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, copy)
    for name in SOURCES:
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__", ".work"))
    run(sys.executable, *PIP, "wheel", "--no-deps", "--wheel-dir", built, copy, folder=built)
    (found,) = built.glob("*.whl")
    return found


def test_the_wheel_holds_every_record_and_nothing_of_the_tests(wheel):
    with ZipFile(wheel) as archive:
        names = archive.namelist()
    recorded = [path.name for path in (ROOT / "results").iterdir() if path.suffix in (".json", ".npz")]
    assert {f"purecheck/results/{name}" for name in recorded} <= set(names)
    top = {name.split("/")[0] for name in names if ".dist-info/" not in name}
    assert top == {"theory", "numerics", "purecheck", "gpu_experiments"}


@pytest.mark.parametrize("version", [OLDEST, NEWEST])
def test_claims_on_real_images_are_measured_where_the_wheel_is_installed(wheel, version, tmp_path):
    python = interpreter(version)
    if python is None:
        pytest.skip(f"Python {version} is not installed")
    run(python, "-m", "venv", "installed", folder=tmp_path)
    binaries = tmp_path / "installed" / "bin"
    run(binaries / "python", *PIP, "install", wheel, folder=tmp_path)
    empty = tmp_path / "empty"
    empty.mkdir()
    printed = run(binaries / "purecheck", "report", "R1", "R3", "R3p", "--out", "report", folder=empty)
    assert ", 0 not run" in printed
    assert (empty / "report" / "report.html").stat().st_size > 0
