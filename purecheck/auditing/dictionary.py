"""The dictionary of a network whose file holds none, estimated from observations."""

from dataclasses import replace
from typing import Any

import numpy as np

from numerics.arrays import Floats
from numerics.dictionary import agreement, estimate_dictionary
from numerics.rounding import gamma
from numerics.streams import Streams
from purecheck.auditing.given_network import GivenNetwork


def with_dictionary(
    network: GivenNetwork, file: str, Z: Floats, streams: Streams
) -> tuple[GivenNetwork, dict[str, Any]]:
    """The network with the dictionary estimated from `Z`, and how well the estimates from two halves of `Z` agree.

    Features have mean 0 in the theory, so `Z` is taken less its mean; `data_mean` is the size of that mean as a share
    of the root mean square of `Z`.

    Parameters
    ----------
    network
        With no dictionary of its own.
    file
        Name of the file that holds `Z`, for messages.
    Z
        Observations `(n, d)`.
    streams
        For the random starts of the estimates.

    Raises
    ------
    ValueError
        If the network has a dictionary, or `Z` does not vary in all directions.
    """
    if network.M is not None:
        raise ValueError(f"--data is {file}; expected none for weights that come with a dictionary M")
    names = ("dictionary", "first half", "second half")
    M, *halves = (
        estimate_dictionary(centred(part, file), streams.generator(name))
        for name, part in zip(names, (Z, Z[::2], Z[1::2]), strict=True)
    )
    origin = {"dictionary": "estimated", "dictionary_agreement": agreement(*halves), "data_mean": mean_share(Z)}
    return replace(network, M=M), origin


def centred(Z: Floats, file: str) -> Floats:
    """`Z` less its mean, in units in which its largest entry is 1: squares of smaller ones may underflow."""
    scaled = Z / (np.max(np.abs(Z)) or 1.0)
    centred = scaled - np.mean(scaled, axis=0)
    # The mean of n numbers errs by n roundings, so that constant columns are left with as much.
    least = gamma(len(Z) + 1, "float64") * np.sqrt(len(Z)) * np.sqrt(Z.shape[1])
    directions = int(np.sum(np.linalg.svd(centred, compute_uv=False) > least))
    if directions < Z.shape[1]:
        raise ValueError(
            f"{file} varies in {directions} of {Z.shape[1]} directions; expected observations that vary in all of "
            "them, from which a dictionary can be estimated"
        )
    return np.asarray(centred)


def mean_share(Z: Floats) -> float:
    """The norm of the mean of `Z` as a share of the root mean square of the norms."""
    scaled = Z / np.max(np.abs(Z))
    return float(np.linalg.norm(np.mean(scaled, axis=0)) / np.sqrt(np.mean(np.sum(scaled**2, axis=1))))
