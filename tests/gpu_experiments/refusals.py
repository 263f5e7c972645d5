"""The message about a data set that cannot be read."""

import pytest

from gpu_experiments.data import open_dataset


def refused(data):
    """The one line that says what is wrong with `data`."""
    with pytest.raises(ValueError, match="expected") as caught:
        open_dataset(data)
    message, start = str(caught.value), f"data is {str(data)!r}: "
    assert "\n" not in message
    assert message.startswith(start)
    return message.removeprefix(start)
