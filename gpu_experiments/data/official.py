"""Official batches, read from their folder or archive and identified by their checksums."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from gpu_experiments.data.batches import read_batch, require_classes
from gpu_experiments.data.images import Dataset, FileFound, Images, Provenance, Verdict, joined
from gpu_experiments.data.published import (
    CLASSES,
    LAYOUT_OF,
    LAYOUTS,
    PAGE,
    TEST_IMAGES,
    TRAIN_IMAGES,
    Layout,
)
from gpu_experiments.data.sources import Entry, archive_entries, archive_md5, folder_entries
from purecheck.runtime.progress import Progress


@dataclass
class _Read:
    """What was read so far: images of batches, size and MD5 of every file, by name."""

    batches: dict[str, Images] = field(default_factory=dict)
    sums: dict[str, tuple[int, str]] = field(default_factory=dict)


def layout_in(folder: Path) -> Layout | None:
    """The layout of which `folder` holds a batch; None if it holds none."""
    return next((one for one in LAYOUTS if any((folder / name).exists() for name in one.batches)), None)


def read_folder(folder: Path, layout: Layout, progress: Progress) -> Dataset:
    """The data set in the batches in `folder`.

    Raises
    ------
    ValueError
        If a batch is missing, cannot be read, or is broken.
    """
    _require_all({name for name in layout.batches if (folder / name).exists()}, layout, folder)
    meta = (layout.meta,) if (folder / layout.meta).exists() else ()
    read = _read(folder_entries(folder, (*layout.batches, *meta)), progress)
    return _dataset(read, layout, folder, None)


def read_archive(path: Path, progress: Progress) -> Dataset:
    """The data set in the batches in the `.tar.gz` at `path`, read in memory.

    Raises
    ------
    ValueError
        If it is no such archive, lacks a batch, mixes both layouts, or holds a broken batch or dangerous members.
    """
    md5 = archive_md5(path)
    read = _read(archive_entries(path, LAYOUT_OF), progress)
    layouts = [one for one in LAYOUTS if any(name in read.batches for name in one.batches)]
    if len(layouts) != 1:
        held = "both python and binary batches" if layouts else "no batches of CIFAR-10"
        raise ValueError(f"{path.name} holds {held}; expected those of one archive of {PAGE}")
    _require_all(read.batches.keys(), layouts[0], path)
    return _dataset(read, layouts[0], path, md5)


def _read(entries: Iterable[Entry], progress: Progress) -> _Read:
    """What the files say, read one after the other, so that one of them is in memory at a time."""
    read = _Read()
    for name, content in entries:
        layout = LAYOUT_OF[name]
        progress(len(read.sums), len(layout.batches) + 1, f"reading {name}")
        read.sums[name] = len(content), hashlib.md5(content, usedforsecurity=False).hexdigest()
        if name in layout.batches:
            read.batches[name] = read_batch(layout, content, name)
        else:
            require_classes(layout, content, name)
    return read


def _require_all(found: Iterable[str], layout: Layout, path: Path) -> None:
    if missing := [name for name in layout.batches if name not in set(found)]:
        raise ValueError(f"{path.name} lacks {', '.join(missing)}; expected all batches of {PAGE}")


def _dataset(read: _Read, layout: Layout, path: Path, md5: str | None) -> Dataset:
    train, test = (joined([read.batches[name] for name in names]) for names in (layout.train, layout.test))
    archive = () if md5 is None else (_found(path.name, path.stat().st_size, md5, layout.archive_md5),)
    otherwise = Verdict.COVERED if archive and archive[0].verdict is Verdict.PUBLISHED else Verdict.UNKNOWN
    files = tuple(_found(name, *read.sums[name], layout.md5.get(name), otherwise) for name in sorted(read.sums))
    kind = f"{'archive' if archive else 'folder'} of {layout.kind}"
    name = _name(train, test, files, archive)
    return Dataset(train, test, CLASSES, name, Provenance(str(path), kind, (*archive, *files)))


def _found(name: str, size: int, md5: str, published: str | None, otherwise: Verdict = Verdict.UNKNOWN) -> FileFound:
    """The file with its verdict, `otherwise` where no sum is published for it."""
    if published is None:
        return FileFound(name, size, md5, None, otherwise)
    return FileFound(name, size, md5, published, Verdict.PUBLISHED if md5 == published else Verdict.DIFFERS)


def _name(train: Images, test: Images, files: tuple[FileFound, ...], archive: tuple[FileFound, ...]) -> str:
    """The name of the data set: bare where published sums vouch for every file."""
    if all(one.verdict in (Verdict.PUBLISHED, Verdict.COVERED) for one in files):
        return "CIFAR-10"
    differs = any(one.verdict is Verdict.DIFFERS for one in (*archive, *files))
    name = f"CIFAR-10, MD5 {'differs' if differs else 'not checkable'}"
    if (len(train), len(test)) != (TRAIN_IMAGES, TEST_IMAGES):
        name += f", {len(train)} training and {len(test)} test images"
    return name
