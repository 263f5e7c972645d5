"""The versions of Python that pyproject.toml claims, and where they are on this machine."""

import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

_PROJECT = tomllib.loads((Path(__file__).parent.parent / "pyproject.toml").read_text())["project"]

CLAIMED = re.findall(r"Python :: (3\.\d+)\n", "\n".join(_PROJECT["classifiers"]) + "\n")
"""In the order of pyproject.toml, the oldest first."""

OLDEST, NEWEST = CLAIMED[0], CLAIMED[-1]


def interpreter(version: str) -> Path | None:
    """The interpreter `pythonX.Y` of this version, on the path or among those of pyenv; None where there is none."""
    name = f"python{version}"
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    on_path = shutil.which(name)
    candidates = [*([Path(on_path)] if on_path else []), *sorted(pyenv.glob(f"versions/{version}*/bin/{name}"))]
    return next((found for found in candidates if _runs(found)), None)


def _runs(candidate: Path) -> bool:
    """Whether it starts: pyenv puts names on the path for versions that are not selected, which then fail."""
    return subprocess.run([candidate, "-c", ""], capture_output=True, check=False).returncode == 0  # noqa: S603
