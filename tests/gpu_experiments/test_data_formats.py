"""Readers: images are read as they were written, in every form, and the name states whether checksums agree."""

import hashlib
import os
import pickle
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gpu_experiments.data import Images, Verdict, official, open_dataset
from gpu_experiments.data.images import SHAPE, joined
from gpu_experiments.data.published import BINARY, CLASSES, LAYOUTS, PYTHON
from gpu_experiments.data.summary import channel_means, facts
from tests.gpu_experiments.manufactured import (
    FORMS,
    batches,
    binary_files,
    python_2_files,
    python_files,
    whole,
    write_archive,
    write_folder,
    write_images,
)

REAL = "PURECHECK_CIFAR10"
FORM = pytest.mark.parametrize("form", FORMS)
SETS = st.builds(batches, st.integers(0, 2**32), st.tuples(*[st.integers(1, 3)] * 6))


def same(found: Images, expected: Images) -> bool:
    """Whether images and labels agree, in their order."""
    return np.array_equal(found.pixels, expected.pixels) and np.array_equal(found.labels, expected.labels)


@FORM
@given(parts=SETS)
def test_batches_come_back_as_they_were_written(form, parts):
    layout, written = FORMS[form]
    with TemporaryDirectory() as place:
        folder = write_folder(Path(place) / layout.folder, written(parts))
        found = [open_dataset(folder), open_dataset(Path(place))]
    train, test = whole(parts)
    for one in found:
        assert same(one.train, train)
        assert same(one.test, test)
        assert one.classes == CLASSES
        assert one.provenance.kind == f"folder of {layout.kind}"


@FORM
def test_an_archive_says_the_same_as_its_folder_and_is_not_unpacked(form, tmp_path):
    layout, written = FORMS[form]
    files = written(batches(1)) | {"readme.html": b"read me"}
    archive = write_archive(tmp_path / layout.archive, files)
    folder = write_folder(tmp_path / "elsewhere", files)
    found = [open_dataset(one) for one in (archive, tmp_path, folder)]
    assert len({one.fingerprint() for one in found}) == 1
    assert found[0].provenance.files == found[1].provenance.files
    assert found[0].provenance.files[0].name == layout.archive
    assert {one.name for one in tmp_path.iterdir()} == {layout.archive, "elsewhere"}


def test_every_form_of_the_same_images_has_the_same_fingerprint(tmp_path):
    parts = batches(2)
    found = {
        open_dataset(write_folder(tmp_path / form, write(parts))).fingerprint() for form, (_, write) in FORMS.items()
    }
    changed = batches(2)
    changed[-1].pixels[-1, -1, -1, -1] ^= 1
    other = open_dataset(write_folder(tmp_path / "other", binary_files(changed))).fingerprint()
    assert len(found) == 1
    assert other not in found


@given(seed=st.integers(0, 2**32))
@settings(max_examples=5)
def test_image_folders_come_back_class_by_class(seed):
    parts = [Images(one.pixels, np.arange(len(one)) % 10) for one in batches(seed, (12, 1, 1, 1, 1, 11))]
    with TemporaryDirectory() as place:
        found = open_dataset(write_images(Path(place) / "mine", parts))
    for part, written in zip((found.train, found.test), whole(parts), strict=True):
        assert same(part, written.take(np.argsort(written.labels, kind="stable")))
    assert found.classes == CLASSES
    assert found.name == "images of mine, MD5 not checkable"


def test_labels_may_be_arrays_of_any_whole_numbers_and_lists_of_them(tmp_path):
    parts = batches(3)
    files = python_files(parts)
    for protocol in range(5):
        for kind in (np.uint8, np.int16, ">i4", np.int64):
            for made in (np.asarray, list):
                labels = made(parts[0].labels.astype(kind))
                entries = {"labels": labels, "data": np.asfortranarray(parts[0].pixels.reshape(len(labels), -1))}
                found = open_dataset(
                    write_folder(tmp_path, files | {PYTHON.batches[0]: pickle.dumps(entries, protocol)})
                )
                assert same(found.train, whole(parts)[0])


def test_the_form_whose_sums_are_published_is_preferred(tmp_path):
    parts = batches(4)
    write_folder(tmp_path / BINARY.folder, binary_files(parts))
    assert open_dataset(tmp_path).provenance.kind == "folder of binary batches"
    write_archive(tmp_path / BINARY.archive, binary_files(parts))
    assert open_dataset(tmp_path).provenance.kind == "archive of binary batches"
    write_folder(tmp_path / PYTHON.folder, python_2_files(parts))
    assert open_dataset(tmp_path).provenance.kind == "folder of python batches"


