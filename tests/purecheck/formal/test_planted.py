"""Planted errors (a constant, a strictness, an assumption, a lemma, an `Admitted`, an axiom) are refuted."""

import shutil
from pathlib import Path

import pytest
from sympy import Gt, Symbol, exp

from purecheck.enclosures.links import Link
from purecheck.formal.links import confirm
from purecheck.formal.rocq import build
from purecheck.formal.sources import sources
from tests.purecheck.formal.toy import PROOFS, STATEMENTS, Toy, square, x
from theory.derivation import Step, opening

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("coqc") is None, reason="coqc is not installed"),
]

TOY = Toy()


def test_the_development_is_accepted_with_its_axioms_and_its_control(tmp_path: Path) -> None:
    problems, theorem = TOY.judged(tmp_path)
    assert (problems, theorem.problems, theorem.accepted) == ((), (), True)
    assert theorem.rejected
    assert "T1_square_rhs" not in " ".join(theorem.statement)
    assert "2 * x" in " ".join(theorem.statement)
    assert "ClassicalDedekindReals.sig_forall_dec" in theorem.axioms


def stated(old: str, new: str) -> Toy:
    """The development with something else in its statement."""
    assert old in STATEMENTS
    return TOY.changed(statements=STATEMENTS.replace(old, new))


def proved(old: str, new: str) -> Toy:
    """The development with something else in its proof."""
    assert old in PROOFS
    return TOY.changed(proofs=PROOFS.replace(old, new))


_BY_AXIOM = """Axiom a : T1_square.
Theorem T1_square_holds : T1_square.
Proof. exact a. Qed.
"""
_NOT_PROVED = "the kernel did not accept a proof of it"
PLANTS = {
    "constant": (TOY.changed(clause=TOY.clause.stating(Gt(square, 5 * x))), _NOT_PROVED),
    "strictness of the clause": (TOY.changed(clause=TOY.clause.stating(square >= 2 * x)), "where the clause states"),
    "strictness of the statement": (stated("> T1_square_rhs", ">= T1_square_rhs"), "states >= where"),
    "missing assumption": (stated("0 <= x -> (x + 1) ^ 2 > T1", "(x - 1) ^ 2 > T1"), _NOT_PROVED),
    "narrower range": (stated("0 <= x -> (x + 1) ^ 2 > T1", "1 <= x -> (x + 1) ^ 2 > T1"), "assumes more than"),
    "swapped lemma": (proved("T1_square_holds : T1_square.", "T1_square_holds : T1_other."), _NOT_PROVED),
    "Admitted": (proved("unfold T1_square_rhs. nra. Qed.", "Admitted."), "rests on T1_square_holds"),
    "added axiom": (
        proved(PROOFS[PROOFS.index("Theorem") :], _BY_AXIOM),
        "rests on a, which",
    ),
}


@pytest.mark.parametrize(("planted", "reason"), PLANTS.values(), ids=PLANTS)
def test_a_planted_error_is_refused(planted: Toy, reason: str, tmp_path: Path) -> None:
    _, theorem = planted.judged(tmp_path)
    assert not theorem.accepted
    assert reason in "; ".join(theorem.problems)


def test_links_are_closed_one_by_one(tmp_path: Path) -> None:
    build({"Tactics": sources()["Tactics"]}, tmp_path)
    y = Symbol("y", positive=True)
    good = opening(y / (1 + y)).equals(1 - 1 / (1 + y), "apart").steps
    wave = opening(1 / (1 + exp(-y))).equals(exp(y) / (1 + exp(y)), "times e^y").steps
    positive = opening(y**2 + y).at_least(y, "a square", strict=True).steps
    wrong = Step(y**2, "<=", 2 * y, "not so", "cited")
    found = confirm([("T1/a", Link(one, {})) for one in (*good, *wave, *positive, wrong)], tmp_path)
    assert (found.total, found.rational, found.confirmed) == (4, 4, 3)
    assert found.open == ("T1/a: not so",)
