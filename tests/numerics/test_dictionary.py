import numpy as np
import pytest
import scipy.linalg
import scipy.stats

from numerics.dictionary import agreement, estimate_dictionary
from numerics.features import ConstantAmplitude, FeatureLaw, UniformAmplitude, observe, rotation
from numerics.rounding import gamma
from numerics.statistics import FALSE_ALARM


def polar_bound(d):
    """Bound `|M^T M - I|` for a polar factor `M = L R` as computed.

    LAPACK applies 2 d reflections of d entries to each of `L` and `R`, and at most 6 d^2 plane rotations where
    d <= 25: each leaves a computed orthogonal factor off by fewer than 4 d, or 6, roundings (Higham, lemmas 19.3 and
    19.7). Twice that for each of `L` and `R`, and d for each of the products `L R` and `M^T M`, of rows of norm 1.
    """
    return gamma(4 * (2 * d * 4 * d + 6 * d**2 * 6) + 2 * d, "float64")


@pytest.mark.parametrize("amplitude", [ConstantAmplitude(0.7), UniformAmplitude(1.0, 1.5)])
@pytest.mark.parametrize("p", [0.05, 0.15, 0.9])
def test_the_dictionary_is_found_up_to_order_and_sign(p, amplitude):
    rng, d, n = np.random.default_rng(3), 10, 20_000
    M = rotation(d, rng)
    Z = np.asarray(observe(FeatureLaw(d, p, amplitude).sample(rng, (n,)), M, 0.02, rng))
    found = estimate_dictionary(Z, rng)
    assert np.max(np.abs(found.T @ found - np.eye(d))) <= polar_bound(d)
    # Angles are of order sqrt(E X^6 E X^2 / n) / |E X^4 - 3 (E X^2)^2|, below 0.02 here, of which 0.1 is five. A column
    # meets d - 1 others, so its cosine misses 1 by half the sum of so many squares.
    assert agreement(M, found) >= 1 - d * 0.1**2 / 2


def test_agreement_knows_no_order_and_no_signs():
    exact = scipy.linalg.hadamard(16) / 4.0
    assert agreement(exact, exact[:, ::-1] * -1) == 1


def test_agreement_tells_unrelated_dictionaries_apart():
    d, rng = 256, np.random.default_rng(0)
    # The square of a cosine to a random direction is Beta(1/2, (d - 1)/2): among d^2 none is above 0.5.
    assert d**2 * scipy.stats.beta.sf(0.5**2, 0.5, (d - 1) / 2) <= FALSE_ALARM
    assert agreement(rotation(d, rng), rotation(d, rng)) <= 0.5


@pytest.mark.parametrize(("n", "steps", "named"), [(5, 500, "Z has 5 rows"), (50, 1, "does not settle in 1 steps")])
def test_what_cannot_be_estimated_is_told(n, steps, named):
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match=named):
        estimate_dictionary(rng.standard_normal((n, 6)), rng, steps=steps)
