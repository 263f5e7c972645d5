"""`python -m purecheck`."""

import sys

from purecheck.cli import main

sys.exit(main())
