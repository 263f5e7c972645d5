"""The callback by which long computations report their progress."""

from collections.abc import Callable

Progress = Callable[[int, int, str], None]
"""`progress(done, total, description)` is called before each part of the work, and once at the end."""
