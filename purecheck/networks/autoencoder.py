"""Sparse autoencoders of interpretability: `W_enc, b_enc, W_dec, b_dec` and, for JumpReLU ones, `threshold`."""

import numpy as np

from purecheck.networks.description import Network, linear, network_of, with_unit
from purecheck.networks.tensors import Tensors

_UNDERSTOOD = "W_enc, b_enc, W_dec, b_dec and threshold"


def is_autoencoder(tensors: Tensors) -> bool:
    """Whether the names are those of an autoencoder."""
    return "W_enc" in tensors and "W_dec" in tensors


def from_autoencoder(tensors: Tensors) -> Network:
    """The network `x -> W_dec^T unit(W_enc^T x + b_enc) + b_dec` whose outputs are meant to be its inputs.

    With thresholds the unit is `v 1{v > threshold}` where `v > 0`, the gate of this theory on one side; else the ReLU.

    Raises
    ------
    ValueError
        If shapes do not fit, or a tensor is not understood.

    References
    ----------
    T. Lieberum et al., "Gemma Scope: open sparse autoencoders everywhere all at once on Gemma 2" (2024), section 2.
    """
    W_enc = tensors.take("W_enc")
    if W_enc.ndim != 2 or 0 in W_enc.shape:
        raise ValueError(f"'W_enc' has shape {W_enc.shape}; expected (inputs, nodes)")
    d, H = W_enc.shape
    W_dec = tensors.take("W_dec", H, d)
    b_enc = tensors.take("b_enc", H) if "b_enc" in tensors else np.zeros(H)
    b_dec = tensors.take("b_dec", d) if "b_dec" in tensors else np.zeros(d)
    encoder = linear("W_enc", W_enc, b_enc)
    if "threshold" in tensors:
        # a jump below 0 changes nothing: the ReLU closes the node there
        encoder = with_unit(encoder, "jump_relu", np.maximum(tensors.take("threshold", H), 0.0))
    else:
        encoder = with_unit(encoder, "relu")
    tensors.require_all_taken(_UNDERSTOOD)
    return network_of([encoder, linear("W_dec", W_dec, b_dec)], autoencoder=True)
