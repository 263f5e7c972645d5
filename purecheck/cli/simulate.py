"""`purecheck simulate`: train replicas, measure purity and the attack ladder, keep the weights."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from numerics.activations import ACTIVATIONS, THRESHOLDED
from numerics.backend import Backend
from numerics.features import FeatureLaw, rotation
from numerics.optimisers import SGD, Adam
from numerics.streams import Streams
from numerics.training import SupervisedPlan, train_supervised
from numerics.training.memory import supervised_set
from purecheck.cli.json_output import STANDARD_OUTPUT, json_option, write_json
from purecheck.cli.memory import memory_option
from purecheck.cli.options import make_context, where_to_run
from purecheck.cli.problems import told_as_usage
from purecheck.cli.progress import shown
from purecheck.cli.simulate_contrastive import contrastive
from purecheck.cli.simulations import (
    ATTACK_SHARE,
    attack_size,
    cell,
    feature_law,
    purity_table,
    tested_sizes,
    training_options,
)
from purecheck.context import Profile
from purecheck.environment import Environment, describe, now
from purecheck.memory import expect_room, room
from purecheck.simulate import SCHEMA, Summary, amplitude_of, measuring_set, plan_facts, summarise
from purecheck.weights import save_supervised


@click.group("simulate", no_args_is_help=False)
def command() -> None:
    """Trains replicas of the gated network, or of one with another activation, and measures them."""


command.add_command(contrastive)


@command.command("supervised")
@click.option("--d", type=int, default=30, show_default=True, help="Features.")
@click.option("--hidden", type=int, default=80, show_default=True, help="Nodes.")
@click.option("--p", type=float, default=0.1, show_default=True, help="Probability that a feature is active.")
@click.option("--activation", type=click.Choice(ACTIVATIONS), default="gate", show_default=True, help="Of the nodes.")
@click.option("--b", type=float, help="Threshold of the nodes, where they have one; 0.4 r when left out.")
@click.option("--tau", type=float, default=0.0, show_default=True, help="Noise of the labels.")
@click.option("--unit-norm", is_flag=True, help="Keep the weights of every node at norm 1.")
@click.option("--learning-rate", type=float, default=0.01, show_default=True)
@click.option("--steps", type=int, default=1500, show_default=True)
@click.option("--observations", type=click.IntRange(min=1), default=200, show_default=True, help="For the attacks.")
@training_options
@json_option
@memory_option
@where_to_run
def supervised(
    replicas: int,
    observations: int,
    test_eps: tuple[float, ...],
    out: Path | None,
    json_file: Path | None,
    seed: int,
    backend: str,
    memory: int | None,
    **settings: Any,
) -> int:
    """Trains by squared loss on Y = sum_i X_i + noise, clean or attacked.

    Risks are relative to E Y^2 without label noise. Every number is a median over replicas, with the interval that
    holds the median of all seeds but for a rate of 1e-3.
    """
    context, started = make_context(Profile("custom", 0, replicas, 1.0), backend, seed), now()
    streams = context.streams.child("simulate")
    with told_as_usage():
        plan = supervised_plan(streams=streams, **settings)
        sizes = tested_sizes(test_eps, plan)
        training, measuring = supervised_set(plan), measuring_set(plan, observations)
        left = room(memory, context.backend, lambda: _rehearse(context.backend))
        expect_room(left, memory, replicas, training, measuring)
    with shown() as progress:
        record = train_supervised(
            plan,
            streams,
            replicas,
            context.backend,
            progress=lambda done, total: progress(done, total, "training"),
            memory_bytes=left,
        )
        after = left - replicas * training.kept
        summary = summarise(record, sizes, observations, streams.child("test"), context.backend, after)
    if out is not None:
        save_supervised(out, record)
    if json_file is not None:
        write_json(json_file, _facts(summary, plan, describe(context, started)))
    if json_file != STANDARD_OUTPUT:
        _tell(summary, plan)
    return 0


def supervised_plan(
    *,
    streams: Streams,
    d: int,
    p: float,
    r: float | None,
    b: float | None,
    activation: Any,
    eps: float | None,
    attack: Any,
    norm: Any,
    dictionary: str,
    optimiser: str,
    **settings: Any,
) -> SupervisedPlan:
    """The plan that the options spell.

    Raises
    ------
    ValueError
        If an option is out of its range.
    """
    law = feature_law(d, p, r)
    return SupervisedPlan(
        law=law,
        M=rotation(d, streams.generator("dictionary")) if dictionary == "rotation" else None,
        b=b if b is not None else ATTACK_SHARE * amplitude_of(law) if activation in THRESHOLDED else 0.0,
        activation=activation,
        attack=attack,
        kind=norm,
        eps=attack_size(eps, attack, norm, law),
        optimiser=Adam() if optimiser == "adam" else SGD(),
        **settings,
    )


def _rehearse(backend: Backend) -> None:
    """Trains and measures one small network."""
    plan = SupervisedPlan(law=FeatureLaw.unit_energy(2, 0.5), hidden=2, b=0.1, steps=1, batch=2)
    summarise(train_supervised(plan, Streams(0), 1, backend), [0.1], 2, Streams(0), backend)


def _facts(summary: Summary, plan: SupervisedPlan, environment: Environment) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "objective": "supervised",
        "plan": plan_facts(plan),
        **summary.facts(),
        "environment": asdict(environment),
    }


def _tell(summary: Summary, plan: SupervisedPlan) -> None:
    console = Console()
    console.print(purity_table(summary.purity, summary.replicas, plan))
    ladder = Table("risk", *(f"{rung.norm} {rung.eps:.3g}" for rung in summary.ladder), title_justify="left")
    for name in summary.ladder[0].risk:
        ladder.add_row(name.replace("_", " "), *(cell(rung.risk[name]) for rung in summary.ladder))
    for name in ("worst", "predicted", "universal_bound", "certified_fraction"):
        found = [getattr(rung, name) for rung in summary.ladder]
        if None not in found:
            ladder.add_row(name.replace("_", " "), *map(cell, found))
    console.print(ladder)
