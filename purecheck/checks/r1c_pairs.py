"""Checks of R1c: recorded runs with clean heads after contrastive pre-training, on either encoder."""

from purecheck.checks.real_data import inherited
from theory.real_data import COARSE_BY_PAIRS, DISJOINT_BY_PAIRS, SAME_BY_PAIRS

CHECKS = (
    inherited("R1c", SAME_BY_PAIRS, "contrastive", lambda run: run.labels == "same"),
    inherited("R1c", DISJOINT_BY_PAIRS, "contrastive", lambda run: run.labels == "disjoint"),
    inherited("R1c", COARSE_BY_PAIRS, "contrastive", lambda run: run.labels == "coarse"),
)
