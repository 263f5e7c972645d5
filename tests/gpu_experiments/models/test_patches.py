import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpu_experiments.models.patches import PatchGrid
from gpu_experiments.models.pooling import CellGrid
from numerics.backend import to_numpy
from tests.numerics.assertions import assert_array_equals


@st.composite
def grids(draw):
    patch, stride, steps = draw(st.integers(1, 5)), draw(st.integers(1, 3)), draw(st.integers(0, 3))
    return PatchGrid(patch, stride, patch + stride * steps, draw(st.integers(1, 3)))


def integers(rng, shape):
    """Whole numbers: their products and sums are exact."""
    return rng.integers(-9, 10, shape).astype(np.float64)


def cut(grid, x):
    """The patches of images, one slice after the other."""
    starts = range(0, grid.size - grid.patch + 1, grid.stride)
    parts = [x[:, :, i : i + grid.patch, j : j + grid.patch] for i in starts for j in starts]
    return np.stack([part.reshape(len(x), grid.dimension) for part in parts], axis=1)


@given(grid=grids(), n=st.integers(0, 3), seed=st.integers(0, 99))
def test_patches_are_slices_of_images_less_their_mean(backend, xp, grid, n, seed):
    rng = np.random.default_rng(seed)
    x, mean = integers(rng, (n, grid.channels, grid.size, grid.size)), integers(rng, grid.dimension)
    there = backend.asarray(x)
    assert_array_equals(grid.extract(there), cut(grid, x), bound=0, xp=xp)
    assert_array_equals(grid.extract(there, backend.asarray(mean)), cut(grid, x) - mean, bound=0, xp=xp)


@given(grid=grids(), n=st.integers(1, 3), seed=st.integers(0, 99))
def test_folding_is_the_adjoint_of_extraction(backend, grid, n, seed):
    rng = np.random.default_rng(seed)
    x = integers(rng, (n, grid.channels, grid.size, grid.size))
    y = integers(rng, (n, grid.positions, grid.dimension))
    forward = to_numpy(grid.extract(backend.asarray(x)))
    back = to_numpy(grid.fold(backend.asarray(y)))
    assert np.sum(forward * y) == np.sum(x * back)


def test_images_need_not_be_contiguous():
    grid, x = PatchGrid(2, 1, 4, 3), np.random.default_rng(0).random((5, 4, 4, 3))
    moved = x.transpose(0, 3, 1, 2)
    assert np.array_equal(grid.extract(moved), cut(grid, moved))


@pytest.mark.parametrize(("fields", "name"), [({"patch": 0}, "patch"), ({"stride": 3}, "size"), ({"size": 4}, "size")])
def test_patches_that_do_not_fit_are_refused(fields, name):
    with pytest.raises(ValueError, match=f"^{name} is "):
        PatchGrid(**fields)


@given(side=st.integers(1, 20), data=st.data())
def test_cells_cut_the_positions_into_nearly_equal_squares(side, data):
    cells = CellGrid(side, data.draw(st.integers(1, side)))
    widths = np.bincount(cells.cell.reshape(side, side)[0], minlength=cells.pool)
    assert np.all(np.abs(widths - side / cells.pool) < 2)
    assert np.all(widths > 0)
    assert np.array_equal(np.bincount(cells.cell), np.outer(widths, widths).ravel())
    assert np.array_equal(cells.matrix != 0, cells.cell == np.arange(cells.cells)[:, None])
    assert np.array_equal(cells.matrix.max(axis=1), 1 / np.bincount(cells.cell))


def test_more_cells_than_positions_are_refused():
    with pytest.raises(ValueError, match=r"^pool is 3; expected"):
        CellGrid(2, 3)
