import numpy as np
import pytest
import scipy.stats

from numerics.training.noise import fast_normal

FALSE_ALARM = 1e-9


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_noise_is_standard_normal(dtype):
    """Kolmogorov-Smirnov at a false-alarm rate of 1e-9; it detects a distribution off by more than 1.5 percent."""
    x = fast_normal(np.random.default_rng(0), (200, 251), np.dtype(dtype))
    assert x.shape == (200, 251)
    assert x.dtype == np.dtype(dtype)
    assert scipy.stats.kstest(x.ravel(), "norm").pvalue > FALSE_ALARM
    # Halves of a pair share their radius; squares that depended on it would be correlated.
    halves = x.ravel()[:50_200].reshape(2, -1) ** 2
    assert scipy.stats.pearsonr(*halves).pvalue > FALSE_ALARM


def test_the_check_rejects_a_scale_wrong_by_a_tenth():
    x = 1.1 * fast_normal(np.random.default_rng(0), (200, 251), np.dtype("float32"))
    assert scipy.stats.kstest(x.ravel(), "norm").pvalue < FALSE_ALARM


@pytest.mark.parametrize("shape", [(0,), (1,), (3,), (2, 3)])
def test_odd_and_small_shapes_are_filled(shape):
    x = fast_normal(np.random.default_rng(0), shape, np.dtype("float32"))
    assert x.shape == shape
    assert np.all(np.isfinite(x))
