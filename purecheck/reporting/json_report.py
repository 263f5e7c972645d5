"""The results of a run as plain data: `purecheck-report/2`."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from importlib.resources import files
from typing import Any

from purecheck.formal.result import NOT_RUN, FormalResult
from purecheck.reporting.mathematics import parts
from purecheck.reporting.tables.registry import ClaimTable, Table
from purecheck.runs.ledger import Ledger
from purecheck.runs.runner import Result, Run
from purecheck.verdicts.evidence import Evidence
from purecheck.verdicts.standing import Standing, claims_below
from theory.claims import Claim, Clause
from theory.quantities import named_in

SCHEMA = "purecheck-report/2"
SCHEMAS = {SCHEMA: "report.schema.json", "purecheck-report/1": "report-1.schema.json"}
"""The file with the JSON Schema of every version of the report."""

Facts = dict[str, Any]


def report_schema(version: str = SCHEMA) -> Facts:
    """The JSON Schema of one version of the report, as it ships with the package.

    Raises
    ------
    KeyError
        If there is no such version.
    """
    loaded: Facts = json.loads(files("purecheck.reporting").joinpath(SCHEMAS[version]).read_text("utf-8"))
    return loaded


def report_to_dict(
    run: Run, tables: Mapping[ClaimTable, Table] | None = None, formal: FormalResult | str = NOT_RUN
) -> Facts:
    """The results of a run, ready for JSON.

    Parameters
    ----------
    run
        The results.
    tables
        The tables computed from them; a claim without a table has no field for tables.
    formal
        What the Rocq kernel accepted, or why that is not known.
    """
    return {
        "schema": SCHEMA,
        "environment": asdict(run.environment),
        "claims": [
            _result_to_dict(result, formal) | _tables_of(identifier, tables or {})
            for identifier, result in run.results.items()
        ],
        "formal": _formal_to_dict(formal),
    }


def claim_to_dict(claim: Claim) -> Facts:
    """The statement of a claim, without any evidence."""
    return {
        "id": claim.id,
        "title": claim.title,
        "statement_latex": statement_latex(claim),
        "clauses": [_clause_to_dict(claim, clause) for clause in claim.clauses],
        "assumptions": list(claim.assumptions),
        "source": claim.source,
        "kind": claim.kind,
        "depends_on": list(claims_below(claim)),
    }


def ledger_to_dict(ledger: Ledger) -> list[Facts]:
    """What each claim states and the names of its checks, in the order of the ledger."""
    return [
        {**claim_to_dict(claim), "checks": [check.name for check in ledger.checks[claim.id]]}
        for claim in ledger.claims.values()
    ]


def _clause_to_dict(claim: Claim, clause: Clause) -> Facts:
    """The statement of a clause; the assumptions and dependencies of a claim are those of each of its clauses."""
    return {
        "name": clause.name,
        "kind": clause.kind,
        "words": clause.sentence,
        "statement_latex": _clause_latex(clause),
        "range": {str(symbol): str(r) for symbol, r in clause.over.items()},
        "quantities": [one.meaning for one in named_in(clause.formula)],
        "assumptions": [*claim.setting, *(one.says for one in clause.assumes)],
        "depends_on": [*claim.depends_on, *clause.depends_on],
        "registration": None,
        "axioms": None,
    }


def statement_latex(claim: Claim) -> str:
    """The whole statement in LaTeX's mathematics mode, clause after clause."""
    return r";\quad ".join(_clause_latex(clause) for clause in claim.clauses)


def _clause_latex(clause: Clause) -> str:
    return clause.latex() or "".join(
        part if is_math else rf"\text{{{part}}}" for part, is_math in parts(clause.sentence) if part
    )


def _result_to_dict(result: Result, formal: FormalResult | str) -> Facts:
    stated = claim_to_dict(result.claim)
    evidence = [_evidence_to_dict(line) for line in result.evidence]
    return {
        **stated,
        "clauses": [
            {
                **clause,
                "needs": _needs(result.evidence, clause["name"]),
                "standing": _standing_to_dict(result.clauses[clause["name"]]),
                **_theorem_to_dict(result.claim.id, clause["name"], formal),
                "evidence": [line for line in evidence if clause["name"] in line["clauses"]],
            }
            for clause in stated["clauses"]
        ],
        "standing": _standing_to_dict(result.standing),
        "evidence": evidence,
    }


def _theorem_to_dict(claim: str, clause: str, formal: FormalResult | str) -> Facts:
    """The theorems on a clause, and the axioms of the one that states it; both are empty if Rocq was not run."""
    theorems = formal.of(claim, clause) if isinstance(formal, FormalResult) else ()
    states = [one for one in theorems if one.of_clause and one.accepted]
    shown = [{"name": one.name, "law": one.law, "accepted": one.accepted, "says": one.says} for one in theorems]
    statements = [{**facts, "statement": list(one.statement)} for facts, one in zip(shown, theorems, strict=True)]
    return {"axioms": list(states[0].axioms) if states else None, "theorems": statements}


def _formal_to_dict(formal: FormalResult | str) -> Facts:
    """The result of Rocq on the development as a whole."""
    if isinstance(formal, str):
        return {"level": "not run", "reason": formal}
    links = formal.links
    return {
        "level": "formal",
        "rocq": formal.rocq,
        "seconds": dict(formal.seconds),
        "theorems": len(formal.theorems),
        "accepted": sum(one.accepted for one in formal.theorems),
        "problems": list(formal.problems),
        "links": {"total": links.total, "rational": links.rational, "confirmed": links.confirmed},
    }


def _needs(evidence: Sequence[Evidence], clause: str) -> list[Facts]:
    """Whether a clause needs each of its assumptions, with the instance that shows it."""
    return [asdict(need) for line in evidence if clause in line.clauses for need in line.needs]


def _standing_to_dict(standing: Standing) -> Facts:
    return {"outcome": standing.outcome, "level": standing.level, "limited_by": standing.limited_by}


def _tables_of(claim: str, tables: Mapping[ClaimTable, Table]) -> Facts:
    own = [{"name": one.name, **table.to_dict()} for one, table in tables.items() if one.claim == claim]
    return {"tables": own} if own else {}


def _evidence_to_dict(line: Evidence) -> Facts:
    facts = {**asdict(line), "clauses": list(line.clauses), "seconds": round(line.seconds, 4)}
    del facts["needs"], facts["axioms"]  # shown with the clause
    return facts
