"""The links of exact algebra of all derivations, checked by Rocq one by one."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from purecheck.enclosures.links import Link, links_of
from purecheck.formal.result import Links
from purecheck.formal.rocq import accepted
from theory.claims import Claim
from theory.derivation import StepError
from theory.formal.links import Lemma, NotRationalError, lemma_of

HEADER = "From Coq Require Import Reals.\nRequire Import Tactics.\nOpen Scope R_scope.\n"
SECONDS = 420
"""Time limit for all links together."""


def algebra_links(claims: Iterable[Claim]) -> list[tuple[str, Link]]:
    """Every link of exact algebra of every derivation that builds, with the clause to which it belongs."""
    found: list[tuple[str, Link]] = []
    for claim in claims:
        for clause in claim.clauses:
            if clause.derive is None:
                continue
            try:
                proof = clause.proof()
            except StepError:
                continue  # the derivation's own check says so
            where = f"{claim.id}/{clause.name}"
            found += [(where, link) for link in links_of(proof) if link.step.kind == "algebra"]
    return found


def confirm(links: Iterable[tuple[str, Link]], folder: Path) -> Links:
    """The result of Rocq on the links; `Tactics.v` must be compiled in `folder`."""
    listed = list(links)
    lemmas: dict[str, Lemma] = {}
    others: Counter[str] = Counter()
    rational: list[tuple[str, Link, str]] = []
    for where, link in listed:
        try:
            lemma = lemma_of(link.step.left, link.step.relation, link.step.right, link.box)
        except NotRationalError as reason:
            others[str(reason) if str(reason).startswith("a law of") else "no term in Rocq"] += 1
            continue
        lemmas.setdefault(lemma.statement, lemma)
        rational.append((where, link, lemma.statement))
    numbered = {f"link_{number}": lemma for number, lemma in enumerate(lemmas.values(), start=1)}
    closed_names = accepted({name: lemma.text(name) for name, lemma in numbered.items()}, HEADER, folder, SECONDS)
    closed = {numbered[name].statement for name in closed_names}
    missed = [_in_words(where, link) for where, link, statement in rational if statement not in closed]
    return Links(
        total=len(listed),
        rational=len(rational),
        confirmed=len(rational) - len(missed),
        lemmas=tuple(sorted(" ".join(statement.split()) for statement in closed)),
        open=tuple(dict.fromkeys(missed)),
        other=dict(sorted(others.items())),
    )


def _in_words(where: str, link: Link) -> str:
    return f"{where}: {link.step.reason}"
