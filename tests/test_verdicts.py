"""The table of verdicts counts what audits say."""

from tests.scripts import load_script

verdicts = load_script("verdicts")


def test_verdicts_are_counted_by_their_words():
    audits = [("mixed", True, True, False), ("mixed", True, None, False), (None, True, False, False)]
    networks = [dict(zip(verdicts.COLUMNS, one, strict=True)) for one in audits]
    assert verdicts.row(networks) == "3 | mixed 2, untold 1 | yes 3 | yes 1, untold 1, no 1 | no 3"
