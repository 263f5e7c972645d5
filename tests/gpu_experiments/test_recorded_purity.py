"""`purecheck cifar10 purity`: purity of recorded filters, the same for every whitening, added to their records."""

from dataclasses import replace

import numpy as np
import pytest
import scipy.stats

from gpu_experiments.cli import purity as command
from gpu_experiments.data import Images, open_dataset
from gpu_experiments.models.patches import PatchGrid
from gpu_experiments.sparse_coding.dictionaries import library
from gpu_experiments.sparse_coding.plan import PROFILES, SparseCodingPlan
from gpu_experiments.sparse_coding.recorded import measure_in_components
from numerics.features import rotation
from numerics.statistics import FALSE_ALARM
from purecheck.cli import main
from purecheck.records.reading import load_records
from purecheck.records.run import RunRecord
from purecheck.records.writing import write_record
from tests.gpu_experiments.components_error import sparse_law, turn_variance
from tests.gpu_experiments.manufactured import batches, binary_files, write_folder
from tests.purecheck.records.manufactured import pairs, sparse_record

pytest.importorskip("sklearn", reason="scikit-learn is not installed (extra 'images')")

PATCH, LEVELS = 2, 40
P, LEAST = 0.1, 0.5
D = 3 * PATCH**2
GRID = PatchGrid(patch=PATCH, stride=PATCH)
PLAN = SparseCodingPlan(fitted=6000, iterations=100)
WORDS = "independent components of patches, FastICA of scikit-learn"


def sparse_images(n, seed):
    """Images whose patches are ``128 + 40 A X``, rounded, with sparse `X`; and the filters that see one feature."""
    rng = np.random.default_rng(seed)
    A = rotation(D, rng) @ np.diag(np.linspace(LEAST, 1, D)) @ rotation(D, rng)
    X = (rng.random((n, GRID.positions, D)) < P) * rng.choice([-1, 1], (n, GRID.positions, D))
    patches = np.clip(np.rint(128 + LEVELS * X @ A.T), 0, 255).reshape(n, GRID.side, GRID.side, 3, PATCH, PATCH)
    pixels = patches.transpose(0, 3, 1, 4, 2, 5).reshape(n, 3, GRID.size, GRID.size)
    inverse = np.linalg.inv(A)
    return Images(pixels.astype(np.uint8), np.zeros(n, dtype=np.int64)), inverse.reshape(D, 3, PATCH, PATCH)


def purity_error(n):
    """How far the mean participation ratio of the filters may lie above 1, but for a rate of 1e-9.

    A ratio is 1 plus twice the squares of the errors of its component. Of every pair of components the sample errs in
    the whitening, by a variance of 1/(4 n), and in the rotation. Rounding to whole levels, by 1/2 at most, follows the
    features: it moves a column of ``A`` by ``E e X_i / p``, at most ``sqrt(D)/(2 LEVELS)``, and its component by that
    over the least singular value.
    """
    square = scipy.stats.chi2.isf(FALSE_ALARM / 2, D * (D - 1) / 2) / n
    sampled = 2 / D * 2 * square * (1 / 4 + turn_variance(*sparse_law(P, 0)))
    rounded = 2 * (np.sqrt(D) / (2 * LEVELS) / LEAST) ** 2
    return (np.sqrt(sampled) + np.sqrt(rounded)) ** 2


def test_filters_that_see_one_feature_are_pure_and_mixtures_are_not():
    images, filters = sparse_images(6000, 0)
    measure = measure_in_components(images, GRID, PLAN, 0)
    assert 1 <= measure(filters).participation_ratio <= 1 + purity_error(PLAN.fitted)
    assert measure(np.concatenate([filters, np.zeros((2, *filters.shape[1:]))])) == measure(filters)
    turned = np.linalg.qr(np.random.default_rng(1).standard_normal((D, D)))[0]
    assert measure(np.tensordot(turned, filters, 1)).participation_ratio > 3
    assert measure(filters).dictionary.startswith(f"{D} {WORDS}")


def test_filters_that_are_all_zero_are_refused():
    images, filters = sparse_images(400, 0)
    measure = measure_in_components(images, GRID, SparseCodingPlan(fitted=400, iterations=2), 0)
    with pytest.raises(ValueError, match="filters are all zero; expected at least one"):
        measure(np.zeros_like(filters))


@pytest.mark.parametrize(
    ("plan", "ending"),
    [(PLAN, library()), (replace(PLAN, iterations=1), f"{library()}, not converged in 1 iterations")],
)
def test_the_description_says_whether_the_components_converged(plan, ending):
    images, filters = sparse_images(6000, 0)
    assert measure_in_components(images, GRID, plan, 0)(filters).dictionary.endswith(ending)


@pytest.fixture(scope="module", autouse=True)
def _small():
    """The quick profile made small enough for a test."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(PROFILES, "quick", SparseCodingPlan(fitted=400, iterations=5))
        yield


@pytest.fixture(scope="module")
def noise(tmp_path_factory):
    """Images of noise."""
    return write_folder(tmp_path_factory.mktemp("noise"), binary_files(batches(0, (80, 80, 80, 80, 80, 10))))


def write_runs(folder, noise):
    """Records of both arms on these images, one run on others, and a dictionary."""
    rng = np.random.default_rng(0)
    known = {"fingerprint": open_dataset(noise).fingerprint()}
    architecture = {"stride": 2}
    runs = pairs((0.1, 0.1), (0.3, 0.3), purity=None, architecture=architecture, provenance=known)
    runs.append(replace(runs[0], seed=9, provenance={}))
    for place, run in enumerate(runs):
        filters = rng.standard_normal((5, 3, 6, 6)).astype(np.float32)
        write_record(replace(run, filters=f"{place}.npz"), folder, {"filters": filters})
    write_record(sparse_record(), folder)


def run(noise, folder):
    """The exit status of the command."""
    return main(["cifar10", "purity", "--data", str(noise), "--dataset-name", "noise", "--records", str(folder)])


def test_records_gain_purity_and_lose_nothing(noise, tmp_path, capsys):
    write_runs(tmp_path, noise)
    before = {one.path: one for one in load_records(tmp_path)}
    arrays = {path: one.arrays() for path, one in before.items()}
    assert run(noise, tmp_path) == 0
    after = {one.path: one for one in load_records(tmp_path)}
    assert set(after) == set(before)
    for path, one in after.items():
        record = one.record
        if isinstance(record, RunRecord) and record.seed < 9:
            assert 1 <= record.purity.participation_ratio <= 108
            assert record.purity.dictionary.startswith(f"108 {WORDS}")
            record = replace(record, purity=None)
        assert record == before[path].record
        for name, array in one.arrays().items():
            assert np.array_equal(array, arrays[path][name])
    assert "4 records in" in capsys.readouterr().out


def test_nothing_to_measure_is_told(noise, tmp_path, capsys):
    assert run(noise, tmp_path) == 2
    assert "holds no run of a gated network on these images; expected" in capsys.readouterr().err


def test_a_missing_library_is_told_with_its_extra(noise, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(command, "why_no_dictionaries", lambda: "scikit-learn not installed (extra 'images')")
    assert run(noise, tmp_path) == 2
    assert "expected it: pip install" in capsys.readouterr().err
