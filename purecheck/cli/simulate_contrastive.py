"""`purecheck simulate contrastive`: train gated encoders on pairs, measure purity and attacked pairs."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from numerics.activations import ACTIVATIONS, THRESHOLDED
from numerics.backend import Backend
from numerics.contrastive.attacks import SIDES
from numerics.contrastive.training import ContrastivePlan, Gated, train_contrastive
from numerics.contrastive.training.memory import contrastive_set
from numerics.contrastive.training.plan import ATTACKED_PAIRS
from numerics.features import FeatureLaw, rotation
from numerics.optimisers import SGD, Adam
from numerics.streams import Streams
from purecheck.cli.json_output import STANDARD_OUTPUT, json_option, write_json
from purecheck.cli.memory import memory_option
from purecheck.cli.options import make_context, where_to_run
from purecheck.cli.problems import told_as_usage
from purecheck.cli.progress import shown
from purecheck.cli.simulations import attack_size, cell, feature_law, purity_table, tested_sizes, training_options
from purecheck.context import Profile
from purecheck.environment import Environment, describe, now
from purecheck.memory import expect_room, room
from purecheck.simulate import SCHEMA, amplitude_of
from purecheck.simulate_contrastive import PairSummary, contrastive_facts, measuring_set, summarise_pairs
from purecheck.weights import save_contrastive

GATE_SHARE = 0.2
"""Default threshold, as a multiple of the amplitude: the gate ratio, since weights keep norm 1."""


@click.command("contrastive")
@click.option("--d", type=int, default=16, show_default=True, help="Features.")
@click.option("--hidden", type=int, default=32, show_default=True, help="Nodes.")
@click.option("--outputs", type=int, help="Outputs; as many as features when left out.")
@click.option("--p", type=float, default=0.125, show_default=True, help="Probability that a feature is active.")
@click.option("--activation", type=click.Choice(ACTIVATIONS), default="gate", show_default=True, help="Of the nodes.")
@click.option("--b", type=float, help="Threshold of the nodes, where they have one; 0.2 r when left out.")
@click.option("--rho", type=float, default=0.5, show_default=True, help="Probability that a training pair is similar.")
@click.option("--attacked-pairs", type=click.Choice(ATTACKED_PAIRS), default="both", show_default=True)
@click.option("--attacked-sides", type=click.Choice(SIDES), default="one", show_default=True, help="Of a pair.")
@click.option("--learning-rate", type=float, default=0.03, show_default=True)
@click.option("--steps", type=int, default=1000, show_default=True)
@click.option("--pairs", type=click.IntRange(min=1), default=300, show_default=True, help="Of either kind, attacked.")
@training_options
@json_option
@memory_option
@where_to_run
def contrastive(
    replicas: int,
    pairs: int,
    test_eps: tuple[float, ...],
    out: Path | None,
    json_file: Path | None,
    seed: int,
    backend: str,
    memory: int | None,
    **settings: Any,
) -> int:
    """Trains by the loss log(1 + exp(-y g(z).g(z'))) on similar and dissimilar pairs, clean or attacked.

    Weights of every node keep norm 1. Losses are means over fresh pairs under attacks on one side. Every number is a
    median over replicas, with the interval that holds the median of all seeds but for a rate of 1e-3.
    """
    context, started = make_context(Profile("custom", 0, replicas, 1.0), backend, seed), now()
    streams = context.streams.child("simulate")
    with told_as_usage():
        plan = contrastive_plan(streams=streams, **settings)
        sizes = tested_sizes(test_eps, plan)
        training, measuring = contrastive_set(plan), measuring_set(plan, pairs)
        left = room(memory, context.backend, lambda: _rehearse(context.backend))
        expect_room(left, memory, replicas, training, measuring)
    with shown() as progress:
        record = train_contrastive(
            plan,
            streams,
            replicas,
            context.backend,
            progress=lambda done, total: progress(done, total, "training"),
            memory_bytes=left,
        )
        after = left - replicas * training.kept
        summary = summarise_pairs(record, sizes, pairs, streams.child("test"), context.backend, after)
    if out is not None:
        save_contrastive(out, record)
    if json_file is not None:
        write_json(json_file, _facts(summary, plan, describe(context, started)))
    if json_file != STANDARD_OUTPUT:
        _tell(summary, plan)
    return 0


def contrastive_plan(
    *,
    streams: Streams,
    d: int,
    p: float,
    r: float | None,
    b: float | None,
    hidden: int,
    outputs: int | None,
    activation: Any,
    eps: float | None,
    attack: Any,
    norm: Any,
    dictionary: str,
    optimiser: str,
    **settings: Any,
) -> ContrastivePlan:
    """The plan that the options spell.

    Raises
    ------
    ValueError
        If an option is out of its range.
    """
    law = feature_law(d, p, r)
    threshold = b if b is not None else GATE_SHARE * amplitude_of(law) if activation in THRESHOLDED else 0.0
    return ContrastivePlan(
        law=law,
        encoder=Gated(hidden, d if outputs is None else outputs, threshold, activation),
        M=rotation(d, streams.generator("dictionary")) if dictionary == "rotation" else None,
        attack=attack,
        kind=norm,
        eps=attack_size(eps, attack, norm, law),
        optimiser=Adam() if optimiser == "adam" else SGD(),
        unit_norm=True,
        **settings,
    )


def _rehearse(backend: Backend) -> None:
    """Trains and measures one small encoder."""
    plan = ContrastivePlan(law=FeatureLaw.unit_energy(2, 0.5), encoder=Gated(2, 2, 0.1), steps=1, batch=2)
    summarise_pairs(train_contrastive(plan, Streams(0), 1, backend), [0.1], 2, Streams(0), backend)


def _facts(summary: PairSummary, plan: ContrastivePlan, environment: Environment) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "objective": "contrastive",
        "plan": contrastive_facts(plan),
        **summary.facts(),
        "environment": asdict(environment),
    }


def _tell(summary: PairSummary, plan: ContrastivePlan) -> None:
    console = Console()
    console.print(purity_table(summary.purity, summary.replicas, plan))
    ladder = Table("loss", *(f"{rung.norm} {rung.eps:.3g}" for rung in summary.ladder), title_justify="left")
    for kind in ("similar", "dissimilar"):
        for attack in getattr(summary.ladder[0], kind):
            cells = (cell(getattr(rung, kind)[attack]) for rung in summary.ladder)
            ladder.add_row(f"{kind}, {attack}", *cells)
    console.print(ladder)
