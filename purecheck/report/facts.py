"""The facts of a run as plain data: `purecheck-report/1`."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from importlib.resources import files
from typing import Any

from purecheck.evidence import Evidence
from purecheck.report.mathematics import parts
from purecheck.runner import Result, Run
from purecheck.tables.registry import ClaimTable, Table
from theory.claims import Claim, Clause

SCHEMA = "purecheck-report/1"

Facts = dict[str, Any]


def report_schema() -> Facts:
    """The JSON Schema of `purecheck-report/1`, as it ships with the package."""
    loaded: Facts = json.loads(files("purecheck.report").joinpath("report.schema.json").read_text("utf-8"))
    return loaded


def report_facts(run: Run, tables: Mapping[ClaimTable, Table] | None = None) -> Facts:
    """Everything that a run found, ready for JSON.

    Parameters
    ----------
    run
        What was found.
    tables
        The tables computed from it; a claim without one has no field for them.
    """
    return {
        "schema": SCHEMA,
        "environment": asdict(run.environment),
        "claims": [
            _result_facts(result) | _tables_of(identifier, tables or {}) for identifier, result in run.results.items()
        ],
    }


def claim_facts(claim: Claim) -> Facts:
    """What a claim states, before anything was checked."""
    return {
        "id": claim.id,
        "title": claim.title,
        "statement_latex": statement_latex(claim),
        "clauses": [
            {"name": clause.name, "words": clause.sentence, "latex": clause.latex()} for clause in claim.clauses
        ],
        "assumptions": list(claim.assumptions),
        "source": claim.source,
        "kind": claim.kind,
        "depends_on": list(claim.depends_on),
    }


def statement_latex(claim: Claim) -> str:
    """The whole statement in LaTeX's mathematics mode: the clauses one after another."""
    return r";\quad ".join(_clause_latex(clause) for clause in claim.clauses)


def _clause_latex(clause: Clause) -> str:
    return clause.latex() or "".join(
        part if is_math else rf"\text{{{part}}}" for part, is_math in parts(clause.sentence) if part
    )


def _result_facts(result: Result) -> Facts:
    standing = result.standing
    return {
        **claim_facts(result.claim),
        "standing": {"outcome": standing.outcome, "level": standing.level, "limited_by": standing.limited_by},
        "evidence": [_evidence_facts(line) for line in result.evidence],
    }


def _tables_of(claim: str, tables: Mapping[ClaimTable, Table]) -> Facts:
    own = [{"name": one.name, **table.facts()} for one, table in tables.items() if one.claim == claim]
    return {"tables": own} if own else {}


def _evidence_facts(line: Evidence) -> Facts:
    return {**asdict(line), "clauses": list(line.clauses), "seconds": round(line.seconds, 4)}
