import numpy as np
import pytest

from numerics.backend import select_backend, to_numpy
from numerics.contrastive.pairs import PairLaw, sample_pairs
from numerics.features import FeatureLaw, rotation
from numerics.rounding import gamma
from numerics.statistics import proportion_agrees
from numerics.streams import Streams

NUMPY = select_backend("numpy")
LAW = FeatureLaw.unit_energy(6, 0.3)
STREAMS = Streams(3)


def test_similar_pairs_share_their_features_and_dissimilar_ones_do_not():
    pairs = sample_pairs(PairLaw(LAW), 3000, STREAMS, 1, NUMPY)
    same = np.all(pairs.Z_prime == pairs.Z, axis=-1)
    assert np.all(same[pairs.y > 0])
    # Independent features agree in all coordinates with probability ((1-p)^2 + p^2/2)^d.
    apart = same[pairs.y < 0]
    assert proportion_agrees(int(apart.sum()), apart.size, (0.7**2 + 0.3**2 / 2) ** 6, detectable=0.2)


@pytest.mark.parametrize("rho", [0.0, 0.2, 0.5, 1.0])
def test_the_share_of_similar_pairs_is_rho(rho):
    y = sample_pairs(PairLaw(LAW, rho=rho), 2000, STREAMS, 1, NUMPY).y
    assert set(np.unique(y)) <= {-1.0, 1.0}
    assert proportion_agrees(int(np.sum(y > 0)), y.size, rho, detectable=0.2)


def test_noise_is_independent_on_the_two_sides():
    sigma, n = 0.1, 2000
    pairs = sample_pairs(PairLaw(LAW, sigma=sigma, rho=1.0), n, STREAMS, 1, NUMPY)
    difference = (pairs.Z - pairs.Z_prime) / sigma
    # E(xi - xi')^2 = 2; each square has variance 8, and 6.1 standard errors are exceeded with probability 1e-9.
    assert abs(np.mean(difference**2) - 2) <= 6.1 * np.sqrt(8 / difference.size)


def test_observations_are_seen_through_the_dictionary():
    M = rotation(6, np.random.default_rng(0))
    plain, seen = (sample_pairs(PairLaw(LAW, one), 50, STREAMS, 2, NUMPY) for one in (None, M))
    for side in ("Z", "Z_prime"):
        X, Z = getattr(plain, side), getattr(seen, side)
        assert np.all(np.abs(Z - X @ M.T) <= 2 * gamma(6, "float64") * np.abs(X) @ np.abs(M.T))
    assert np.array_equal(plain.y, seen.y)


def test_a_replica_does_not_depend_on_how_many_there_are(backend):
    one, three = (sample_pairs(PairLaw(LAW, sigma=0.1), 5, STREAMS, k, backend, "float32") for k in (1, 3))
    for side in ("Z", "Z_prime", "y"):
        x = getattr(three, side)
        assert x.dtype == backend.xp.float32
        assert np.array_equal(to_numpy(getattr(one, side))[0], to_numpy(x)[0])
        assert not np.array_equal(to_numpy(x)[0], to_numpy(x)[1])


@pytest.mark.parametrize(("field", "value"), [("rho", 1.5), ("rho", -0.1), ("sigma", -1.0)])
def test_a_law_names_the_field_that_is_wrong(field, value):
    with pytest.raises(ValueError, match=f"^{field} is {value}; expected "):
        PairLaw(LAW, **{field: value})
