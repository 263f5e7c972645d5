"""Purification at the size of the paper: clean and adversarial training of many replicas on one CUDA device.

``python -m gpu_experiments.paper_scale --json FILE`` trains both arms and reports the final purity of each and the time
that it took. All data are drawn on the device, so only the history leaves it.
"""

from __future__ import annotations

import math
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import click

from numerics.backend import Backend, BackendUnavailable, select_backend
from numerics.features import FeatureLaw
from numerics.streams import Streams
from numerics.training.engine.device import Device, Precision, cupy_device
from numerics.training.engine.device.training import DeviceRun, train_on_device
from numerics.training.plan import SupervisedPlan
from purecheck.cli.json_output import json_option, write_json
from purecheck.cli.numbers import SEED, Whole
from purecheck.cli.problems import as_usage_error
from purecheck.runtime.environment import now, required_versions

SCHEMA = "purecheck-paper-scale/1"


@dataclass(frozen=True, kw_only=True)
class Sizes:
    """The sizes of the experiment; amplitudes are ``r = 1/sqrt(k)``, thresholds and l2 attacks are 0.4 r.

    Attributes
    ----------
    d, k, hidden
        Numbers of features, of active features on average, and of nodes.
    replicas, steps, batch
        Networks in each arm, updates, and observations in an update.
    scale, learning_rate
        Norm of the initial weights, with which nodes fire at about two standard deviations, and the first rate of Adam.
    """

    d: int = 1000
    k: int = 10
    hidden: int = 10_000
    replicas: int = 20
    steps: int = 5000
    batch: int = 1024
    scale: float = 2.0
    learning_rate: float = 0.002

    def plan(self, *, adversarial: bool) -> SupervisedPlan:
        """The training of one arm."""
        share = 0.4 / math.sqrt(self.k)
        attack: dict[str, Any] = {"attack": "fgm", "norm": "l2", "eps": share} if adversarial else {}
        return SupervisedPlan(
            law=FeatureLaw.unit_energy(self.d, self.k / self.d),
            hidden=self.hidden,
            b=share,
            scale=self.scale,
            learning_rate=self.learning_rate,
            steps=self.steps,
            batch=self.batch,
            record_every=max(1, self.steps // 50),
            **attack,
        )


def measure(sizes: Sizes, seed: int, device: Device, backend: Backend) -> dict[str, dict[str, Any]]:
    """The results of both arms, whose replicas share their initial weights and data."""
    return {
        arm: _arm(sizes.plan(adversarial=arm == "adversarial"), sizes.replicas, seed, device, backend) for arm in ARMS
    }


ARMS = ("clean", "adversarial")


def _arm(plan: SupervisedPlan, replicas: int, seed: int, device: Device, backend: Backend) -> dict[str, Any]:
    start = time.perf_counter()
    # The record is closed by host arrays of the whole history, for which the device must have finished.
    run = train_on_device(plan, Streams(seed), replicas, device, backend)
    return {**_facts(run), "seconds": round(time.perf_counter() - start, 3)}


def _facts(run: DeviceRun) -> dict[str, Any]:
    history = run.record.history
    measured = {name: x.tolist() for name, x in asdict(history).items()}
    return {"sampling": run.sampling, "replicas_at_once": run.replicas_at_once, "history": measured}


@click.command("paper-scale")
@click.option("--d", type=Whole(), default=Sizes.d, show_default=True, help="Features.")
@click.option("--k", type=Whole(), default=Sizes.k, show_default=True, help="Active features on average.")
@click.option("--hidden", type=Whole(), default=Sizes.hidden, show_default=True, help="Nodes.")
@click.option("--replicas", type=Whole(1), default=Sizes.replicas, show_default=True, help="Of each arm.")
@click.option("--steps", type=Whole(), default=Sizes.steps, show_default=True)
@click.option("--batch", type=Whole(), default=Sizes.batch, show_default=True)
@click.option("--precision", type=click.Choice(["float32", "tf32"]), default="float32", show_default=True)
@click.option("--seed", type=SEED, default=0, show_default=True)
@json_option
def command(precision: Precision, seed: int, json_file: Path | None, **given: int) -> None:
    """Train clean and adversarial networks of the paper's size on a CUDA device."""
    sizes = Sizes(**given)
    with as_usage_error():
        sizes.plan(adversarial=True)
    try:
        backend = select_backend("cupy")
    except BackendUnavailable as problem:
        raise click.UsageError(str(problem)) from problem
    started = now()
    arms = measure(sizes, seed, cupy_device("float32", precision), backend)
    for arm, facts in arms.items():
        last = facts["history"]["participation"][-1]
        click.echo(f"{arm}: participation {min(last):.3g} to {max(last):.3g} at the end, {facts['seconds']:.1f} s")
    if json_file is not None:
        environment = {"device": backend.device, "packages": {**required_versions(), **backend.versions}}
        begun = {"started": started.isoformat(timespec="seconds"), "seed": seed, "precision": precision}
        write_json(json_file, {"schema": SCHEMA, **environment, **begun, "sizes": asdict(sizes), "arms": arms})


if __name__ == "__main__":
    command()
