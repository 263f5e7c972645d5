"""The pytest plugin: `pytest --purecheck` runs each check of each claim, and each control, as a test of its own.

Without `--purecheck` it adds its options and one marker, and imports nothing of the suite.
"""

from collections.abc import Generator

import pytest

from purecheck.pytest_plugin.options import add_options, mentioned_seed, wanted

MARKER = (
    "purecheck(claim, group, kind, cost, role): a check of a claim. group: that of the ledger; kind: 'theorem', "
    "'open question' or 'conjecture'; cost: 'seconds', or 'minutes' if it trains networks; role: 'check' or 'control'. "
    "Select with, for example, -m \"purecheck(cost='seconds')\"."
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of the plugin."""
    add_options(parser)


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker; a usage error if the seed is no integer."""
    config.addinivalue_line("markers", MARKER)
    if wanted(config):
        mentioned_seed(config)


def pytest_report_header(config: pytest.Config) -> str | None:
    """The settings on which the results depend."""
    if not wanted(config):
        return None
    return f"purecheck: seed {mentioned_seed(config)}, profile {config.getoption('--purecheck-profile')}"


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Add the claims to what a session collects, after the tests in files."""
    report = yield
    if isinstance(collector, pytest.Session) and wanted(collector.config) and report.passed:
        from purecheck.pytest_plugin.collection import Ledger  # noqa: PLC0415 - takes seconds, for `--purecheck` alone

        report.result = [*report.result, Ledger.of(collector)]
    return report
