"""Statistics of sparse codes: what patches were made of is found again, and Gaussian ones are not sparse."""

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from gpu_experiments.sparse_coding import amplitudes, supports
from gpu_experiments.sparse_coding.dictionaries import independent_components, learned_dictionary
from gpu_experiments.sparse_coding.examination import examine
from gpu_experiments.sparse_coding.intervals import jackknifed
from gpu_experiments.sparse_coding.plan import SparseCodingPlan
from gpu_experiments.sparse_coding.purity import filter_purity
from gpu_experiments.sparse_coding.pursuit import codes, pursue
from gpu_experiments.sparse_coding.space import UnsuitableError, encoder_space, symmetric_root, white
from numerics.features import rotation
from numerics.purity import participation_ratio
from numerics.rounding import gamma
from numerics.statistics import FALSE_ALARM, mean_interval
from tests.gpu_experiments.components_error import sparse_law, turn_variance

linear_model = pytest.importorskip("sklearn.linear_model", reason="scikit-learn is not installed (extra 'images')")

D, P, SIGMA = 16, 0.15, 0.05
PLAN = SparseCodingPlan(steps=D, blocks=10)


def features(n, rng, *, law="constant"):
    """Sparse features of the model, ``(n, D)``: Bernoulli support, fair signs, constant amplitude 1 unless said."""
    active = rng.random((n, D)) < P
    if law == "together":
        active = np.repeat(active[:, ::4], 4, axis=1)
    sizes = rng.uniform(1, 5, (n, D)) if law == "spread" else 1.0
    signs = np.where(rng.random((n, D)) < (0.9 if law == "positive" else 0.5), 1, -1)
    return active * signs * sizes


def patches(M, n, rng, law="constant"):
    """Observations ``Z = M X + xi``."""
    return features(n, rng, law=law) @ M.T + SIGMA * rng.standard_normal((n, D))


def found_in(law, seed=0, n=3000):
    """The examination of held-out patches in the true dictionary."""
    rng = np.random.default_rng(seed)
    M = rotation(D, rng)
    space = encoder_space(*(patches(M, n, rng, law) for _ in range(2)))
    return examine(M, np.eye(D), space, PLAN, rng)


