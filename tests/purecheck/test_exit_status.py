"""The exit status of `purecheck check`, for each kind of clause, each outcome, and claims named or not."""

from itertools import product

import pytest

from purecheck.cli import main
from purecheck.methods.enumerated import Enumerated
from purecheck.runs.ledger import bind
from purecheck.verdicts.evidence import Finding, Outcome
from tests.purecheck.small_ledger import check, claim

KINDS = ("theorem", "open question", "conjecture")
SETTINGS = {
    Outcome.UPHELD: {},
    Outcome.REFUTED: {"says": 2, "control": 3},
    Outcome.UNDECIDED: {"declared": 9},
    Outcome.VOID: {"control": 1},
}


class NotRun(Enumerated[int]):
    """A check for which there is nothing to examine."""

    def examine(self, statement, context):
        """Not run."""
        return Finding(Outcome.NOT_RUN, None, 0, None, "nothing was recorded")


def made(outcome):
    return NotRun(**vars(check("T1"))) if outcome is Outcome.NOT_RUN else check("T1", **SETTINGS[outcome])


@pytest.mark.parametrize(("kind", "outcome"), [*product(KINDS, (*SETTINGS, Outcome.NOT_RUN))])
def test_the_status_follows_from_kind_and_outcome(capsys, kind, outcome):
    answers = (Outcome.UPHELD,) if kind == "theorem" else (Outcome.UPHELD, Outcome.REFUTED)
    book = bind([claim("T1", of=kind)], [made(outcome)])
    named = 0 if outcome in answers else 1
    unnamed = 0 if outcome is Outcome.NOT_RUN else named
    assert main(["check", "T1"], obj=book) == named
    assert main(["check"], obj=book) == unnamed
    assert outcome in capsys.readouterr().out
