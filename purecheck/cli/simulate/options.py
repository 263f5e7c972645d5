"""Options that both kinds of simulation share, and what they spell."""

from math import sqrt
from typing import Any

import click

from numerics.activations import THRESHOLDED
from numerics.features import ConstantAmplitude, FeatureLaw, rotation
from numerics.norms import NORMS
from numerics.optimisers import SGD, Adam
from numerics.streams import Streams
from numerics.training.plan import TrainingPlan
from purecheck.cli.json_output import json_option
from purecheck.cli.memory import memory_option
from purecheck.cli.numbers import LARGEST, Number, Whole
from purecheck.cli.options import F, where_to_run
from purecheck.cli.paths import OutputFile
from purecheck.simulate import amplitude_of

ATTACK_SHARE = 0.4
"""Default size of the attack, threshold and test attack, as multiples of the amplitude."""


def shared_options(command: F) -> F:
    """Adds the options of data, optimiser and attack, of files, and of where to run."""
    command = json_option(memory_option(where_to_run(command)))
    for option in (
        click.option("--out", type=OutputFile(), metavar="FILE.npz", help="Keep the trained weights."),
        click.option("--replicas", type=Whole(1), default=20, show_default=True, help="Seeds."),
        click.option("--batch", type=Whole(), default=128, show_default=True),
        click.option(
            "--schedule", type=click.Choice(["constant", "cosine", "linear"]), default="cosine", show_default=True
        ),
        click.option("--optimiser", type=click.Choice(["adam", "sgd"]), default="adam", show_default=True),
        click.option("--test-eps", type=Number(), multiple=True, help="Size of an attack after training; repeatable."),
        click.option("--eps", type=Number(), help="Size of the attack in training; 0.4 r in l2 when left out."),
        click.option("--norm", type=click.Choice(list(NORMS)), default="l2", show_default=True, help="Of all attacks."),
        click.option("--attack", type=click.Choice(["none", "fgm", "pgd"]), default="none", show_default=True),
        click.option(
            "--dictionary", type=click.Choice(["identity", "rotation"]), default="identity", show_default=True
        ),
        click.option("--sigma", type=Number(), default=0.02, show_default=True, help="Noise of the observations."),
        click.option("--r", type=Number(), help="Amplitude of an active feature; 1/sqrt(p d) when left out."),
    ):
        command = option(command)
    return command


def shared_settings(
    streams: Streams,
    law: FeatureLaw,
    *,
    attack: Any,
    norm: Any,
    eps: float | None,
    dictionary: str,
    optimiser: str,
    **others: Any,
) -> dict[str, Any]:
    """What every plan takes, as these options spell it; `others` are taken as they are."""
    return {
        "law": law,
        "M": rotation(law.d, streams.generator("dictionary")) if dictionary == "rotation" else None,
        "attack": attack,
        "norm": norm,
        "eps": attack_size(eps, attack, norm, law),
        "optimiser": Adam() if optimiser == "adam" else SGD(),
        **others,
    }


def threshold(given: float | None, activation: str, share: float, law: FeatureLaw) -> float:
    """The threshold of the nodes; when left out `share` of the amplitude where the activation has one, else 0."""
    if given is not None:
        return given
    return share * amplitude_of(law) if activation in THRESHOLDED else 0.0


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
    if r is not None and not 1 / LARGEST <= r <= LARGEST:
        raise ValueError(f"r is {r}; expected a number from {1 / LARGEST:g} to {LARGEST:g}")
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
