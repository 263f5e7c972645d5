"""The rooms of `purecheck`: few, without circles, in short chains, and drawn as they are."""

import importlib
import re
from graphlib import CycleError
from pathlib import Path
from types import ModuleType

import pytest

from tests.scripts import load_script

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
NAMES = re.findall(r"`((?:theory|numerics|purecheck|gpu_experiments)(?:\.\w+)+)`", PAGE)
MOST_ROOMS, LONGEST_CHAIN = 22, 10

rooms = load_script("rooms")


def test_the_rooms_are_few_and_no_chain_of_imports_is_long():
    graph = rooms.rooms()
    assert len(graph) <= MOST_ROOMS
    assert len(rooms.longest_chain(graph)) <= LONGEST_CHAIN


def test_the_page_shows_the_rooms_as_they_are():
    assert rooms.picture(rooms.rooms()) in PAGE, "run `python docs/rooms.py --write`"


@pytest.mark.parametrize("name", sorted(set(NAMES)))
def test_every_step_of_a_path_on_the_page_exists(name):
    assert resolved(name) is not None


def test_each_path_has_steps():
    paths = PAGE.split("\n## The path of ")[1:]
    assert [path.split("\n", 1)[0] for path in paths] == ["a claim", "a seed", "a weights file", "an image"]
    assert all(len(re.findall(r"^\d+\. ", path, flags=re.MULTILINE)) >= 5 for path in paths)


def test_imports_inside_functions_count_and_circles_are_found(tmp_path):
    package = tmp_path / "house"
    (package / "cellar").mkdir(parents=True)
    (package / "cellar" / "wine.py").write_text("def drink():\n    from house import attic\n")
    (package / "attic.py").write_text("import os\n")
    (package / "__init__.py").write_text("from house import cellar\n")
    graph = rooms.rooms(package)
    assert graph == {"cellar": {"attic"}, "attic": frozenset()}
    assert rooms.longest_chain(graph) == ("cellar", "attic")
    (package / "attic.py").write_text("import house.cellar.wine\n")
    with pytest.raises(CycleError):
        rooms.levels(rooms.rooms(package))


def resolved(name: str) -> object:
    """What a dotted name stands for: the longest module in it, then attributes."""
    parts = name.split(".")
    found: object = importlib.import_module(parts[0])
    for place, part in enumerate(parts[1:], start=2):
        if not hasattr(found, part) and isinstance(found, ModuleType):
            importlib.import_module(".".join(parts[:place]))
        found = getattr(found, part)
    return found
