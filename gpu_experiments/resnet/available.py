"""Whether the ResNet can be built on this machine."""

from __future__ import annotations

import importlib.util


def why_no_resnet() -> str | None:
    """Return why the ResNet cannot run here, or None where it can."""
    return None if importlib.util.find_spec("torch") else "torch is not installed (extra 'deep')"