def kurtosis_error(second, fourth, sixth, eighth, n=3000):
    """How far the median of `D` sample kurtoses strays from that of the law with these even moments, but for 1e-9.

    Each is normal in the limit, with the variance of ``v^4/m_2^2 - 2 k v^2/m_2``, the first order of ``m_4/m_2^2`` at
    ``k = m_4/m_2^2``. Their median strays only if half of them do, to one side, independently.
    """
    k, third = fourth / second**2, sixth / second**3
    variance = eighth / second**4 - k**2 - 4 * k * (third - k) + 4 * k**2 * (k - 1)
    one_strays = scipy.stats.beta.ppf(FALSE_ALARM / 2, D // 2, D // 2 + 1)
    return scipy.stats.norm.isf(one_strays) * np.sqrt(variance / n)


def refuted(found):
    """The assumptions of the model that tests and intervals of this one sample refute."""
    codes = found.patches
    evidence = {
        "symmetry": codes.unbalanced_atoms > 0,
        "amplitude": codes.amplitude_excess.low > 0,
        "independence": codes.dependent_pairs > 0,
    }
    return {name for name, is_refuted in evidence.items() if is_refuted}


@pytest.fixture(scope="module")
def true_codes():
    return found_in("constant")


def test_the_model_is_recognised(true_codes):
    assert not refuted(true_codes)
    assert true_codes.saved.low > 0


def test_the_activity_of_features_is_recovered(true_codes):
    found = true_codes
    assert found.patches.active.low <= P * D <= found.patches.active.high
    assert found.patches.dispersion.low <= 1 <= found.patches.dispersion.high
    assert found.patches.amplitude_excess.low <= 0 <= found.patches.amplitude_excess.high
    assert found.patches.explained > found.gaussian.explained


def test_the_kurtosis_of_features_is_recovered(true_codes):
    # v = X_i + noise is normal about 1 (or -1) or about 0
    active, rest = scipy.stats.norm(1, SIGMA), scipy.stats.norm(0, SIGMA)
    moments = [P * active.moment(k) + (1 - P) * rest.moment(k) for k in (2, 4, 6, 8)]
    excess = moments[1] / moments[0] ** 2 - 3
    found = true_codes
    assert abs(found.patches.kurtosis - excess) <= kurtosis_error(*moments)
    assert found.patches.kurtosis > found.random_kurtosis


@pytest.mark.parametrize(
    ("law", "broken"), [("positive", "symmetry"), ("spread", "amplitude"), ("together", "independence")]
)
def test_a_broken_assumption_is_refuted(law, broken):
    assert broken in refuted(found_in(law))


def test_gaussian_patches_are_not_sparse():
    rng = np.random.default_rng(1)
    root = rng.standard_normal((D, D))
    space = white(encoder_space(*(rng.standard_normal((3000, D)) @ root for _ in range(2))))
    found = examine(rotation(D, rng), np.eye(D), space, PLAN, rng)
    assert found.saved.low <= 0 <= found.saved.high
    assert abs(found.patches.kurtosis) <= kurtosis_error(1, 3, 15, 105)


def test_varying_contrast_alone_is_not_sparse():
    rng = np.random.default_rng(2)
    contrast = rng.exponential(size=(2, 3000, 1))
    space = white(encoder_space(*(contrast * rng.standard_normal((2, 3000, D)))))
    found = examine(rotation(D, rng), np.eye(D), space, PLAN, rng)
    assert found.patches.kurtosis > 1
    assert found.saved.low <= 0


def test_independent_components_are_the_true_features():
    rng = np.random.default_rng(3)
    M = rotation(D, rng)
    space = white(encoder_space(*(patches(M, 4000, rng) for _ in range(2))))
    fitted, converged = independent_components(space.fitted, 200, rng)
    assert converged
    # 1 and twice the square of the turn, a chi-square for each of the D components; random directions have about D / 3
    turn = scipy.stats.chi2.isf(FALSE_ALARM / D, D - 1) * turn_variance(*sparse_law(P, SIGMA)) / 4000
    assert participation_ratio(fitted.T @ M).max() <= 1 + 2 * turn


def test_most_atoms_of_a_learned_dictionary_are_true_features():
    rng = np.random.default_rng(3)
    M = rotation(D, rng)
    fitted = learned_dictionary(patches(M, 4000, rng), D, 8, PLAN.threshold, rng)
    # norms, taken twice, and a division
    assert np.all(np.abs(np.linalg.norm(fitted, axis=0) - 1) <= gamma(2 * D + 5, "float64"))
    # Learning may end with two atoms on one feature. A ratio of 1.1 leaves the largest share 1 / 1.1 at least.
    # A random direction has one with probability D P(Beta(1/2, (D - 1)/2) > 1 / 1.1) = 6e-8 at most.
    assert np.median(participation_ratio(fitted.T @ M)) < 1.1


def test_components_of_gaussian_patches_are_told_to_be_none():
    rng = np.random.default_rng(4)
    space = white(encoder_space(*rng.standard_normal((2, 500, D))))
    fitted, converged = independent_components(space.fitted, 3, rng)
    assert not converged
    # The inverse root of W W^T costs its condition number: half of all digits allow for 2^26 / D^2.
    assert np.linalg.norm(fitted.T @ fitted - np.eye(D)) <= np.sqrt(np.finfo(float).eps)


def energy_error(M, Z, steps):
    """How far rounding takes the energies that are left after the first `steps` of the columns `M`, shape (n,).

    Orthogonalising twice gives orthonormal bases of ``M + E``; a step rounds 2 products of d and of `steps` terms in
    every pass, so ``||E|| <= gamma_{4 (d + steps + 2) steps}``. The projection moves by at most ``||E||`` over the
    least singular value of `M` (Wedin), and every step of the residual rounds as often once more.
    """
    rounding = gamma(8 * (len(M) + steps + 2) * steps, "float64")
    return 2 * np.sum(Z**2, axis=1) * rounding / np.linalg.norm(M, -2)


def codes_error(M, Z, X):
    """How far rounding takes codes `X` of `Z` in linearly independent unit atoms `M`, in l2, shape (n,).

    Entries of ``G = M^T M`` and ``c = M^T z`` round by gamma_d and ``gamma_d ||z||``. The k equations are solved for
    another G: LU with pivots in rows changes an entry by ``gamma_3k |L| |U|``, at most ``gamma_3k k 2^(k-1)``, Cholesky
    by ``gamma_(3k+1)`` (Higham, theorems 9.4 and 10.4). So ``G (x' - x) = dc - dG x'``.
    """
    d, k = M.shape
    entry = gamma(d, "float64") + k * 2 ** (k - 1) * gamma(3 * k + 1, "float64")
    change = k * entry * np.linalg.norm(X, axis=1) + np.sqrt(k) * gamma(d, "float64") * np.linalg.norm(Z, axis=1)
    return change / np.linalg.norm(M, -2) ** 2


@given(st.integers(0, 2**32 - 1), st.integers(3, 8), st.integers(1, 12))
def test_pursuit_takes_the_steps_of_scikit_learn(seed, d, more):
    rng = np.random.default_rng(seed)
    M = rng.standard_normal((d, d + more))
    M /= np.linalg.norm(M, axis=0)
    z, steps = rng.standard_normal((1, d)), d - 1
    found = pursue(M, z, steps)
    for k in range(1, steps + 1):
        theirs = linear_model.orthogonal_mp(M, z.T, n_nonzero_coefs=k)[None]
        ours = codes(M, z, found.atoms, np.full(1, k))
        taken = M[:, found.atoms[0, :k]]
        assert set(np.flatnonzero(theirs)) == set(np.flatnonzero(ours)) == set(found.atoms[0, :k])
        error = codes_error(taken, z, ours) + codes_error(taken, z, theirs)
        assert np.linalg.norm(ours - theirs, axis=1) <= error
        # Errors of codes add a square (Pythagoras): at most k atoms of norm 1.
        left = energy_error(taken, z, k) + k * error**2
        assert abs(np.sum((z - ours @ M.T) ** 2, axis=1) - found.residual[:, k]) <= left


def test_pursuit_in_an_orthogonal_dictionary_takes_the_largest_coefficients():
    rng = np.random.default_rng(5)
    M, Z = rotation(D, rng), rng.standard_normal((20, D))
    found = pursue(M, Z, D)
    error = energy_error(M, Z, D)
    assert np.all(np.abs(found.drops + np.sort(-((Z @ M) ** 2), axis=1)) <= 2 * error[:, None])
    assert np.all(found.residual[:, -1] <= error)


@given(st.integers(0, 2**32 - 1))
def test_atoms_that_depend_on_others_explain_nothing_more(seed):
    turn = rotation(3, np.random.default_rng(seed))
    M = turn @ np.array([[1.0, 0.0, 1.0], [0.0, 1.0, 1.0], [0.0, 0.0, 0.0]]) / np.array([1, 1, np.sqrt(2)])
    found = pursue(M, np.array([[2.0, 1.0, 3.0]]) @ turn.T, 3)
    assert found.residual[0, 2] > 0
    assert found.drops[0, 2] == 0


def test_fair_signs_have_the_imbalance_of_their_counts():
    rng = np.random.default_rng(6)
    X = rng.choice([-1.0, 1.0], (40, 40_000))
    found = mean_interval(amplitudes.imbalance(X), "student")
    assert amplitudes.balanced_imbalance(X) in found


def test_sizes_of_half_normal_coefficients_have_their_variation():
    X = np.random.default_rng(7).standard_normal((20_000, 4))
    found = jackknifed(amplitudes.variation, X, 100, FALSE_ALARM)
    assert found.low <= np.sqrt(np.pi / 2 - 1) <= found.high


def test_pairs_that_are_active_together_are_found():
    rng = np.random.default_rng(8)
    X = (rng.random((2000, 4)) < 0.2).astype(float)
    assert supports.dependent_pairs(X, 1e-3) == 0
    X[:, 1] = X[:, 0]
    assert supports.dependent_pairs(X, 1e-3) == 1 / 6


def test_the_jackknife_of_a_mean_is_the_interval_of_block_means():
    x = np.random.default_rng(9).standard_normal((100, 1))
    found = jackknifed(lambda part: float(part.mean()), x, 100, 0.05)
    half = scipy.stats.t.isf(0.025, 99) / 10
    # A pseudo-value is 100 and 99 times means of at most 100 numbers; a deviation errs by at most 1.01 times as much.
    pseudo = 199 * gamma(103, "float64") * np.abs(x).max()
    expected = 2 * half * x.std(ddof=1)
    error = 2 * half * 1.01 * pseudo + gamma(300, "float64") * expected
    assert abs(found.high - found.low - expected) <= error


def test_pure_filters_are_purer_than_filters_that_know_nothing_of_atoms():
    rng = np.random.default_rng(10)
    M = rotation(D, rng)
    found = filter_purity(M, np.column_stack([M, np.zeros(D)]), rng)
    # three sums of D squares and their mean over D filters
    assert abs(found.mean - 1) <= gamma(6 * D, "float64")
    assert min(found.rotated, found.matched) > 2


def test_filters_in_white_space_answer_as_before():
    rng = np.random.default_rng(11)
    space = encoder_space(*rng.standard_normal((2, 50, D)))
    here, W = white(space), rng.standard_normal((D, 3))
    # The root's eigenvectors are orthogonal, and eigenvalues off, by D u; four products round by D gamma_D in norm.
    condition = np.linalg.cond(space.root)
    sizes = np.linalg.norm(space.held_out, axis=1, keepdims=True) * np.linalg.norm(W, axis=0)
    change = np.abs(here.held_out @ here.map @ W - space.held_out @ W)
    assert np.all(change <= D * gamma(8 * D, "float64") * condition * sizes)
    # The inverse stands on both sides of second moments, sums of 50, made and taken apart once more.
    assert (
        np.linalg.norm(symmetric_root(here.fitted) - np.eye(D), 2) <= D * gamma(16 * D + 50, "float64") * condition**2
    )


def test_patches_that_do_not_vary_in_every_direction_are_refused():
    with pytest.raises(UnsuitableError, match="fewer than 16 dimensions; expected more images"):
        white(encoder_space(*np.ones((2, 40, D))))
