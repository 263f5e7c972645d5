"""Writes the theory chapters from the ledger, so that the two agree: `python docs/chapters.py [CHAPTER ...]`."""

import sys
from pathlib import Path

from theory import activations, attack_norms, contrastive, gate, inheritance, purification
from theory.claims import Claim, Clause
from theory.derivation import Derivation, Proof
from theory.variants import near_miss

FOLDER = Path(__file__).parent / "theory"

CHAPTERS = {
    "gate": ("G. The gate screens noise", gate.CLAIMS),
    "purification": ("P. Purification in supervised pre-training", purification.CLAIMS),
    "contrastive": ("C. Purification in contrastive pre-training", contrastive.CLAIMS),
    "inheritance": ("D. Inheritance by clean downstream training", inheritance.CLAIMS),
    "attack_norms": ("N. Other attack norms", attack_norms.CLAIMS),
    "activations": ("A. Other activations", activations.CLAIMS),
}


def chapter(title: str, claims: tuple[Claim, ...]) -> str:
    """A chapter as Markdown: each claim with its assumptions, its clauses and the steps that lead to them."""
    note = "<!-- Written by docs/chapters.py from the ledger; edit the claims, not this file. -->"
    return "\n\n".join([note, f"# {title}", *(_claim(claim) for claim in claims)]) + "\n"


def _claim(claim: Claim) -> str:
    facts = [f"*{claim.kind.capitalize()}; {claim.source}.*"]
    if claim.depends_on:
        facts.append("Rests on " + ", ".join(claim.depends_on) + ".")
    assumptions = "\n".join(f"- {assumption}" for assumption in claim.assumptions)
    head = [f"## {claim.id}. {claim.title}", " ".join(facts), f"Assumptions:\n\n{assumptions}"]
    return "\n\n".join([*head, *(_clause(clause) for clause in claim.clauses)])


def _clause(clause: Clause) -> str:
    parts = [f"### {clause.name[:1].upper()}{clause.name[1:]}", clause.sentence]
    if clause.kind != "theorem":
        parts.append(f"*{clause.kind.capitalize()}.*")
    if clause.depends_on:
        parts.append("Rests on " + ", ".join(clause.depends_on) + ".")
    if clause.latex():
        parts.append(_display(clause.latex()))
    if clause.derive is not None:
        parts.append(_proof(clause.proof()))
    if clause.derive is not None:
        parts.append(f"*Control, false on the model:* {near_miss(clause).description}.")
    return "\n\n".join(parts)


def _proof(proof: Proof) -> str:
    chains = [*proof.lemmas, *proof.chains]
    return "**Derivation.**\n\n" + "\n\n".join(_chain(chain) for chain in chains)


def _chain(chain: Derivation) -> str:
    steps = [
        f"{number}. *{step.reason}* ({step.kind})\n\n   {_display(step.latex())}"
        for number, step in enumerate(chain.steps, start=1)
    ]
    return "\n\n".join(steps)


def _display(formula: str) -> str:
    return f"$$ {formula} $$"


def main(names: list[str]) -> None:
    """Write the chapters of these names, or every chapter where none is named."""
    FOLDER.mkdir(exist_ok=True)
    for name in names or CHAPTERS:
        (FOLDER / f"{name}.md").write_text(chapter(*CHAPTERS[name]))


if __name__ == "__main__":
    main(sys.argv[1:])
