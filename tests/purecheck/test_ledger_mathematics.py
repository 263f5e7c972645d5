"""Every formula and sentence of the ledger can be shown in the report."""

import pytest

from purecheck.reporting.mathematics import mathml, with_mathml
from purecheck.runs.ledger import ledger

CLAIMS = list(ledger().claims.values())


@pytest.mark.parametrize("claim", CLAIMS, ids=[claim.id for claim in CLAIMS])
def test_every_formula_of_a_claim_becomes_mathml(claim):
    sentences = [claim.title, *claim.assumptions]
    for clause in claim.clauses:
        sentences.append(clause.sentence)
        formulas = [clause.latex()] if clause.latex() else []
        if clause.derive is not None:
            proof = clause.proof()
            steps = [step for chain in (*proof.lemmas, *proof.chains) for step in chain.steps]
            formulas += [step.latex() for step in steps]
            sentences += [step.reason for step in steps]
        assert all(mathml(formula).startswith("<math") for formula in formulas)
    assert all(with_mathml(sentence) for sentence in sentences)
