"""The options of the pytest plugin, which are read without importing the suite."""

import pytest

PROFILES = ("quick", "full")
"""The names of the profiles, which a test compares with those of the runs."""


def add_options(parser: pytest.Parser) -> None:
    """Add `--purecheck`, `--purecheck-profile` and `--purecheck-seed`."""
    group = parser.getgroup("purecheck", "claims on feature purification")
    group.addoption(
        "--purecheck",
        action="store_true",
        help="Run each check of each claim as a test of its own, and its control as another.",
    )
    group.addoption(
        "--purecheck-profile",
        choices=PROFILES,
        default=PROFILES[0],
        help="Effort: number of examples, seeds and training steps. Default: quick.",
    )
    group.addoption(
        "--purecheck-seed",
        type=int,
        default=None,
        metavar="N",
        help="Root of all random streams. Default: the number of --hypothesis-seed if it is given, otherwise 0.",
    )


def wanted(config: pytest.Config) -> bool:
    """Whether `--purecheck` was given."""
    return bool(config.getoption("--purecheck"))


def mentioned_seed(config: pytest.Config) -> int:
    """The root seed: that of `--purecheck-seed`, else that of `--hypothesis-seed`, else 0.

    Raises
    ------
    pytest.UsageError
        If the seed is not an integer of at least 0.
    """
    own = config.getoption("--purecheck-seed")
    name, given = "--purecheck-seed", own
    if own is None:
        name, given = "--hypothesis-seed", config.getoption("--hypothesis-seed", None)
    if given is None:
        return 0
    text = str(given)
    if not (text.isascii() and text.isdigit()):
        raise pytest.UsageError(
            f"{name} was {text!r}; expected an integer of at least 0 (or give --purecheck-seed N as well)"
        )
    return int(text)
