"""`purecheck simulate supervised`: trains with squared loss, measures purity and risk under attack."""

from typing import Any

import click
from rich.table import Table

from numerics.activations import ACTIVATIONS
from numerics.features import FeatureLaw
from numerics.memory_estimates import supervised_memory
from numerics.streams import Streams
from numerics.training import SupervisedPlan, train_supervised
from purecheck.cli.numbers import Number, Whole
from purecheck.cli.simulate.options import feature_law, shared_options, shared_settings, threshold
from purecheck.cli.simulate.running import Kind, simulate
from purecheck.cli.simulate.tables import cell
from purecheck.io.weights import save_supervised
from purecheck.simulation.sizes import ATTACK_SHARE
from purecheck.simulation.supervised import Summary, measuring_memory, summarise, supervised_plan_to_dict


@click.command("supervised")
@click.option("--d", type=Whole(), default=30, show_default=True, help="Number of features.")
@click.option("--hidden", type=Whole(), default=80, show_default=True, help="Number of hidden nodes.")
@click.option("--p", type=Number(), default=0.1, show_default=True, help="Probability that a feature is active.")
@click.option(
    "--activation", type=click.Choice(ACTIVATIONS), default="gate", show_default=True, help="Activation of the nodes."
)
@click.option("--b", type=Number(), help="Threshold of the nodes, if the activation has one. Default: 0.4 r.")
@click.option("--tau", type=Number(), default=0.0, show_default=True, help="Standard deviation of the label noise.")
@click.option("--unit-norm", is_flag=True, help="Keep the weights of every node at norm 1.")
@click.option("--learning-rate", type=Number(positive=True), default=0.01, show_default=True, help="Initial value.")
@click.option("--steps", type=Whole(), default=1500, show_default=True, help="Number of updates.")
@click.option(
    "--observations", type=Whole(1), default=200, show_default=True, help="Test observations for each replica."
)
@shared_options
def command(observations: int, **options: Any) -> int:
    """Train with squared loss on Y = sum_i X_i + noise, with or without attacks.

    Risks are relative to E Y^2 without label noise. Every number is a median over replicas, with a 99.9 % confidence
    interval for the median over seeds.
    """
    return simulate(SUPERVISED, observations, **options)


def supervised_plan(
    *, streams: Streams, d: int, p: float, r: float | None, b: float | None, activation: Any, **settings: Any
) -> SupervisedPlan:
    """The plan that the options describe.

    Raises
    ------
    ValueError
        If an option is outside its range.
    """
    law = feature_law(d, p, r)
    return SupervisedPlan(
        b=threshold(b, activation, ATTACK_SHARE, law),
        activation=activation,
        **shared_settings(streams, law, **settings),
    )


def _ladder(summary: Summary) -> Table:
    table = Table("risk", *(f"{rung.norm} {rung.eps:.3g}" for rung in summary.ladder), title_justify="left")
    for name in summary.ladder[0].risk:
        table.add_row(name.replace("_", " "), *(cell(rung.risk[name]) for rung in summary.ladder))
    for name in ("worst", "predicted", "universal_bound", "certified_fraction"):
        found = [getattr(rung, name) for rung in summary.ladder]
        if None not in found:
            table.add_row(name.replace("_", " "), *map(cell, found))
    return table


SUPERVISED = Kind(
    objective="supervised",
    plan=supervised_plan,
    smallest=SupervisedPlan(law=FeatureLaw.unit_energy(2, 0.5), hidden=2, b=0.1, steps=1, batch=2),
    plan_to_dict=supervised_plan_to_dict,
    training=supervised_memory,
    measuring=measuring_memory,
    train=train_supervised,
    summarise=summarise,
    save=save_supervised,
    ladder=_ladder,
)
