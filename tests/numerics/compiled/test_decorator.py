"""Code that is kept on disk serves again, but not after a change in what it may call."""

import importlib.util

import pytest

from numerics.compiled import decorator

SOURCE = """
from numerics.compiled.decorator import compiled

@compiled
def double(x):
    return x + x
"""


@pytest.fixture
def load(tmp_path):
    """Import the same source afresh, as another process would."""
    (tmp_path / "doubling.py").write_text(SOURCE)

    def fresh():
        spec = importlib.util.spec_from_file_location("doubling", tmp_path / "doubling.py")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        assert module.double(2.0) == 4.0
        return module.double.stats

    return fresh


def test_code_is_kept(load):
    load()
    assert not load().cache_misses


def test_a_change_in_the_shared_loops_renews_what_was_kept(load, monkeypatch):
    load()
    monkeypatch.setattr(decorator, "_sources", lambda: "another digest")
    assert not load().cache_hits
