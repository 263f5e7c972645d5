"""`python -m purecheck`."""

import sys

from purecheck.cli import main

if __name__ == "__main__":
    sys.exit(main())
