"""The level `formal`: the standing of a clause by the theorems that the kernel accepted."""

from dataclasses import replace

import pytest

from purecheck.formal.result import NOT_RUN, FormalResult, Links, Theorem
from purecheck.methods.accepted import Accepted, accepted
from purecheck.verdicts.evidence import Level, Outcome
from purecheck.verdicts.standing import Standing, clause_standings
from tests.purecheck.small_ledger import claim, context
from tests.purecheck.test_ledger import line

CLAIM = claim("T1")
CHECK: Accepted = accepted(CLAIM, CLAIM.clause("sum"), "T1_sum")
THEOREM = Theorem(
    claim="T1",
    clause="sum",
    name="T1_sum",
    law="full",
    of_clause=True,
    accepted=True,
    problems=(),
    statement=("forall n, n = n",),
    says="Sums are sums.",
    assumptions=(),
    axioms=("an_axiom",),
    computed=(),
    mutation="sides off",
    rejected=True,
)


def standing(theorem: Theorem | None, *, problems: tuple[str, ...] = (), dependency: Level = Level.PROVED) -> Standing:
    """Where a clause that is proved stands, with what the kernel says; it rests on another that stands lower."""
    result: FormalResult | str = NOT_RUN
    if theorem is not None:
        result = FormalResult("0", "8.16.1", {}, problems, (theorem,), Links())
    found = CHECK.run(replace(context(), formal=result))
    above = replace(CLAIM, depends_on=("T0",))
    evidence = {"T0": [line(dependency)], "T1": [line(Level.PROVED), found]}
    return clause_standings([claim("T0"), above], evidence)["T1", "sum"]


def test_a_clause_that_the_kernel_accepted_is_formal() -> None:
    assert standing(THEOREM) == Standing(Outcome.UPHELD, Level.FORMAL, None)
    assert CHECK.run(replace(context(), formal=FormalResult("0", "8", {}, (), (THEOREM,), Links()))).axioms == (
        "an_axiom",
    )


def test_the_kernel_rests_on_definitions_and_no_weaker_clause_limits_it() -> None:
    assert standing(THEOREM, dependency=Level.SIMULATED).level is Level.FORMAL
    assert standing(None, dependency=Level.SIMULATED) == Standing(Outcome.UPHELD, Level.SIMULATED, "T0/sum")


@pytest.mark.parametrize("theorem", [None, replace(THEOREM, law="finite laws"), replace(THEOREM, name="T1_other")])
def test_where_it_was_not_run_or_covers_a_part_the_standing_is_left_alone(theorem: Theorem | None) -> None:
    assert standing(theorem) == Standing(Outcome.UPHELD, Level.PROVED, None)


def test_what_was_refused_leaves_the_clause_undecided() -> None:
    refused = replace(THEOREM, accepted=False, problems=("the kernel did not accept a proof of it",))
    assert standing(refused).outcome is Outcome.UNDECIDED
    assert standing(replace(refused, law="finite laws")).outcome is Outcome.UNDECIDED
    assert standing(THEOREM, problems=("Proofs.v: Admitted",)).outcome is Outcome.UNDECIDED


@pytest.mark.parametrize("law", ["full", "finite laws"])
@pytest.mark.parametrize("is_accepted", [True, False])
def test_an_accepted_theorem_counts_if_it_covers_every_law_and_a_refused_one_always(
    law: str, is_accepted: bool
) -> None:
    problems = () if is_accepted else ("the kernel did not accept a proof of it",)
    theorem = replace(THEOREM, law=law, accepted=is_accepted, problems=problems)
    found = CHECK.run(replace(context(), formal=FormalResult("0", "8.16.1", {}, (), (theorem,), Links())))
    assert found.counts is (law == "full" or not is_accepted)
    assert found.outcome is (Outcome.UPHELD if is_accepted else Outcome.UNDECIDED)


def test_what_was_not_run_does_not_count_and_has_no_control() -> None:
    other = FormalResult("0", "8.16.1", {}, (), (replace(THEOREM, name="T1_other"),), Links())
    for formal in (NOT_RUN, other):
        found = CHECK.run(replace(context(), formal=formal))
        assert (found.outcome, found.counts, found.control.rejected) == (Outcome.NOT_RUN, False, None)


def test_a_control_that_was_accepted_too_is_no_pass() -> None:
    void = replace(THEOREM, accepted=False, rejected=False, problems=("its control was accepted too",))
    assert standing(void).outcome is Outcome.UNDECIDED


def test_formal_is_the_strongest_level() -> None:
    assert min(Level, key=lambda level: level.rank) is Level.FORMAL
