import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from numerics.streams import Streams

names = st.text(min_size=1, max_size=20)


def first_draws(streams, name):
    return streams.generator(name).integers(0, 2**63, 4).tolist()


@given(seed=st.integers(0, 2**128), wanted=names, others=st.lists(names))
def test_a_new_name_shifts_no_other(seed, wanted, others):
    alone = first_draws(Streams(seed), wanted)
    streams = Streams(seed)
    for name in others:
        streams.generator(name).random(3)
        streams.child(name).generator(name).random()
    assert first_draws(streams, wanted) == alone


@given(seed=st.integers(0, 2**64), pair=st.lists(names, min_size=2, max_size=2, unique=True))
def test_different_names_and_different_seeds_draw_differently(seed, pair):
    one, other = pair
    draws = [
        first_draws(Streams(seed), one),
        first_draws(Streams(seed), other),
        first_draws(Streams(seed + 1), one),
    ]
    assert len({tuple(d) for d in draws}) == 3


@given(seed=st.integers(0, 2**64), prefix=names, name=names)
def test_names_are_paths(seed, prefix, name):
    streams = Streams(seed)
    assert first_draws(streams.child(prefix), name) == first_draws(streams, f"{prefix}/{name}")


def test_two_names_are_uncorrelated():
    """The correlation of n independent normal pairs has variance 1/(n-1): 6.1 of its standard deviations are
    exceeded with probability 1e-9."""
    n = 10_000
    streams = Streams(0)
    x, y = (streams.generator(f"replica {k}").standard_normal(n) for k in (0, 1))
    assert abs(np.corrcoef(x, y)[0, 1]) < 6.2 / np.sqrt(n - 1)


def test_recorded_seeds_keep_their_meaning():
    """Reports name a seed: its streams must not change from one release to the next."""
    raw = Streams(20240115).child("gate").generator("noise").bit_generator.random_raw()
    assert raw == 15_515_013_960_736_249_941


@pytest.mark.parametrize("call", [lambda s: s.generator(""), lambda s: s.child("")])
def test_an_empty_name_is_refused(call):
    with pytest.raises(ValueError, match="name is empty"):
        call(Streams(0))


def test_a_negative_seed_is_refused():
    with pytest.raises(ValueError, match="seed is -1"):
        Streams(-1)
