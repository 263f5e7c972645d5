"""Settings of the whole process, made before libraries read them: environment, caches, streams, warnings."""

import os
import re
import stat
import sys
import tempfile
import warnings
from pathlib import Path

import click

_WIDTH = re.compile(r"[1-9][0-9]{0,3}")
_THREADS = re.compile(r"[1-9][0-9]{0,3}(,[1-9][0-9]{0,3})*")
_COUNTS_OF_THREADS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "BLIS_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMBA_NUM_THREADS",
)


def settle() -> None:
    """Make the settings.

    Raises
    ------
    click.UsageError
        If standard output is closed, or an environment variable is not a number of threads.
    OSError
        If there is no folder for temporary files.
    """
    _open_streams()
    for name in _COUNTS_OF_THREADS:
        value = os.environ.get(name, "1")
        if not _THREADS.fullmatch(value):
            raise click.UsageError(f"{name} was {value[:40]!r}; expected a number of threads")
    for name in ("COLUMNS", "LINES"):  # terminals of unknown size leave 0
        if not _WIDTH.fullmatch(os.environ.get(name, "1")):
            del os.environ[name]
    os.environ["MPLBACKEND"] = "agg"  # figures are only drawn into files, whatever a notebook has set
    _choose_caches()
    if not sys.warnoptions:
        warnings.simplefilter("ignore")  # for developers: tests turn every warning into an error


def _open_streams() -> None:
    """Open standard error if it is closed, and let both streams escape characters that their encoding lacks."""
    if sys.stderr is None:
        sys.stderr = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - for the whole process
    if sys.stdout is None:
        raise click.UsageError("standard output is closed; expected it open, if only to /dev/null")
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def _choose_caches() -> None:
    """Choose writable folders for the caches of libraries: compiled code, fonts and tables.

    Without them, a read-only installation would compile every loop again in every process.
    """
    os.environ.setdefault("HYPOTHESIS_STORAGE_DIRECTORY", str(_own_folder() / "hypothesis"))
    home = Path(os.path.expanduser("~"))
    caches = Path(os.environ.get("XDG_CACHE_HOME") or home / ".cache")
    package = Path(__file__).parents[2] / "numerics"
    if "NUMBA_CACHE_DIR" not in os.environ and not (_can_write(package) or _can_write(caches)):
        os.environ["NUMBA_CACHE_DIR"] = str(_own_folder() / "numba")
    settings = Path(os.environ.get("XDG_CONFIG_HOME") or home / ".config")
    if "MPLCONFIGDIR" not in os.environ and not (_can_write(settings) and _can_write(caches)):
        os.environ["MPLCONFIGDIR"] = str(_own_folder() / "matplotlib")


def _own_folder() -> Path:
    """A temporary folder that no other user can write to: cached code is executed."""
    folder = Path(tempfile.gettempdir()) / f"purecheck-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid() and not found.st_mode & 0o022:
        return folder
    return Path(tempfile.mkdtemp(prefix="purecheck-"))


def _can_write(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError:
        return False
    return True
