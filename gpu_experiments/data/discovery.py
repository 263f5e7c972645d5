"""A data set in any of its places: a folder of batches or of images, a folder that contains one, or an archive."""

from dataclasses import replace
from pathlib import Path

from gpu_experiments.data.image_folder import is_image_folder, read_image_folder
from gpu_experiments.data.images import Dataset, Provenance
from gpu_experiments.data.official import layout_in, read_archive, read_folder
from gpu_experiments.data.published import BINARY, PAGE, PYTHON
from gpu_experiments.data.sources import require_printable
from purecheck.runtime.progress import Progress

HOW_TO_GET = f"download {PYTHON.archive} or {BINARY.archive} from {PAGE} into it"

OFFICIAL = "CIFAR-10"


def open_dataset(
    data: Path, name: str | None = None, progress: Progress = lambda _done, _total, _what: None
) -> Dataset:
    """The data set at `data`.

    Parameters
    ----------
    data
        A `.tar.gz` of official batches, or a folder: of official batches, of images in `train/<class>/` and
        `test/<class>/`, or a folder that contains a folder or an archive with its official name. If there are several,
        the first of these is used: python batches, archive of python batches, archive of binary batches, binary
        batches. That is the order in which checksums can be verified.
    name
        Name in every record; if None, it is derived from the checksums.
    progress
        Called with the number of files done, the number of all files, and what is read.

    Raises
    ------
    ValueError
        If the data set is missing or broken, or `name` is "CIFAR-10" and the checksums are not those of CIFAR-10.
    """
    try:
        dataset = _read(data, progress)
    except OSError as problem:
        found = f"{problem.filename or data} cannot be read ({problem.strerror}); expected readable data"
        raise ValueError(f"data is {str(data)!r}: {found}") from problem
    except ValueError as problem:
        raise ValueError(f"data is {str(data)!r}: {problem}") from problem
    if name == OFFICIAL != dataset.name:
        raise ValueError(
            f"name is {name!r}, but the data are {dataset.name!r}; expected a name that says how they differ"
        )
    if name is not None:
        require_printable("name", name)
        if not name.strip():
            raise ValueError(f"name is {name!r}; expected at least one character")
    return dataset if name is None else replace(dataset, name=name)


def _read(data: Path, progress: Progress) -> Dataset:
    if not data.exists():
        raise ValueError(f"nothing is there; expected an existing folder: {HOW_TO_GET}")
    inside = (PYTHON.folder, PYTHON.archive, BINARY.archive, BINARY.folder)
    for place in (data, *(data / name for name in inside)):
        if place.is_file():
            return read_archive(place, progress)
        if (layout := layout_in(place)) is not None:
            return read_folder(place, layout, progress)
    if is_image_folder(data):
        return _images(data, progress)
    raise ValueError(f"it {_held(data)}; expected CIFAR-10 or train and test folders: {HOW_TO_GET}")


def _images(data: Path, progress: Progress) -> Dataset:
    train, test, classes = read_image_folder(data, progress)
    require_printable("the name of the folder", data.resolve().name)
    name = f"images of {data.resolve().name}, MD5 not checkable"
    return Dataset(train, test, classes, name, Provenance(str(data), "image folder", ()))


def _held(folder: Path) -> str:
    names = sorted(one.name for one in folder.iterdir())[:4]
    if not names:
        return "is an empty folder"
    more = ", ..." if len(names) > 3 else ""
    return f"holds {', '.join(names[:3])}{more}"