def publish(monkeypatch, layout, files, archive=None):
    """Lets the sums of these files be the published ones."""
    sums = {name: hashlib.md5(content, usedforsecurity=False).hexdigest() for name, content in files.items()}
    whole_sum = hashlib.md5(archive.read_bytes(), usedforsecurity=False).hexdigest() if archive else "0" * 32
    md5 = MappingProxyType(sums if layout.pickled else {})
    published = replace(layout, md5=md5, archive_md5=whole_sum)
    monkeypatch.setattr(official, "LAYOUTS", tuple(published if one is layout else one for one in LAYOUTS))
    monkeypatch.setattr(official, "LAYOUT_OF", dict.fromkeys((*layout.batches, layout.meta), published))


def test_only_published_sums_make_the_name(monkeypatch, tmp_path):
    files = python_2_files(batches(5))
    folder = write_folder(tmp_path / "folder", files)
    assert open_dataset(folder).name == "CIFAR-10, MD5 differs, 9 training and 4 test images"
    publish(monkeypatch, PYTHON, files)
    found = open_dataset(folder)
    assert found.name == "CIFAR-10"
    assert {one.verdict for one in found.provenance.files} == {Verdict.PUBLISHED}
    changed = bytearray(files["data_batch_3"])
    changed[-10] ^= 1
    (folder / "data_batch_3").write_bytes(changed)
    found = open_dataset(folder)
    assert found.name.startswith("CIFAR-10, MD5 differs")
    assert [one.name for one in found.provenance.files if one.verdict is Verdict.DIFFERS] == ["data_batch_3"]


def test_the_sum_of_an_archive_covers_what_is_in_it_and_nothing_else(monkeypatch, tmp_path):
    files = binary_files(batches(6))
    archive, folder = write_archive(tmp_path / "any.tar.gz", files), write_folder(tmp_path / "folder", files)
    assert open_dataset(archive).name.startswith("CIFAR-10, MD5 differs")
    publish(monkeypatch, BINARY, files, archive)
    found = open_dataset(archive)
    assert found.name == "CIFAR-10"
    assert [one.verdict for one in found.provenance.files] == [Verdict.PUBLISHED] + 7 * [Verdict.COVERED]
    assert open_dataset(folder).name.startswith("CIFAR-10, MD5 not checkable")
    assert {one.verdict for one in open_dataset(folder).provenance.files} == {Verdict.UNKNOWN}


def test_a_name_that_is_given_stands_unless_it_claims_too_much(tmp_path):
    folder = write_folder(tmp_path, binary_files(batches(7)))
    assert open_dataset(folder, "CIFAR-10, JPEG q75").name == "CIFAR-10, JPEG q75"
    with pytest.raises(ValueError, match=r"name is 'CIFAR-10', but the data are .*; expected a name that says"):
        open_dataset(folder, "CIFAR-10")
    with pytest.raises(ValueError, match="name is ' '; expected at least one character"):
        open_dataset(folder, " ")


def test_facts_count_classes_and_average_channels(tmp_path):
    parts = batches(8)
    found = facts(open_dataset(write_folder(tmp_path, binary_files(parts))))
    for part, images in zip(("train", "test"), whole(parts), strict=True):
        assert found[part]["images"] == len(images) == sum(found[part]["images_per_class"].values())
        for label, name in enumerate(CLASSES):
            assert found[part]["images_per_class"][name] == np.count_nonzero(images.labels == label)


@given(value=st.tuples(*[st.integers(0, 255)] * 3), n=st.integers(1, 3))
def test_the_mean_of_a_single_colour_is_that_colour(value, n):
    pixels = np.tile(np.array(value, dtype=np.uint8)[:, None, None], (n, 1, *SHAPE[1:]))
    # exact sums, rounded once in the quotient, as the expected value is
    assert channel_means(Images(pixels, np.zeros(n, dtype=np.int64))) == [one / 255 for one in value]


def test_images_of_another_shape_or_type_are_refused():
    good = joined(batches(0))
    for pixels, labels in (
        (good.pixels[..., :31], good.labels),
        (good.pixels.astype(np.float32), good.labels),
        (good.pixels, good.labels[:-1]),
        (good.pixels, good.labels.astype(np.int32)),
    ):
        with pytest.raises(ValueError, match="expected"):
            Images(pixels, labels)


@pytest.mark.skipif(REAL not in os.environ, reason=f"{REAL} names no folder with CIFAR-10")
def test_the_real_images_are_as_many_of_each_class_as_published():
    found = open_dataset(Path(os.environ[REAL]))
    assert np.bincount(found.train.labels).tolist() == [5000] * 10
    assert np.bincount(found.test.labels).tolist() == [1000] * 10
