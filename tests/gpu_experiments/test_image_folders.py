"""Folders of images: a missing folder, an empty one and a file that is no image are refused with one line."""

import io

import pytest
from PIL import Image

from gpu_experiments.data import open_dataset
from gpu_experiments.data.published import CLASSES
from tests.gpu_experiments.manufactured import (
    batches,
    write_folder,
    write_images,
)
from tests.gpu_experiments.refusals import refused


def png(size=(32, 32), mode="RGB"):
    """The bytes of a black image."""
    file = io.BytesIO()
    Image.new(mode, size).save(file, "png")
    return file.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.png", b"", "a.png cannot be read as an image"),
        ("a.png", png()[:60], "a.png cannot be read as an image"),
        ("a.png", png((64, 32)), "a.png is 64 x 32 RGB; expected 32 x 32 RGB"),
        ("a.png", png((50000, 40000), "1"), "a.png cannot be read as an image"),
        ("a.png", png(mode="L"), "a.png is 32 x 32 L; expected 32 x 32 RGB"),
        ("a.txt", b"text", "a.txt is no image by its name; expected .png, .jpg, .jpeg"),
    ],
)
def test_what_is_no_image_is_refused(name, content, message, tmp_path):
    folder = write_images(tmp_path, batches(12))
    for part in ("train", "test"):
        for one in CLASSES:
            (folder / part / one / "z.png").write_bytes(png())
    open_dataset(folder)
    (folder / "test" / "bird" / name).write_bytes(content)
    assert message in refused(folder)


def test_image_folders_without_a_part_a_class_or_images_are_refused(tmp_path):
    (tmp_path / "train").mkdir()
    assert f"{tmp_path / 'train'} holds no folders" in refused(tmp_path)
    write_folder(tmp_path / "train" / "bird", {"a.png": png(), ".hidden": b""})
    assert f"{tmp_path / 'test'} is missing" in refused(tmp_path)
    write_folder(tmp_path / "test" / "bird", {})
    assert f"{tmp_path / 'test' / 'bird'} is empty" in refused(tmp_path)
    write_folder(tmp_path / "test" / "cat", {"a.png": png()})
    assert "has the class 'cat' in train or in test alone" in refused(tmp_path)
