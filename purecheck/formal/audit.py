"""The verdict of the kernel on each theorem: whether it is proved, with which axioms, and whether a control is not."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from sympy import Rational

from purecheck.formal.rocq import said
from purecheck.formal.sources import without_comments
from purecheck.formal.statements import Statement
from theory.claims import Clause
from theory.formal.bindings import Binding
from theory.formal.generated import side_definition, side_name

_OFF = Rational(101, 100)
"""Factor by which the sides of a control are wrong; a side that is zero becomes a hundredth."""
_SWAPPED = {">=": "<", "<=": ">", ">": "<=", "<": ">=", "=": "<>"}


@dataclass(frozen=True)
class Audited:
    """The verdict of the kernel on one theorem.

    Attributes
    ----------
    proved
        Whether there is a theorem whose type is the statement.
    axioms
        The axioms that it uses beyond the rules of the calculus.
    unfolded
        The statement as Rocq prints it, with the sides that come from the clause written out.
    mutation
        A description of the change for the control.
    rejected
        Whether the kernel refused the same proof for the changed statement.
    """

    proved: bool
    axioms: tuple[str, ...] = ()
    unfolded: str = ""
    mutation: str = ""
    rejected: bool | None = None


def audit(bound: Iterable[tuple[Binding, Clause, Statement]], header: str, folder: Path) -> dict[str, Audited]:
    """The verdict of the kernel on every bound theorem, by its name; the development is compiled in `folder`."""
    cases = list(bound)
    for old in folder.glob("audit_*.out"):
        old.unlink()
    said(f"{header}Set Printing Width 110.\n" + "\n".join(_commands(*case) for case in cases), folder, 300)
    return {binding.theorem: _read(binding, clause, statement, folder) for binding, clause, statement in cases}


def _commands(binding: Binding, clause: Clause, statement: Statement) -> str:
    name = binding.theorem
    sides = [side_name(clause, binding.claim, side, binding) for side in binding.sides]
    unfold = f"Eval cbv beta delta [{' '.join([name, *dict.fromkeys(sides)])}] in {name}"
    definitions, changed, _ = control(binding, clause, statement)
    return "\n".join(
        [
            f"Definition audited_{name} : {name} := {binding.proof}.",
            f'Redirect "audit_proved_{name}" Check audited_{name}.',
            f'Redirect "audit_axioms_{name}" Print Assumptions audited_{name}.',
            f'Redirect "audit_unfolded_{name}" {unfold}.',
            *definitions,
            f"Definition changed_{name} : Prop := {changed}.",
            f'Redirect "audit_changed_{name}" Check changed_{name}.',
            f"Timeout 20 Definition wrong_{name} : changed_{name} := {binding.proof}.",
            f'Redirect "audit_wrong_{name}" Check wrong_{name}.',
        ]
    )


def control(binding: Binding, clause: Clause, statement: Statement) -> tuple[list[str], str, str]:
    """A false variant of a statement: the definitions that it needs, the proposition, and what was changed."""
    if binding.sides:
        definitions, renamed = [], {}
        for side in binding.sides:
            name = side_name(clause, binding.claim, side, binding)
            renamed[name] = f"changed_{binding.theorem}_{side}"
            text = side_definition(binding, clause, side, factor=_OFF)
            definitions.append(text.replace(f"Definition {name}", f"Definition {renamed[name]}", 1))
        return definitions, statement.renamed(renamed), "sides off by a factor of 101/100"
    body = statement.body
    found = list(re.finditer(r" (<=|>=|<|>|=) ", body.replace("=>", "  ")))
    last = found[-1]
    swapped = f"{body[: last.start(1)]}{_SWAPPED[last.group(1)]}{body[last.end(1) :]}"
    return [], swapped, f"{last.group(1)} turned into {_SWAPPED[last.group(1)]}"


def _read(binding: Binding, clause: Clause, statement: Statement, folder: Path) -> Audited:
    def printed(kind: str) -> str | None:
        # A command that fails leaves an empty file.
        path = folder / f"audit_{kind}_{binding.theorem}.out"
        return path.read_text("utf-8") or None if path.exists() else None

    mutation = control(binding, clause, statement)[2]
    unfolded = re.sub(r"^\s*=\s*|\s*:\s*Prop\s*$", "", printed("unfolded") or "")
    changed, wrong = printed("changed"), printed("wrong")
    if printed("proved") is None:
        return Audited(False, (), unfolded, mutation, None)
    rejected = None if changed is None else wrong is None
    return Audited(True, axioms_in(printed("axioms") or ""), unfolded, mutation, rejected)


def axioms_in(printed: str) -> tuple[str, ...]:
    """The names of the axioms in the output of `Print Assumptions`."""
    if "Axioms:" not in printed:
        return ()
    return tuple(re.findall(r"^([A-Za-z_][\w.']*)(?=\s*:|\s*$)", printed.partition("Axioms:")[2], re.MULTILINE))


_FORBIDDEN = (
    *("Admitted", "admit", "Axiom", "Axioms", "Conjecture", "Conjectures", "give_up"),
    *("Unset Guard Checking", "Unset Positivity Checking", "Unset Universe Checking", "bypass_check", "Type-in-Type"),
)
"""Words that no file may contain: they make Rocq accept something without a proof."""
_DECLARED = re.compile(r"^\s*(?:Parameter|Parameters|Hypothesis|Hypotheses|Variable|Variables|Context)\b", re.MULTILINE)


def unproved(texts: Mapping[str, str]) -> list[str]:
    """The places where the sources contain something that Rocq accepts without a proof, as `FILE: what`."""
    found: list[str] = []
    for name, text in texts.items():
        plain = without_comments(text)
        found += [f"{name}.v: {word}" for word in _FORBIDDEN if re.search(rf"(?<![\w']){word}(?![\w'])", plain)]
        outside = re.sub(r"^\s*Module Type\b.*?^\s*End\b", "", plain, flags=re.MULTILINE | re.DOTALL)
        if not re.search(r"^\s*Section\b", outside, re.MULTILINE):
            found += [f"{name}.v: {match.group().strip()}" for match in _DECLARED.finditer(outside)]
    return found
