"""PyTorch as an array backend, on the host or on a CUDA device."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import array_api_compat.torch
import numpy as np
import numpy.typing as npt
import torch

from numerics.backend import Array, Backend, BackendUnavailable


@dataclass(frozen=True, kw_only=True)
class TorchBackend(Backend):
    """PyTorch's namespace with the device it computes on.

    Attributes
    ----------
    place : torch.device
        Where arrays are made.

    The other fields are those of `Backend`.
    """

    place: torch.device

    def asarray(self, x: Any, dtype: npt.DTypeLike | None = None) -> Array:
        """Return `x` on this backend, with `dtype` (any NumPy spelling) or its own where None."""
        wanted = None if dtype is None else getattr(torch, np.dtype(dtype).name)
        return torch.asarray(x, dtype=wanted, device=self.place)


def torch_backend(name: str = "auto") -> TorchBackend:
    """Return PyTorch on the device that the backend called `name` computes on: "numpy" on the host, "cupy" on CUDA.

    Raises
    ------
    BackendUnavailable
        If a CUDA device is requested and PyTorch finds none.
    """
    there = torch.cuda.is_available()
    if name == "cupy" and not there:
        raise BackendUnavailable("backend 'cupy' cannot run here: PyTorch sees no CUDA device")
    versions = {"torch": str(torch.__version__)}
    if name == "numpy" or not there:
        return TorchBackend("torch cpu", array_api_compat.torch, "CPU", versions, place=torch.device("cpu"))
    versions["cuda_runtime"] = str(torch.version.cuda)
    device = torch.cuda.get_device_name()
    return TorchBackend("torch cuda", array_api_compat.torch, device, versions, place=torch.device("cuda"))
