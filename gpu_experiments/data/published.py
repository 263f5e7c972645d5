"""The published facts about CIFAR-10: names of files, checksums, classes and counts.

The checksums of the archives are on the page of the data set; those of the python batches are the ones that torchvision
verifies. There are no published checksums of single binary batches.
"""

from dataclasses import dataclass, field
from types import MappingProxyType

PAGE = "https://www.cs.toronto.edu/~kriz/cifar.html"

CLASSES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")

TRAIN_IMAGES, TEST_IMAGES = 50_000, 10_000


@dataclass(frozen=True)
class Layout:
    """One of the two forms in which CIFAR-10 is published.

    Attributes
    ----------
    kind : str
        A description.
    pickled : bool
        Whether its files are pickles; otherwise they are fixed-length records and lines of text.
    folder, archive : str
        Names of the folder and of the archive that contains it.
    archive_md5 : str
        Published MD5 of the archive.
    train, test : tuple of str
        Names of the batches.
    meta : str
        Name of the file with the names of the classes.
    md5 : mapping of str to str
        Published MD5 by the name of a file; empty if there are none.
    """

    kind: str
    pickled: bool
    folder: str
    archive: str
    archive_md5: str
    train: tuple[str, ...]
    test: tuple[str, ...]
    meta: str
    md5: MappingProxyType[str, str] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def batches(self) -> tuple[str, ...]:
        """Names of all batches."""
        return self.train + self.test


PYTHON = Layout(
    kind="python batches",
    pickled=True,
    folder="cifar-10-batches-py",
    archive="cifar-10-python.tar.gz",
    archive_md5="c58f30108f718f92721af3b95e74349a",
    train=tuple(f"data_batch_{i}" for i in range(1, 6)),
    test=("test_batch",),
    meta="batches.meta",
    md5=MappingProxyType(
        {
            "data_batch_1": "c99cafc152244af753f735de768cd75f",
            "data_batch_2": "d4bba439e000b95fd0a9bffe97cbabec",
            "data_batch_3": "54ebc095f3ab1f0389bbae665268c751",
            "data_batch_4": "634d18415352ddfa80567beed471001a",
            "data_batch_5": "482c414d41f54cd18b22e5b47cb7c3cb",
            "test_batch": "40351d587109b95175f43aff81a1287e",
            "batches.meta": "5ff9c542aee3614f3951f8cda6e48888",
        }
    ),
)

BINARY = Layout(
    kind="binary batches",
    pickled=False,
    folder="cifar-10-batches-bin",
    archive="cifar-10-binary.tar.gz",
    archive_md5="c32a1d4ab5d03f1284b67883e8d87530",
    train=tuple(f"data_batch_{i}.bin" for i in range(1, 6)),
    test=("test_batch.bin",),
    meta="batches.meta.txt",
)

LAYOUTS = (PYTHON, BINARY)

LAYOUT_OF = MappingProxyType({name: one for one in LAYOUTS for name in (*one.batches, one.meta)})
"""The layout to which each file name belongs."""
