"""A network that someone hands in: read from its file, and brought to one shape once it is known to make sense."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from purecheck.auditing.untrusted import LIMIT, Arrays, read_npz, read_safetensors

Floats = NDArray[np.float64]

ARRAYS = ("W", "b", "a", "C", "M", "activation")
LARGEST = 1e30
"""Weights, heads, observations and targets up to this size keep every squared loss finite in float64."""
ORTHOGONAL = 1e-3
"""How far `M^T M` may be from the identity in l2: feature weights are then right to the three digits printed."""


@dataclass(frozen=True, eq=False)
class GivenNetwork:
    """One gated network, or replicas of it.

    Attributes
    ----------
    W
        Weights `(replicas, d, H)`.
    heads
        One row an output, `(replicas, q, H)`; a network with one output has `q = 1`.
    b
        Thresholds `(replicas, H)`.
    M
        Orthogonal dictionary `(d, d)`; None where the file holds none.
    """

    W: Floats
    heads: Floats
    b: Floats
    M: Floats | None

    @property
    def head_sizes(self) -> Floats:
        """How loudly the outputs hear each node, `||C_h||`, shape `(replicas, H)`; `|a_h|` for one output."""
        return np.asarray(np.linalg.norm(self.heads, axis=1))


def read_network(
    path: Path, *, layer: str | None, head: str | None, threshold: str | None, b: float, limit: int = LIMIT
) -> GivenNetwork:
    """The network in a file, `.npz` or (by its name) `.safetensors`.

    Parameters
    ----------
    path
        `.npz` with `W`, `a` or `C`, and optionally `b`, `M`, `activation`; `.safetensors` with a `state_dict`, and
        optionally the dictionary under the name `M`.
    layer, head, threshold
        Names of tensors in a `state_dict`; the two weight matrices are found where they follow from their shapes.
    b
        Threshold of every node where the file holds none.
    limit
        Bytes of arrays that the file may declare.

    Raises
    ------
    ValueError
        If the file is broken or does not hold one gated network.
    """
    if path.suffix == ".safetensors":
        return _network(_from_state_dict(read_safetensors(path, limit), layer, head, threshold), b)
    if layer or head or threshold:
        raise ValueError(f"--layer, --head and --threshold were given for {path.name}; expected a .safetensors file")
    arrays = read_npz(path, limit)
    if unknown := sorted(set(arrays) - set(ARRAYS)):
        raise ValueError(f"{path.name} holds {unknown[0]!r}; expected only {', '.join(ARRAYS)}")
    return _network(arrays, b)


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
    Z = _numbers("Z", arrays["Z"])
    if Z.ndim != 2 or Z.shape[1] != d or len(Z) < 2 * d:
        raise ValueError(f"Z has shape {Z.shape}; expected (n, {d}) with n at least {2 * d}")
    return Z


def _from_state_dict(tensors: Arrays, layer: str | None, head: str | None, threshold: str | None) -> Arrays:
    """The tensors under the names of an `.npz`; PyTorch keeps a linear map as `(outputs, inputs)`."""
    first, last = _linear_maps(tensors, layer, head)
    for bias in (first.removesuffix("weight") + "bias", last.removesuffix("weight") + "bias"):
        if bias != threshold and np.any(tensors.get(bias, np.zeros(1))):
            raise ValueError(
                f"{bias!r} is not zero; expected none: the gated network has thresholds (--threshold) alone"
            )
    named = {"W": _matrix(tensors, first).T, "C": _matrix(tensors, last).T}
    named |= {"b": _tensor(tensors, threshold)} if threshold else {}
    return named | ({"M": tensors["M"]} if "M" in tensors else {})


def _linear_maps(tensors: Arrays, layer: str | None, head: str | None) -> tuple[str, str]:
    """The names of layer and head: as given, else the only two matrices `(H, d)` and `(q, H)` that fit together."""
    matrices = [name for name, value in tensors.items() if value.ndim == 2]
    fitting = [
        (first, last)
        for first in ([layer] if layer else matrices)
        for last in ([head] if head else matrices)
        if first != last and _tensor(tensors, last).shape[-1:] == _tensor(tensors, first).shape[:1]
    ]
    if len(fitting) != 1:
        names = ", ".join(f"{name!r} {tensors[name].shape}" for name in sorted(matrices)[:12])
        raise ValueError(f"layer and head do not follow from the shapes; expected --layer and --head out of {names}")
    return fitting[0]


def _matrix(tensors: Arrays, name: str) -> NDArray[Any]:
    found = _tensor(tensors, name)
    if found.ndim != 2:
        raise ValueError(f"{name!r} has shape {found.shape}; expected (outputs, inputs)")
    return found


def _tensor(tensors: Arrays, name: str) -> NDArray[Any]:
    if name not in tensors:
        raise ValueError(f"there is no tensor {name!r}; expected one of {', '.join(sorted(tensors)[:12])}")
    return tensors[name]


def _network(arrays: Mapping[str, NDArray[Any]], b: float) -> GivenNetwork:
    if "W" not in arrays or ("a" in arrays) == ("C" in arrays):
        raise ValueError(f"the file holds {', '.join(sorted(arrays)) or 'nothing'}; expected W and either a or C")
    _require_gate(arrays.get("activation", np.asarray("gate")))
    W = _numbers("W", arrays["W"])
    if W.ndim not in (2, 3) or 0 in W.shape:
        raise ValueError(f"W has shape {W.shape}; expected (d, H) or (replicas, d, H), no side 0")
    lead, (d, H) = W.shape[:-2], W.shape[-2:]
    heads = _heads(arrays, lead, H)
    thresholds = _numbers("b", arrays.get("b", np.asarray(b)))
    if thresholds.shape not in ((), (H,), (*lead, H)):
        raise ValueError(
            f"b has shape {thresholds.shape}; expected ({H},) or one threshold for each node of W {W.shape}"
        )
    if np.any(thresholds < 0):
        raise ValueError(f"b has the entry {thresholds.min()}; expected thresholds of at least 0")
    replicas = lead[0] if lead else 1
    return GivenNetwork(
        W.reshape(replicas, d, H),
        heads.reshape(replicas, -1, H),
        np.broadcast_to(thresholds, (replicas, H)),
        _dictionary(_numbers("M", arrays["M"]), d) if "M" in arrays else None,
    )


def _heads(arrays: Mapping[str, NDArray[Any]], lead: tuple[int, ...], H: int) -> Floats:
    if "a" in arrays:
        a = _numbers("a", arrays["a"])
        if a.shape != (*lead, H):
            raise ValueError(f"a has shape {a.shape}; expected {(*lead, H)}")
        return a
    C = _numbers("C", arrays["C"])
    if C.ndim != len(lead) + 2 or C.shape[:-1] != (*lead, H) or not C.size:
        raise ValueError(f"C has shape {C.shape}; expected {(*lead, H)} and the number of outputs")
    return np.swapaxes(C, -1, -2)


def _dictionary(M: Floats, d: int) -> Floats:
    if M.shape != (d, d):
        raise ValueError(f"M has shape {M.shape}; expected {(d, d)}")
    away = float(np.linalg.norm(M.T @ M - np.eye(d), 2))
    if away > ORTHOGONAL:
        raise ValueError(
            f"M^T M differs from the identity by {away:.2g}; expected an orthogonal M, at most {ORTHOGONAL}"
        )
    return M


def _require_gate(activation: NDArray[Any]) -> None:
    if activation.shape != () or str(activation) != "gate":
        raise ValueError(f"activation is {str(activation)[:40]!r}; expected 'gate', the only one that is audited")


def _numbers(name: str, found: NDArray[Any]) -> Floats:
    if found.dtype.kind not in "biuf":
        raise ValueError(f"{name} has dtype {found.dtype}; expected real numbers")
    with np.errstate(over="ignore"):  # what overflows is refused just below
        values = found.astype(np.float64)
    if not np.all(np.abs(values) <= LARGEST):
        raise ValueError(f"{name} has entries that are not finite or above {LARGEST:g}; expected finite numbers")
    return values
