"""The case of a linear head: least squares on frozen features."""

from functools import partial

import numpy as np

from numerics.backend import to_numpy
from numerics.heads import least_squares_head
from numerics.rounding import gamma
from purecheck.bench.agreement import expect_agreement
from purecheck.bench.case import Case, Match
from purecheck.bench.contestant import Contestant
from purecheck.bench.device import synchronisation
from purecheck.bench.floor import FLOOR
from purecheck.bench.ours import OURS
from purecheck.bench.problem import CaseSize, Single
from purecheck.bench.settings import Settings
from purecheck.bench.step_bounds import Uncertain


def head_case(size: CaseSize) -> Case:
    """The case of least-squares heads for `n` observations of `H` Gaussian features, with a known solution."""
    return Case("head", size, "one matrix product: the Gram matrix of the features", partial(_match, size))


def _match(size: CaseSize, settings: Settings) -> Match:
    rng, backend = settings.streams.generator(f"head/{size}"), settings.backend
    host = rng.standard_normal((size.replicas, size.n, size.hidden), dtype=np.float32)
    truth = rng.standard_normal((size.replicas, size.hidden))
    labels = np.einsum("rnh,rh->rn", host.astype(np.float64), truth).astype(np.float32)
    features, y, finish = backend.asarray(host), backend.asarray(labels), synchronisation(backend)
    columns = backend.xp.matrix_transpose(features)
    gram = backend.asarray(np.empty((size.replicas, size.hidden, size.hidden), np.float32))

    def solve() -> object:
        head = least_squares_head(features, y)
        finish()
        return head

    def multiply() -> None:
        np.matmul(columns, features, out=gram)
        finish()

    expected = {"head": Uncertain(truth, _error(host, truth))}
    peers = [makers["head"](host, labels) for makers in settings.field.present.values() if "head" in makers]
    mine = Contestant(OURS, solve, lambda head: {"head": to_numpy(head)})
    contestants = [mine, Contestant(FLOOR, multiply), *peers]
    return Match(contestants, lambda name, outcome: expect_agreement(name, outcome, expected))


def _error(features: Single, truth: np.ndarray) -> np.ndarray:
    """A bound on the error of a head computed in float32, the same for each of its coordinates.

    Labels are exact up to one rounding, so the residual vanishes, and a backward stable solution errs by at most
    `||da||/||a|| <= 2 kappa eta/(1 - kappa eta)`, where `eta = gamma_{n H}` bounds its backward error and the rounding
    of the labels (Higham 2002, theorems 20.1 and 20.3).
    """
    n, H = features.shape[-2:]
    s = np.linalg.svd(features.astype(np.float64), compute_uv=False)
    share = s[:, 0] / s[:, -1] * gamma(n * H, "float32")
    if share.max() >= 1:
        raise ValueError(f"features have condition {s[:, 0].max() / s[:, -1].min():.3g}; expected below 1/gamma_(n H)")
    length = np.linalg.norm(truth, axis=-1)
    return np.broadcast_to((2 * share / (1 - share) * length)[:, None], truth.shape)
