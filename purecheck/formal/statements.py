"""The statements of the development, read from their files: what each assumes and what it concludes."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Statement:
    """One definition `Definition NAME : Prop := ...`.

    Attributes
    ----------
    name
        The name in the file.
    says
        The comment before it, in plain words.
    binders
        The variables over which it quantifies, as written in the file.
    hypotheses, conclusion
        What it assumes, in order, and what it concludes.
    """

    name: str
    says: str
    binders: str
    hypotheses: tuple[str, ...]
    conclusion: str

    @property
    def body(self) -> str:
        """The whole proposition."""
        return _joined(self.binders, (*self.hypotheses, self.conclusion))

    def renamed(self, names: Mapping[str, str]) -> str:
        """The proposition with some of its identifiers replaced."""
        return re.sub(r"[A-Za-z_][\w']*", lambda word: names.get(word.group(), word.group()), self.body)

    def mentions(self, identifier: str) -> bool:
        """Whether an identifier occurs in the statement."""
        return re.search(rf"(?<![\w'.]){re.escape(identifier)}(?![\w'])", self.body) is not None


def _joined(binders: str, parts: tuple[str, ...]) -> str:
    body = " -> ".join(f"({part})" if "forall" in part or "exists" in part else part for part in parts)
    return f"forall {binders}, {body}" if binders else body


def statements(text: str) -> dict[str, Statement]:
    """The statements in a file, by name."""
    found = re.finditer(
        r"\(\*\*\s*((?:(?!\*\)).)*?)\s*\*\)\s*Definition\s+([\w']+)\s*:\s*Prop\s*:=\s*(.*?)\.(?=\s*(?:\(\*|Definition|$))",
        text,
        re.DOTALL,
    )
    return {name: _statement(name, _plain(says), _plain(body)) for says, name, body in (m.groups() for m in found)}


def _plain(text: str) -> str:
    return " ".join(text.split())


def _statement(name: str, says: str, body: str) -> Statement:
    binders: list[str] = []
    while body.startswith("forall "):
        place = next(_at_top(body, ","))
        binders.append(body.removeprefix("forall ")[: place - len("forall ")])
        body = body[place + 1 :].strip()
    hypotheses: list[str] = []
    for place in list(_at_top(body, "->")):
        start = sum(len(part) for part in hypotheses)
        part = body[start:place]
        if re.search(r"\b(forall|exists|let)\b", _top_level(part)):
            break
        hypotheses.append(body[start : place + 2])
    rest = body[sum(len(part) for part in hypotheses) :].strip()
    return Statement(name, says, " ".join(binders), tuple(part.removesuffix("->").strip() for part in hypotheses), rest)


def _at_top(text: str, token: str) -> Iterator[int]:
    """The positions of a token outside of all parentheses."""
    depth = 0
    for place, character in enumerate(text):
        depth += (character in "([{") - (character in ")]}")
        if depth == 0 and text.startswith(token, place) and text[max(place - 1, 0)] != "<":
            yield place


def _top_level(text: str) -> str:
    """The part of a text that is outside of all parentheses."""
    depth, kept = 0, []
    for character in text:
        depth += character in "([{"
        if depth == 0:
            kept.append(character)
        depth -= character in ")]}"
    return "".join(kept)


def arguments_of(statement: Statement, name: str) -> tuple[str, ...] | None:
    """The arguments of the first application of a definition in a statement; None if it is not applied."""
    match = re.search(rf"(?<![\w'.]){re.escape(name)}(?![\w'])", statement.conclusion)
    if match is None:
        return None
    found, rest = [], statement.conclusion[match.end() :]
    while argument := re.match(r"\s*([A-Za-z_][\w']*(?:%nat)?|\d+(?:%nat)?|\()", rest):
        text = argument.group(1)
        if text == "(":
            start = rest.index("(")
            depth = 0
            for place in range(start, len(rest)):
                depth += (rest[place] == "(") - (rest[place] == ")")
                if depth == 0:
                    break
            found.append(rest[start : place + 1])
            rest = rest[place + 1 :]
        else:
            found.append(text)
            rest = rest[argument.end() :]
    return tuple(found)


_PREDICATES = ("largest", "least", "is_lub", "is_derive", "same")
"""Predicates by which a statement may define a quantity, in place of an equation with the side."""


def relation_before(statement: Statement, side: str) -> str | None:
    """The relation before a side in a statement; `=` for a predicate that defines the quantity."""
    match = re.search(rf"(?<![\w'.]){re.escape(side)}(?![\w'])", statement.conclusion)
    if match is None:
        return None
    before = _without_arrows(statement.conclusion[: match.start()])
    found = re.findall(rf"<=|>=|<>|<|>|=|\b(?:{'|'.join(_PREDICATES)})\b", before)
    return None if not found else "=" if found[-1] in _PREDICATES else found[-1]


def _without_arrows(text: str) -> str:
    """The text with its arrows removed, so that no remaining sign is part of one."""
    return re.sub(r"<->|->|=>", " ", text)


def relation_after(statement: Statement, side: str) -> str | None:
    """The relation after a side that is on the left in a statement."""
    match = re.search(rf"(?<![\w'.]){re.escape(side)}(?![\w'])", statement.conclusion)
    if match is None:
        return None
    found = re.search(r"<=|>=|<>|<|>|=", _without_arrows(statement.conclusion[match.end() :]))
    return found.group() if found else None
