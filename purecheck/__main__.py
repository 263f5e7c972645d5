"""`python -m purecheck`."""

import sys

from purecheck.cli import run

if __name__ == "__main__":
    sys.exit(run())
