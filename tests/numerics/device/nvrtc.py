"""NVRTC, the compiler that CuPy uses, called directly: it needs no device."""

import ctypes
import ctypes.util
from functools import cache
from importlib.util import find_spec
from pathlib import Path


@cache
def find_nvrtc() -> str | None:
    """The library, from a wheel of NVIDIA or from the system; None where there is neither."""
    spec = find_spec("nvidia")
    folders = [] if spec is None else [Path(folder) for folder in spec.submodule_search_locations or []]
    wheels = [path for folder in folders for path in folder.glob("*/lib/libnvrtc.so.*") if "builtins" not in path.name]
    return str(wheels[0]) if wheels else ctypes.util.find_library("nvrtc")


def compile_for(architecture: str, source: str, options: tuple[str, ...]) -> tuple[int, str, int]:
    """Status, log and bytes of machine code of a `source`."""
    library, program = ctypes.CDLL(find_nvrtc()), ctypes.c_void_p()
    assert library.nvrtcCreateProgram(ctypes.byref(program), source.encode(), b"kernels.cu", 0, None, None) == 0
    flags = [option.encode() for option in (*options, f"--gpu-architecture={architecture}")]
    status = library.nvrtcCompileProgram(program, len(flags), (ctypes.c_char_p * len(flags))(*flags))
    size = ctypes.c_size_t()
    library.nvrtcGetProgramLogSize(program, ctypes.byref(size))
    log = ctypes.create_string_buffer(size.value)
    library.nvrtcGetProgramLog(program, log)
    library.nvrtcGetCUBINSize(program, ctypes.byref(size))
    library.nvrtcDestroyProgram(ctypes.byref(program))
    return status, log.value.decode(), size.value
