"""The part of CuPy that the suite calls, over NumPy and emulated kernels: which calls, not what CuPy makes of them."""

import ctypes
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np

from tests.numerics.device.host import NUMBERS, compiled


class DeviceArray(np.ndarray):
    """An array whose ``data`` has an address, as CuPy's has."""

    @property
    def data(self) -> Any:
        return SimpleNamespace(ptr=self.ctypes.data)

    def get(self) -> np.ndarray:
        return np.asarray(self)


class Stream:
    """A stream that keeps what is queued on it while it is captured."""

    current: "Stream | None" = None
    made = 0

    def __init__(self, non_blocking: bool = False) -> None:
        Stream.made += 1
        self.ptr = Stream.made
        self._captured: list[Callable[[], None]] | None = None

    def __enter__(self) -> "Stream":
        self._outer, Stream.current = Stream.current, self
        return self

    def __exit__(self, *_: object) -> None:
        Stream.current = self._outer

    def begin_capture(self, mode: int) -> None:
        assert mode == 1
        self._captured = []

    def end_capture(self) -> Any:
        queued, self._captured = self._captured or [], None

        def launch() -> None:
            for run in queued:
                run()

        return SimpleNamespace(launch=launch)

    def queue(self, run: Callable[[], None]) -> None:
        if self._captured is None:
            run()
        else:
            self._captured.append(run)


def _current() -> Stream:
    assert Stream.current is not None
    return Stream.current


class RawModule:
    """A module of kernels."""

    def __init__(self, code: str, options: tuple[str, ...]) -> None:
        dtype = "float32" if "-DReal=float" in options else "float64"
        self._library = compiled(dtype, code)

    def get_function(self, name: str) -> Callable[..., None]:
        def launch(grid: tuple[int], block: tuple[int], arguments: tuple[Any, ...]) -> None:
            held: list[Any] = [
                ctypes.c_void_p(x.data.ptr) if isinstance(x, DeviceArray) else NUMBERS[x.dtype.name](x.item())
                for x in arguments
            ]

            def run() -> None:
                pointers = (ctypes.c_void_p * len(held))(*(ctypes.addressof(x) for x in held))
                _expect_zero(self._library[f"launch_{name}"](*grid, *block, pointers))

            _current().queue(run)

        return launch


class QueuedLibrary:
    """cuBLAS, whose products are queued on the current stream."""

    def __init__(self, library: ctypes.CDLL) -> None:
        self._library = library

    def __getitem__(self, name: str) -> Any:
        call = self._library[name]
        if not name.endswith("Batched"):
            return call

        def queue(*arguments: Any) -> int:
            call.argtypes = queue.argtypes  # type: ignore[attr-defined]
            _current().queue(lambda: _expect_zero(call(*arguments)))
            return 0

        return queue


def _expect_zero(status: int) -> None:
    assert status == 0


def imitation() -> SimpleNamespace:
    """A module that stands for CuPy."""
    Stream.current = Stream()
    runtime = SimpleNamespace(streamCaptureModeThreadLocal=1, memGetInfo=lambda: (10**9, 10**10))
    cuda = SimpleNamespace(
        Device=lambda: SimpleNamespace(id=0),
        Stream=Stream,
        get_current_stream=lambda: Stream.current,
        runtime=runtime,
        device=SimpleNamespace(get_cublas_handle=lambda: 17),
        cublas=SimpleNamespace(getVersion=lambda handle: 120_500 if handle == 17 else 0),
    )
    return SimpleNamespace(
        RawModule=RawModule,
        cuda=cuda,
        empty=lambda shape, dtype: np.zeros(shape, dtype).view(DeviceArray),
        array=lambda x, order: np.array(x, order=order).view(DeviceArray),
        asarray=lambda x: np.asarray(x).view(DeviceArray),
        ascontiguousarray=lambda x: np.ascontiguousarray(x).view(DeviceArray),
        get_default_memory_pool=lambda: SimpleNamespace(free_bytes=lambda: 5),
    )
