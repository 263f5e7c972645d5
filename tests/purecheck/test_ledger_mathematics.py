"""Every formula and sentence of the ledger can be shown in the report."""

import re

import pytest

from purecheck.reporting.mathematics import mathml, with_mathml
from purecheck.runs.ledger import ledger

LETTER = re.compile("<mi>([A-Za-z])</mi>")
LETTERS = re.compile(f"(?:{LETTER.pattern}){{3,}}")
SPELLED = re.compile("alpha|beta|gamma|delta|epsilon|theta|kappa|lambda|sigma|omega|sqrt|binomial|Sum|log|exp|frac")
"""What readers would see as letters in a row where a symbol was named for Python, not for print."""

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
        for formula in formulas:
            shown = mathml(formula)
            assert shown.startswith("<math")
            assert not any(SPELLED.search(LETTER.sub(r"\1", run[0])) for run in LETTERS.finditer(shown)), formula
    assert all(with_mathml(sentence) for sentence in sentences)
