"""Data drawn on a device, its kernels emulated on the host, against their law."""

import math

import numpy as np
import pytest
from scipy import stats

from numerics.features import ConstantAmplitude, FeatureLaw, UniformAmplitude, rotation
from numerics.streams import Streams
from numerics.training.engine.device import DeviceSampler
from numerics.training.plan import SupervisedPlan
from tests.numerics.device.host import HostDevice

FALSE_ALARM = 1e-9
DTYPES = ("float32", "float64")

# Salmon et al. (2011), known answers of Philox 4x32-10: counter, key, words.
KNOWN = [
    ("00000000 00000000 00000000 00000000", "00000000 00000000", "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
    ("ffffffff ffffffff ffffffff ffffffff", "ffffffff ffffffff", "408f276d 41c83b0e a20bc7c6 6d5451fd"),
    ("243f6a88 85a308d3 13198a2e 03707344", "a4093822 299f31d0", "d16cfe09 94fdcceb 5001e420 24126ea1"),
]


@pytest.mark.parametrize(("counter", "key", "words"), KNOWN)
def test_the_generator_gives_the_published_answers(counter, key, words):
    device = HostDevice("float32")
    low, high = (int(word, 16) for word in key.split())
    given = np.asarray([int(word, 16) for word in counter.split()], np.uint32)
    found = device.empty((4,), np.uint32)
    device.launch("raw_words", 1, 32, np.uint64(high << 32 | low), given, found)
    assert [f"{word:08x}" for word in found] == words.split()


def make_plan(*, dtype="float32", law=None, batch=64, **fields):
    law = FeatureLaw(11, 0.3, ConstantAmplitude(0.5)) if law is None else law
    return SupervisedPlan(law=law, hidden=1, b=0.5, batch=batch, dtype=dtype, **fields)


def drawn(plan, *, replicas=("0", "1"), step=0, offset=0, **how):
    """The data of update ``step + offset``: ``Z`` ``(replicas, n, d)`` and ``y`` ``(replicas, n)``."""
    device = HostDevice(plan.dtype, **how)
    sampler = DeviceSampler(device, plan, [Streams(5).child(k) for k in replicas])
    Z, y = device.empty((len(replicas), plan.batch, plan.law.d)), device.empty((len(replicas), plan.batch))
    sampler.queue(np.asarray([step], np.uint32), offset, Z, y)
    return Z, y


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("p", [0.0, 0.3, 1.0])
def test_supports_and_signs_have_their_probabilities(dtype, p):
    """Counts of both signs are binomial."""
    Z, _ = drawn(make_plan(dtype=dtype, law=FeatureLaw(11, p, ConstantAmplitude(0.5)), batch=400))
    assert set(np.unique(Z)) <= {-0.5, 0.0, 0.5}
    for sign in (-1, 1):
        count = int(np.sum(0.5 * sign == Z))
        assert stats.binomtest(count, Z.size, p / 2).pvalue >= FALSE_ALARM


@pytest.mark.parametrize("dtype", DTYPES)
def test_amplitudes_are_uniform(dtype):
    """The largest distance of distribution functions; words of 32 bits and rounding move it by less than 2^-20."""
    Z, _ = drawn(make_plan(dtype=dtype, law=FeatureLaw(11, 1.0, UniformAmplitude(0.5, 1.5)), batch=400))
    distance = stats.kstest(np.abs(Z).ravel(), stats.uniform(0.5, 1.0).cdf).statistic
    assert distance <= math.sqrt(math.log(2 / FALSE_ALARM) / (2 * Z.size)) + 2.0**-20


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("dictionary", [False, True])
def test_noise_is_normal_and_independent(dtype, dictionary):
    """By the Dvoretzky-Kiefer-Wolfowitz-Massart bound, for single numbers and for sums of neighbours."""
    M = rotation(11, np.random.default_rng(0)) if dictionary else None
    Z, _ = drawn(make_plan(dtype=dtype, law=FeatureLaw(11, 0.0, ConstantAmplitude(1.0)), sigma=0.25, M=M, batch=400))
    for numbers, scale in ((Z, 0.25), (Z[..., :10:2] + Z[..., 1:11:2], 0.25 * math.sqrt(2))):
        distance = stats.kstest(numbers.ravel(), stats.norm(0, scale).cdf).statistic
        assert distance <= math.sqrt(math.log(2 / FALSE_ALARM) / (2 * numbers.size)) + 2.0**-20


def test_labels_are_those_of_the_features():
    """Sums of whole numbers are exact."""
    theta = np.arange(11.0)
    Z, y = drawn(make_plan(law=FeatureLaw(11, 0.5, ConstantAmplitude(1.0)), theta=theta))
    assert np.array_equal(y, Z @ theta)


def test_labels_have_their_noise_and_observations_are_through_the_dictionary():
    theta, M = np.arange(11.0), np.eye(11)[::-1].copy()
    law = FeatureLaw(11, 0.5, ConstantAmplitude(1.0))
    plain, quiet = drawn(make_plan(law=law, theta=theta))
    turned, loud = drawn(make_plan(law=law, theta=theta, M=M, tau=0.5, batch=64))
    assert np.array_equal(turned, plain @ M.T)
    distance = stats.kstest((loud - quiet).ravel(), stats.norm(0, 0.5).cdf).statistic
    assert distance <= math.sqrt(math.log(2 / FALSE_ALARM) / (2 * loud.size)) + 2.0**-20


def test_the_noise_is_the_same_with_a_dictionary():
    fields = {"law": FeatureLaw(11, 0.0, ConstantAmplitude(1.0)), "sigma": 0.25}
    assert np.array_equal(drawn(make_plan(**fields))[0], drawn(make_plan(**fields, M=np.eye(11)))[0])


def test_data_depend_on_the_update_and_not_on_how_it_is_counted():
    plan = make_plan(sigma=0.1, tau=0.1)
    first, again, other = drawn(plan, step=3), drawn(plan, step=1, offset=2), drawn(plan, step=4)
    assert all(np.array_equal(x, y) for x, y in zip(first, again, strict=True))
    assert not np.array_equal(first[0], other[0])


def test_a_replica_draws_alone():
    """Neither the other replicas nor the shape of the launch matter."""
    plan = make_plan(sigma=0.1, tau=0.1)
    both, second = drawn(plan), drawn(plan, replicas=("1",), more_threads=2, descending=True)
    # A label is a sum, whose order follows the shape of the launch; features are not.
    assert np.array_equal(both[0][1:], second[0])
    assert not np.array_equal(both[0][0], both[0][1])


def test_what_is_drawn_for_one_purpose_serves_no_other():
    """Supports, noise and labels come from numbers of their own: they are uncorrelated, each with 1/sqrt(count)."""
    law = FeatureLaw(12, 0.5, UniformAmplitude(0.5, 1.5))
    features, labels = drawn(make_plan(law=law, batch=400))
    noisy, noisy_labels = drawn(make_plan(law=law, sigma=1.0, tau=1.0, batch=400))
    noise, label_noise = noisy - features, noisy_labels - labels
    for one, other in ((features, noise), (np.abs(features), noise**2), (noise[..., 0], label_noise)):
        count = one.size
        found = stats.spearmanr(one.ravel(), other.ravel()).statistic
        assert abs(found) * math.sqrt(count - 1) <= stats.norm.isf(FALSE_ALARM / 2)


def test_a_law_that_no_kernel_draws_is_refused():
    class Other:
        second_moment = 1.0

        def sample(self, rng, shape):
            return rng.exponential(size=shape)

    with pytest.raises(ValueError, match="expected a constant or uniform one"):
        drawn(make_plan(law=FeatureLaw(3, 0.5, Other())))
