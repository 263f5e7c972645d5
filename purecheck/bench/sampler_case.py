"""The case of the sampler of sparse features with signs."""

from functools import partial

import numpy as np

from numerics.features import FeatureLaw
from numerics.statistics import proportion_interval
from purecheck.bench.agreement import DisagreementError
from purecheck.bench.case import Case, Match
from purecheck.bench.contestant import Computed, Contestant
from purecheck.bench.floor import FLOOR
from purecheck.bench.ours import OURS
from purecheck.bench.problem import CaseSize, P
from purecheck.bench.settings import Settings


def sampler_case(size: CaseSize) -> Case:
    """The case of sampling features for `replicas` batches of `n` observations."""
    return Case("sampler", size, "one uniform number a coordinate", partial(_match, size))


def _match(size: CaseSize, settings: Settings) -> Match:
    law = FeatureLaw.unit_energy(size.d, P)
    rng = settings.streams.generator("sampler")
    shape = (size.replicas, size.n)
    numbers = np.empty((*shape, size.d), np.float32)
    mine = Contestant(OURS, lambda: law.sample(rng, shape, np.float32), lambda X: {"X": X})
    least = Contestant(FLOOR, lambda: rng.random(dtype=np.float32, out=numbers))
    peers = [
        makers["sampler"](law, (*shape, size.d)) for makers in settings.field.present.values() if "sampler" in makers
    ]
    return Match([mine, least, *peers], partial(expect_law, law))


def expect_law(law: FeatureLaw, name: str, outcome: Computed) -> None:
    """Compare samples `X` with their law: one amplitude, and the right share of each sign.

    Raises
    ------
    DisagreementError
        If an entry has another amplitude, or a share deviates by more than chance does with probability 1e-9.
    """
    X = outcome["X"]
    amplitude = np.float32(np.sqrt(law.amplitude.second_moment))
    if np.any((X != 0) & (np.abs(X) != amplitude)):
        raise DisagreementError(f"{name} samples amplitudes other than {amplitude}")
    for sign in (-1, 1):
        count = int(np.sum(np.sign(X) == sign))
        if law.p / 2 not in proportion_interval(count, X.size):
            share = f"{count}/{X.size}"
            raise DisagreementError(f"{name} samples the sign {sign} with frequency {share}; expected {law.p / 2:g}")
