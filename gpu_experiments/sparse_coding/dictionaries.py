"""Dictionaries fitted to patches by scikit-learn: dictionary learning, and independent components."""

from __future__ import annotations

import importlib
import importlib.util
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from typing import Any

import numpy as np

from numerics.arrays import Floats

DISTRIBUTION = "scikit-learn"


def why_no_dictionaries() -> str | None:
    """Return why no dictionary can be fitted here, or None where it can."""
    if importlib.util.find_spec("sklearn") is None:
        return f"{DISTRIBUTION} not installed (extra 'images')"
    return None


def library() -> str:
    """Return name and version of what fits dictionaries."""
    return f"{DISTRIBUTION} {version(DISTRIBUTION)}"


def learned_dictionary(patches: Floats, atoms: int, passes: int, threshold: float, rng: np.random.Generator) -> Floats:
    """Return unit atoms that give `patches` (n, d) sparse codes, shape (d, atoms).

    Parameters
    ----------
    patches : array, shape (n, d)
    atoms : int
    passes : int
        Over the patches.
    threshold : float
        Penalty of coefficients, in standard deviations of a direction of mean variance: smaller ones become 0 where
        atoms are orthogonal.
    rng : Generator

    References
    ----------
    J. Mairal, F. Bach, J. Ponce and G. Sapiro, "Online dictionary learning for sparse coding", ICML 2009.
    """
    scale = np.sqrt(np.mean(patches**2))
    learner = _decomposition().MiniBatchDictionaryLearning(
        atoms,
        alpha=threshold,
        fit_algorithm="cd",
        batch_size=256,
        max_iter=passes,
        tol=0,
        max_no_improvement=None,
        random_state=int(rng.integers(2**31)),
    )
    # Codes of a batch need not be exact for the dictionary to improve on it.
    with _convergence_warnings("ignore"):
        M = np.asarray(learner.fit(patches / scale).components_.T, dtype=np.float64)
    return np.asarray(M / np.linalg.norm(M, axis=0))


def independent_components(patches: Floats, iterations: int, rng: np.random.Generator) -> tuple[Floats, bool]:
    """Return the orthogonal dictionary of white `patches` (n, d), shape (d, d), and whether the search ended.

    References
    ----------
    A. Hyvarinen, "Fast and robust fixed-point algorithms for independent component analysis", IEEE Transactions on
    Neural Networks 10 (1999).
    """
    search = _decomposition().FastICA(
        whiten=False, fun="logcosh", max_iter=iterations, tol=1e-3, random_state=int(rng.integers(2**31))
    )
    with _convergence_warnings("ignore"):
        search.fit(patches)
    return np.asarray(search.components_.T, dtype=np.float64), bool(search.n_iter_ < iterations)


def _decomposition() -> Any:
    return importlib.import_module("sklearn.decomposition")


@contextmanager
def _convergence_warnings(action: Any) -> Iterator[None]:
    category = importlib.import_module("sklearn.exceptions").ConvergenceWarning
    with warnings.catch_warnings():
        warnings.simplefilter(action, category)
        yield
