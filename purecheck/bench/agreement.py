"""Whether a contestant computes the right numbers: a benchmark of wrong code is worthless."""

from collections.abc import Mapping

import numpy as np

from purecheck.bench.contestant import Computed
from purecheck.bench.step_bounds import Uncertain


class DisagreementError(RuntimeError):
    """A contestant computes something other than the case requires."""


def expect_agreement(name: str, outcome: Computed, expected: Mapping[str, Uncertain]) -> None:
    """Compare every array of `outcome` with what is expected, entry by entry.

    Raises
    ------
    DisagreementError
        If an entry lies outside its bound, or is not a number.
    """
    for part, truth in expected.items():
        found = np.asarray(outcome[part], dtype=np.float64)
        excess = np.abs(found - truth.value) - truth.error
        if not np.all(excess <= 0):
            at = np.unravel_index(int(np.argmax(np.where(np.isnan(excess), np.inf, excess))), excess.shape)
            raise DisagreementError(
                f"{name} computes {part}[{', '.join(map(str, at))}] = {found[at]:.9g}; "
                f"expected {truth.value[at]:.9g} within {truth.error[at]:.2g}"
            )
