"""What a hidden layer does on data of the user: which nodes fire, how pure they are, and what the network hears."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from numerics.arrays import Floats
from numerics.dictionary import agreement, estimate_dictionary
from numerics.purity import energy_mean, largest_share, live_mean, live_nodes, participation_ratio
from numerics.rounding import gamma
from numerics.streams import Streams
from purecheck.auditing.dictionary import centred, mean_share
from purecheck.auditing.structure import Structure, structure
from purecheck.networks.description import Layer
from purecheck.networks.evaluation import preactivations

DICTIONARIES = ("none", "identity", "estimated")


@dataclass(frozen=True, eq=False)
class Dictionary:
    """The dictionary of the inputs of a layer, and where it comes from.

    Attributes
    ----------
    M
        Orthogonal `(d, d)`; None where there is none.
    origin
        `none`, `identity`, `given` or `estimated`, with facts on the estimate.
    """

    M: Floats | None
    origin: dict[str, Any]


@dataclass(frozen=True, eq=False)
class LayerFacts:
    """A hidden layer on data.

    Attributes
    ----------
    firing_rate, gate_ratio
        Of every node `(H,)`; see `layer_facts`.
    participation_ratio, largest_share, feature
        Of every node in the dictionary `(H,)`; None without one.
    structure
        Kind of the layer; None without a dictionary.
    means
        Means over the nodes that fire and that the next layer hears.
    """

    firing_rate: Floats
    gate_ratio: Floats | None
    participation_ratio: Floats | None
    largest_share: Floats | None
    feature: Floats | None
    structure: Structure | None
    means: dict[str, float | None]


def dictionary_of(given: str | Floats, below: Floats, streams: Streams) -> Dictionary:
    """The dictionary of the inputs `(n, d)` of a layer.

    Parameters
    ----------
    given
        Out of `DICTIONARIES`, or an orthogonal matrix `(d, d)`.
    below
        Inputs of the layer; an estimate is made from them, less their mean.
    streams
        For the random starts of an estimate.

    Raises
    ------
    ValueError
        If the inputs determine no dictionary.
    """
    if not isinstance(given, str):
        return Dictionary(given, {"dictionary": "given"})
    if given not in DICTIONARIES:
        raise ValueError(f"dictionary is {given!r}; expected one of {', '.join(DICTIONARIES)}, or a matrix")
    if given == "none":
        return Dictionary(None, {"dictionary": "none"})
    if given == "identity":
        return Dictionary(np.eye(below.shape[1]), {"dictionary": "identity"})
    names = ("dictionary", "first half", "second half")
    M, *halves = (
        estimate_dictionary(centred(part, "the inputs of the layer"), streams.generator(name))
        for name, part in zip(names, (below, below[::2], below[1::2]), strict=True)
    )
    origin = {"dictionary": "estimated", "dictionary_agreement": agreement(*halves), "data_mean": mean_share(below)}
    return Dictionary(M, origin)


def layer_facts(layer: Layer, heads: Floats, below: Floats, M: Floats | None) -> LayerFacts:
    """Facts on a hidden layer.

    A node fires where its slope is not 0. Its gate ratio is `(b_h - c_h) / (||w_h|| s)`, threshold less bias, with `s`
    the root mean square of the norms of the inputs of the layer: the cosine with an input of that norm at which the
    node opens; below 0 it is open at zero input.

    Parameters
    ----------
    layer
        With a unit.
    heads
        How loudly the next layer hears each node, `(H,)`.
    below
        Inputs of the layer `(n, d)`.
    M
        Dictionary of these inputs; None without one.
    """
    firing = np.mean(layer.unit.derivative(preactivations(layer, below)) != 0, axis=0)
    norms = np.linalg.norm(layer.W, axis=0)
    scale = np.sqrt(np.mean(np.sum(below**2, axis=1)))
    size = norms * scale
    ratio = None
    if layer.opening is not None:
        ratio = np.divide(layer.opening, size, out=np.full_like(size, np.nan), where=size > 0)
    heard = np.where(firing > 0, heads, 0.0)
    live = live_nodes(layer.W, heard)
    means = {
        "firing_rate": _number(live_mean(firing, live)),
        "gate_ratio": None if ratio is None else _number(live_mean(ratio, live)),
        "silent_nodes": float(np.sum(firing == 0)),
    }
    if M is None:
        return LayerFacts(firing, ratio, None, None, None, None, means)
    U = M.T @ layer.W
    participation, share = participation_ratio(U), largest_share(U)
    means |= {
        "participation_ratio": _number(live_mean(participation, live)),
        "participation_ratio_by_energy": _number(energy_mean(participation, U, heard)),
        "largest_share": _number(live_mean(share, live)),
    }
    energy = heard * norms
    resolution = gamma(len(U) + 2, "float64") * norms
    kind = structure(U, energy, resolution) if np.any(energy > 0) else None
    return LayerFacts(firing, ratio, participation, share, np.argmax(np.abs(U), axis=0).astype(float), kind, means)


def effective_map(gradients: Floats, below: Floats, M: Floats) -> dict[str, float | None]:
    """Energy and cross-talk of the effective map on data.

    A feature `x_i` of `x = M^T z` counts as active where it is at least `r/2`, half of the amplitude of the law of
    constant amplitude with the same second and fourth moments, `r^2 = sum x^4 / sum x^2`.

    Parameters
    ----------
    gradients
        Of every output in the inputs of the layer, `(q, n, d)`.
    below
        Inputs of the layer `(n, d)`.
    M
        Their dictionary.
    """
    X = below @ M
    scaled = X / (np.max(np.abs(X)) or 1.0)
    squares = np.sum(scaled**2)
    amplitude = np.sqrt(np.sum(scaled**4) / squares) if squares > 0 else 0.0
    absent = np.abs(scaled) < amplitude / 2
    beta2 = np.sum((gradients @ M) ** 2, axis=0)
    energy = float(np.mean(np.sum(beta2, axis=1)))
    off = float(np.mean(np.sum(beta2 * absent, axis=1)))
    return {
        "energy": energy,
        "cross_talk": off / energy if energy > 0 else None,
        "active_features": float(np.mean(np.sum(~absent, axis=1))),
        "active_share": float(np.mean(~absent)),
    }


def _number(value: Any) -> float | None:
    return float(value) if np.isfinite(value) else None
