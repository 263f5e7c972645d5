import numpy as np
import pytest

from numerics.dictionary import agreement, estimate_dictionary
from numerics.features import ConstantAmplitude, FeatureLaw, UniformAmplitude, observe, rotation


@pytest.mark.parametrize("amplitude", [ConstantAmplitude(0.7), UniformAmplitude(1.0, 1.5)])
@pytest.mark.parametrize("p", [0.05, 0.15, 0.9])
def test_the_dictionary_is_found_up_to_order_and_sign(p, amplitude):
    rng, d, n = np.random.default_rng(3), 10, 20_000
    M = rotation(d, rng)
    Z = np.asarray(observe(FeatureLaw(d, p, amplitude).sample(rng, (n,)), M, 0.02, rng))
    found = estimate_dictionary(Z, rng)
    assert np.max(np.abs(found.T @ found - np.eye(d))) <= 2.0**-40
    # Angles are of order sqrt(E X^6 E X^2 / n) / |E X^4 - 3 (E X^2)^2|, below 0.02 here, of which 0.1 is five. A column
    # meets d - 1 others, so its cosine misses 1 by half the sum of so many squares.
    assert agreement(M, found) >= 1 - d * 0.1**2 / 2


def test_agreement_knows_no_order_and_no_signs_but_tells_unrelated_dictionaries_apart():
    rng = np.random.default_rng(0)
    first, second = (rotation(40, rng) for _ in range(2))
    assert agreement(first, first[:, ::-1] * -1) == pytest.approx(1, rel=2.0**-40)
    assert agreement(first, second) < 0.6


@pytest.mark.parametrize(("n", "steps", "named"), [(5, 500, "Z has 5 rows"), (50, 1, "does not settle in 1 steps")])
def test_what_cannot_be_estimated_is_told(n, steps, named):
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match=named):
        estimate_dictionary(rng.standard_normal((n, 6)), rng, steps=steps)
