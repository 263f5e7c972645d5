"""Statements of claims for a paper, and the entries that cite them."""

import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from importlib.metadata import version
from typing import Any

from purecheck.reporting.mathematics import parts

TITLE = "purecheck: a verification suite for the theory of feature purification by adversarial pre-training"
PAPER = "Better Representations via Adversarial Training in Pre-Training: A Theoretical Perspective"
AUTHORS = ("Xing, Yue", "Lin, Xiaofeng", "Song, Qifan", "Xu, Yi", "Zeng, Belinda", "Cheng, Guang")
ARXIV = "2401.15248"
YEAR = 2024

_SPECIAL = re.compile(r"[&%#_{}]")

Facts = dict[str, Any]


def ledger_version(claims: Sequence[Facts]) -> str:
    """The version of the suite and of what all its claims state: the same words give the same version."""
    digest = hashlib.sha256(json.dumps(claims, sort_keys=True).encode()).hexdigest()[:12]
    return f"{version('purecheck')}, ledger {digest}"


def as_latex(claims: Iterable[Facts], of: str) -> str:
    """Each claim as a theorem whose items are its clauses, for a paper that loads amsmath and amssymb.

    Parameters
    ----------
    claims
        What the claims state, as `purecheck claims --json` prints it.
    of
        The version of the ledger, from `ledger_version`.
    """
    lines = [f"% purecheck {of}", r"% needs amsmath, amssymb and \newtheorem{claim}{Claim}"]
    for claim in claims:
        lines += [rf"\begin{{claim}}[{claim['id']}: {_typeset(claim['title'])}]\label{{claim:{claim['id']}}}"]
        lines += [r"  Assume:", r"  \begin{itemize}"] if claim["assumptions"] else []
        lines += [rf"    \item {_typeset(one)}" for one in claim["assumptions"]]
        lines += [r"  \end{itemize}"] if claim["assumptions"] else []
        lines += [r"  Then:", r"  \begin{enumerate}"]
        lines += [
            rf"    \item \emph{{({clause['kind']}: {_typeset(clause['name'])})}} {_typeset(clause['words'])}"
            for clause in claim["clauses"]
        ]
        lines += [r"  \end{enumerate}", r"\end{claim}", ""]
    return "\n".join(lines)


def as_bibtex(claims: Sequence[Facts], of: str) -> str:
    """The entries of the suite, with the version of the ledger, and of the paper; parameters as in `as_latex`."""
    named = f"Claims {', '.join(claim['id'] for claim in claims)}"
    return (
        "@software{purecheck,\n"
        f"  title = {{{{{TITLE}}}}},\n"
        "  author = {{The purecheck developers}},\n"
        f"  version = {{{of}}},\n"
        f"  note = {{{named}}}\n"
        "}\n\n"
        f"@misc{{xing{YEAR}better,\n"
        f"  title = {{{{{PAPER}}}}},\n"
        f"  author = {{{' and '.join(AUTHORS)}}},\n"
        f"  year = {{{YEAR}}},\n"
        f"  eprint = {{{ARXIV}}},\n"
        "  archivePrefix = {arXiv}\n"
        "}\n"
    )


def _typeset(prose: str) -> str:
    """Prose with the characters escaped that LaTeX would interpret outside of mathematics."""
    return "".join(f"${part}$" if is_math else _SPECIAL.sub(r"\\\g<0>", part) for part, is_math in parts(prose) if part)
