"""How far rounding may carry the outputs and the gradients of a described network."""

import numpy as np

from numerics.rounding import gamma
from purecheck.networks.units import JUMPING

# 1.1289 for GELU, max Phi(v) + v phi(v), and 1.0998 for SiLU; at most 1 for every other unit
STEEPEST = 1.13

# NumPy, SciPy, PyTorch and ONNX promise elementary functions to about 4 units in the last place, each two roundings; a
# unit takes one and at most eight operations beside it, on numbers of at most 1 + |v|
ELEMENTARY = 16


def output_error(network, Z, elementary="float64"):
    """Bound the error of computed outputs ``(n, q)``, whatever the order of the sums; infinite if it may move a jump.

    Parameters
    ----------
    network : Network
        Its layers may follow one another without a unit: the bound then holds for the product of their matrices too.
    Z : array
        Inputs ``(n, d)``.
    elementary : str
        Type of number in which the activations are computed.
    """
    error = np.zeros_like(Z)
    for layer in network.layers:
        # products, sums, the bias, a factor of the weights, and the second order of what is computed here
        roundings = gamma(len(layer.W) + 4, "float64")
        sizes = (np.abs(Z) + error) @ np.abs(layer.W) + np.abs(layer.bias)
        error = error @ np.abs(layer.W) * (1 + roundings) + roundings * sizes
        V = Z @ layer.W + layer.bias
        if layer.activation in JUMPING:
            distance = np.abs(V) if layer.activation == "gate" else V
            error = np.where(np.abs(distance - layer.threshold) > error, error, np.inf)
        if layer.activation != "identity":
            error = STEEPEST * error + gamma(ELEMENTARY, elementary) * (1 + np.abs(V))
        Z = layer.unit.value(V)
    return error


def gradient_error(network, cotangents):
    """Bound the error of computed gradients ``(n, d)`` of ``g^T f`` for the `cotangents` g ``(n, q)``.

    Every slope errs relative to 1 by at most `ELEMENTARY` roundings, and those of the units are decided alike.
    """
    sizes = np.abs(cotangents)
    for layer in reversed(network.layers):
        sizes = STEEPEST * sizes @ np.abs(layer.W).T
    return gamma(sum(layer.W.shape[1] + ELEMENTARY + 1 for layer in network.layers), "float64") * sizes


def assert_within(found, expected, bound):
    """Assert that two arrays of one shape differ by at most `bound`, which is finite."""
    assert found.shape == expected.shape
    assert np.all(np.isfinite(bound))
    assert np.all(np.abs(found - expected) <= bound), np.max(np.abs(found - expected) - bound)
