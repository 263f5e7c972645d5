"""Claims about real data: each verdict on records that a test made, and what a run comes to without any."""

import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from purecheck.checks import recorded
from purecheck.cli import main
from purecheck.records.reading import Stored
from purecheck.records.run import Attack, Classes, FilterPurity, RunRecord
from purecheck.records.schemas import Record
from purecheck.records.writing import write_record
from purecheck.reporting.json_report import report_schema, report_to_dict
from purecheck.runs.ledger import Ledger, bind
from purecheck.runs.runner import run_checks
from purecheck.runtime.context import Context
from purecheck.verdicts.comparison import IntervalComparison
from purecheck.verdicts.evidence import Evidence, Level, Outcome
from tests.purecheck.checks.synthetic import moved
from tests.purecheck.records.manufactured import (
    CLASSES,
    LADDER,
    contrastive,
    pairs,
    participation,
    run_record,
    sparse_record,
)
from tests.purecheck.small_ledger import check, claim, context
from theory.real_data import CLAIMS, R1

CHECKS = {one.clauses[0]: one for one in recorded.CHECKS}
R1_CHECKS = [one for one in recorded.CHECKS if one.claim == "R1"]
LOW, HIGH = (0.050, 0.052, 0.051), (0.300, 0.301, 0.303)
DISJOINT = Classes(CLASSES, ("deer", "dog"))
COARSE = Classes(CLASSES, ("animal", "vehicle"))


def with_records(records: Iterable[Record]) -> Context:
    """A run that finds these records."""
    return replace(context(), records=[Stored(one, Path(f"{place}.json")) for place, one in enumerate(records)])


def evidence(clause: str, records: Iterable[Record]) -> Evidence:
    """What the check of this clause finds in these records."""
    return CHECKS[clause].run(with_records(records))


def resnet(records: Iterable[RunRecord]) -> list[RunRecord]:
    """The same runs of the other encoder."""
    return [replace(record, encoder="resnet18") for record in records]


OTHER_RUNS: dict[str, Callable[[Iterable[RunRecord]], list[RunRecord]]] = {
    "ResNet-18": resnet,
    **{clause: contrastive for clause in CHECKS if CHECKS[clause].claim == "R1c"},
}
"""Clauses that do not speak of supervised runs of the gated network."""

OTHER_LABELS: dict[str, dict[str, Any]] = {
    "disjoint classes": {"labels": "disjoint", "classes": DISJOINT},
    "coarse labels": {"labels": "coarse", "classes": COARSE},
}
OTHER_LABELS |= {f"pairs, {clause}": changes for clause, changes in OTHER_LABELS.items()}


def runs_for(clause: str, clean: tuple[float, ...], adversarial: tuple[float, ...]) -> list[RunRecord]:
    """Runs that the clause speaks of."""
    return OTHER_RUNS.get(clause, list)(pairs(clean, adversarial, **OTHER_LABELS.get(clause, {})))


PASSING: dict[str, list[Record]] = {
    **{clause: [*runs_for(clause, LOW, HIGH)] for clause in CHECKS if CHECKS[clause].claim != "R2"},
    **{clause: [sparse_record(seed) for seed in range(3)] for clause in CHECKS if CHECKS[clause].claim == "R2"},
}

ONE = sparse_record()
BAD: dict[str, list[dict[str, Any]]] = {
    "sparsity": [
        {"sparsity": replace(ONE.sparsity, explained_variance=0.3)},
        {"sparsity": replace(ONE.sparsity, coefficients=13.0)},
    ],
    "symmetry": [{"symmetry": replace(ONE.symmetry, mean=0.3)}],
    "unfair signs": [{"symmetry": replace(ONE.symmetry, mean=0.03)}],
    "amplitude law": [
        {"amplitude": replace(ONE.amplitude, variation_gaussian=0.7)},
        {"amplitude": replace(ONE.amplitude, noise_variation=0.7)},
    ],
    "independence": [
        {"dependence": replace(ONE.dependence, dispersion=0.9)},
        {"dependence": replace(ONE.dependence, dependent_pairs_gaussian=0.03)},
    ],
    "incoherence": [{"incoherence": replace(ONE.incoherence, rms=0.5)}],
    "filters": [{"participation": participation(3.0, 8.0)}],
    "filters beyond their directions": [{"participation": participation(8.0, 6.0, matched=(20.0, 15.0))}],
}
"""What each clause of R2 is refuted on, one part after the other."""


