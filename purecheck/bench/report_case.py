"""The case of the whole quick report, as a user starts it."""

import subprocess
from tempfile import TemporaryDirectory

from purecheck.bench.agreement import DisagreementError
from purecheck.bench.case import Case, Match
from purecheck.bench.contestant import Computed, Contestant
from purecheck.bench.ours import OURS
from purecheck.bench.problem import CaseSize
from purecheck.bench.settings import Settings
from purecheck.runtime.context import PROFILES
from purecheck.runtime.processes import command


def report_case() -> Case:
    """The case of `purecheck report` in a process of its own."""
    return Case("quick report", CaseSize(PROFILES["quick"].seeds, 0, 0, 0), None, _match)


def _match(settings: Settings) -> Match:
    def run() -> int:
        with TemporaryDirectory() as folder:
            report = command("report", "--out", folder, "--backend", settings.backend.name)
            return subprocess.run(report, stdout=subprocess.DEVNULL, check=False).returncode  # noqa: S603

    return Match([Contestant(OURS, run, lambda status: {"status": status})], _expect_report)


def _expect_report(name: str, outcome: Computed) -> None:
    if outcome["status"] not in (0, 1):
        raise DisagreementError(f"{name} wrote no report: status {outcome['status']}")
