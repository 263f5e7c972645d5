"""The table of verdicts counts what audits say."""

import importlib.util
from pathlib import Path

SCRIPT = Path(__file__).parent.parent / "docs" / "verdicts.py"
spec = importlib.util.spec_from_file_location("verdicts", SCRIPT)
assert spec is not None
assert spec.loader is not None
verdicts = importlib.util.module_from_spec(spec)
spec.loader.exec_module(verdicts)


def test_verdicts_are_counted_by_their_words():
    told = [("mixed", True, True, False), ("mixed", True, None, False), (None, True, False, False)]
    networks = [dict(zip(verdicts.COLUMNS, one, strict=True)) for one in told]
    assert verdicts.row(networks) == "3 | mixed 2, untold 1 | yes 3 | yes 1, untold 1, no 1 | no 3"
