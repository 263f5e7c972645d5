"""A derivation uses only the ranges and assumptions that its links carry."""

from pathlib import Path

import pytest

import gpu_experiments
import purecheck
import theory
from theory.algebra import lies_within
from theory.ledger import CLAIMS

CLAUSES = {
    f"{claim.id}-{clause.name}": clause for claim in CLAIMS for clause in claim.clauses if clause.derive is not None
}
ROOTS = [Path(str(package.__file__)).parent for package in (theory, purecheck, gpu_experiments)]


@pytest.mark.parametrize("clause", CLAUSES.values(), ids=CLAUSES.keys())
def test_a_derivation_holds_on_the_range_of_its_clause_and_each_link_on_that_of_its_chain(clause):
    proof = clause.proof()
    assert proof.is_complete
    for chain in proof.chains:
        assert lies_within(clause.box, chain.box), (chain.box, clause.box)
    chains = [*proof.chains, *proof.lemmas]
    while chains:
        chain = chains.pop()
        for step in chain.steps:
            assert lies_within(chain.box, step.box, strict=step.relation in ("<", ">"))
            chains.extend(step.rests_on)


def test_the_seal_of_the_kernel_is_held_in_one_package():
    holders = [path for root in ROOTS for path in root.rglob("*.py") if "_SEAL" in path.read_text(encoding="utf-8")]
    assert {path.parent for path in holders} == {Path(theory.__file__).parent / "derivation"}
