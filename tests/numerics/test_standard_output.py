"""Compiled code that prints does not reach standard output."""

import os
import subprocess
import sys

CODE = """
import os, sys
from numerics.standard_output import silenced
with silenced():
    os.write(1, b"noise")
os.write(1, b"result")
try:
    with silenced():
        raise ValueError
except ValueError:
    os.write(1, b" again")
"""


def test_only_what_is_written_outside_the_block_is_seen():
    run = subprocess.run([sys.executable, "-c", CODE], capture_output=True, check=True, env=os.environ)  # noqa: S603
    assert run.stdout == b"result again"
