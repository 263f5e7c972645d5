"""Every theorem of the kernel has a source, and a test in which it refuses a false instance."""

import ast
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import pytest

import tests.theory
import theory.theorems
from theory.derivation import THEOREMS

for _module in iter_modules(theory.theorems.__path__):
    import_module(f"theory.theorems.{_module.name}")


def _raises(node: ast.AST) -> bool:
    """Whether a node is a block in which a `StepError` is expected, or a function that is handed to such a test."""
    if isinstance(node, ast.With):
        return any("raises(StepError" in ast.unparse(item.context_expr) for item in node.items)
    return isinstance(node, ast.Lambda)


def _called(tree: ast.AST) -> set[str]:
    """Names of the functions that are called where an error is expected."""
    blocks = [node for node in ast.walk(tree) if _raises(node)]
    calls = [node for block in blocks for node in ast.walk(block) if isinstance(node, ast.Call)]
    return {call.func.id for call in calls if isinstance(call.func, ast.Name)}


REFUSED = {
    name
    for path in Path(tests.theory.__file__).parent.rglob("test_*.py")
    for name in _called(ast.parse(path.read_text(encoding="utf-8")))
}


@pytest.mark.parametrize("name", sorted(THEOREMS))
def test_a_false_instance_of_it_is_refused(name):
    assert name.rpartition(".")[2] in REFUSED


@pytest.mark.parametrize("name", sorted(THEOREMS))
def test_it_cites_author_title_and_place(name):
    author, *rest = THEOREMS[name].split(", ")
    assert author
    assert len(rest) >= 2
