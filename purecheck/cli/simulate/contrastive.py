"""`purecheck simulate contrastive`: trains encoders on pairs, measures purity and the loss of attacked pairs."""

from typing import Any

import click
from rich.table import Table

from numerics.activations import ACTIVATIONS
from numerics.contrastive.attacks import SIDES
from numerics.contrastive.training import ContrastivePlan, Gated, train_contrastive
from numerics.contrastive.training.plan import ATTACKED_PAIRS
from numerics.features import FeatureLaw
from numerics.memory_estimates import contrastive_memory
from numerics.streams import Streams
from purecheck.cli.numbers import Number, Whole
from purecheck.cli.simulate.options import feature_law, shared_options, shared_settings, threshold
from purecheck.cli.simulate.running import Kind, simulate
from purecheck.cli.simulate.tables import cell
from purecheck.cli.simulate.values import Interval
from purecheck.io.weights import save_contrastive
from purecheck.simulation.contrastive import PairSummary, contrastive_plan_to_dict, measuring_memory, summarise_pairs

GATE_SHARE = 0.2
"""Default threshold, as a multiple of the amplitude: the gate ratio, since weights keep norm 1."""


@click.command("contrastive")
@click.option("--d", type=Whole(), default=16, show_default=True, help="Number of features.")
@click.option("--hidden", type=Whole(), default=32, show_default=True, help="Number of hidden nodes.")
@click.option("--outputs", type=Whole(), help="Number of outputs. Default: the number of features.")
@click.option("--p", type=Number(), default=0.125, show_default=True, help="Probability that a feature is active.")
@click.option(
    "--activation", type=click.Choice(ACTIVATIONS), default="gate", show_default=True, help="Activation of the nodes."
)
@click.option("--b", type=Number(), help="Threshold of the nodes, if the activation has one. Default: 0.2 r.")
@click.option("--rho", type=Number(), default=0.5, show_default=True, help="Probability that a pair is similar.")
@click.option(
    "--attacked-pairs",
    type=click.Choice(ATTACKED_PAIRS),
    default="both",
    show_default=True,
    help="Pairs that are attacked in training.",
)
@click.option(
    "--attacked-sides",
    type=click.Choice(SIDES),
    default="one",
    show_default=True,
    help="Views of a pair that are attacked.",
)
@click.option("--learning-rate", type=Number(positive=True), default=0.03, show_default=True, help="Initial value.")
@click.option("--steps", type=Whole(), default=1000, show_default=True, help="Number of updates.")
@click.option(
    "--pairs", type=Whole(1), default=300, show_default=True, help="Test pairs of each kind for each replica."
)
@shared_options
def command(pairs: int, **options: Any) -> int:
    """Train with the loss log(1 + exp(-y g(z).g(z'))) on similar and dissimilar pairs, with or without attacks.

    The weights of every node keep norm 1. Losses are means over fresh pairs under attacks on one side. Every number is
    a median over replicas, with a 99.9 % confidence interval for the median over seeds.

    Example: purecheck simulate contrastive --attack fgm --attacked-pairs dissimilar
    """
    return simulate(CONTRASTIVE, pairs, **options)


def contrastive_plan(
    *,
    streams: Streams,
    d: int,
    p: float,
    r: float | None,
    amplitude: Interval | None,
    b: float | None,
    hidden: int,
    outputs: int | None,
    activation: Any,
    **settings: Any,
) -> ContrastivePlan:
    """The plan that the options describe.

    Raises
    ------
    ValueError
        If an option is outside its range.
    """
    law = feature_law(d, p, r, amplitude)
    return ContrastivePlan(
        encoder=Gated(hidden, d if outputs is None else outputs, threshold(b, activation, GATE_SHARE, law), activation),
        unit_norm=True,
        **shared_settings(streams, law, **settings),
    )


def _ladder(summary: PairSummary) -> Table:
    table = Table("loss", *(f"{rung.norm} {rung.eps:.3g}" for rung in summary.ladder), title_justify="left")
    for kind in ("similar", "dissimilar"):
        for attack in getattr(summary.ladder[0], kind):
            cells = (cell(getattr(rung, kind)[attack]) for rung in summary.ladder)
            table.add_row(f"{kind}, {attack}", *cells)
    return table


CONTRASTIVE = Kind(
    objective="contrastive",
    plan=contrastive_plan,
    smallest=ContrastivePlan(law=FeatureLaw.unit_energy(2, 0.5), encoder=Gated(2, 2, 0.1), steps=1, batch=2),
    plan_to_dict=contrastive_plan_to_dict,
    training=contrastive_memory,
    measuring=measuring_memory,
    train=train_contrastive,
    summarise=summarise_pairs,
    save=save_contrastive,
    ladder=_ladder,
)
