"""Statistics of sparse codes: what patches were made of is found again, and Gaussian ones are not sparse."""

import numpy as np
import pytest
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
    # E v^4 / (E v^2)^2 of v = X_i + noise with E X^2 = E X^4 = p
    variance = P + SIGMA**2
    excess = (P + 6 * P * SIGMA**2 + 3 * SIGMA**4) / variance**2 - 3
    found = true_codes
    assert found.patches.kurtosis == pytest.approx(excess, abs=6 * np.sqrt(1 / P**3 / 3000))
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
    assert found.patches.kurtosis == pytest.approx(0, abs=6 * np.sqrt(24 / 3000))


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
    assert participation_ratio(fitted.T @ M).max() < 1.1  # a random direction has about D / 3


def test_most_atoms_of_a_learned_dictionary_are_true_features():
    rng = np.random.default_rng(3)
    M = rotation(D, rng)
    fitted = learned_dictionary(patches(M, 4000, rng), D, 8, PLAN.threshold, rng)
    assert np.linalg.norm(fitted, axis=0) == pytest.approx(np.ones(D))
    assert np.median(participation_ratio(fitted.T @ M)) < 1.1  # learning may end with two atoms on one feature


def test_components_of_gaussian_patches_are_told_to_be_none():
    rng = np.random.default_rng(4)
    space = white(encoder_space(*rng.standard_normal((2, 500, D))))
    fitted, converged = independent_components(space.fitted, 3, rng)
    assert not converged
    assert fitted.T @ fitted == pytest.approx(np.eye(D))


@given(st.integers(0, 2**32 - 1), st.integers(3, 8), st.integers(1, 12))
def test_pursuit_takes_the_steps_of_scikit_learn(seed, d, more):
    rng = np.random.default_rng(seed)
    M = rng.standard_normal((d, d + more))
    M /= np.linalg.norm(M, axis=0)
    Z, steps = rng.standard_normal((5, d)), d - 1
    found = pursue(M, Z, steps)
    for k in range(1, steps + 1):
        theirs = linear_model.orthogonal_mp(M, Z.T, n_nonzero_coefs=k).T
        ours = codes(M, Z, found.atoms, np.full(5, k))
        assert ours == pytest.approx(theirs, abs=1e-6)
        assert np.sum((Z - ours @ M.T) ** 2, axis=1) == pytest.approx(found.residual[:, k], abs=1e-9)


def test_pursuit_in_an_orthogonal_dictionary_takes_the_largest_coefficients():
    rng = np.random.default_rng(5)
    M, Z = rotation(D, rng), rng.standard_normal((20, D))
    found = pursue(M, Z, D)
    assert found.drops == pytest.approx(-np.sort(-((Z @ M) ** 2), axis=1))
    assert found.residual[:, -1] == pytest.approx(np.zeros(20), abs=1e-12)


def test_atoms_that_depend_on_others_explain_nothing_more():
    M = np.array([[1.0, 0.0, 1.0], [0.0, 1.0, 1.0]]) / np.array([1, 1, np.sqrt(2)])
    found = pursue(M, np.array([[2.0, 1.0]]), 3)
    assert found.residual[0, 2] == pytest.approx(0, abs=1e-15)


def test_fair_signs_have_the_imbalance_of_their_counts():
    rng = np.random.default_rng(6)
    X = rng.choice([-1.0, 1.0], (40, 4000))
    error = amplitudes.imbalance(X).std() / np.sqrt(4000)
    assert amplitudes.imbalance(X).mean() == pytest.approx(amplitudes.balanced_imbalance(X), abs=6 * error)


def test_sizes_of_half_normal_coefficients_have_their_variation():
    X = np.random.default_rng(7).standard_normal((20_000, 4))
    assert amplitudes.variation(X) == pytest.approx(np.sqrt(np.pi / 2 - 1), abs=0.02)


def test_pairs_that_are_active_together_are_found():
    rng = np.random.default_rng(8)
    X = (rng.random((2000, 4)) < 0.2).astype(float)
    assert supports.dependent_pairs(X, 1e-3) == 0
    X[:, 1] = X[:, 0]
    assert supports.dependent_pairs(X, 1e-3) == pytest.approx(1 / 6)


def test_the_jackknife_of_a_mean_is_the_interval_of_block_means():
    x = np.random.default_rng(9).standard_normal((100, 1))
    found = jackknifed(lambda part: float(part.mean()), x, 100, 0.05)
    assert found.high - found.low == pytest.approx(2 * 1.9842169515 * x.std(ddof=1) / 10)


def test_pure_filters_are_purer_than_filters_that_know_nothing_of_atoms():
    rng = np.random.default_rng(10)
    M = rotation(D, rng)
    found = filter_purity(M, np.column_stack([M, np.zeros(D)]), rng)
    assert found.mean == pytest.approx(1)
    assert min(found.rotated, found.matched) > 2


def test_filters_in_white_space_answer_as_before():
    rng = np.random.default_rng(11)
    space = encoder_space(*rng.standard_normal((2, 50, D)))
    here, W = white(space), rng.standard_normal((D, 3))
    assert here.held_out @ here.map @ W == pytest.approx(space.held_out @ W)
    assert symmetric_root(here.fitted) == pytest.approx(np.eye(D))


def test_patches_that_do_not_vary_in_every_direction_are_refused():
    with pytest.raises(UnsuitableError, match="fewer than 16 dimensions; expected more images"):
        white(encoder_space(*np.ones((2, 40, D))))
