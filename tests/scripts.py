"""The scripts in `docs/` as modules; they are in no package."""

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

DOCS = Path(__file__).parent.parent / "docs"


def load_script(name: str) -> Any:
    """The module of `docs/NAME.py`, executed but for what stands under `if __name__ == "__main__"`."""
    spec = spec_from_file_location(name, DOCS / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
