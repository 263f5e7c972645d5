"""What both kinds of simulation share: the law that options spell, sizes of test attacks, and cells of tables."""

from math import sqrt

import click
from rich.table import Table

from numerics.features import ConstantAmplitude, FeatureLaw
from numerics.norms import NORMS
from numerics.training.plan import TrainingPlan
from purecheck.cli.json_output import OutputFile
from purecheck.cli.options import F
from purecheck.simulate import Spread, amplitude_of

ATTACK_SHARE = 0.4
"""Default size of the attack, threshold and test attack, as multiples of the amplitude."""


def training_options(command: F) -> F:
    """Adds the options of the optimiser, of the attack's norm and size, and of the weights file."""
    for option in (
        click.option("--out", type=OutputFile(), metavar="FILE.npz", help="Keep the trained weights."),
        click.option("--replicas", type=click.IntRange(min=1), default=20, show_default=True, help="Seeds."),
        click.option("--batch", type=int, default=128, show_default=True),
        click.option(
            "--schedule", type=click.Choice(["constant", "cosine", "linear"]), default="cosine", show_default=True
        ),
        click.option("--optimiser", type=click.Choice(["adam", "sgd"]), default="adam", show_default=True),
        click.option("--test-eps", type=float, multiple=True, help="Sizes of the attacks after training; repeatable."),
        click.option("--eps", type=float, help="Size of the attack in training; 0.4 r in l2 when left out."),
        click.option("--norm", type=click.Choice(list(NORMS)), default="l2", show_default=True, help="Of all attacks."),
        click.option("--attack", type=click.Choice(["none", "fgm", "pgd"]), default="none", show_default=True),
        click.option(
            "--dictionary", type=click.Choice(["identity", "rotation"]), default="identity", show_default=True
        ),
        click.option("--sigma", type=float, default=0.02, show_default=True, help="Noise of the observations."),
        click.option("--r", type=float, help="Amplitude of an active feature; 1/sqrt(p d) when left out."),
    ):
        command = option(command)
    return command


def feature_law(d: int, p: float, r: float | None) -> FeatureLaw:
    """The law with constant amplitude `r`, `1/sqrt(p d)` where None.

    Raises
    ------
    ValueError
        If an argument is out of its range.
    """
    if d < 1:
        raise ValueError(f"d is {d}; expected a whole number of at least 1")
    if not 0 < p <= 1:
        raise ValueError(f"p is {p}; expected a probability above 0")
    return FeatureLaw(d, p, ConstantAmplitude(1 / sqrt(p * d) if r is None else r))


def attack_size(given: float | None, attack: str, norm: str, law: FeatureLaw) -> float:
    """The size of the training attack; when left out 0.4 r in l2 and l1, divided by `sqrt(d)` in l_inf."""
    if given is not None:
        return given
    share = ATTACK_SHARE * amplitude_of(law)
    return 0.0 if attack == "none" else share / sqrt(law.d) if norm == "linf" else share


def tested_sizes(given: tuple[float, ...], plan: TrainingPlan) -> tuple[float, ...]:
    """The attack sizes asked for; when left out that of training, half of it, and a small one that P2 can certify.

    Raises
    ------
    ValueError
        If a size is negative.
    """
    for size in given:
        if not size >= 0:
            raise ValueError(f"test-eps is {size}; expected a number of at least 0")
    if given:
        return given
    largest = plan.eps or ATTACK_SHARE * amplitude_of(plan.law)
    return (largest / 40, largest / 2, largest)


def purity_table(purity: dict[str, Spread], replicas: int, plan: TrainingPlan) -> Table:
    """Median and interval of each measure of the nodes, under a heading that says what was trained."""
    attack = f"{plan.attack} {plan.kind} {plan.eps:.3g}" if plan.eps else "none"
    heading = f"{replicas} replicas, attack {attack}"
    table = Table("purity", "median", "interval", title=heading, title_justify="left")
    for name, value in purity.items():
        table.add_row(name.replace("_", " "), f"{value.median:.3f}", interval(value))
    return table


def cell(value: Spread) -> str:
    """Median and interval."""
    return f"{value.median:.3f} {interval(value)}"


def interval(value: Spread) -> str:
    """The interval; empty with too few replicas for one."""
    return "" if value.low is None else f"[{value.low:.3f}, {value.high:.3f}]"
