"""All statistics of one dictionary on patches, with intervals, and those of Gaussian patches as a control."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
import scipy.stats

from gpu_experiments.sparse_coding import amplitudes, supports
from gpu_experiments.sparse_coding.intervals import Estimate, bounded_mean, jackknifed
from gpu_experiments.sparse_coding.plan import SparseCodingPlan
from gpu_experiments.sparse_coding.pursuit import Pursuit, codes, pursue
from gpu_experiments.sparse_coding.space import PatchSpace
from numerics.arrays import Floats


@dataclass(frozen=True)
class Codes:
    """Statistics of the codes of one set of patches in one dictionary.

    Attributes
    ----------
    active
        Mean number of active atoms: those with coefficients above the threshold.
    share
        That number over the number of atoms, ``p``.
    coefficients
        Mean number of coefficients that leave the stated share of a patch's energy. Codes that need more than the
        largest number of steps count as that number plus one.
    explained
        Share of all energy that codes explain with as many coefficients as patches have active atoms on average.
    kurtosis
        Median excess kurtosis of ``M_i^T z`` over atoms, 0 for a Gaussian.
    imbalance, largest_imbalance
        ``|2 P(X_i > 0 | X_i != 0) - 1|``, mean and largest over atoms.
    balanced
        The mean imbalance that fair signs have because counts are finite.
    unbalanced_atoms
        Share of atoms for which a test rejects fair signs.
    skewness
        Median modulus of the skewness of ``M_i^T z`` over atoms, 0 for a symmetric law.
    variation
        Standard deviation over mean of ``|X_i|`` for active atoms, mean over atoms.
    noise_variation
        The variation that noise of the size of the residual would cause at constant amplitude.
    amplitude_excess
        The square of `variation` less that of `noise_variation`, 0 for a constant amplitude.
    quantiles
        Quantiles of ``|X_i|`` over its mean, by level.
    dispersion
        Variance of the number of active atoms over that of independent ones.
    dependent_pairs
        Share of pairs of atoms for which a test rejects independence.
    """

    active: Estimate
    share: float
    coefficients: Estimate
    explained: float
    kurtosis: float
    imbalance: float
    largest_imbalance: float
    balanced: float
    unbalanced_atoms: float
    skewness: float
    variation: Estimate
    noise_variation: float
    amplitude_excess: Estimate
    quantiles: dict[str, float]
    dispersion: Estimate
    dependent_pairs: float


@dataclass(frozen=True)
class Examination:
    """A dictionary, and the codes in it.

    Attributes
    ----------
    compared : int
        Number of coefficients for both shares ``explained``.
    patches, gaussian : Codes
        Codes of held-out patches, and of Gaussian ones of the same covariance in a dictionary fitted to such patches.
    saved : Estimate
        Mean number of additional coefficients that Gaussian patches need.
    random_kurtosis : float
        Median excess kurtosis of patches along random directions, which varying contrast alone causes.
    coherence, largest_coherence : float
        Inner products of different atoms, root mean square and largest modulus.
    """

    compared: int
    patches: Codes
    gaussian: Codes
    saved: Estimate
    random_kurtosis: float
    coherence: float
    largest_coherence: float


def examine(
    M: Floats, control: Floats, space: PatchSpace, plan: SparseCodingPlan, rng: np.random.Generator
) -> Examination:
    """Return the statistics of the dictionary `M` (d, atoms) on the held-out patches of `space`.

    Parameters
    ----------
    M, control : array, shape (d, atoms)
        Unit atoms fitted to patches, and to Gaussian patches of the same covariance.
    space : PatchSpace
    plan : SparseCodingPlan
    rng : Generator
        Draws the held-out Gaussian patches, and directions.
    """
    Z, noise = space.held_out, space.gaussian(len(space.held_out), rng)
    real, fake = (pursue(atoms, sample, plan.steps) for atoms, sample in ((M, Z), (control, noise)))
    least = plan.threshold**2 * space.variance
    compared = max(1, round(float(np.mean(real.active_counts(least)))))
    saved = (fake.counts(plan.residual) - real.counts(plan.residual)).astype(np.float64)
    directions = rng.standard_normal((space.dimension, M.shape[1]))
    coherence = np.abs(M.T @ M - np.eye(M.shape[1]))
    return Examination(
        compared=compared,
        patches=_codes(M, Z, real, least, compared, plan),
        gaussian=_codes(control, noise, fake, least, compared, plan),
        saved=bounded_mean(saved, (-float(plan.steps), float(plan.steps)), plan.false_alarm),
        random_kurtosis=_kurtosis(Z @ directions),
        coherence=float(np.sqrt(np.sum(coherence**2) / (coherence.size - len(coherence)))),
        largest_coherence=float(coherence.max()),
    )


def _codes(M: Floats, Z: Floats, found: Pursuit, least: float, compared: int, plan: SparseCodingPlan) -> Codes:
    counts, rate = found.active_counts(least), plan.false_alarm
    X, responses = codes(M, Z, found.atoms, counts), Z @ M
    rows = np.column_stack([X, found.residual[np.arange(len(Z)), counts]])
    noise = partial(_noise, dimension=Z.shape[1])
    imbalance = amplitudes.imbalance(X)
    most = float(found.atoms.shape[1])
    jackknife = partial(jackknifed, X=X, blocks=plan.blocks, false_alarm=rate)
    return Codes(
        active=bounded_mean(counts.astype(np.float64), (0.0, most), rate),
        share=float(counts.mean()) / M.shape[1],
        coefficients=bounded_mean(found.counts(plan.residual).astype(np.float64), (0.0, most + 1), rate),
        explained=found.explained(compared),
        kurtosis=_kurtosis(responses),
        imbalance=float(imbalance.mean()),
        largest_imbalance=float(imbalance.max()),
        balanced=amplitudes.balanced_imbalance(X),
        unbalanced_atoms=amplitudes.unbalanced_atoms(X, rate),
        skewness=float(np.median(np.abs(scipy.stats.skew(responses)))),
        variation=jackknife(amplitudes.variation),
        noise_variation=float(np.sqrt(noise(rows))),
        amplitude_excess=jackknife(lambda part: amplitudes.variation(part[:, :-1]) ** 2 - noise(part), X=rows),
        quantiles=amplitudes.quantiles(X),
        dispersion=jackknife(supports.dispersion),
        dependent_pairs=supports.dependent_pairs(X, rate),
    )


def _noise(rows: Floats, dimension: int) -> float:
    """Return the squared variation of sizes under a constant amplitude, with noise of the size of the residual.

    The residual of the active atoms is spread over all directions but theirs. It equals the noise if the noise is below
    the threshold, and is smaller if noise above the threshold was coded.

    Parameters
    ----------
    rows : array, shape (n, atoms + 1)
        Codes, and the energy of the residual of each patch.
    dimension : int
        Numbers in a patch.
    """
    X, left = rows[:, :-1], rows[:, -1]
    free = np.maximum(dimension - np.sum(X != 0, axis=1), 1)
    return float(left.sum() / free.sum()) * amplitudes.inverse_square_size(X)


def _kurtosis(responses: Floats) -> float:
    return float(np.median(scipy.stats.kurtosis(responses)))
