"""The Rocq sources: where they are, together with what is generated, and in which order they compile."""

import re
from collections.abc import Iterable, Mapping
from graphlib import TopologicalSorter
from hashlib import sha256
from importlib.resources import files

from theory.claims import Claim
from theory.formal.generated import generated

LOGICAL = "Purification"
"""Prefix of the modules in Rocq."""


def sources() -> dict[str, str]:
    """The tracked files by module name, in alphabetical order."""
    folder = files("theory.formal").joinpath("rocq")
    found = {entry.name.removesuffix(".v"): entry.read_text("utf-8") for entry in folder.iterdir() if _is_source(entry)}
    return dict(sorted(found.items()))


def _is_source(entry: object) -> bool:
    return getattr(entry, "name", "").endswith(".v")


def with_generated(tracked: Mapping[str, str], claims: Iterable[Claim]) -> dict[str, str]:
    """The tracked files and `Generated.v`, generated from the ledger.

    Raises
    ------
    theory.formal.names.NotExportedError
        If a side of a bound clause has no Rocq term.
    """
    return {**tracked, "Generated": generated(claims)}


def digest(texts: Mapping[str, str], axioms: Iterable[str]) -> str:
    """A hash of everything on which a result depends; it shows whether a result was produced from these sources."""
    found = sha256()
    for name, text in sorted(texts.items()):
        found.update(f"{name}\0{text}\0".encode())
    found.update("\0".join(sorted(axioms)).encode())
    return found.hexdigest()


def tracked_axioms() -> tuple[str, ...]:
    """The axioms that a proof may use, one on each line of `axioms.txt`, without comments after `#`."""
    lines = files("theory.formal").joinpath("axioms.txt").read_text("utf-8").splitlines()
    named = (line.split("#", 1)[0].strip() for line in lines)
    return tuple(name for name in named if name)


def without_comments(text: str) -> str:
    """Rocq text without its comments, which may be nested; strings are kept."""
    kept, depth = [], 0
    for piece in re.split(r'(\(\*|\*\)|"[^"]*")', text):
        depth += piece == "(*"
        if not depth:
            kept.append(piece)
        depth -= piece == "*)" and depth > 0
    return "".join(kept)


def required_by(text: str, modules: Iterable[str]) -> list[str]:
    """The modules of the development that a file requires."""
    known = set(modules)
    sentences = (sentence.split() for sentence in re.split(r"\.(?:\s|$)", without_comments(text)))
    return [name for words in sentences if words[:1] == ["Require"] for name in words[1:] if name in known]


def needed_by(name: str, texts: Mapping[str, str]) -> set[str]:
    """All modules of the development that a file requires, directly or indirectly."""
    found: set[str] = set()
    coming = required_by(texts[name], texts)
    while coming:
        one = coming.pop()
        if one not in found:
            found.add(one)
            coming += required_by(texts[one], texts)
    return found


def header(texts: Iterable[str]) -> str:
    """The first lines of a file that uses some modules of the development."""
    return (
        "From Coq Require Import Bool List ZArith Reals Lra Lia Psatz.\n"
        "From Coquelicot Require Import Coquelicot.\n"
        f"Require Import {' '.join(texts)}.\n"
        "Open Scope R_scope.\n"
    )


def compile_order(texts: Mapping[str, str]) -> tuple[str, ...]:
    """The modules in an order in which each comes after those that it requires."""
    return tuple(TopologicalSorter({name: required_by(text, texts) for name, text in texts.items()}).static_order())
