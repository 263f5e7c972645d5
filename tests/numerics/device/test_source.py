"""The CUDA source compiles for devices, and single precision stays single."""

import re
import shutil
import subprocess

import numpy as np
import pytest

from numerics.training.engine.device.cublas import Cublas, CublasError
from numerics.training.engine.device.source import PARTS, kernel_names, kernel_options, kernel_source
from tests.numerics.device.host import compiled
from tests.numerics.device.nvrtc import compile_for, find_nvrtc

NVCC = shutil.which("nvcc")


@pytest.fixture(scope="module")
def source_file(tmp_path_factory):
    path = tmp_path_factory.mktemp("kernels") / "kernels.cu"
    path.write_text(kernel_source())
    return path


@pytest.mark.skipif(NVCC is None, reason="no nvcc: the kernels are not compiled for devices")
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("architecture", ["sm_80", "sm_90"])
def test_the_kernels_compile_for_devices(source_file, tmp_path, dtype, architecture):
    flags = [*kernel_options(dtype), f"-arch={architecture}", "-Werror", "all-warnings", "-cubin"]
    command = [NVCC, *flags, "-o", str(tmp_path / "kernels.cubin"), str(source_file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    assert done.returncode == 0, done.stderr
    assert not done.stderr


@pytest.mark.skipif(find_nvrtc() is None, reason="no NVRTC: the kernels are not compiled as CuPy compiles them")
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("architecture", ["sm_80", "sm_90"])
def test_the_kernels_compile_as_cupy_compiles_them(dtype, architecture):
    status, log, size = compile_for(architecture, kernel_source(), kernel_options(dtype))
    assert (status, log) == (0, "")
    assert size > 0


@pytest.mark.skipif(NVCC is None, reason="no nvcc: the kernels are not compiled for devices")
def test_an_error_is_told_by_its_file_and_line(source_file, tmp_path):
    broken = tmp_path / "broken.cu"
    broken.write_text(source_file.read_text().replace("typedef long long Index;", "typedef long long Index"))
    command = [NVCC, *kernel_options("float32"), "-cubin", "-o", str(tmp_path / "k.cubin"), str(broken)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    assert done.returncode != 0
    assert f"{PARTS[0]}(" in done.stderr


def test_numbers_of_double_precision_are_cast_where_they_are_written():
    """A bare ``0.5`` would carry single precision through double, at a tenth of the speed and less."""
    code = re.sub(r"//.*|Real\([^()]*\)", "", kernel_source())
    assert not re.findall(r"(?<![\w.])\d+\.\d+", code)


def test_every_kernel_is_found_by_its_name():
    assert kernel_names(kernel_source()) == (
        *("weigh_gates", "attack_step", "read_out", "finish_gradients", "mean_squares"),
        *("update", "update_on_sphere", "advance", "draw", "add_noise"),
    )


@pytest.mark.parametrize(("dtype", "precision", "mode"), [("float32", "float32", 0), ("float32", "tf32", 3)])
def test_cublas_is_told_the_precision(dtype, precision, mode):
    library = compiled(dtype, "")
    Cublas(library, dtype, precision, 256)
    assert library.math_mode() == mode


@pytest.mark.parametrize("turned", [(False, False), (False, True), (True, False), (True, True)])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_products_are_those_of_rows_first(dtype, turned):
    """Products of whole numbers are exact; the library stores columns first."""
    rng = np.random.default_rng(0)
    left, right = (rng.integers(-9, 9, (3, *shape)).astype(dtype) for shape in ((4, 5), (5, 6)))
    stored = [np.ascontiguousarray(x.swapaxes(1, 2)) if t else x for x, t in zip((left, right), turned, strict=True)]
    out = np.full((3, 4, 6), np.nan, dtype)
    pointers = stored[0].ctypes.data, stored[1].ctypes.data, out.ctypes.data
    cublas = Cublas(compiled(dtype, ""), dtype, "float32", 256)
    cublas.multiply(1, pointers, stored[0].shape, stored[1].shape, turned=turned)
    assert np.array_equal(out, left @ right)


def test_a_refused_product_is_an_error():
    cublas = Cublas(compiled("float32", ""), "float32", "float32", 256)
    x = np.zeros((1, 0, 0), np.float32)
    with pytest.raises(CublasError, match="gemmStridedBatched answers status 7"):
        cublas.multiply(1, (x.ctypes.data,) * 3, (1, 2, 3), (1, 3, -4), turned=(False, False))