@pytest.mark.parametrize("clause", CHECKS)
def test_a_clause_is_upheld_and_its_control_rejected_on_records_that_show_it(clause: str) -> None:
    found = evidence(clause, PASSING[clause])
    assert (found.outcome, found.level, found.cases) == (Outcome.UPHELD, Level.MEASURED, len(PASSING[clause]))
    assert found.control.rejected
    assert "CIFAR-10, JPEG q75" in str(found.figure)


def opposite(clause: str) -> list[list[Record]]:
    """Records on which a clause is not so; one list for every part of it."""
    if clause in BAD:
        return [[sparse_record(seed, **changes) for seed in range(3)] for changes in BAD[clause]]
    return [[*runs_for(clause, HIGH, LOW)]]


@pytest.mark.parametrize("clause", CHECKS)
def test_a_clause_is_refuted_with_its_control_on_records_that_show_the_opposite(clause: str) -> None:
    for records in opposite(clause):
        found = evidence(clause, records)
        assert (found.outcome, found.level, found.control.rejected) == (Outcome.REFUTED, Level.MEASURED, True)
        assert str(found.counterexample).startswith("refuted: ")


@pytest.mark.parametrize("clause", CHECKS)
def test_a_clause_without_records_is_not_run(clause: str) -> None:
    found = evidence(clause, [])
    assert (found.outcome, found.level, found.cases, found.control.rejected) == (Outcome.NOT_RUN, None, 0, None)
    assert str(found.counterexample).startswith("no record of ")


@pytest.mark.parametrize("clause", CHECKS)
def test_two_seeds_decide_nothing(clause: str) -> None:
    found = evidence(clause, [record for record in PASSING[clause] if record.seed < 2])
    assert found.outcome is Outcome.UNDECIDED


@pytest.mark.parametrize(
    "records",
    [
        pairs((0.05, 0.30, 0.05), (0.30, 0.05, 0.30)),  # seeds disagree
        pairs((0.1, 0.2, 0.1), (0.2, 0.3, 0.2), images=10, clean_accuracy=1.0),  # too few images
        pairs(LOW, HIGH, sanity={"monotone_in_steps": False}),
        pairs(LOW, HIGH, attacks={"fgm": LADDER["fgm"]}, robust_accuracy={"fgm": 0.5}),  # a ladder of one step
        [*pairs(LOW, HIGH), *pairs(LOW[:2], HIGH[:2], profile="full")],  # one setting with two seeds
    ],
)
def test_what_the_records_leave_open_stays_undecided(records: list[RunRecord]) -> None:
    found = evidence("gated network", records)
    assert found.outcome is Outcome.UNDECIDED
    assert found.counterexample


@pytest.mark.parametrize(
    "changes",
    [{"head": "finetune"}, {"norm": "l2"}, {"eps": 4 / 255}, {"labels": "disjoint", "classes": DISJOINT}],
)
def test_other_runs_say_nothing_about_a_clause(changes: dict[str, Any]) -> None:
    assert evidence("gated network", pairs(LOW, HIGH, **changes)).outcome is Outcome.NOT_RUN


def test_runs_on_pairs_and_runs_on_labels_say_nothing_about_each_other() -> None:
    refuted = contrastive(pairs(HIGH, LOW))
    assert evidence("gated network", refuted).outcome is Outcome.NOT_RUN
    assert evidence("other attacks", refuted).outcome is Outcome.NOT_RUN
    assert evidence("pairs", pairs(LOW, HIGH)).outcome is Outcome.NOT_RUN


def test_an_arm_without_the_other_says_nothing() -> None:
    for seeds in ([run_record(seed, "none", 0.1) for seed in range(3)], [run_record(s, "fgm", 0.3) for s in range(3)]):
        assert evidence("gated network", seeds).outcome is Outcome.NOT_RUN


