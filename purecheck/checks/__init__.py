"""The checks, one file a claim or a few that belong together; each file exports `CHECKS`."""

from typing import Any

from purecheck.check import Check
from purecheck.checks import g1_errors, p3_purification_bound, p3c_lookup

CHECKS: tuple[Check[Any], ...] = (
    *g1_errors.CHECKS,
    *p3_purification_bound.CHECKS,
    *p3c_lookup.CHECKS,
)
