"""`purecheck simulate supervised`: trains with squared loss, measures purity and risk under attack."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import click
from rich.table import Table

from numerics.activations import ACTIVATIONS
from numerics.evaluation import DOUBLING, EFFORTS, Effort
from numerics.features import FeatureLaw
from numerics.memory_estimates import supervised_memory
from numerics.streams import Streams
from numerics.training import SupervisedPlan, train_supervised
from purecheck.cli.numbers import Number, Whole
from purecheck.cli.simulate.options import feature_law, shared_options, shared_settings, threshold
from purecheck.cli.simulate.running import Kind, simulate
from purecheck.cli.simulate.tables import cell
from purecheck.cli.simulate.values import Drawn, Interval, Target
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
@click.option(
    "--theta",
    type=Target(),
    default="ones",
    show_default=True,
    help="Target theta: ones, normal, uniform:LO..HI, or a JSON file with one number for each feature.",
)
@click.option(
    "--test-effort",
    type=click.Choice(tuple(EFFORTS)),
    default="quick",
    show_default=True,
    help="Attacks after training: strong adds a search over the gates, and repeats it with twice the effort.",
)
@click.option(
    "--bounded",
    type=Whole(0),
    default=5,
    show_default=True,
    help="Test observations of each replica whose worst case is bounded as well.",
)
@shared_options
def command(observations: int, test_effort: Effort, bounded: int, **options: Any) -> int:
    """Train with squared loss on Y = theta . X + noise, with or without attacks.

    Risks are relative to E Y^2 without label noise. Every number is a median over replicas, with a 99.9 % confidence
    interval for the median over seeds.

    Example: purecheck simulate supervised --attack fgm --out weights.npz
    """
    measured = partial(summarise, effort=test_effort, bounded=bounded)
    return simulate(replace(SUPERVISED, summarise=measured), observations, **options)


def supervised_plan(
    *,
    streams: Streams,
    d: int,
    p: float,
    r: float | None,
    amplitude: Interval | None,
    b: float | None,
    activation: Any,
    theta: Drawn,
    **settings: Any,
) -> SupervisedPlan:
    """The plan that the options describe.

    Raises
    ------
    ValueError
        If an option is outside its range.
    """
    law = feature_law(d, p, r, amplitude)
    return SupervisedPlan(
        b=threshold(b, activation, ATTACK_SHARE, law),
        activation=activation,
        theta=theta(d, streams.generator("theta")),
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
    for name in ("doubling_gain", "sandwich", "solved"):
        found = [getattr(rung, name) for rung in summary.ladder]
        if any(one is not None for one in found):
            table.add_row(name.replace("_", " "), *("" if one is None else cell(one) for one in found))
    return table


def _warnings(summary: Summary) -> Iterator[str]:
    if not summary.learned:
        risk = summary.ladder[0].risk["none"].median
        yield (
            f"the networks have not learned their target: their clean risk is {risk:.2f} of that of predicting 0; try "
            "more --steps, another --learning-rate, or --optimiser adam"
        )
    for rung in summary.ladder:
        if rung.doubling_gain is not None and rung.doubling_gain.median > DOUBLING:
            yield (
                f"the attacks in {rung.norm} at {rung.eps:.3g} fall short of the worst case: twice the effort raised "
                f"the worst risk by {rung.doubling_gain.median:.1%}"
            )


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
    warnings=_warnings,
)
