"""The report in a real browser: it opens from a file, offline, shows its mathematics and unfolds its derivations."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from purecheck.reporting import writing
from purecheck.reporting.tables.cells import Estimate
from purecheck.reporting.tables.registry import ClaimTable, Table
from purecheck.reporting.writing import write_report
from purecheck.runs.ledger import bind
from purecheck.runs.runner import run_checks
from tests.purecheck.small_ledger import context
from theory.ledger import CLAIMS

webdriver = pytest.importorskip("selenium.webdriver")

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not (CHROMIUM and DRIVER), reason="chromium and chromedriver are not both on the path"),
]

FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--force-prefers-reduced-motion",
    "--window-size=1280,1000",
)


TABLE = Table(
    title="Sums of $n$ numbers",
    columns=("$n$", "over seeds", *(f"a longer heading, number {number}" for number in range(7))),
    rows=tuple((n, *[Estimate(1.083 * n, 1.03 * n, 1.15 * n)] * 8) for n in (1, 2)),
    note="[low, high] is an interval.",
    verdict="They add up.",
)


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Headless Chromium with a report on a clause of G1 open."""
    folder: Path = tmp_path_factory.mktemp("browser")
    gate = {one.id: one for one in CLAIMS}["G1"]
    part = bind([replace(gate, clauses=gate.clauses[:1])], [])
    shared = context()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(writing, "TABLES", (ClaimTable("g1_sums", "G1", lambda _context: TABLE),))
        page = write_report(run_checks(part, ("G1",), shared), shared, folder)
    options = webdriver.ChromeOptions()
    options.binary_location = str(CHROMIUM)
    for flag in (*FLAGS, f"--user-data-dir={folder / 'profile'}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    with webdriver.Chrome(options=options, service=webdriver.ChromeService(executable_path=DRIVER)) as opened:
        opened.set_network_conditions(offline=True, latency=0, throughput=0)
        opened.get(page.as_uri())
        yield opened


def test_the_page_opens_without_a_complaint(browser: Any) -> None:
    assert browser.title == "purecheck report"
    assert browser.get_log("browser") == []


def test_nothing_is_fetched(browser: Any) -> None:
    fetched = browser.execute_script("return performance.getEntriesByType('resource').map(entry => entry.name)")
    assert [name for name in fetched if not name.startswith("data:")] == []


def test_mathematics_is_laid_out(browser: Any) -> None:
    boxes = browser.execute_script(
        "return [...document.querySelectorAll('.clauses math')].map(m => m.getBoundingClientRect().height)"
    )
    # A letter alone is as high as its x-height; what is not laid out has no height.
    assert boxes
    assert all(height > 4 for height in boxes)
    fraction = browser.execute_script(
        "const box = e => e.getBoundingClientRect();"
        "const f = document.querySelector('.clauses mfrac').children;"
        "return box(f[0]).bottom <= box(f[1]).top + 1"
    )
    assert fraction  # the numerator stands above the denominator: this is no fallback text


def test_a_derivation_unfolds(browser: Any) -> None:
    details = browser.find_element("css selector", "#G1 details")
    step = details.find_element("css selector", ".chain li")
    assert not step.is_displayed()
    details.find_element("css selector", "summary").click()
    assert step.is_displayed()
    assert "definition" in step.text


def test_a_table_is_seen_with_its_caption_and_verdict(browser: Any) -> None:
    table = browser.find_element("css selector", "#G1 #table-g1_sums")
    assert table.find_element("css selector", "caption").is_displayed()
    assert table.find_element("css selector", "caption").text.endswith("numbers. [low, high] is an interval.")
    row = table.find_element("css selector", "tbody tr")
    assert row.find_element("css selector", "th[scope=row]").text == "1"
    assert row.find_element("css selector", "td").text == "1.08 [1.03, 1.15]"
    verdict = browser.find_element("id", table.get_attribute("aria-describedby"))
    assert verdict.is_displayed()
    assert verdict.text == "Computed verdict: They add up."
    assert table.find_element("xpath", "..").accessible_name.endswith("numbers.")


def test_the_summary_leads_to_the_claim(browser: Any) -> None:
    browser.find_element("css selector", "#summary tbody a").click()
    assert browser.current_url.endswith("#G1")


@pytest.mark.parametrize(("scheme", "is_dark"), [("light", False), ("dark", True)])
def test_the_page_follows_the_colour_scheme(browser: Any, scheme: str, is_dark: bool) -> None:
    feature = {"name": "prefers-color-scheme", "value": scheme}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})
    red = browser.execute_script(r"return +getComputedStyle(document.body).backgroundColor.match(/\d+/)[0]")
    assert (red < 128) is is_dark


@pytest.mark.parametrize("width", [360, 1280])
def test_nothing_sticks_out_of_the_window(browser: Any, width: int) -> None:
    metrics = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    assert browser.execute_script("return document.documentElement.scrollWidth <= innerWidth")
