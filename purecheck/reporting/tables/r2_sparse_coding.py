"""The table of R2: recorded statistics of dictionaries, codes and filters, each with a reference without structure."""

from collections.abc import Callable, Iterator, Sequence
from statistics import fmean

from purecheck.checks.recorded import Group, dictionaries
from purecheck.records.estimates import FALSE_ALARM, over_seeds
from purecheck.records.sparse_coding import Participation, SparseCodingRecord
from purecheck.reporting.tables.cells import Cell, Estimate
from purecheck.reporting.tables.registry import ClaimTable, Table
from purecheck.runtime.context import Context

Statistic = Callable[[SparseCodingRecord], float]
Line = tuple[str, Statistic, Statistic | None, str]
"""Name of a statistic, its reader, the reader of its reference if there is one, and a description of the reference."""

COLUMNS = ("statistic", "patches or filters", "reference", "meaning of the reference")
_GAUSSIAN, _MATCHED = "Gaussian patches coded the same way", "Gaussian filters, same second moments"


_CODES: tuple[Line, ...] = (
    ("active features per patch", lambda one: one.sparsity.active, None, ""),
    (
        "variance explained by as many coefficients",
        lambda one: one.sparsity.explained_variance,
        lambda one: one.sparsity.explained_variance_gaussian,
        _GAUSSIAN,
    ),
    (
        "coefficients to the stated error",
        lambda one: one.sparsity.coefficients,
        lambda one: one.sparsity.coefficients_gaussian,
        _GAUSSIAN,
    ),
    (
        "excess kurtosis along atoms",
        lambda one: one.sparsity.kurtosis,
        lambda one: one.sparsity.kurtosis_random,
        "random directions",
    ),
    ("imbalance of signs", lambda one: one.symmetry.mean, lambda one: one.symmetry.balanced, "fair signs"),
    ("atoms with unfair signs, share", lambda one: one.symmetry.unbalanced_atoms, None, ""),
    (
        "variation of sizes",
        lambda one: one.amplitude.variation,
        lambda one: one.amplitude.variation_gaussian,
        _GAUSSIAN,
    ),
    (
        "variation of sizes",
        lambda one: one.amplitude.variation,
        lambda one: one.amplitude.noise_variation,
        "constant amplitude, noise",
    ),
    (
        "dispersion of active features",
        lambda one: one.dependence.dispersion,
        lambda one: one.dependence.dispersion_gaussian,
        _GAUSSIAN,
    ),
    (
        "dependent pairs, share",
        lambda one: one.dependence.dependent_pairs,
        lambda one: one.dependence.dependent_pairs_gaussian,
        _GAUSSIAN,
    ),
    ("coherence", lambda one: one.incoherence.rms, lambda one: one.dimension**-0.5, "random directions"),
)


def _of_filters() -> Iterator[Line]:
    for arm in ("initial", "clean", "adversarial"):
        for reference, words in (("matched", _MATCHED), ("rotated", "the same filters, rotated at random")):
            yield f"features per filter, {arm}", _participation(arm, "mean"), _participation(arm, reference), words
    yield "decrease from clean to adversarial", _fall("mean"), _fall("matched"), _MATCHED


def _participation(arm: str, name: str) -> Statistic:
    def read(record: SparseCodingRecord) -> float:
        found: Participation = getattr(record.participation, arm)
        return float(getattr(found, name))

    return read


def _fall(name: str) -> Statistic:
    clean, adversarial = _participation("clean", name), _participation("adversarial", name)
    return lambda record: clean(record) - adversarial(record)


LINES: tuple[Line, ...] = (*_CODES, *_of_filters())


def tabulate(context: Context) -> Table | None:
    """A table with one row for each setting and statistic; None if no dictionary was recorded."""
    groups = dictionaries(context.records)
    if not groups:
        return None
    return Table(
        title="Dictionaries fitted to patches, and filters in them",
        columns=("dataset", "encoder", "dictionary", "atoms", "seeds", "held-out patches", *COLUMNS),
        rows=tuple(row for group in groups for row in _rows(group)),
        note=_note(groups),
        headings=3,
    )


def lines_of(group: Group) -> Iterator[tuple[str, Estimate, Estimate | None, str]]:
    """Every statistic of one dictionary over its seeds, with its reference and the description of that."""
    for name, statistic, reference, words in LINES:
        yield name, _mean(group, statistic), None if reference is None else _mean(group, reference), words


def _rows(group: Group) -> Iterator[tuple[Cell, ...]]:
    first = group[0]
    for cells in lines_of(group):
        yield (first.dataset, first.encoder, first.dictionary, first.atoms, len(group), first.patches, *cells)


def _note(groups: Sequence[Group]) -> str:
    record = groups[0][0]
    kinds = {group[0].dictionary.capitalize(): group[0].method for group in groups}
    methods = " ".join(f"{kind}: {method}." for kind, method in kinds.items())
    return (
        f"{methods} Means over seeds; Student's interval, which assumes that their law is normal, fails at a rate of "
        f"at most ${FALSE_ALARM:g}$. Stated error: {record.sparsity.residual:.0%} of a patch's energy. "
        r"Imbalance: $|2 P(X_i > 0 \mid X_i \ne 0) - 1|$. Variation: standard deviation over mean of $|X_i|$ where it "
        "is not 0. Dispersion: variance of the number of active features over that of independent ones. Shares of "
        "atoms and pairs: those for which a test rejects fair signs or independence; together the tests err at a rate "
        f"of ${record.false_alarm:g}$. Coherence: root mean square of inner products of atoms. Features per filter: "
        "participation ratio."
    )


def _mean(group: Group, statistic: Callable[[SparseCodingRecord], float]) -> Estimate:
    values = [statistic(record) for record in group]
    ends = over_seeds(values)
    return Estimate(fmean(values), ends.low, ends.high)


TABLE = ClaimTable("r2_sparse_coding", "R2", tabulate)
