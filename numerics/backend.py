"""Array backends: which of them can run here, and conversions between their arrays and those of the host."""

from __future__ import annotations

import importlib
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any, Literal, TypeAlias

import array_api_compat
import numpy as np
import numpy.typing as npt

Array: TypeAlias = Any
"""An array of any namespace that follows the Python array API standard."""

BackendName: TypeAlias = Literal["numpy", "cupy"]
BACKENDS: tuple[BackendName, ...] = ("numpy", "cupy")


class BackendUnavailable(ValueError):  # noqa: N818 - it says what is the case, not what went wrong
    """The requested backend cannot run on this machine."""


@dataclass(frozen=True)
class Backend:
    """An array namespace with the device it computes on.

    Attributes
    ----------
    name : str
        ``"numpy"`` or ``"cupy"``.
    xp : module
        The namespace, as `array_api_compat` presents it.
    device : str
        A description of the device, for records.
    versions : dict of str to str
        Versions of the library and, on a GPU, of the CUDA runtime and driver.
    """

    name: str
    xp: ModuleType
    device: str
    versions: dict[str, str] = field(default_factory=dict)

    def asarray(self, x: Any, dtype: npt.DTypeLike | None = None) -> Array:
        """Return `x` on this backend, with `dtype` (any NumPy spelling), or the dtype of `x` if None."""
        if dtype is None:
            return self.xp.asarray(x)
        return self.xp.asarray(x, dtype=getattr(self.xp, np.dtype(dtype).name))


@dataclass(frozen=True)
class BackendStatus:
    """Whether one backend can run here: a description of its device, or the reason why not."""

    name: BackendName
    available: bool
    detail: str


def select_backend(name: str = "auto") -> Backend:
    """Return the backend called `name`; ``"auto"`` is CuPy where a device is available, else NumPy.

    Raises
    ------
    BackendUnavailable
        If CuPy is requested and no CUDA device is available.
    ValueError
        If `name` is not ``"auto"``, ``"numpy"`` or ``"cupy"``.
    """
    if name not in ("auto", *BACKENDS):
        raise ValueError(f"name is {name!r}; expected 'auto', 'numpy' or 'cupy'")
    if name == "numpy":
        return _numpy_backend()
    reason = _why_no_cupy()
    if reason is None:
        return _cupy_backend()
    if name == "cupy":
        raise BackendUnavailable(f"backend 'cupy' cannot run here: {reason}")
    return _numpy_backend()


def backend_status() -> tuple[BackendStatus, ...]:
    """Return for every backend whether it can run on this machine, and why not if it cannot."""
    reason = _why_no_cupy()
    cupy_detail = _cupy_backend().device if reason is None else reason
    return (
        BackendStatus("numpy", True, _numpy_backend().device),
        BackendStatus("cupy", reason is None, cupy_detail),
    )


def to_numpy(x: Array) -> npt.NDArray[Any]:
    """Return `x` as a NumPy array on the host."""
    if array_api_compat.is_cupy_array(x):
        return np.asarray(x.get())
    return np.asarray(x.cpu() if array_api_compat.is_torch_array(x) else x)


def to_namespace_of(like: Array, x: npt.NDArray[Any]) -> Array:
    """Return the host array `x` in the namespace, dtype and device of `like`."""
    xp = array_api_compat.array_namespace(like)
    return xp.asarray(x, dtype=like.dtype, device=array_api_compat.device(like))


def _numpy_backend() -> Backend:
    xp = array_api_compat.array_namespace(np.empty(0))
    return Backend("numpy", xp, "CPU", {"numpy": np.__version__})


def _cupy_backend() -> Backend:
    cupy = importlib.import_module("cupy")
    runtime = cupy.cuda.runtime
    versions = {
        "cupy": str(cupy.__version__),
        "cuda_runtime": str(runtime.runtimeGetVersion()),
        "cuda_driver": str(runtime.driverGetVersion()),
    }
    device = runtime.getDeviceProperties(cupy.cuda.Device().id)["name"].decode()
    return Backend("cupy", array_api_compat.array_namespace(cupy.empty(0)), device, versions)


def _why_no_cupy() -> str | None:
    """Return why CuPy cannot compute here, or None if it can.

    CuPy imports on machines without a device and fails at the first array, so availability is checked on the device.
    """
    try:
        cupy = importlib.import_module("cupy")
    except ImportError as error:
        return f"CuPy does not import ({error}); install the extra 'cuda12' or 'cuda13'"
    try:
        available = cupy.cuda.is_available()
    except cupy.cuda.runtime.CUDARuntimeError as error:
        return f"the CUDA runtime answers: {error}"
    return None if available else "CuPy is installed, but no CUDA device is available"
