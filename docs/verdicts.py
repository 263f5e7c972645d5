"""Counts the verdicts on the networks of an audit, as a row of the table in audit.md: `docs/verdicts.py FILE`."""

import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

COLUMNS = ("structure", "computes_linear_function", "gradient_masked", "inherits_robustness")
WORDS = {True: "yes", False: "no", None: "untold"}


def row(networks: list[dict[str, Any]]) -> str:
    """The row: how many networks there are, and for each verdict how often it comes out which way."""
    told = ([network[column] for network in networks] for column in COLUMNS)
    cells = (Counter(WORDS.get(verdict, verdict) for verdict in verdicts).most_common() for verdicts in told)
    return " | ".join([str(len(networks)), *(", ".join(f"{word} {count}" for word, count in cell) for cell in cells)])


if __name__ == "__main__":
    print(row(json.loads(Path(sys.argv[1]).read_text())["networks"]))
