"""The way to CuPy, walked with an imitation of CuPy: which calls are made, and in which order."""

from types import SimpleNamespace

import numpy as np
import pytest

from numerics.backend import select_backend
from numerics.features import FeatureLaw
from numerics.streams import Streams
from numerics.training.engine.device import on_cupy as module
from numerics.training.engine.device.training import train_on_device
from numerics.training.plan import SupervisedPlan
from tests.numerics.device.host import HostDevice, compiled
from tests.numerics.device.imitation import DeviceArray, QueuedLibrary, Stream, imitation

NUMPY = select_backend("numpy")


class OnDevice:
    """The arrays of the imitated device."""

    name, device = "imitation", "CPU"

    def __init__(self):
        self.xp = NUMPY.xp

    def asarray(self, x, dtype=None):
        return np.array(NUMPY.asarray(x, dtype)).view(DeviceArray)


@pytest.fixture
def cupy(monkeypatch):
    """CuPy, imitated; the name that cuBLAS is loaded by is kept."""
    fake = imitation()
    fake.loaded = []

    def load(name):
        fake.loaded.append(name)
        return QueuedLibrary(compiled("float32", ""))

    monkeypatch.setattr(module, "importlib", SimpleNamespace(import_module={"cupy": fake}.__getitem__))
    monkeypatch.setattr(module, "ctypes", SimpleNamespace(CDLL=load))
    module._device.cache_clear()
    yield fake
    module._device.cache_clear()


def make_plan():
    law = FeatureLaw.unit_energy(4, 0.5)
    fields = {"attack": "fgm", "eps": 0.1, "steps": 31, "batch": 4, "record_every": 31, "sigma": 0.1}
    return SupervisedPlan(law=law, hidden=5, b=0.4, M=np.eye(4), **fields)


@pytest.mark.usefixtures("cupy")
def test_a_run_through_cupy_is_the_run_on_the_host():
    """The same kernels in the same order, captured or not, so the same bits."""
    plan, streams = make_plan(), Streams(3)
    there = train_on_device(plan, streams, 2, module.cupy_device("float32"), OnDevice()).record
    here = train_on_device(plan, streams, 2, HostDevice("float32"), NUMPY).record
    assert np.array_equal(np.asarray(there.net.W), here.net.W)
    assert np.array_equal(there.history.attacked_loss, here.history.attacked_loss)


def test_cublas_is_the_one_that_cupy_has_loaded(cupy):
    module.cupy_device("float32")
    assert cupy.loaded == ["libcublas.so.12"]


@pytest.mark.usefixtures("cupy")
@pytest.mark.parametrize(
    ("asked", "precision", "mode"), [(None, None, 0), ("1", None, 3), ("1", "float32", 0), (None, "tf32", 3)]
)
def test_products_follow_the_precision_that_was_asked_for(monkeypatch, asked, precision, mode):
    monkeypatch.delenv("CUPY_TF32", raising=False)
    if asked:
        monkeypatch.setenv("CUPY_TF32", asked)
    module.cupy_device("float32", precision)
    assert compiled("float32", "").math_mode() == mode


@pytest.mark.usefixtures("cupy")
def test_a_device_is_made_once_for_each_precision():
    assert module.cupy_device("float32") is module.cupy_device("float32", "float32")
    assert module.cupy_device("float32") is not module.cupy_device("float32", "tf32")


@pytest.mark.usefixtures("cupy")
def test_a_capture_ends_where_what_is_recorded_fails():
    device = module.cupy_device("float32")
    before = Stream.current

    def fail():
        raise ArithmeticError

    with pytest.raises(ArithmeticError):
        device.record(fail)
    assert Stream.current is before


@pytest.mark.usefixtures("cupy")
def test_free_memory_is_that_of_the_device_and_of_the_pool():
    assert module.cupy_device("float32").free_bytes() == 10**9 + 5
