"""Counts and draws the rooms of `purecheck`: `python docs/rooms.py` prints them, `--write` brings the page up to date.

A room is a folder or a module at the top of `purecheck`. Every import counts, wherever in a file it stands, so that an
import inside a function hides nothing. A room lies one level above the highest room that it imports.
"""

import ast
import sys
from collections.abc import Iterator, Mapping
from graphlib import TopologicalSorter
from pathlib import Path

PACKAGE = Path(__file__).parents[1] / "purecheck"
PAGE = Path(__file__).with_name("architecture.md")
BEGIN, END = "<!-- rooms: written by docs/rooms.py -->", "<!-- end of rooms -->"

Graph = Mapping[str, frozenset[str]]
"""Each room, and the rooms that it imports."""


def rooms(package: Path = PACKAGE) -> Graph:
    """The import graph of the rooms of `package`; the files `__init__` and `__main__` at its top are no rooms."""
    graph: dict[str, set[str]] = {}
    for path in sorted(package.rglob("*.py")):
        room = path.relative_to(package).parts[0].removesuffix(".py")
        if room not in ("__init__", "__main__"):
            graph.setdefault(room, set()).update(_imported(path, package.name))
    return {room: frozenset((below & graph.keys()) - {room}) for room, below in graph.items()}


def levels(graph: Graph) -> dict[str, int]:
    """The level of each room: 1 if it imports no other, else one above the highest room that it imports.

    Raises
    ------
    graphlib.CycleError
        If imports run in a circle.
    """
    found: dict[str, int] = {}
    for room in TopologicalSorter(graph).static_order():
        found[room] = 1 + max((found[below] for below in graph[room]), default=0)
    return found


def longest_chain(graph: Graph) -> tuple[str, ...]:
    """A longest chain of rooms each of which imports the next."""
    level = levels(graph)
    chain = [max(sorted(graph), key=lambda room: level[room])]
    while below := [room for room in sorted(graph[chain[-1]]) if level[room] == level[chain[-1]] - 1]:
        chain.append(below[0])
    return tuple(chain)


def picture(graph: Graph) -> str:
    """The rooms level by level, the highest first, and below them what each is and which rooms it imports."""
    level = levels(graph)
    drawn = [
        f"{height:>3}   " + "   ".join(room for room in sorted(graph) if level[room] == height)
        for height in range(max(level.values()), 0, -1)
    ]
    rows = [
        f"| `{room}` | {_purpose(room)} | {', '.join(f'`{below}`' for below in sorted(graph[room])) or 'none'} |"
        for room in sorted(graph, key=lambda room: (-level[room], room))
    ]
    chain = longest_chain(graph)
    total = f"{len(graph)} rooms. The longest chain of imports has {len(chain)}: {' → '.join(chain)}."
    table = ["| room | what it is for | rooms that it imports |", "|---|---|---|", *rows]
    return "\n".join([BEGIN, "", "```text", *drawn, "```", "", total, "", *table, "", END])


def updated(page: str, drawn: str) -> str:
    """`page` with the part between the marks replaced by `drawn`."""
    before, _, rest = page.partition(BEGIN)
    return before + drawn + rest.partition(END)[2]


def _purpose(room: str) -> str:
    """The first line of the room's docstring."""
    folder = PACKAGE / room
    path = folder / "__init__.py" if folder.is_dir() else folder.with_suffix(".py")
    return (ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "").split("\n", 1)[0]


def _imported(path: Path, package: str) -> Iterator[str]:
    """The rooms of `package` that a file imports."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names: list[str] = []
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        yield from (name.split(".")[1] for name in names if name.startswith(f"{package}."))


def main() -> None:
    """Print the picture, or write it into the page."""
    drawn = picture(rooms())
    if "--write" in sys.argv[1:]:
        PAGE.write_text(updated(PAGE.read_text(encoding="utf-8"), drawn), encoding="utf-8")
    else:
        print(drawn)


if __name__ == "__main__":
    main()