def test_every_setting_counts_and_a_bad_one_refutes() -> None:
    records = [*pairs(LOW, HIGH), *pairs(HIGH, LOW, profile="full")]
    assert evidence("gated network", records).outcome is Outcome.REFUTED


def test_a_gap_under_pgd_alone_is_no_gap_under_other_attacks() -> None:
    def shares(record: RunRecord) -> RunRecord:
        robust = {name: record.worst_case if name == "pgd20" else 0.4 for name in LADDER}
        return replace(record, robust_accuracy=robust)

    records = [shares(record) for record in pairs(LOW, HIGH)]
    assert evidence("gated network", records).outcome is Outcome.UPHELD
    assert evidence("other attacks", records).outcome is Outcome.UNDECIDED


def test_own_attacks_alone_are_not_other_attacks() -> None:
    own = {name: Attack("white-box", "purecheck 0.1.0", 20, 1) for name in LADDER}
    for attacks in (own, {**own, "square": LADDER["square"]}):
        assert evidence("other attacks", pairs(LOW, HIGH, attacks=attacks)).outcome is Outcome.NOT_RUN


def test_a_black_box_attack_of_few_queries_decides_nothing() -> None:
    records = [
        replace(record, robust_accuracy={**record.robust_accuracy, "square": 0.6}) for record in pairs(LOW, HIGH)
    ]
    assert evidence("other attacks", records).outcome is Outcome.UPHELD


