"""Sampled: a property that holds on Hypothesis examples drawn from the assumptions."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.strategies import SearchStrategy

from purecheck.runtime.context import Context
from purecheck.verdicts.check import Check, enough
from purecheck.verdicts.comparison import Comparison, judge, used_share
from purecheck.verdicts.evidence import Finding, Level, Outcome

S = TypeVar("S")


class _RefutedError(Exception):
    """Carries a counterexample through Hypothesis, which shrinks it."""


@dataclass(frozen=True, kw_only=True)
class Sampled(Check[S], Generic[S]):
    """Draws examples from the assumptions and compares what is computed with what the statement predicts.

    Attributes
    ----------
    examples
        Strategy that draws from the assumptions.
    compare
        The comparisons that a statement makes on one example; `hypothesis.assume` may reject the example.
    share
        Number of examples as a share of the profile's, at most one, for a property that is slow.
    """

    examples: SearchStrategy[Any]
    compare: Callable[[S, Any, Context], Iterable[Comparison]]
    share: float = 1.0

    def examine(self, statement: S, context: Context) -> Finding:
        """Upheld if all comparisons hold on the declared number of examples; refuted at the shrunk example."""
        declared = max(1, round(self.share * context.profile.examples))
        findings: list[Finding] = []

        @seed(int(context.streams.generator(f"hypothesis/{self.claim}/{self.name}").integers(2**63)))
        @settings(
            max_examples=declared,
            database=None,
            deadline=None,
            phases=(Phase.generate, Phase.shrink),
            suppress_health_check=list(HealthCheck),
            report_multiple_bugs=False,
            print_blob=False,
        )
        @given(self.examples)
        def property_holds(example: Any) -> None:
            finding = judge(self.compare(statement, example, context), Level.SAMPLED)
            if finding.outcome is Outcome.REFUTED:
                raise _RefutedError(finding.counterexample)
            findings.append(finding)

        try:
            property_holds()
        except _RefutedError as counterexample:
            return Finding(Outcome.REFUTED, Level.SAMPLED, len(findings) + 1, None, str(counterexample))
        return enough(_summary(findings), declared)


def _summary(findings: list[Finding]) -> Finding:
    """The finding on all examples: undecided if one is; an example without a comparison does not count."""
    undecided = [finding for finding in findings if finding.outcome is Outcome.UNDECIDED]
    if undecided:
        return Finding(Outcome.UNDECIDED, Level.SAMPLED, len(findings), None, undecided[0].counterexample)
    share = max((finding.share or 0.0 for finding in findings), default=0.0)
    decided = sum(finding.cases > 0 for finding in findings)
    return Finding(Outcome.UPHELD, Level.SAMPLED, decided, used_share(share), share=share)
