"""The doctor says why something cannot run."""

import pytest

from numerics import backend
from purecheck.runtime import capabilities as doctor


def test_every_ability_has_a_detail_and_numpy_always_runs() -> None:
    found = {ability.name: ability for ability in doctor.abilities()}
    assert found["backend numpy"].available
    assert all(ability.detail for ability in found.values())


def test_a_gpu_is_not_promised_because_cupy_imports(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backend, "_why_no_cupy", lambda: "no CUDA device is available")
    found = {ability.name: ability for ability in doctor.abilities()}
    assert not found["backend cupy"].available
    assert found["backend cupy"].detail == "no CUDA device is available"


def test_what_is_not_installed_names_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(package: str) -> str:
        raise doctor.PackageNotFoundError(package)

    monkeypatch.setattr(doctor, "version", missing)
    found = {ability.name: ability for ability in doctor.abilities()}
    assert found["PyTorch comparisons"].detail == "torch is not installed; install the extra 'deep'"


def test_a_missing_browser_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor.shutil, "which", lambda _program: None)
    found = {ability.name: ability for ability in doctor.abilities()}
    assert found["browser tests of the report"].detail == "chromium and chromedriver not found on the path"
