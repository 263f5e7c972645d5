"""How the development is bound to the ledger, without Rocq: names, sides, hypotheses, sources."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from sympy import Rational

from purecheck.formal import found as finding
from purecheck.formal import installed
from purecheck.formal.audit import axioms_in, unproved
from purecheck.formal.check import bound_theorems, statements_of
from purecheck.formal.hypotheses import vetted
from purecheck.formal.installed import RocqMissingError
from purecheck.formal.result import NOT_RUN, FormalResult, Links, read_result, write_result
from purecheck.formal.sources import compile_order, digest, sources, without_comments
from purecheck.formal.statements import arguments_of, relation_before, statements
from tests.purecheck.formal.toy import STATEMENTS
from theory.formal.bindings import BINDINGS
from theory.formal.generated import generated
from theory.ledger import CLAIMS

SOURCES = sources()
STATED = statements_of(SOURCES)


def test_every_binding_names_a_clause_and_a_statement() -> None:
    bound = bound_theorems(CLAIMS, STATED)
    assert len({one.binding.theorem for one in bound}) == len(BINDINGS) >= 20
    named = {(one.claim, one.clause) for one in BINDINGS}
    assert {("P2", "worst case"), ("P2", "universal bound"), ("P4", "fit"), ("P5", "series")} <= named
    assert {"G4", "N1", "N2", "C1", "C3", "D2", "D5"} <= {claim for claim, _ in named}


def test_every_side_that_a_statement_names_is_generated() -> None:
    text = generated(CLAIMS)
    written = set(re.findall(r"^Definition (\w+)", text, re.MULTILINE))
    used = {name for one in STATED.values() for name in re.findall(r"\w+_(?:lhs|rhs|mean)\d*\b", one.body)}
    assert used <= written
    assert written <= used


def test_a_changed_constant_in_a_clause_changes_what_is_generated() -> None:
    p5 = next(claim for claim in CLAIMS if claim.id == "P5")
    series = p5.clause("series")
    wrong = series.stating(series.formula.func(series.formula.lhs, Rational(101, 100) * series.formula.rhs))
    changed = replace(p5, clauses=tuple(wrong if one is series else one for one in p5.clauses))
    others = [changed if claim is p5 else claim for claim in CLAIMS]
    assert generated(others) != generated(CLAIMS)
    assert digest({"Generated": generated(others)}, ()) != digest({"Generated": generated(CLAIMS)}, ())


def test_every_vetted_hypothesis_is_one_of_a_statement() -> None:
    assumed = {hypothesis for one in STATED.values() for hypothesis in one.hypotheses}
    assert set(vetted()) <= assumed
    assert all(vetted().values())


def test_the_sources_prove_everything_that_they_state() -> None:
    assert unproved(SOURCES) == []
    order = compile_order(SOURCES)
    assert order.index("Model") < order.index("Statements_A")


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("Lemma a : True. Proof. Admitted.", "Admitted"),
        ("Axiom a : False.", "Axiom"),
        ("Lemma a : True. Proof. admit. Qed.", "admit"),
        ("Parameter a : False.", "Parameter"),
        ("Unset Guard Checking.", "Unset Guard Checking"),
    ],
)
def test_what_rocq_accepts_without_a_proof_is_named(text: str, word: str) -> None:
    assert any(word in found for found in unproved({"Proofs": text}))
    assert unproved({"Proofs": f"(* {text} (* nested *) {word} *) Lemma b : True. Proof. exact I. Qed."}) == []


def test_a_statement_is_read_with_its_hypotheses_and_its_comment() -> None:
    one = statements(STATEMENTS)["T1_square"]
    assert (one.binders, one.hypotheses, one.conclusion) == ("x", ("0 <= x",), "(x + 1) ^ 2 > T1_square_rhs x")
    assert one.says == "The square of [x + 1] is larger than that."
    assert relation_before(one, "T1_square_rhs") == ">"
    assert arguments_of(one, "T1_square_rhs") == ("x",)


def test_a_conclusion_may_hold_arrows_and_quantifiers() -> None:
    conclusion = r"(e <= 1 <-> d <= 1) /\ forall k, k = d -> largest S (A_rhs (k + 1) d)"
    text = f"(** A. *)\nDefinition A : Prop := forall d e,\n  0 <= d -> e = d ->\n  {conclusion}."
    one = statements(text)["A"]
    assert one.hypotheses == ("0 <= d", "e = d")
    assert relation_before(one, "A_rhs") == "="
    assert arguments_of(one, "A_rhs") == ("(k + 1)", "d")


def test_a_file_comes_after_all_that_it_requires() -> None:
    above = "Require Import B.\nRequire Export C\n  D.\n"
    texts = {"A": above, "B": "", "C": "Require Import B.", "D": "(* Require A. *)"}
    assert set(compile_order(texts)[:-1]) == {"B", "C", "D"}
    assert compile_order(texts).index("B") < compile_order(texts).index("C")


def test_comments_are_taken_out_and_strings_are_kept() -> None:
    assert without_comments('a (* b (* c *) d *) e "(* f *)"').split() == ["a", "e", '"(*', "f", '*)"']


def test_axioms_are_read_from_what_rocq_prints() -> None:
    assert axioms_in("Closed under the global context\n") == ()
    printed = "Axioms:\nA.b_c\n  : forall P : Prop, P\nd : nat\n"
    assert axioms_in(printed) == ("A.b_c", "d")


def result(**parts: object) -> FormalResult:
    """What a run that accepted nothing found."""
    empty = FormalResult("0", "8.16.1", {"compilation": 1.0, "all": 2.0}, (), (), Links(other={"a law of matrices": 1}))
    return replace(empty, **parts)  # type: ignore[arg-type]


def test_a_result_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    write_result(result(), tmp_path / "formal.json")
    assert read_result(tmp_path / "formal.json") == result()
    (tmp_path / "other.json").write_text(json.dumps({"schema": "purecheck-report/2"}))
    with pytest.raises(ValueError, match="is no result of `make formal`"):
        read_result(tmp_path / "other.json")


def test_a_result_from_other_sources_does_not_count(tmp_path: Path) -> None:
    assert finding.found(tmp_path / "formal.json") == NOT_RUN
    write_result(result(), tmp_path / "formal.json")
    reason = finding.found(tmp_path / "formal.json")
    assert isinstance(reason, str)
    assert "have changed since Rocq was run" in reason


def test_a_missing_rocq_is_one_line_that_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installed.shutil, "which", lambda _: None)
    with pytest.raises(RocqMissingError, match=r"^coqc was not found; install it with: apt-get install coq "):
        installed.version()
