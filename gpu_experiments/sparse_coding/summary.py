"""What the studies of several seeds say together: means with Student's intervals, and outcomes counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np

from gpu_experiments.sparse_coding.intervals import Estimate
from gpu_experiments.sparse_coding.study import Study
from purecheck.records.estimates import over_seeds

Reading = Callable[[Study], float]

STATISTICS: tuple[tuple[str, Reading, Reading | None, str], ...] = (
    ("active atoms", lambda one: one.examination.patches.active.value, None, ""),
    ("active share", lambda one: one.examination.patches.share, None, ""),
    (
        "coefficients to the stated error",
        lambda one: one.examination.patches.coefficients.value,
        lambda one: one.examination.gaussian.coefficients.value,
        "Gaussian patches",
    ),
    (
        "explained variance",
        lambda one: one.examination.patches.explained,
        lambda one: one.examination.gaussian.explained,
        "Gaussian patches",
    ),
    (
        "excess kurtosis along atoms",
        lambda one: one.examination.patches.kurtosis,
        lambda one: one.examination.random_kurtosis,
        "random directions",
    ),
    (
        "imbalance of signs",
        lambda one: one.examination.patches.imbalance,
        lambda one: one.examination.patches.balanced,
        "fair signs",
    ),
    (
        "atoms with unfair signs",
        lambda one: one.examination.patches.unbalanced_atoms,
        lambda one: one.examination.gaussian.unbalanced_atoms,
        "Gaussian patches",
    ),
    (
        "variation of sizes",
        lambda one: one.examination.patches.variation.value,
        lambda one: one.examination.gaussian.variation.value,
        "Gaussian patches",
    ),
    (
        "variation of sizes",
        lambda one: one.examination.patches.variation.value,
        lambda one: one.examination.patches.noise_variation,
        "noise alone",
    ),
    (
        "pairs of dependent atoms",
        lambda one: one.examination.patches.dependent_pairs,
        lambda one: one.examination.gaussian.dependent_pairs,
        "Gaussian patches",
    ),
    (
        "dispersion of active atoms",
        lambda one: one.examination.patches.dispersion.value,
        lambda one: one.examination.gaussian.dispersion.value,
        "Gaussian patches",
    ),
    ("coherence, rms", lambda one: one.examination.coherence, lambda one: one.space.dimension**-0.5, "random atoms"),
    ("coherence, largest", lambda one: one.examination.largest_coherence, None, ""),
)
"""Name of a statistic, how to read it off a study, what it is compared with, and that in words."""


def over(studies: Sequence[Study], reading: Reading) -> Estimate:
    """Return the mean of `reading` over studies of one dictionary, one a seed, with Student's interval."""
    values = [reading(one) for one in studies]
    ends = over_seeds(values)
    return Estimate(float(np.mean(values)), ends.low, ends.high)


def participation(arm: str, name: str) -> Reading:
    """Return what reads `name`, a field of `FilterPurity`, of the filters of `arm`."""
    return lambda one: float(getattr(one.purity[arm], name))


def beyond(arm: str) -> Reading:
    """Return what reads by how much the filters of `arm` are purer than Gaussian ones with their second moments.

    Filters can get purer by leaving directions that few atoms lie in; this is what is left of it.
    """
    return lambda one: one.purity[arm].matched - one.purity[arm].mean


def gap(first: str, second: str) -> Reading:
    """Return what reads the participation ratio of the arm `first` less that of `second`."""
    return lambda one: one.purity[first].mean - one.purity[second].mean


def gap_beyond(first: str, second: str) -> Reading:
    """Return what reads `beyond` of the arm `second` less that of `first`: `gap` less what second moments explain."""
    return lambda one: beyond(second)(one) - beyond(first)(one)


def outcomes(studies: Sequence[Study], name: str) -> str:
    """Return what became of a statement over the seeds: `refuted 3`, `upheld 2, undecided 1`."""
    counts = Counter(str(one.statements[name].outcome) for one in studies)
    return ", ".join(f"{outcome} {count}" for outcome, count in sorted(counts.items()))
