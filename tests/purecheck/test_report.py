"""The report: facts that its schema accepts, and a page that stands alone."""

import json
import math
import re
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from sympy import Eq, Symbol

from purecheck.enclosures.links import POINTS
from purecheck.reporting import writing
from purecheck.reporting.figures import FIGURES
from purecheck.reporting.figures.registry import ClaimFigure
from purecheck.reporting.figures.style import SERIES, styled
from purecheck.reporting.json_report import claim_to_dict, report_schema, report_to_dict
from purecheck.reporting.mathematics import mathml, with_mathml
from purecheck.reporting.page import shown_derivations
from purecheck.reporting.svg import inlined, svg_document
from purecheck.reporting.tables import TABLES
from purecheck.reporting.tables.cells import Estimate, Known
from purecheck.reporting.tables.registry import ClaimTable, Table
from purecheck.reporting.writing import write_report
from purecheck.runs.ledger import bind, ledger
from purecheck.runs.plants import model_checks
from purecheck.runs.runner import run_checks, selection
from tests.purecheck.small_ledger import check, claim, context, proved, small
from theory.ledger import CLAIMS

GATE = {one.id: one for one in CLAIMS}["G1"]
VALIDATOR = jsonschema.Draft202012Validator(report_schema())


class Page(HTMLParser):
    """What a page holds: ids, what it links to, what it loads."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.headings: list[int] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Collects what the page needs from each element."""
        found = dict(attrs)
        if found.get("id"):
            self.ids.append(str(found["id"]))
        if tag == "a":
            self.links.append(str(found["href"]))
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        self.loaded += [str(found[key]) for key in ("src", "srcset", "data", "action") if found.get(key)]
        if tag in ("link", "use", "image"):
            self.loaded += [str(value) for key, value in attrs if key.endswith("href")]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report on a clause of G1 and on a few small claims of every outcome."""
    claims = [
        replace(GATE, clauses=GATE.clauses[:1]),
        *small().claims.values(),
        claim("V1"),
        claim("U1", "V1"),
        claim("N1"),
        claim("X1", clauses=("sum", "product")),
    ]
    checks = [one for identifier in small().claims for one in small().checks[identifier]]
    checks += [check("V1", control=1), check("U1", declared=9)]
    checks += [proved("X1"), replace(check("X1", says=2, control=3), name="a second count")]
    checks += [check("X1", clause="product")]
    model = next(check for check in model_checks(ledger(), ["G1"]) if check.statement.name == claims[0].clauses[0].name)
    mixed = bind(claims, [model, *checks])
    shared = context()
    out: Path = tmp_path_factory.mktemp("report")
    figure = ClaimFigure("t1_line", "T1", "A line, $x = x$.", lambda _context: drawn())
    table = ClaimTable("t1_sums", "T1", lambda _context: counted())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(writing, "FIGURES", (figure,))
        patch.setattr(writing, "TABLES", (table,))
        write_report(run_checks(mixed, selection(mixed, ()), shared), shared, out)
    return out


@pytest.fixture(scope="module")
def page(folder: Path) -> str:
    """The text of the page."""
    return (folder / "report.html").read_text("utf-8")


@pytest.fixture(scope="module")
def facts(folder: Path) -> Any:
    """The facts of the report."""
    return json.loads((folder / "report.json").read_text("utf-8"))


def drawn() -> Any:
    """A small figure."""
    with styled() as (figure, axes):
        axes.plot([0, 1], [0, 1])
    return figure


def counted() -> Table:
    """A small table with a cell of every kind."""
    return Table(
        title="Sums, $n = 1$ & more",
        columns=("$n$", "kind", "sum"),
        rows=(
            (1, "estimate", Estimate(1.083, 1.03, 1.15)),
            (2, "bounds nothing", Estimate(2.0, -math.inf, math.inf)),
            (3, "closed form", Known(0.5, "1/2", 0.0)),
            (4, "number", 0.25),
            (5, "nothing", None),
        ),
        note="[low, high] is what the tests say.",
        verdict="They $<$ add up.",
    )


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(report_schema())


def test_a_real_report_follows_its_schema(facts: Any) -> None:
    VALIDATOR.validate(facts)
    assert {one["standing"]["outcome"] for one in facts["claims"]} == {
        "upheld",
        "refuted",
        "undecided",
        "void",
        "contradiction",
    }


def test_each_clause_has_its_kind_its_dependencies_its_standing_and_its_evidence(facts: Any) -> None:
    by_id = {one["id"]: one for one in facts["claims"]}
    (question,), (resting,) = by_id["Q1"]["clauses"], by_id["T2"]["clauses"]
    assert (question["kind"], question["standing"]["outcome"]) == ("open question", "refuted")
    assert question["evidence"] == by_id["Q1"]["evidence"]
    assert resting["depends_on"] == by_id["T2"]["depends_on"] == ["T1"]
    total, product = by_id["X1"]["clauses"]
    assert total["standing"] == {
        "outcome": "contradiction",
        "level": "proved",
        "limited_by": "count the sum, against a second count",
    }
    assert [line["check"] for line in product["evidence"]] == ["count the product"]
    assert product["standing"] == {"outcome": "upheld", "level": "enumerated", "limited_by": "product"}
    assert by_id["X1"]["standing"] == {**total["standing"], "limited_by": "sum"}


def test_ranges_are_facts() -> None:
    growth = claim_to_dict({one.id: one for one in CLAIMS}["P5"])["clauses"]
    assert "a number > 0 and < 2/3" in [clause["range"].get("p") for clause in growth]


def test_reports_of_the_first_version_can_still_be_read(facts: Any) -> None:
    old = json.loads(json.dumps(facts))
    old["schema"] = "purecheck-report/1"
    del old["formal"]
    old["claims"] = [one for one in old["claims"] if one["standing"]["outcome"] != "contradiction"]
    for one in old["claims"]:
        one["clauses"] = [
            {"name": clause["name"], "words": clause["words"], "latex": clause["statement_latex"]}
            for clause in one["clauses"]
        ]
        for line in one["evidence"]:
            del line["on_model"], line["counts"], line["control"]["found"]
    jsonschema.validate(old, report_schema("purecheck-report/1"))
    assert not VALIDATOR.is_valid(old)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("schema",), "purecheck-report/1"),
        (("claims", 0, "clauses", 0, "kind"), "paper"),
        (("claims", 0, "clauses", 0, "standing"), None),
        (("claims", 0, "clauses", 0, "evidence"), ["derivation"]),
        (("claims", 0, "clauses", 0, "range"), {"p": ["0"]}),
        (("claims", 0, "clauses", 0, "latex"), ""),
        (("environment", "seed"), "0"),
        (("environment", "device"), None),
        (("claims", 0, "kind"), "theorem"),
        (("claims", 0, "standing", "level"), "certain"),
        (("claims", 0, "evidence", 0, "outcome"), "passed"),
        (("claims", 0, "evidence", 0, "cases"), 0),
        (("claims", 0, "evidence", 0, "control", "rejected"), False),
        (("claims", 0, "extra"), 1),
        (("claims", 0, "tables"), []),
        (("claims", 1, "tables", 0, "extra"), 1),
        (("claims", 1, "tables", 0, "verdict"), ""),
        (("claims", 1, "tables", 0, "rows", 0, 2, "low"), "1.03"),
        (("claims", 1, "tables", 0, "rows", 0, 2), {"value": 1.083}),
        (("claims", 1, "tables", 0, "rows", 2, 2, "error_bound"), -1),
    ],
)
def test_the_schema_refuses_a_changed_report(facts: Any, path: tuple[Any, ...], value: Any) -> None:
    changed = json.loads(json.dumps(facts))
    place = changed
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    assert not VALIDATOR.is_valid(changed)


def test_every_claim_of_the_suite_follows_the_schema() -> None:
    nothing_found = {"standing": {"outcome": "undecided", "level": None, "limited_by": None}, "evidence": []}
    schema = {"$defs": report_schema()["$defs"], "$ref": "#/$defs/claim"}
    for one in CLAIMS:
        facts = claim_to_dict(one)
        facts["clauses"] = [{**clause, "needs": [], **nothing_found} for clause in facts["clauses"]]
        jsonschema.validate({**facts, **nothing_found}, schema)


@pytest.mark.parametrize("one", CLAIMS, ids=lambda one: one.id)
def test_all_prose_and_formulas_of_a_claim_become_mathml(one: Any) -> None:
    for prose in (one.title, *one.assumptions, *(clause.sentence for clause in one.clauses)):
        assert "merror" not in with_mathml(prose)
    for clause in one.clauses:
        if clause.latex():
            assert mathml(clause.latex(), "block").startswith("<math ")


def test_an_operator_keeps_its_name_and_a_word_below_stands_upright() -> None:
    assert "<mo>argmin</mo>" in mathml(r"\operatorname*{arg\,min}_{b} x")
    assert "<mtext>fire</mtext>" in mathml("P_{fire}")


def test_a_sign_after_a_bracket_or_a_relation_is_no_difference() -> None:
    assert mathml("f(-b) = -c").count('<mo form="prefix">') == 2
    assert 'form="prefix"' not in mathml("a - b")


def test_alternative_text_is_escaped() -> None:
    assert 'alttext="a &lt; &quot;b&quot;"' in mathml('a < "b"')


def test_the_page_loads_nothing(page: str) -> None:
    assert [target for target in Page(page).loaded if not target.startswith(("data:", "#"))] == []
    style = re.sub(r"<svg.*?</svg>", "", page, flags=re.DOTALL)
    assert "@import" not in style
    assert "<script" not in page
    assert not re.search(r"url\((?!#)", page)


def test_ids_are_unique_and_links_lead_somewhere(page: str, folder: Path) -> None:
    found = Page(page)
    assert [name for name, times in Counter(found.ids).items() if times > 1] == []
    for link in found.links:
        if link == "https://arxiv.org/abs/2401.15248":
            continue  # the paper, the only place outside
        assert link[1:] in found.ids if link.startswith("#") else (folder / link).is_file(), link


def test_headings_do_not_skip_a_level(page: str) -> None:
    levels = Page(page).headings
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_the_page_begins_with_the_answer(page: str, folder: Path) -> None:
    claims = json.loads((folder / "report.json").read_text())["claims"]
    upheld = [one for one in claims if one["standing"]["outcome"] == "upheld"]
    proved = [one for one in upheld if one["standing"]["level"] in ("proved", "formal")]
    begins = " ".join(page[page.index("<header>") : page.index("</header>")].split())
    assert f"Of the {len(claims)} claims" in begins
    assert f"{len(upheld)} are upheld, {len(proved)} of them proved" in begins
    assert '<a href="#Q1">Q1</a> (answer: no)' in begins
    assert "purecheck report" in begins
    assert "--seed 0</code>" in begins


def test_a_clause_is_linked_from_its_evidence_and_from_what_limits_a_claim(page: str) -> None:
    assert '<li id="X1.product">' in page
    assert '<a href="#X1.product">product</a>' in page


def test_the_page_says_what_was_found(page: str) -> None:
    assert "Sums, as T1 says" in page
    assert "n = 1" in page  # the smallest counterexample of Q1
    assert "off by a factor of 101/100" in page
    assert page.count('<span class="steps">') == 1  # one derivation
    assert "no evidence" in page  # N1 has no check
    assert "Root seed" in page


def test_each_clause_is_shown_with_its_name_outcome_and_level(page: str) -> None:
    statement = page[page.index('id="X1"') :]
    statement = " ".join(re.sub(r"<[^>]+>", " ", statement[: statement.index("</ol>")]).split())
    assert "sum contradiction proved limited by count the sum, against a second count" in statement
    assert "product upheld enumerated" in statement


def test_a_question_reads_as_answered(page: str) -> None:
    question = page[page.index('<section class="claim" id="Q1"') :]
    assert question[: question.index("</ol>")].count('<span class="outcome answer-no">answer: no</span>') == 2


def test_links_are_counted_by_what_was_done(page: str, facts: Any) -> None:
    counted_links = re.findall(r'<span class="steps">(.*?)</span>', page)
    assert counted_links == ["3 links: 1 algebra, 1 theorem, 1 definition"]
    figure = facts["claims"][0]["evidence"][0]["figure"]
    assert figure == f"{counted_links[0]}; 1 of 1 algebra links confirmed by ball arithmetic at {POINTS} points each"


def test_chains_that_a_link_sums_up_are_shown() -> None:
    noisy = {one.id: one for one in CLAIMS}["D1"]
    rests = replace(noisy, clauses=(noisy.clause("firing with noise"),))
    (shown,) = shown_derivations(rests, context())
    every = [step for _, chain in shown.chains for step in chain.steps]
    shown_chains = [chain for _, chain in shown.chains]
    assert all(below in shown_chains for step in every for below in step.rests_on)
    assert any(step.rests_on for step in every)
    assert shown.links.startswith(f"{len(every)} links: ")


def test_text_is_escaped(page: str) -> None:
    assert "&amp; more" in page
    assert "& more" not in page


def test_a_broken_derivation_is_shown_as_such(tmp_path: Path) -> None:
    broken = replace(GATE.clauses[0], formula=Eq(GATE.clauses[0].formula.lhs, Symbol("y")))
    wrong = bind([replace(GATE, clauses=(broken,))], [])
    shared = context()
    text = write_report(run_checks(wrong, ("G1",), shared), shared, tmp_path).read_text("utf-8")
    assert "does not build" in text
    assert "step not confirmed" in text


def test_figures_are_inside_the_page_and_beside_it(page: str, folder: Path) -> None:
    assert (folder / "figures" / "t1_line.svg").read_text("utf-8").startswith("<?xml")
    assert page.count("<svg ") == 1
    assert "currentColor" in page


def test_a_table_is_in_the_page_with_its_caption_and_verdict(page: str) -> None:
    table = page[page.index('id="table-t1_sums"') :]
    table = table[: table.index("</p>")].replace("\N{NO-BREAK SPACE}", " ")
    assert table.count('<th scope="row">') == 5
    assert table.count("<th scope=") == 3 + 5
    assert '<td class="number">1.08 [1.03, 1.15]</td>' in table
    assert '<td class="number">2.00 [−∞, ∞]</td>' in table
    assert "&amp; more.</span> [low, high] is what the tests say.</caption>" in table
    assert "Computed verdict:" in table


def test_the_same_table_is_in_the_facts(facts: Any) -> None:
    (claim_with_table,) = [one for one in facts["claims"] if "tables" in one]
    assert claim_with_table["id"] == "T1"
    (table,) = claim_with_table["tables"]
    assert table["rows"] == [
        [1, "estimate", {"value": 1.083, "low": 1.03, "high": 1.15}],
        [2, "bounds nothing", {"value": 2.0, "low": None, "high": None}],
        [3, "closed form", {"value": 0.5, "exact": "1/2", "error_bound": 0.0}],
        [4, "number", 0.25],
        [5, "nothing", None],
    ]
    assert table["verdict"] == counted().verdict


def test_a_figure_is_the_same_every_time() -> None:
    assert svg_document(drawn()) == svg_document(drawn())


def test_two_inlined_figures_share_no_id() -> None:
    document = svg_document(drawn())
    one, other = Page(inlined(document, "one")), Page(inlined(document, "other"))
    assert one.ids
    assert not set(one.ids) & set(other.ids)
    assert set(re.findall(r'(?:href="#|url\(#)([^")]+)', inlined(document, "one"))) <= set(one.ids)


def test_the_figures_of_the_suite_are_named_once_and_belong_to_claims() -> None:
    assert len({figure.name for figure in FIGURES}) == len(FIGURES)
    for figure in FIGURES:
        assert with_mathml(figure.caption)


def test_the_tables_of_the_suite_are_named_once_and_belong_to_claims() -> None:
    assert len({table.name for table in TABLES}) == len(TABLES)
    assert {table.claim for table in TABLES} <= {one.id for one in CLAIMS}


def luminance(colour: str) -> float:
    """Relative luminance, WCAG 2.2."""
    full = "".join(2 * digit for digit in colour[1:]) if len(colour) == 4 else colour[1:]
    channels = [int(full[k : k + 2], 16) / 255 for k in (0, 2, 4)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Contrast ratio, WCAG 2.2."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def themes(page: str) -> list[dict[str, str]]:
    """The colours of the light theme and of the dark one."""
    blocks = re.findall(r":root \{(.*?)\}", page, flags=re.DOTALL)
    return [dict(re.findall(r"--([a-z]+): (#[0-9a-f]+)", block)) for block in blocks]


def test_text_has_the_contrast_that_accessibility_asks_for(page: str) -> None:
    light_and_dark = themes(page)
    assert len(light_and_dark) == 2
    for theme in light_and_dark:
        for ink in ("ink", "quiet", "link", "upheld", "refuted", "undecided", "void"):
            for paper in ("paper", "raised"):
                assert contrast(theme[ink], theme[paper]) >= 4.5, (ink, paper, theme)
        for line in SERIES:
            assert contrast(line, theme["paper"]) >= 3, (line, theme["paper"])


def test_facts_are_plain_data() -> None:
    run = run_checks(small(), ("T1",), context())
    assert json.loads(json.dumps(report_to_dict(run))) == report_to_dict(run)


def test_the_name_of_a_function_keeps_apart_from_its_neighbours() -> None:
    space = '<mspace width="0.167em"></mspace>'
    assert f"<mi>p</mi>{space}<mi>cos</mi>{space}<mi>t</mi>" in mathml(r"p \cos t")
    assert f"<mi>cos</mi>{space}" not in mathml(r"\cos(t)")
