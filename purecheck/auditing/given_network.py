"""A network that someone hands in: read from its file, and brought to one shape once it is known to make sense."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numerics.activations import ACTIVATIONS, THRESHOLDED, ActivationName, expect_activation
from numerics.arrays import Floats
from numerics.rounding import gamma, unit_roundoff
from purecheck.io.untrusted import LIMIT, read_npz
from purecheck.networks.description import Layer, Network, linear, network_of, with_unit
from purecheck.networks.reading import STATE_DICTS, WHOLE, is_theorys, read_described
from purecheck.networks.state_dict import Names
from purecheck.networks.tensors import finite_numbers
from purecheck.networks.units import LEAKY_SLOPE

ARRAYS = ("W", "b", "a", "C", "M", "activation")
ORTHOGONAL = 1e-3
"""How far `M^T M` may be from the identity in l2: feature weights are then right to the three digits printed."""


@dataclass(frozen=True, eq=False)
class GivenNetwork:
    """One network with a hidden layer, or replicas of it.

    Attributes
    ----------
    W
        Weights `(replicas, d, H)`.
    heads
        One row an output, `(replicas, q, H)`; a network with one output has `q = 1`.
    b
        Thresholds `(replicas, H)`, 0 for an activation that has none; of a biased ReLU they may be below 0.
    M
        Orthogonal dictionary `(d, d)`; None where the file holds none.
    activation
        Of the nodes.
    offset
        Constant of each output, `(replicas, q)`: the bias of the head.
    roundoff
        Unit roundoff of the least precise of `W` and `M` in the file, 0 for integers.
    """

    W: Floats
    heads: Floats
    b: Floats
    M: Floats | None
    activation: ActivationName
    offset: Floats
    roundoff: float

    @property
    def head_sizes(self) -> Floats:
        """How loudly the outputs hear each node, `||C_h||`, shape `(replicas, H)`; `|a_h|` for one output."""
        return np.asarray(np.linalg.norm(self.heads, axis=1))

    @property
    def features(self) -> Floats:
        """Feature weights `U = M^T W`, `(replicas, d, H)`."""
        return self.W if self.M is None else self.M.T @ self.W

    @property
    def resolution(self) -> Floats:
        """Bound on the error of every entry of a column of `features`, `(replicas, H)`; 0 without a dictionary.

        An entry is a sum of `d` products of numbers that were rounded when the file was written, of a matrix that is
        away from an orthogonal one.
        """
        norms = np.linalg.norm(self.W, axis=1)
        if self.M is None:
            return np.zeros_like(norms)
        # a row of |M|^T |w| is at most ||w||, since columns of M have norm 1
        return np.asarray((gamma(len(self.M) + 2, "float64") + 2 * self.roundoff + _away(self.M)) * norms)

    def on(self, W: Floats) -> "GivenNetwork":
        """The network with other weights, in feature coordinates."""
        return replace(self, W=W, M=None)


def read_network(
    path: Path, *, names: Names, b: float | None = None, activation: str | None = None, limit: int = LIMIT
) -> GivenNetwork:
    """The network in a file, as the theory writes it.

    Parameters
    ----------
    path
        `.npz` with `W`, `a` or `C`, and optionally `b`, `M`, `activation`; or a file of a framework, see
        `purecheck.networks.reading`.
    names
        Of tensors in a state dict.
    b
        Threshold of every node where the file holds none; None for 0.
    activation
        Of the nodes where the file does not say; None for the gate.
    limit
        Bytes of arrays that the file may declare.

    Raises
    ------
    ValueError
        If the file is broken or does not hold one such network.
    """
    if path.suffix in (*STATE_DICTS, *WHOLE):
        return as_given(read_described(path, names=names, activation=activation, b=b, limit=limit))
    arrays = read_npz(path, limit)
    if not is_theorys(path, arrays):
        return as_given(read_described(path, names=names, activation=activation, b=b, limit=limit))
    if any(vars(names).values()):
        raise ValueError(f"--layer, --head and --threshold were given for {path.name}; expected a state dict")
    if unknown := sorted(set(arrays) - set(ARRAYS)):
        raise ValueError(f"{path.name} holds {unknown[0]!r}; expected only {', '.join(ARRAYS)}")
    if activation and "activation" in arrays:
        raise ValueError(f"--activation is {activation}; expected none, for {path.name} names its own")
    if b is not None and "b" in arrays:
        raise ValueError(f"b is {b}; expected none, for {path.name} holds its own thresholds")
    return _network({"activation": np.asarray(activation or "gate")} | arrays, b)


def as_given(network: Network) -> GivenNetwork:
    """A described network as the theory writes it: `sum_h a_h act(w_h^T z)`, with thresholds in place of biases.

    A ReLU with the bias `c` is the biased ReLU of threshold `-c`, of either sign.

    Raises
    ------
    ValueError
        If the network has more or fewer layers, or a unit or bias that the theory does not have. It can be audited on
        data of its own.
    """
    if len(network.layers) != 2:
        names = ", ".join(f"{one.name!r} {one.W.shape}" for one in network.layers)
        raise ValueError(f"the network has {len(network.layers)} linear layers, {names}; expected 2 {_ON_DATA}")
    layer, head = network.layers
    activation, b = _unit_of_the_theory(layer)
    W, C = layer.W, head.W
    return GivenNetwork(
        W=W[None],
        heads=C.T[None],
        b=b[None],
        M=None if network.M is None else expect_orthogonal(network.M, len(W)),
        activation=activation,
        offset=head.bias[None],
        roundoff=max(_precision(one) for one in (W, network.M) if one is not None),
    )


def read_for_data(
    path: Path, *, names: Names, b: float | None = None, activation: str | None = None, limit: int = LIMIT
) -> Network:
    """The network in a file as it computes, whatever the theory knows of it; the arguments are those of `read_network`.

    Raises
    ------
    ValueError
        If the file is broken, holds replicas, or does not say which activation it has.
    """
    if path.suffix in (*STATE_DICTS, *WHOLE) or not is_theorys(path, read_npz(path, limit)):
        network = read_described(path, names=names, activation=activation, b=b, limit=limit)
        if path.suffix in STATE_DICTS and not (network.autoencoder or activation or names.threshold):
            raise ValueError(f"{path.name} names no activation; expected --activation")
        return network
    given = read_network(path, names=names, b=b, activation=activation, limit=limit)
    if len(given.W) > 1:
        raise ValueError(f"{path.name} holds {len(given.W)} replicas; expected one network to audit on data")
    hidden = with_unit(linear("W", given.W[0]), given.activation, given.b[0])
    return network_of([hidden, linear("head", given.heads[0].T, given.offset[0])], given.M)


_ON_DATA = "for an audit on synthetic data; give --inputs and --labels to audit it on data of your own"


def _unit_of_the_theory(layer: Layer) -> tuple[ActivationName, Floats]:
    """The activation and the thresholds under which the theory knows the nodes of a layer."""
    name, biased = layer.activation, bool(np.any(layer.bias))
    if name in ("identity", "jump_relu") or (name == "leaky_relu" and layer.slope != LEAKY_SLOPE):
        raise ValueError(f"{layer.name!r} has the unit {name}; expected one of {', '.join(ACTIVATIONS)} {_ON_DATA}")
    known = expect_activation(name)
    if known in ("relu", "biased_relu") and biased:
        return "biased_relu", layer.threshold - layer.bias
    if biased:
        place = "thresholds in its place (--threshold, --b)" if name in THRESHOLDED else "no bias in the theory"
        raise ValueError(f"the bias of {layer.name!r} is not zero; expected zero: the {name} has {place} {_ON_DATA}")
    return known, layer.threshold


def _precision(values: Floats) -> float:
    """Unit roundoff of the least precise type that holds `values`, 0 for integers."""
    if np.array_equal(values, np.round(values)):
        return 0.0
    single = values.astype(np.float32)
    if not np.array_equal(single, values):
        return unit_roundoff("float64")
    if not np.any(single.view(np.uint32) & 0xFFFF):
        return 2.0**-8  # BF16 keeps the first 16 bits of a 32-bit number
    half = np.abs(values) <= np.finfo(np.float16).max
    return unit_roundoff("float16" if np.all(half) and np.array_equal(single.astype(np.float16), values) else "float32")


def read_observations(path: Path, d: int, limit: int = LIMIT) -> Floats:
    """The observations `Z` `(n, d)` in an `.npz` file.

    Raises
    ------
    ValueError
        If the file is broken or holds something else.
    """
    arrays = read_npz(path, limit)
    if set(arrays) != {"Z"}:
        raise ValueError(f"{path.name} holds {', '.join(sorted(arrays)[:12]) or 'nothing'}; expected one array, Z")
    Z = finite_numbers("Z", arrays["Z"], least=0.0)  # their scale means nothing to an orthogonal dictionary
    if Z.ndim != 2 or Z.shape[1] != d or len(Z) < 2 * d:
        raise ValueError(f"Z has shape {Z.shape}; expected (n, {d}) with n at least {2 * d}")
    return Z


def _network(arrays: Mapping[str, NDArray[Any]], b: float | None) -> GivenNetwork:
    if "W" not in arrays or ("a" in arrays) == ("C" in arrays):
        raise ValueError(f"the file holds {', '.join(sorted(arrays)) or 'nothing'}; expected W and either a or C")
    activation = _activation(arrays["activation"])
    W = finite_numbers("W", arrays["W"])
    if W.ndim not in (2, 3) or 0 in W.shape:
        raise ValueError(f"W has shape {W.shape}; expected (d, H) or (replicas, d, H), no side 0")
    lead, (d, H) = W.shape[:-2], W.shape[-2:]
    heads = _heads(arrays, W.shape)
    thresholds = finite_numbers("b", arrays.get("b", np.asarray(b or 0.0)))
    if thresholds.shape not in ((), (H,), (*lead, H)):
        raise ValueError(
            f"b has shape {thresholds.shape}; expected ({H},) or one threshold for each node of W {W.shape}"
        )
    if activation not in THRESHOLDED and np.any(thresholds):
        raise ValueError(f"b is not 0; expected none: {activation} has no thresholds, unlike {', '.join(THRESHOLDED)}")
    if activation != "biased_relu" and np.any(thresholds < 0):
        raise ValueError(f"b has the entry {thresholds.min()}; expected thresholds of at least 0")
    replicas = lead[0] if lead else 1
    heads = heads.reshape(replicas, -1, H)
    return GivenNetwork(
        W.reshape(replicas, d, H),
        heads,
        np.broadcast_to(thresholds, (replicas, H)),
        expect_orthogonal(finite_numbers("M", arrays["M"]), d) if "M" in arrays else None,
        activation,
        np.zeros(heads.shape[:2]),
        max(_roundoff(arrays[name]) for name in ("W", "M") if name in arrays),
    )


def _heads(arrays: Mapping[str, NDArray[Any]], shape: tuple[int, ...]) -> Floats:
    *lead, d, H = shape
    if "a" in arrays:
        a = finite_numbers("a", arrays["a"])
        if a.shape != (*lead, H):
            raise ValueError(f"a has shape {a.shape}; expected {(*lead, H)}{_hint(a.shape[-1:] == (d,), shape)}")
        return a
    C = finite_numbers("C", arrays["C"])
    if C.ndim != len(lead) + 2 or C.shape[:-1] != (*lead, H) or not C.size:
        hint = _hint(C.shape[-2:-1] == (d,), shape)
        raise ValueError(f"C has shape {C.shape}; expected {(*lead, H)} and the number of outputs{hint}")
    return np.swapaxes(C, -1, -2)


def _hint(fits_rows: bool, shape: tuple[int, ...]) -> str:
    """What may be wrong if a head has an entry for each row of `W` rather than for each column."""
    return f", one entry a node (W has shape {shape}, one node a column; is it transposed?)" if fits_rows else ""


def expect_orthogonal(M: Floats, d: int) -> Floats:
    """`M`, if it is a dictionary for inputs of `d` coordinates.

    Raises
    ------
    ValueError
        If it has another shape, or is not orthogonal.
    """
    if M.shape != (d, d):
        raise ValueError(f"M has shape {M.shape}; expected {(d, d)}")
    away = _away(M)
    if away > ORTHOGONAL:
        raise ValueError(
            f"M^T M differs from the identity by {away:.2g}; expected an orthogonal M, at most {ORTHOGONAL}"
        )
    return M


def _away(M: Floats) -> float:
    return float(np.linalg.norm(M.T @ M - np.eye(len(M)), 2))


def _activation(found: NDArray[Any]) -> ActivationName:
    if found.shape != () or found.dtype.kind not in "SU":
        raise ValueError(f"activation has dtype {found.dtype} and shape {found.shape}; expected one name")
    name = found.item()
    return expect_activation(name.decode("ascii", "replace") if isinstance(name, bytes) else name[:40])


def _roundoff(found: NDArray[Any]) -> float:
    return unit_roundoff(found.dtype) if found.dtype.kind == "f" else 0.0
