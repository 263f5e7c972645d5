"""Whether patches of images are sparse codes, and how pure filters are in them; schema `purecheck-sparse-coding/1`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from purecheck.records.consistency import require, require_file_beside
from purecheck.records.run import Encoder, Objective, Scalar

SCHEMA = "purecheck-sparse-coding/1"


@dataclass(frozen=True)
class Sparsity:
    """How sparse the codes of held-out patches are, beside Gaussian patches of the same covariance.

    Attributes
    ----------
    active
        Mean number of non-zero coefficients a patch.
    explained_variance
        Share of the variance of held-out patches that the codes explain.
    explained_variance_gaussian
        The same for a dictionary fitted to Gaussian patches of the same covariance, coded with as many coefficients:
        what any data would give.
    """

    active: float
    explained_variance: float
    explained_variance_gaussian: float


@dataclass(frozen=True)
class Symmetry:
    """Signs of the coefficients: `|2 P(X_i > 0 | X_i != 0) - 1|`, mean and largest over atoms."""

    mean: float
    largest: float


@dataclass(frozen=True)
class Amplitude:
    """The size of non-zero coefficients.

    Attributes
    ----------
    variation
        Standard deviation over mean of `|X_i|` where `X_i` is not 0, mean over atoms: 0 for a constant amplitude, 0.76
        for a Gaussian, 1 for an exponential law.
    quantiles
        Level to quantile of `|X_i|` over its mean, over all atoms: `"0.05"`, `"0.5"`, ...
    """

    variation: float
    quantiles: Mapping[str, float]


@dataclass(frozen=True)
class Incoherence:
    """Inner products of different atoms, which have length 1: root mean square and largest absolute value."""

    rms: float
    largest: float


@dataclass(frozen=True)
class Participation:
    """Mean participation ratio of a network's filters in the dictionary, at least 1 each.

    Attributes
    ----------
    initial, clean, adversarial
        Before training, after clean and after adversarial pre-training from the same initial weights.
    """

    initial: float
    clean: float
    adversarial: float


@dataclass(frozen=True, kw_only=True)
class SparseCodingRecord:
    """What one dictionary, fitted to patches with one seed, says about them and about the filters of two networks.

    Attributes
    ----------
    dataset, provenance, profile
        As in a `RunRecord`.
    method
        How the dictionary was fitted and patches are coded, with the library.
    patch, dimension
        Side of a patch in pixels, and its dimension after whitening.
    atoms
        Size of the dictionary.
    patches
        Held-out patches behind every statistic.
    sparsity, symmetry, amplitude, incoherence
        Statistics of codes and dictionary.
    encoder, architecture, objective
        The networks whose filters were examined.
    participation
        Purity of their filters.
    seed
        Root seed of dictionary and networks.
    filters
        Name of an `.npz` file beside the record with `dictionary`, `clean` and `adversarial`, each
        `(n, channels, height, width)`, where there is one.
    cost, environment
        As in a `RunRecord`.
    details
        Further statistics by name, which no claim speaks of.
    """

    dataset: str
    provenance: Mapping[str, str]
    profile: str
    method: str
    patch: int
    dimension: int
    atoms: int
    patches: int
    sparsity: Sparsity
    symmetry: Symmetry
    amplitude: Amplitude
    incoherence: Incoherence
    encoder: Encoder
    architecture: Mapping[str, Scalar]
    objective: Objective
    participation: Participation
    seed: int
    cost: Mapping[str, float]
    environment: Mapping[str, Any]
    filters: str | None = None
    details: Mapping[str, float] = field(default_factory=dict)
    schema: str = field(default=SCHEMA, init=False)

    def __post_init__(self) -> None:
        active = self.sparsity.active
        require(0 < active <= self.atoms, f"sparsity.active is {active}", f"above 0 and at most {self.atoms} atoms")
        for name, value in vars(self.participation).items():
            is_ratio = 1 <= value <= self.atoms
            require(is_ratio, f"participation.{name} is {value}", f"between 1 and the number of atoms, {self.atoms}")
        if self.filters is not None:
            require_file_beside("filters", self.filters, ".npz")
