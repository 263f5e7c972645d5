"""What a data set that cannot be read is told to be."""

import pytest

from gpu_experiments.data import open_dataset


def refused(data):
    """The one line that says what is wrong with `data`."""
    with pytest.raises(ValueError, match="expected") as caught:
        open_dataset(data)
    told, start = str(caught.value), f"data is {str(data)!r}: "
    assert "\n" not in told
    assert told.startswith(start)
    return told.removeprefix(start)
