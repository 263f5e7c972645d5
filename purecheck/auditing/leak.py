"""What passes through nodes at rest: the leak of a layer and its noise energy (claims A1 and A2).

A node at rest sees nothing but noise and the attack. Its slope there lets a share of an infinitesimal attack through;
the noise that it lets through is measured with its thresholds.
"""

import numpy as np

from numerics.activations import THRESHOLDED, ActivationName, activation
from numerics.arrays import Floats

_OPEN = {"gate": 1.0, "soft_threshold": 1.0, "biased_relu": 0.5}
"""The leak where the threshold is 0: the identity, or the ReLU."""
_TAILS = 9.0  # Q(9) is below the square of the rounding of 1
_POINTS = 96  # errs by less than 1e-9 for noise up to 100, where the kinks of the smooth activations are narrowest


def slopes_at_rest(name: ActivationName, b: Floats) -> Floats:
    """The leak `act'(0)` of nodes with thresholds `b`, in their shape; the mean of both sides at a kink.

    A biased ReLU whose threshold is below 0 is open at rest.
    """
    if name not in THRESHOLDED:
        return np.full(b.shape, activation(name).leak)
    return np.where(b > 0, activation(name, 1.0).leak, np.where(b < 0, 1.0, _OPEN[name]))


def noise_passed(name: ActivationName, b: Floats, s: Floats) -> Floats:
    """The share `E (act(s n) - act(0))^2 / s^2` of the energy of the noise that passes a node at rest.

    By Gauss-Legendre quadrature on every piece between the jumps and kinks, which lie at 0 and at the thresholds.

    Parameters
    ----------
    name
        Of the activation.
    b, s
        Thresholds, and the noise `sigma ||w_h||` that the nodes see, in one shape; NaN where there is none.
    """
    scale = np.where(s > 0, s, 1.0)
    kinks = b / scale if name in THRESHOLDED else np.zeros_like(s)
    inner = np.clip(np.abs(kinks), 0.0, _TAILS)[..., None]
    points, weights = np.polynomial.legendre.leggauss(_POINTS)
    total = np.zeros(s.shape)
    act = activation(name, b[..., None])
    ends = np.array([-_TAILS, 0.0, _TAILS])
    for low, high in ((ends[0], -inner), (-inner, ends[1]), (ends[1], inner), (inner, ends[2])):
        half = (np.asarray(high) - low) / 2
        n = low + half * (1 + points)
        change = act.value(scale[..., None] * n) - act.value(np.zeros_like(n))
        density = np.exp(-(n**2) / 2) / np.sqrt(2 * np.pi)
        # divided before it is squared: the square of little noise is below the smallest number
        total += np.sum(half * weights * density * (change / scale[..., None]) ** 2, axis=-1)
    return np.where(s > 0, total, np.nan)
