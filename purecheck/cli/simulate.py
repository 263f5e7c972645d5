"""`purecheck simulate`: train replicas, measure purity and the attack ladder, keep the weights."""

from dataclasses import asdict
from math import sqrt
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from numerics.features import ConstantAmplitude, FeatureLaw, rotation
from numerics.norms import NORMS
from numerics.optimisers import SGD, Adam
from numerics.streams import Streams
from numerics.training import SupervisedPlan, train_supervised
from purecheck.cli.json_output import STANDARD_OUTPUT, OutputFile, json_option, write_json
from purecheck.cli.options import make_context, where_to_run
from purecheck.cli.problems import told_as_usage
from purecheck.cli.progress import shown
from purecheck.context import Profile
from purecheck.environment import Environment, describe, now
from purecheck.simulate import SCHEMA, Spread, Summary, plan_facts, summarise
from purecheck.weights import save_supervised

ATTACK_SHARE = 0.4
"""Default size of the attack, threshold and test attack, as multiples of the amplitude."""


@click.group("simulate")
def command() -> None:
    """Trains replicas of the gated network and measures them."""


@command.command("supervised")
@click.option("--d", type=int, default=30, show_default=True, help="Features.")
@click.option("--hidden", type=int, default=80, show_default=True, help="Nodes.")
@click.option("--p", type=float, default=0.1, show_default=True, help="Probability that a feature is active.")
@click.option("--r", type=float, help="Amplitude of an active feature; 1/sqrt(p d) when left out.")
@click.option("--b", type=float, help="Threshold of the gates; 0.4 r when left out.")
@click.option("--sigma", type=float, default=0.02, show_default=True, help="Noise of the observations.")
@click.option("--tau", type=float, default=0.0, show_default=True, help="Noise of the labels.")
@click.option("--dictionary", type=click.Choice(["identity", "rotation"]), default="identity", show_default=True)
@click.option("--attack", type=click.Choice(["none", "fgm", "pgd"]), default="none", show_default=True)
@click.option("--norm", type=click.Choice(list(NORMS)), default="l2", show_default=True, help="Of all attacks.")
@click.option("--eps", type=float, help="Size of the attack in training; 0.4 r in l2 when left out.")
@click.option("--test-eps", type=float, multiple=True, help="Sizes of the attacks after training; repeatable.")
@click.option("--unit-norm", is_flag=True, help="Keep the weights of every node at norm 1.")
@click.option("--optimiser", type=click.Choice(["adam", "sgd"]), default="adam", show_default=True)
@click.option("--learning-rate", type=float, default=0.01, show_default=True)
@click.option("--schedule", type=click.Choice(["constant", "cosine", "linear"]), default="cosine", show_default=True)
@click.option("--steps", type=int, default=1500, show_default=True)
@click.option("--batch", type=int, default=128, show_default=True)
@click.option("--replicas", type=click.IntRange(min=1), default=20, show_default=True, help="Seeds.")
@click.option("--observations", type=click.IntRange(min=1), default=200, show_default=True, help="For the attacks.")
@click.option("--out", type=OutputFile(), metavar="FILE.npz", help="Keep the trained weights.")
@json_option
@where_to_run
def supervised(
    replicas: int,
    observations: int,
    test_eps: tuple[float, ...],
    out: Path | None,
    json_file: Path | None,
    seed: int,
    backend: str,
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
        sizes = _sizes(test_eps, plan)
    with shown() as progress:
        record = train_supervised(
            plan, streams, replicas, context.backend, progress=lambda done, total: progress(done, total, "training")
        )
        summary = summarise(record, sizes, observations, streams, context.backend)
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
    if d < 1:
        raise ValueError(f"d is {d}; expected a whole number of at least 1")
    if not 0 < p <= 1:
        raise ValueError(f"p is {p}; expected a probability above 0")
    amplitude = 1 / sqrt(p * d) if r is None else r
    default_eps = ATTACK_SHARE * amplitude / (1 if norm == "l2" else sqrt(d) if norm == "linf" else 1)
    return SupervisedPlan(
        law=FeatureLaw(d, p, ConstantAmplitude(amplitude)),
        M=rotation(d, streams.generator("dictionary")) if dictionary == "rotation" else None,
        b=ATTACK_SHARE * amplitude if b is None else b,
        attack=attack,
        kind=norm,
        eps=eps if eps is not None else 0.0 if attack == "none" else default_eps,
        optimiser=Adam() if optimiser == "adam" else SGD(),
        **settings,
    )


def _sizes(given: tuple[float, ...], plan: SupervisedPlan) -> tuple[float, ...]:
    """The attack sizes asked for; when left out that of training, half of it, and a small one that P2 can certify."""
    for size in given:
        if not size >= 0:
            raise ValueError(f"test-eps is {size}; expected a number of at least 0")
    if given:
        return given
    largest = plan.eps or ATTACK_SHARE * float(sqrt(plan.law.amplitude.second_moment))
    return (largest / 40, largest / 2, largest)


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
    attack = f"{plan.attack} {plan.kind} {plan.eps:.3g}" if plan.eps else "none"
    heading = f"{summary.replicas} replicas, attack {attack}"
    purity = Table("purity", "median", "interval", title=heading, title_justify="left")
    for name, value in summary.purity.items():
        purity.add_row(name.replace("_", " "), f"{value.median:.3f}", _interval(value))
    console.print(purity)
    ladder = Table("risk", *(f"{rung.norm} {rung.eps:.3g}" for rung in summary.ladder), title_justify="left")
    for name in summary.ladder[0].risk:
        ladder.add_row(name.replace("_", " "), *(_cell(rung.risk[name]) for rung in summary.ladder))
    for name in ("worst", "predicted", "universal_bound", "certified_fraction"):
        ladder.add_row(name.replace("_", " "), *(_cell(getattr(rung, name)) for rung in summary.ladder))
    console.print(ladder)


def _cell(value: Spread) -> str:
    return f"{value.median:.3f} {_interval(value)}"


def _interval(value: Spread) -> str:
    return "" if value.low is None else f"[{value.low:.3f}, {value.high:.3f}]"
