"""The dictionary of a network whose file holds none, estimated from observations."""

from dataclasses import replace
from typing import Any

from numerics.arrays import Floats
from numerics.dictionary import agreement, estimate_dictionary
from numerics.streams import Streams
from purecheck.auditing.given_network import GivenNetwork


def with_dictionary(
    network: GivenNetwork, file: str, Z: Floats, streams: Streams
) -> tuple[GivenNetwork, dict[str, Any]]:
    """The network with the dictionary estimated from `Z`, and how well the estimates from two halves of `Z` agree.

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
        If the network has a dictionary.
    """
    if network.M is not None:
        raise ValueError(f"--data is {file}; expected none for weights that come with a dictionary M")
    names = ("dictionary", "first half", "second half")
    M, *halves = (
        estimate_dictionary(part, streams.generator(name))
        for name, part in zip(names, (Z, Z[::2], Z[1::2]), strict=True)
    )
    return replace(network, M=M), {"dictionary": "estimated", "dictionary_agreement": agreement(*halves)}
