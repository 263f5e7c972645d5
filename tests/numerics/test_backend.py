import sys
from types import SimpleNamespace

import numpy as np
import pytest

from numerics.backend import (
    BackendUnavailable,
    backend_status,
    select_backend,
    to_namespace_of,
    to_numpy,
)
from tests.numerics.assertions import assert_array_equals


class FakeRuntimeError(RuntimeError):
    """Stands for cupy.cuda.runtime.CUDARuntimeError."""


def fake_cupy(is_available):
    runtime = SimpleNamespace(CUDARuntimeError=FakeRuntimeError)
    return SimpleNamespace(cuda=SimpleNamespace(is_available=is_available, runtime=runtime))


def driver_too_old():
    raise FakeRuntimeError("driver is too old")


CUPY_FAILURES = {
    "does not import": None,
    "no CUDA device is available": fake_cupy(lambda: False),
    "driver is too old": fake_cupy(driver_too_old),
}


@pytest.mark.parametrize(("reason", "module"), CUPY_FAILURES.items())
def test_without_a_device_cupy_is_refused_with_its_reason(monkeypatch, reason, module):
    monkeypatch.setitem(sys.modules, "cupy", module)
    with pytest.raises(BackendUnavailable, match=reason):
        select_backend("cupy")
    numpy_status, cupy_status = backend_status()
    assert numpy_status.available
    assert not cupy_status.available
    assert reason in cupy_status.detail


@pytest.mark.parametrize("module", CUPY_FAILURES.values())
def test_without_a_device_auto_is_numpy(monkeypatch, module):
    monkeypatch.setitem(sys.modules, "cupy", module)
    assert select_backend("auto").name == "numpy"


def test_an_unknown_backend_is_refused():
    with pytest.raises(ValueError, match="name is 'jax'; expected 'auto', 'numpy' or 'cupy'"):
        select_backend("jax")


@pytest.mark.parametrize("dtype", [None, "float32", np.float64, np.dtype("int64")])
def test_arrays_travel_to_the_backend_and_back(backend, xp, dtype):
    host = np.arange(6.0).reshape(2, 3)
    name = "float64" if dtype is None else np.dtype(dtype).name
    there = backend.asarray(host, dtype)
    assert_array_equals(there, host, bound=0, xp=xp, dtype=name)
    back = to_numpy(there)
    assert isinstance(back, np.ndarray)
    assert np.array_equal(back, host)


def test_host_arrays_take_the_dtype_of_the_array_they_join(backend, xp):
    like = backend.asarray([1.0], "float32")
    assert_array_equals(to_namespace_of(like, np.ones(2)), [1, 1], bound=0, xp=xp, dtype="float32")
