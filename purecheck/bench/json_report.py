"""The results of a benchmark as plain data: `purecheck-bench/1`."""

import json
from dataclasses import asdict
from importlib.resources import files
from typing import Any

from purecheck.bench.case import Row
from purecheck.bench.exponents import EXPECTED, NEAR, Exponent
from purecheck.bench.suite import Bench
from purecheck.runtime.environment import Environment

SCHEMA = "purecheck-bench/1"

Facts = dict[str, Any]


def bench_schema() -> Facts:
    """The JSON Schema of `purecheck-bench/1`, as it ships with the package."""
    loaded: Facts = json.loads(files("purecheck.bench").joinpath("bench.schema.json").read_text("utf-8"))
    return loaded


def bench_to_dict(bench: Bench, environment: Environment) -> Facts:
    """The results of a run, ready for JSON."""
    settings = bench.settings
    return {
        "schema": SCHEMA,
        "environment": {
            **asdict(environment),
            "cores": settings.cores,
            "precision": settings.precision,
            "load": settings.load,
        },
        "rows": [_row_to_dict(row, bench) for row in bench.rows],
        "absent": settings.field.absent,
        "exponents": [_exponent_to_dict(one) for one in bench.exponents],
        "memory": [asdict(one) for one in bench.peaks],
        "goals": [{**asdict(one), "met": one.met} for one in bench.goals],
    }


def _row_to_dict(row: Row, bench: Bench) -> Facts:
    low, high = row.ours.quartiles
    size = row.case.size
    return {
        "case": row.case.name,
        "backend": bench.settings.backend.name,
        "replicas": size.replicas,
        "d": size.d,
        "hidden": size.hidden,
        "n": size.n,
        "rounds": len(row.ours.seconds),
        "seconds": row.ours.median,
        "spread": high - low,
        "quartiles": [low, high],
        "floor": row.case.floor,
        "floor_seconds": row.floor.median if row.floor else None,
        "peers": {name: times.median for name, times in row.peers.items()},
        "ratios": row.ratios,
        "checked": row.checked,
    }


def _exponent_to_dict(one: Exponent) -> Facts:
    return {**asdict(one), "expected": EXPECTED, "near": NEAR, "as_expected": one.as_expected}
