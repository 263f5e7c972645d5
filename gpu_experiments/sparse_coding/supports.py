"""Whether features are active independently of each other."""

from __future__ import annotations

import numpy as np
import scipy.stats

from numerics.arrays import Floats


def dispersion(X: Floats) -> float:
    """Return the variance of the number of active features over that of independent ones, 1 where they are.

    Parameters
    ----------
    X : array, shape (n, features)
        Codes; a feature is active where its coefficient is not 0.
    """
    active = X != 0
    p = active.mean(axis=0)
    return float(active.sum(axis=1).var() / np.sum(p * (1 - p)))


def dependent_pairs(X: Floats, false_alarm: float) -> float:
    """Return the share of pairs of features for which a test rejects independence.

    Given how often each is active, the joint count of independent features is hypergeometric. Fisher's exact test is
    used on both sides at half the rate with Bonferroni's correction, so that for independent features the probability
    of any such pair is at most `false_alarm`.

    Parameters
    ----------
    X : array, shape (n, features)
        Codes of independent patches.
    false_alarm : float
        In (0, 1).
    """
    active = (X != 0).astype(np.float64)
    together = (active.T @ active).astype(np.int64)
    counts = np.diagonal(together)
    i, j = np.triu_indices(len(counts), 1)
    law = scipy.stats.hypergeom(len(X), counts[i], counts[j])
    least = np.minimum(law.cdf(together[i, j]), law.sf(together[i, j] - 1))
    return float(np.mean(2 * least * len(i) <= false_alarm))
