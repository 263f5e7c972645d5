"""Heads: the least objective, the same answer as an independent solver, and the way back to raw features."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression, Ridge

from gpu_experiments.heads import EXCESS, least_squares_head, logistic_head, scaled
from numerics.backend import Backend, select_backend, to_numpy
from numerics.classification import cross_entropy
from numerics.rounding import gamma

N, WIDTH, CLASSES, RIDGE = 200, 6, 3, 0.01


def drawn(backend: Backend):
    rng = np.random.default_rng(0)
    features = rng.standard_normal((N, WIDTH)) * np.arange(1, WIDTH + 1) + 3
    features[:, 0] = 2.0
    labels = rng.integers(0, CLASSES, N) * (features[:, 1] > 3)
    return backend.asarray(features, "float64"), backend.asarray(labels, "int64")


def penalised(features, labels, C, c0) -> float:
    loss = np.mean(cross_entropy(features @ C + c0, labels))
    return float(loss + RIDGE * (np.sum(C**2) + np.sum(c0**2)))


def test_logistic_head_is_within_its_excess_of_an_independent_solver(backend: Backend) -> None:
    features, labels = drawn(backend)
    ready = scaled(features)
    found = logistic_head(ready, labels, CLASSES, RIDGE, 500)
    assert found.excess <= EXCESS
    X, y = to_numpy(ready.values), to_numpy(labels)
    # the constant is penalised as well: a feature that is 1 everywhere
    with_one = np.concatenate([X, np.ones((N, 1))], axis=1)
    peer = LogisticRegression(C=1 / (2 * RIDGE * N), fit_intercept=False, tol=1e-10, max_iter=5000).fit(with_one, y)
    least = penalised(X, y, peer.coef_.T[:-1], peer.coef_.T[-1])
    mean = to_numpy(ready.mean)
    C = to_numpy(found.C) * ready.scale
    ours = penalised(X, y, C, to_numpy(found.c0) + mean @ to_numpy(found.C))
    assert ours <= least + EXCESS


def test_least_squares_head_solves_the_normal_equations(backend: Backend) -> None:
    features, labels = drawn(backend)
    raw = to_numpy(features).copy()
    found = least_squares_head(scaled(features), labels, CLASSES, RIDGE)
    alike = (raw - raw.mean(axis=0)) / np.sqrt(raw.var(axis=0).mean())
    peer = Ridge(alpha=RIDGE * N).fit(alike, np.eye(CLASSES)[to_numpy(labels)])
    # the trace of the Gram matrix is WIDTH, its condition at most that over RIDGE; its sums take N roundings
    slack = 2 * gamma(N + 10 * WIDTH, "float64") * WIDTH * (1 + WIDTH / RIDGE)
    ours = raw @ to_numpy(found.C) + to_numpy(found.c0)
    np.testing.assert_allclose(ours, peer.predict(alike), rtol=0, atol=slack)


def test_heads_refuse_no_penalty() -> None:
    features, labels = drawn(select_backend("numpy"))
    for fit in (
        lambda: logistic_head(scaled(features), labels, 3, 0.0, 1),
        lambda: least_squares_head(scaled(features), labels, 3, 0.0),
    ):
        with pytest.raises(ValueError, match="ridge"):
            fit()
