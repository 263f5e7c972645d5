"""F1 is upheld, and its check rejects the control."""

from purecheck.runs.ledger import with_further
from purecheck.runs.runner import run_checks
from purecheck.runtime.context import quick

from purecheck_pairs.f1 import CHECKS, CLAIMS


def test_the_claim_is_upheld_and_its_controls_rejected():
    run = run_checks(with_further(CLAIMS, CHECKS), ("F1",), quick())
    for evidence in run.results["F1"].evidence:
        assert evidence.outcome == "upheld", evidence.counterexample
        assert evidence.control.rejected
    assert run.is_as_claimed
