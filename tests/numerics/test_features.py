import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from numerics.features import ConstantAmplitude, FeatureLaw, UniformAmplitude, observe, rotation
from numerics.rounding import gamma
from numerics.statistics import FALSE_ALARM, mean_agrees, proportion_agrees, sample_size
from numerics.streams import Streams
from tests.numerics.assertions import assert_array_equals

STREAMS = Streams(0).child("features")
AMPLITUDES = [ConstantAmplitude(0.7), UniformAmplitude(0.5, 1.5)]


@pytest.mark.parametrize("amplitude", AMPLITUDES)
@pytest.mark.parametrize("p", [0.05, 0.5, 1.0])
def test_support_and_signs_have_their_probabilities(amplitude, p):
    detectable = 0.02
    n = sample_size(detectable)
    X = FeatureLaw(1, p, amplitude).sample(STREAMS.generator("support"), (n,))[:, 0]
    assert proportion_agrees(np.count_nonzero(X), n, p, detectable=detectable)
    assert proportion_agrees(np.count_nonzero(X > 0), n, p / 2, detectable=detectable)


@pytest.mark.parametrize("amplitude", AMPLITUDES)
def test_second_moment_is_that_of_the_samples(amplitude):
    law = FeatureLaw(1, 0.4, amplitude)
    largest = 1.5**2
    n = sample_size(0.05, largest)
    squares = law.sample(STREAMS.generator("moment"), (n,))[:, 0] ** 2
    assert mean_agrees(squares, law.second_moment, bounds=(0, largest), detectable=0.05)
    assert not mean_agrees(squares, law.second_moment + 0.05, bounds=(0, largest), detectable=0.05)


def test_uniform_amplitudes_follow_their_law():
    law = FeatureLaw(1, 1.0, UniformAmplitude(0.5, 1.5))
    sizes = np.abs(law.sample(STREAMS.generator("uniform"), (20_000,))[:, 0])
    assert scipy.stats.kstest(sizes, scipy.stats.uniform(0.5, 1.0).cdf).pvalue > FALSE_ALARM


def test_coordinates_are_independent():
    detectable = 0.02
    n = sample_size(detectable)
    X = FeatureLaw(2, 0.3, ConstantAmplitude(1.0)).sample(STREAMS.generator("pairs"), (n,))
    both = np.count_nonzero(np.all(X != 0, axis=-1))
    assert proportion_agrees(both, n, 0.09, detectable=detectable)


@given(d=st.integers(1, 5), n=st.integers(0, 5), p=st.floats(0, 1))
def test_constant_amplitudes_leave_three_values(d, n, p):
    X = FeatureLaw(d, p, ConstantAmplitude(0.5)).sample(STREAMS.generator("values"), (2, n))
    assert X.shape == (2, n, d)
    assert set(X.ravel().tolist()) <= {-0.5, 0.0, 0.5}


@pytest.mark.parametrize("amplitude", AMPLITUDES)
def test_float32_samples_are_float32(amplitude):
    law = FeatureLaw(3, 0.5, amplitude)
    assert law.sample(STREAMS.generator("float32"), (4,), np.float32).dtype == np.float32


def test_unit_energy_is_one():
    law = FeatureLaw.unit_energy(100, 0.05)
    # p r^2 d, with r = 1/sqrt(p d): fewer than 8 roundings
    assert abs(law.d * law.second_moment - 1) <= gamma(8, "float64")


def test_rows_are_observations_through_the_dictionary(backend, xp):
    rng = STREAMS.generator("observe")
    X, M = rng.standard_normal((2, 3, 4)), rng.standard_normal((2, 4, 4))
    expected = np.stack([[M[k] @ x for x in X[k]] for k in range(2)])
    bound = 2 * gamma(4, "float64") * np.abs(X) @ np.swapaxes(np.abs(M), -1, -2)
    assert_array_equals(observe(backend.asarray(X), backend.asarray(M)), expected, bound=bound, xp=xp)


def test_noise_is_normal_of_the_given_size_and_alike_on_every_backend(backend, xp):
    X = np.zeros((100, 50))
    Z = observe(backend.asarray(X), sigma=0.3, rng=STREAMS.generator("noise"))
    expected = 0.3 * STREAMS.generator("noise").standard_normal(X.shape)
    assert_array_equals(Z, expected, bound=0, xp=xp)
    assert scipy.stats.kstest(expected.ravel() / 0.3, "norm").pvalue > FALSE_ALARM


@given(d=st.integers(1, 12), seed=st.integers(0, 1000))
def test_rotations_are_orthogonal(d, seed):
    """Householder's QR errs by sqrt(d) gamma_{c d^2} in the Frobenius norm, c a small integer (Higham,
    theorem 19.4); c = 10 here, and the product M^T M doubles it and adds d gamma_d."""
    M = rotation(d, np.random.default_rng(seed))
    bound = 2 * np.sqrt(d) * gamma(10 * d * d, "float64") + d * gamma(d, "float64")
    assert np.linalg.norm(M.T @ M - np.eye(d)) <= bound


def test_rotations_follow_the_haar_measure():
    """In three dimensions an entry is uniform on [-1, 1] (Archimedes), and half are reflections."""
    detectable = 0.25
    n = sample_size(detectable)
    rng = STREAMS.generator("haar")
    M = np.stack([rotation(3, rng) for _ in range(n)])
    assert scipy.stats.kstest(M[:, 0, 0], scipy.stats.uniform(-1, 2).cdf).pvalue > FALSE_ALARM
    assert scipy.stats.kstest(M[:, 2, 1], scipy.stats.uniform(-1, 2).cdf).pvalue > FALSE_ALARM
    assert proportion_agrees(np.count_nonzero(np.linalg.det(M) > 0), n, 0.5, detectable=detectable)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: ConstantAmplitude(0.0), "r is 0.0"),
        (lambda: UniformAmplitude(0.0, 1.0), "r_min, r_max is 0.0, 1.0"),
        (lambda: UniformAmplitude(1.0, 1.0), "0 < r_min < r_max"),
        (lambda: FeatureLaw(0, 0.5, ConstantAmplitude(1.0)), "d is 0"),
        (lambda: FeatureLaw(1, 1.5, ConstantAmplitude(1.0)), "p is 1.5"),
        (lambda: FeatureLaw.unit_energy(3, 0.0), "p d is 0.0"),
        (lambda: observe(np.zeros((1, 1)), sigma=-1.0), "sigma is -1.0"),
        (lambda: observe(np.zeros((1, 1)), sigma=1.0), "rng is None"),
    ],
)
def test_arguments_out_of_range_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
