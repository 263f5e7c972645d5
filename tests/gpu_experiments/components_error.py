"""How far independent components of a sample lie from the true ones, to first order in one over its size."""

import numpy as np


def sparse_law(p, sigma):
    """Nodes and weights that integrate functions of ``X_i + noise``, of variance 1: ``X_i`` is 1 (or -1) or 0."""
    x, weights = np.polynomial.hermite_e.hermegauss(80)
    values = np.concatenate([sigma * x, 1 + sigma * x])
    weights = np.concatenate([(1 - p) * weights, p * weights]) / weights.sum()
    return values / np.sqrt(weights @ values**2), weights


def turn_variance(values, weights):
    """n times the variance of an entry of the small rotation by which FastICA misses components of this law.

    P. Tichavsky, Z. Koldovsky and E. Oja, "Performance analysis of the FastICA algorithm and Cramer-Rao bounds", IEEE
    Transactions on Signal Processing 54 (2006): n times the variance of an entry of the whole error is
    ``(2 gamma + tau^2) / (2 tau)^2`` for components of one law, symmetric decorrelation and g = tanh. Of that 1/4 is
    the error of the whitening, which is symmetric; the rest is the rotation's.
    """
    g = np.tanh(values)
    correlation = weights @ (values * g)
    gamma, tau = weights @ g**2 - correlation**2, correlation - weights @ (1 - g**2)
    return gamma / (2 * tau**2)
