"""R2's table: recorded statistics of dictionaries and codes, and the purity of filters in them."""

from collections.abc import Callable
from statistics import fmean

from purecheck.checks.r2_sparse_coding import Group, coherence, dictionaries
from purecheck.context import Context
from purecheck.records.estimates import FALSE_ALARM, over_seeds
from purecheck.records.sparse_coding import SparseCodingRecord
from purecheck.runner import Run
from purecheck.tables.cells import Cell, Estimate
from purecheck.tables.registry import ClaimTable, Table

_STATISTICS: dict[str, Callable[[SparseCodingRecord], float]] = {
    "active features a patch": lambda record: record.sparsity.active,
    "explained variance": lambda record: record.sparsity.explained_variance,
    "explained variance, Gaussian patches": lambda record: record.sparsity.explained_variance_gaussian,
    "imbalance of signs": lambda record: record.symmetry.mean,
    "spread of sizes": lambda record: record.amplitude.variation,
    "coherence over that of random directions": coherence,
    "features a filter, initial": lambda record: record.participation.initial,
    "features a filter, clean": lambda record: record.participation.clean,
    "features a filter, adversarial": lambda record: record.participation.adversarial,
}


def tabulate(context: Context, _run: Run) -> Table | None:
    """One row a setting; None where no dictionary was recorded."""
    groups = dictionaries(context.records).groups
    if not groups:
        return None
    return Table(
        title="Dictionaries fitted to patches, and filters in them",
        columns=("dataset", "encoder", "atoms", "seeds", "held-out patches", *_STATISTICS),
        rows=tuple(_row(group) for group in groups),
        note=f"{groups[0][0].method}. Means over seeds; Student's interval, which takes their law to be normal, misses "
        f"the mean at a rate of at most ${FALSE_ALARM:g}$. Explained variance: share of the variance of held-out "
        r"patches that codes explain. Imbalance: $|2 P(X_i > 0 \mid X_i \ne 0) - 1|$. Spread: standard deviation over "
        "mean of $|X_i|$ where it is not 0. Features a filter: participation ratio.",
        headings=2,
    )


def _row(group: Group) -> tuple[Cell, ...]:
    first = group[0]
    return (
        first.dataset,
        first.encoder,
        first.atoms,
        len(group),
        first.patches,
        *(_mean(group, statistic) for statistic in _STATISTICS.values()),
    )


def _mean(group: Group, statistic: Callable[[SparseCodingRecord], float]) -> Estimate:
    values = [statistic(record) for record in group]
    ends = over_seeds(values)
    return Estimate(fmean(values), ends.low, ends.high)


TABLE = ClaimTable("r2_sparse_coding", "R2", tabulate)
