"""What the statistics say of each assumption on the features, by intervals and tests of a declared error rate."""

from __future__ import annotations

from dataclasses import dataclass

from gpu_experiments.sparse_coding.examination import Examination
from gpu_experiments.sparse_coding.intervals import Estimate
from gpu_experiments.sparse_coding.plan import SparseCodingPlan
from purecheck.evidence import Outcome


@dataclass(frozen=True)
class Statement:
    """An assumption in words, and what became of it.

    Equalities (fair signs, a constant amplitude, independent supports) can be refuted but never upheld by a sample:
    what is not refuted is undecided.
    """

    words: str
    outcome: Outcome


def statements(found: Examination, plan: SparseCodingPlan) -> dict[str, Statement]:
    """Return the statement on each assumption of the model, by name; each errs at most at the rate of `plan`."""
    codes, left = found.patches, f"{plan.residual:.0%}"
    return {
        "sparsity": Statement(
            f"patches need fewer coefficients than Gaussian ones to leave {left} of their energy", _above(found.saved)
        ),
        "symmetry": Statement("both signs of a coefficient are as likely", _unless_refuted(codes.unbalanced_atoms > 0)),
        "amplitude": Statement(
            "active coefficients of an atom have one size, but for noise",
            _unless_refuted(codes.amplitude_excess.low > 0),
        ),
        "independence": Statement(
            "atoms are active independently of each other", _unless_refuted(codes.dependent_pairs > 0)
        ),
    }


def _above(estimate: Estimate) -> Outcome:
    if estimate.low > 0:
        return Outcome.UPHELD
    return Outcome.REFUTED if estimate.high <= 0 else Outcome.UNDECIDED


def _unless_refuted(refuted: bool) -> Outcome:
    return Outcome.REFUTED if refuted else Outcome.UNDECIDED
