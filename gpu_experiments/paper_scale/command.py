"""The command ``python -m gpu_experiments.paper_scale``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Literal

import click

from gpu_experiments.paper_scale.cost import time_trial
from gpu_experiments.paper_scale.sizes import Sizes
from gpu_experiments.paper_scale.stored import BlockStore
from gpu_experiments.paper_scale.training import Block, Train, blocks, on_device, on_host, train_block
from numerics.training.engine.device import Precision
from purecheck.cli.json_output import json_option, write_json
from purecheck.cli.numbers import SEED, Whole
from purecheck.cli.options import selected_backend
from purecheck.cli.paths import make_folder
from purecheck.cli.problems import as_usage_error
from purecheck.runtime.environment import describe, now

SCHEMA = "purecheck-paper-scale/2"


@click.command("paper-scale")
@click.option("--d", type=Whole(), default=Sizes.d, show_default=True, help="Features.")
@click.option("--k", type=Whole(), default=Sizes.k, show_default=True, help="Active features on average.")
@click.option("--hidden", type=Whole(), default=Sizes.hidden, show_default=True, help="Nodes.")
@click.option("--replicas", type=Whole(1), default=Sizes.replicas, show_default=True, help="Networks of each arm.")
@click.option("--steps", type=Whole(), default=Sizes.steps, show_default=True, help="Updates.")
@click.option("--batch", type=Whole(), default=Sizes.batch, show_default=True, help="Observations of an update.")
@click.option("--together", type=Whole(1), help="Replicas trained at a time. Default: 1 on the host, all on a device.")
@click.option(
    "--precision",
    type=click.Choice(["float32", "tf32"]),
    default="float32",
    show_default=True,
    help="Of matrix products on a device; the host computes in float32.",
)
@click.option("--backend", type=click.Choice(["numpy", "cupy"]), default="cupy", show_default=True)
@click.option("--seed", type=SEED, default=0, show_default=True, help="Root of all random streams.")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Keep each finished block in DIR, and do not repeat those there.",
)
@click.option("--estimate", is_flag=True, help="Print the estimate alone.")
@json_option
def command(
    together: int | None,
    precision: Precision,
    backend: Literal["numpy", "cupy"],
    seed: int,
    out: Path | None,
    estimate: bool,
    json_file: Path | None,
    **given: int,
) -> None:
    """Train clean and adversarial networks of the paper's size, after an estimate of how long that takes."""
    sizes, started = Sizes(**given), now()
    with as_usage_error():
        sizes.plan("adversarial")
    chosen = selected_backend(backend)
    train = on_host(chosen) if backend == "numpy" else on_device(chosen, precision)
    todo = blocks(sizes, together or (1 if backend == "numpy" else sizes.replicas))
    configuration = {"sizes": asdict(sizes), "seed": seed, "backend": backend, "precision": precision}
    if out is not None:
        make_folder(out, "--out")
    with as_usage_error():
        store = BlockStore(out, {"schema": SCHEMA, **configuration})
        finished = {block.name: facts for block in todo if (facts := store.read(block)) is not None}
    left = [block for block in todo if block.name not in finished]
    cost = _print_estimate(sizes, seed, train, todo, left) if left else {}
    for block in () if estimate else left:
        finished[block.name] = train_block(block, sizes, seed, train)
        store.write(block, finished[block.name])
    for name, facts in finished.items():
        last = facts["history"]["participation"][-1]
        click.echo(f"{name}: participation {min(last):.3g} to {max(last):.3g} at the end, {facts['seconds']:.1f} s")
    if json_file is not None:
        environment = asdict(describe(chosen, seed, "paper-scale", started))
        run = {"schema": SCHEMA, **configuration, "environment": environment, "estimate": cost, "blocks": finished}
        write_json(json_file, run)


def _print_estimate(
    sizes: Sizes, seed: int, train: Train, todo: Sequence[Block], left: Sequence[Block]
) -> dict[str, Any]:
    """Time a few steps, print what the whole run and the rest of it take, and return these numbers."""
    cost = time_trial(sizes, seed, train, todo[0].replicas)
    whole, rest = cost.seconds(todo, sizes.steps), cost.seconds(left, sizes.steps)
    for arm, seconds in cost.step.items():
        click.echo(f"{arm}: {seconds:.3g} s for a step of {todo[0].replicas} replicas")
    click.echo(f"estimate: {_duration(whole)} in all, {_duration(rest)} for the {len(left)} of {len(todo)} blocks left")
    return {
        "seconds_of_a_step": dict(cost.step),
        "replicas_of_a_step": todo[0].replicas,
        "seconds_in_all": whole,
        "seconds_left": rest,
    }


def _duration(seconds: float) -> str:
    """A time in the largest unit of which it has at least one, such as ``2.5 h``."""
    for unit, size in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= size:
            return f"{seconds / size:.1f} {unit}"
    return f"{seconds:.1f} s"