def test_a_check_that_any_record_would_pass_is_void(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(IntervalComparison, "holds", True)
    assert CHECKS["gated network"].run(with_records(pairs(LOW, HIGH))).outcome is Outcome.VOID


@pytest.mark.parametrize("clause", CHECKS)
def test_a_number_that_is_moved_in_the_clause_moves_sentence_and_verdict(clause: str) -> None:
    check, seen = CHECKS[clause], with_records(PASSING[clause])
    relations = check.statement.relations
    for place, relation in enumerate(relations):
        one = replace(check.statement, relations=(relation,))
        for near in (near for verdict in check.verdicts(one, seen) for near in verdict.next_to_it()):
            changed = relation.with_number(near.number)
            moved = replace(check.statement, relations=(*relations[:place], changed, *relations[place + 1 :]))
            assert check.examine(moved, seen).outcome is Outcome.REFUTED
            assert moved.sentence != check.statement.sentence


@pytest.mark.parametrize("clause", [name for name in CHECKS if CHECKS[name].claim != "R2"])
def test_runs_and_sizes_that_are_moved_in_the_clause_move_sentence_and_verdict(clause: str) -> None:
    check = CHECKS[clause]
    (relation,) = check.statement.relations
    count = 0
    for left in moved(relation.left):
        changed = replace(check.statement, relations=(replace(relation, left=left),))
        assert changed.sentence != check.statement.sentence
        assert check.examine(changed, with_records(PASSING[clause])).outcome is not Outcome.UPHELD
        count += 1
    assert count > 0


def test_orthogonal_atoms_say_nothing_where_the_method_imposes_them() -> None:
    imposed = replace(ONE.incoherence, rms=0.0, imposed=True)
    orthogonal = [sparse_record(seed, incoherence=imposed, dictionary="components") for seed in range(3)]
    assert evidence("incoherence", orthogonal).outcome is Outcome.NOT_RUN
    coherent = [sparse_record(seed, **BAD["incoherence"][0]) for seed in range(3)]
    found = evidence("incoherence", [*orthogonal, *coherent])
    assert (found.outcome, found.cases) == (Outcome.REFUTED, 3)


def test_every_dictionary_counts() -> None:
    good = [sparse_record(seed) for seed in range(3)]
    other = [sparse_record(seed, dictionary="components", **BAD["filters"][0]) for seed in range(3)]
    found = evidence("filters", [*good, *other])
    assert found.outcome is Outcome.REFUTED
    assert "components" in str(found.counterexample)


def test_a_question_with_one_answer_of_no_is_answered() -> None:
    for records in ([sparse_record(seed) for seed in range(3)], opposite("filters beyond their directions")[0]):
        assert run_checks(bind(CLAIMS, CHECKS.values()), ("R2",), with_records(records)).is_as_claimed


def test_purity_needs_two_arms_with_a_purity() -> None:
    records = [replace(one, purity=None) for one in pairs(LOW, HIGH)]
    assert evidence("purity", records).outcome is Outcome.NOT_RUN
    flat = [replace(one, purity=FilterPurity(2.0, "256 atoms")) for one in pairs(LOW, HIGH)]
    assert evidence("purity", flat).outcome is Outcome.UNDECIDED


def test_a_claim_of_which_one_clause_was_measured_is_not_run_and_shows_it() -> None:
    run = run_checks(bind(CLAIMS, CHECKS.values()), ("R1",), with_records(pairs(LOW, HIGH)))
    result = run.results["R1"]
    assert (result.standing.outcome, result.standing.limited_by) == (Outcome.NOT_RUN, "ResNet-18")
    assert [line.outcome for line in result.evidence] == [Outcome.UPHELD, Outcome.NOT_RUN]
    jsonschema.Draft202012Validator(report_schema()).validate(json.loads(json.dumps(report_to_dict(run))))


def test_a_claim_that_rests_on_one_that_was_not_run_is_not_run() -> None:
    book = bind([R1, claim("T1", "R1")], [*R1_CHECKS, check("T1")])
    standing = run_checks(book, ("T1",), context()).results["T1"].clauses["sum"]
    assert (standing.outcome, standing.level, standing.limited_by) == (Outcome.NOT_RUN, None, "R1/gated network")


def test_a_refutation_is_not_hidden_by_what_was_not_run() -> None:
    run = run_checks(bind(CLAIMS, CHECKS.values()), ("R1",), with_records(pairs(HIGH, LOW)))
    assert run.results["R1"].standing.outcome is Outcome.REFUTED
    assert not run.is_as_claimed_where_run


@pytest.fixture
def book() -> Ledger:
    """A quick claim beside R1."""
    return bind([claim("T1"), R1], [check("T1"), *R1_CHECKS])


@pytest.mark.parametrize(
    ("names", "records", "status"),
    [
        ((), (), 0),
        (("T1",), (), 0),
        (("R1",), (), 1),
        (("T1", "R1"), (), 1),
        ((), pairs(LOW, HIGH), 0),
        (("R1",), pairs(LOW, HIGH), 1),  # ResNet-18 was not run
        (("R1",), [*pairs(LOW, HIGH), *resnet(pairs(LOW, HIGH))], 0),
        ((), pairs(HIGH, LOW), 1),
        ((), pairs(LOW[:2], HIGH[:2]), 1),
    ],
)
def test_the_exit_status_counts_what_was_not_run_only_by_name(
    names: tuple[str, ...],
    records: list[RunRecord],
    status: int,
    book: Ledger,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for record in records:
        write_record(record, tmp_path)
    assert main(["check", *names, "--records", str(tmp_path)], obj=book) == status
    told = capsys.readouterr().out
    if "R1" in told:
        assert told.rstrip().splitlines()[-1].endswith(" not run")


def test_a_broken_record_is_a_problem_of_usage_in_one_line(
    book: Ledger, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "broken.json").write_text("{}")
    assert main(["check", "--records", str(tmp_path)], obj=book) == 2
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert "broken.json: schema is None; expected one of" in told


def test_the_report_shows_the_words_of_the_dataset(
    book: Ledger, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for record in pairs(LOW, HIGH):
        write_record(record, tmp_path / "records")
    assert main(["report", "--records", str(tmp_path / "records"), "--out", str(tmp_path / "out")], obj=book) == 0
    assert "0 void, 1 not run" in capsys.readouterr().out
    page = (tmp_path / "out" / "report.html").read_text("utf-8")
    assert "CIFAR-10, JPEG q75" in page
    assert 'class="outcome not-run">not run' in page
    facts = json.loads((tmp_path / "out" / "report.json").read_text("utf-8"))
    jsonschema.Draft202012Validator(report_schema()).validate(facts)
