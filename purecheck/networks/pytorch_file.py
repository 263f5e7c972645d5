"""Tensors of a `.pt` or `.pth` file, read by `torch.load(weights_only=True)`, which runs no code of the file."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from purecheck.io.untrusted import require_regular_file, require_stored_archive
from purecheck.networks.extras import required

_STATES = ("state_dict", "model_state_dict", "model")
"""Under which names checkpoints keep the network."""
_BESIDE = ("epoch", "step", "loss", "optimizer", "optimizer_state_dict", "scheduler", "lr_scheduler", "best_accuracy")
"""What checkpoints keep beside it, which does not change what it computes."""


def read_pt(path: Path, limit: int) -> dict[str, NDArray[Any]]:
    """The tensors of the `state_dict` in a file, by name; half-precision ones become 32-bit numbers.

    Raises
    ------
    ValueError
        If PyTorch is not installed, or the file is broken, too large, or holds more than a state dict.
    """
    require_regular_file(path, limit)
    require_stored_archive(path, limit)
    torch = required("torch", "torch", path)
    try:
        found = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as problem:  # PyTorch's reader fails in many ways on damaged bytes
        raise ValueError(
            f"{path.name} cannot be read ({type(problem).__name__}); expected a state_dict, as torch.save writes it, "
            "and nothing that has to be executed"
        ) from problem
    return {name: _array(torch, name, value) for name, value in _state(found, path).items()}


def _state(found: Any, path: Path) -> Mapping[str, Any]:
    """The state dict itself, or that in a checkpoint."""
    if isinstance(found, Mapping) and all(isinstance(name, str) for name in found):
        inside = [name for name in _STATES if isinstance(found.get(name), Mapping)]
        if not inside:
            return found
        strange = sorted(set(found) - {inside[0], *_BESIDE})
        if strange:
            raise ValueError(
                f"{path.name} holds {', '.join(strange[:12])} beside {inside[0]!r}; expected the network alone"
            )
        return dict(found[inside[0]])
    raise ValueError(f"{path.name} holds {type(found).__name__}; expected a state_dict of tensors by name")


def _array(torch: Any, name: str, value: Any) -> NDArray[Any]:
    if not isinstance(value, torch.Tensor) or value.is_quantized or value.is_sparse or value.is_complex():
        raise ValueError(f"{name[:80]!r} is {type(value).__name__}; expected a dense tensor of real numbers")
    return np.asarray((value.float() if value.dtype in (torch.bfloat16, torch.float16) else value).detach().numpy())
