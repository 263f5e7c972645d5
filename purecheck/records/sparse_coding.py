"""Whether patches of images are sparse codes, and how pure filters are in them; schema `purecheck-sparse-coding/1`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from purecheck.records.consistency import require, require_file_beside
from purecheck.records.fields import (
    Architecture,
    Cost,
    Count,
    Environment,
    NonNegative,
    Positive,
    Provenance,
    Ratio,
    Seed,
    Share,
    Strict,
    Text,
)
from purecheck.records.run import Encoder, Objective

Schema = Literal["purecheck-sparse-coding/1"]
SCHEMA: Schema = "purecheck-sparse-coding/1"

_AtMostOne = Annotated[float, Field(le=1)]
_Level = Annotated[str, Field(pattern=r"^0\.[0-9]+$")]


@dataclass(frozen=True, kw_only=True)
class Sparsity(Strict):
    """How sparse the codes of held-out patches are, beside Gaussian patches of the same covariance coded the same way.

    Attributes
    ----------
    active
        Mean number of active atoms a patch, as measured: those whose coefficients lie above the threshold of `method`.
    explained_variance
        Share of the variance of held-out patches that codes with that many coefficients explain.
    explained_variance_gaussian
        The same for a dictionary fitted to Gaussian patches: what any data would give.
    coefficients
        Mean number of coefficients that leave at most the share `residual` of a patch's energy.
    coefficients_gaussian
        The same for Gaussian patches.
    residual
        That share.
    kurtosis
        Median excess kurtosis of patches along atoms, 0 for Gaussian patches.
    kurtosis_random
        The same along random directions: what varying contrast alone gives.
    """

    active: Positive
    explained_variance: _AtMostOne
    explained_variance_gaussian: _AtMostOne
    coefficients: NonNegative
    coefficients_gaussian: Positive
    residual: Share
    kurtosis: float
    kurtosis_random: float


@dataclass(frozen=True, kw_only=True)
class Symmetry(Strict):
    """Signs of the coefficients.

    Attributes
    ----------
    mean, largest
        `|2 P(X_i > 0 | X_i != 0) - 1|`, mean and largest over atoms.
    balanced
        What the mean is for fair signs, since each atom is active on finitely many patches.
    unbalanced_atoms
        Share of atoms whose signs refute fair ones, by tests that find any at the rate `false_alarm` of the record.
    """

    mean: Share
    largest: Share
    balanced: Annotated[Positive, Field(le=1)]
    unbalanced_atoms: Share


@dataclass(frozen=True, kw_only=True)
class Amplitude(Strict):
    """The size of non-zero coefficients.

    Attributes
    ----------
    variation
        Standard deviation over mean of `|X_i|` where `X_i` is not 0, mean over atoms: 0 for a constant amplitude, 0.76
        for a Gaussian, 1 for an exponential law, all before small coefficients are cut off.
    variation_gaussian
        The same for Gaussian patches coded the same way: what cutting off small coefficients gives.
    noise_variation
        What of the variation noise explains that is as large as what codes leave, were the amplitude constant.
    quantiles
        Level to quantile of `|X_i|` over its mean, over all atoms: `"0.05"`, `"0.5"`, ...
    """

    variation: NonNegative
    variation_gaussian: Positive
    noise_variation: Positive
    quantiles: Annotated[Mapping[_Level, NonNegative], Field(json_schema_extra={"additionalProperties": False})]


@dataclass(frozen=True, kw_only=True)
class Dependence(Strict):
    """Whether features are active independently of each other.

    Attributes
    ----------
    dispersion
        Variance of the number of active atoms over that of independent ones: 1 where they are.
    dispersion_gaussian
        The same for Gaussian patches coded the same way: what coding alone gives.
    dependent_pairs
        Share of pairs of atoms whose joint activity refutes independence, by tests that find any at the rate
        `false_alarm` of the record.
    dependent_pairs_gaussian
        The same for Gaussian patches.
    """

    dispersion: NonNegative
    dispersion_gaussian: Positive
    dependent_pairs: Share
    dependent_pairs_gaussian: Share


@dataclass(frozen=True, kw_only=True)
class Incoherence(Strict):
    """Inner products of different atoms, which have length 1.

    Attributes
    ----------
    rms, largest
        Root mean square and largest absolute value.
    imposed
        Whether the method takes atoms to be orthogonal, so that both say nothing about the images.
    """

    rms: Share
    largest: Share
    imposed: bool


@dataclass(frozen=True, kw_only=True)
class Participation(Strict):
    """Mean participation ratio of a network's filters in the dictionary, at least 1.

    Attributes
    ----------
    mean
        Over the filters.
    matched
        Of Gaussian filters with the same second moments, which know nothing of atoms: filters may get purer by leaving
        directions alone, and these do so too.
    rotated
        Of the same filters, turned at random.
    """

    mean: Ratio
    matched: Ratio
    rotated: Ratio


@dataclass(frozen=True, kw_only=True)
class ParticipationByArm(Strict):
    """Purity of the filters before training, after clean and after adversarial pre-training from the same weights."""

    initial: Participation
    clean: Participation
    adversarial: Participation


@dataclass(frozen=True, kw_only=True)
class SparseCodingRecord(Strict):
    """What one dictionary, fitted to patches with one seed, says about them and about the filters of two networks.

    Attributes
    ----------
    dataset, provenance, profile
        As in a `RunRecord`.
    dictionary
        Its kind in words: `independent components`, `complete dictionary`, ...
    method
        How it was fitted and patches are coded, with the library.
    patch, dimension
        Side of a patch in pixels, and its dimension after whitening.
    atoms
        Size of the dictionary.
    patches
        Held-out patches behind every statistic.
    false_alarm
        Rate at which tests find any unbalanced atom, and any dependent pair, where there is none.
    sparsity, symmetry, amplitude, dependence, incoherence
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
    """

    dataset: Text
    provenance: Provenance
    profile: Text
    dictionary: Text
    method: Text
    patch: Count
    dimension: Count
    atoms: Count
    patches: Count
    false_alarm: Annotated[Positive, Field(lt=1)]
    sparsity: Sparsity
    symmetry: Symmetry
    amplitude: Amplitude
    dependence: Dependence
    incoherence: Incoherence
    encoder: Encoder
    architecture: Architecture
    objective: Objective
    participation: ParticipationByArm
    seed: Seed
    cost: Cost
    environment: Environment
    filters: str | None = None
    schema: Schema = SCHEMA

    def __post_init__(self) -> None:
        active = self.sparsity.active
        require(active <= self.atoms, f"sparsity.active is {active}", f"at most the number of atoms, {self.atoms}")
        for arm, found in vars(self.participation).items():
            for name, value in vars(found).items():
                where = f"participation.{arm}.{name} is {value}"
                require(value <= self.atoms, where, f"at most the number of atoms, {self.atoms}")
        if self.filters is not None:
            require_file_beside("filters", self.filters, ".npz")
